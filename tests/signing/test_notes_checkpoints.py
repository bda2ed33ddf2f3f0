import pytest
from hypothesis import given
from hypothesis import strategies as st

from signing.errors import FormatError, SignatureError
from signing.notes import (
    Checkpoint,
    Note,
    check_cosignature,
    cosignature_message,
    cosigned_by,
    open_checkpoint,
    parse_checkpoint,
    parse_note,
)
from signing.secretkeys import SigningKey
from signing.signnotes import (
    cosign,
    format_checkpoint,
    log_signer,
    sign_checkpoint,
    sign_note,
    with_lines,
    witness_signer,
)
from tests.signing.test_notes import names

LOG = log_signer("example.com/log", SigningKey(b"l" * 32))
OTHER = log_signer("example.com/log", SigningKey(b"o" * 32))
WITNESSES = [witness_signer(f"w{number}.example", SigningKey(bytes([number]) * 32)) for number in range(1, 4)]
KEYS = {f"w{number}": one.verifier for number, one in enumerate(WITNESSES, 1)}
ROOT = "A" * 43 + "="
TEXT = f"example.com/log\n7\n{ROOT}\n"
NOTE = parse_note(sign_checkpoint(Checkpoint("example.com/log", 7, bytes(32)), LOG))

checkpoints = st.builds(Checkpoint, names, st.integers(0, 2**63 - 1), st.binary(min_size=32, max_size=32)).filter(
    lambda one: not one.origin.startswith(("subtree/v1", "cosignature/v1"))
)


@given(checkpoints)
def test_a_checkpoint_is_read_as_it_was_written(checkpoint: Checkpoint) -> None:
    assert parse_checkpoint(format_checkpoint(checkpoint)) == checkpoint


@given(checkpoints, st.data())
def test_whatever_is_accepted_is_written_the_same_way(checkpoint: Checkpoint, data: st.DataObject) -> None:
    text = format_checkpoint(checkpoint)
    place = data.draw(st.integers(0, len(text)))
    text = text[:place] + data.draw(st.sampled_from(["\n", "0", "=", " ", "+", "", "A"])) + text[place + 1 :]
    try:
        accepted = parse_checkpoint(text)
    except FormatError:
        return
    assert format_checkpoint(accepted) == text


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "bad_checkpoint"),
        (TEXT.removesuffix("\n"), "bad_checkpoint"),
        (TEXT + "\n", "bad_checkpoint"),
        (TEXT + "extension\n", "bad_checkpoint"),
        ("\n" + TEXT, "bad_checkpoint"),
        (TEXT.replace("7", "07"), "bad_number"),
        (TEXT.replace("7", ""), "bad_number"),
        (TEXT.replace("7", "-7"), "bad_number"),
        (TEXT.replace("7", str(2**63)), "bad_number"),
        (TEXT.replace("A=", "A"), "bad_base64"),
        (TEXT.replace("A=", "B="), "bad_base64"),
        (TEXT.replace(ROOT, "AAAA"), "bad_checkpoint"),
        (TEXT.replace("/log", "/l og"), "bad_key_name"),
        (TEXT.replace("/log", "/l+og"), "bad_key_name"),
        (TEXT.replace("example.com/log", ""), "bad_key_name"),
        (TEXT.replace("example.com/log", "cosignature/v1"), "bad_origin"),
        (TEXT.replace("example.com/log", "subtree/v1"), "bad_origin"),
        (TEXT.replace("example.com/log", "subtree/v1x"), "bad_origin"),
    ],
)
def test_what_no_checkpoint_looks_like_is_refused(text: str, code: str) -> None:
    with pytest.raises(FormatError) as refusal:
        parse_checkpoint(text)
    assert refusal.value.code == code


def test_a_checkpoint_is_opened_by_its_logs_key_alone() -> None:
    assert open_checkpoint(NOTE, LOG.verifier) == Checkpoint("example.com/log", 7, bytes(32))
    with pytest.raises(SignatureError) as unsigned:
        open_checkpoint(NOTE, OTHER.verifier)
    assert unsigned.value.code == "signature_missing"


def test_a_log_key_opens_no_checkpoint_of_another_origin() -> None:
    stranger = log_signer("example.com/other", LOG.key)
    with pytest.raises(SignatureError, match=r"of another log: example.com/log") as refusal:
        open_checkpoint(parse_note(sign_note(TEXT, stranger)), stranger.verifier)
    assert refusal.value.code == "wrong_origin"


def test_the_cosigned_message_is_that_of_c2sp() -> None:
    assert cosignature_message("a\n1\nb\n", 1_679_315_147) == b"cosignature/v1\ntime 1679315147\na\n1\nb\n"


@given(st.integers(1, 2**63 - 1))
def test_a_cosignature_tells_its_time(time: int) -> None:
    note = with_lines(NOTE, [cosign(NOTE.text, time, WITNESSES[0])])
    assert check_cosignature(note, WITNESSES[0].verifier) == time


def _cosignature(time: int, *, signed_time: int | None = None, text: str = NOTE.text, more: bytes = b"") -> Note:
    signature = WITNESSES[0].key.sign(cosignature_message(text, time if signed_time is None else signed_time))
    return with_lines(NOTE, [WITNESSES[0].line(time.to_bytes(8, "big") + signature + more)])


@pytest.mark.parametrize(
    ("note", "code"),
    [
        (NOTE, "signature_missing"),
        (_cosignature(0), "bad_cosignature"),
        (_cosignature(2**63), "bad_cosignature"),
        (_cosignature(5, more=b"x"), "bad_cosignature"),
        (with_lines(NOTE, [WITNESSES[0].line(b"short")]), "bad_cosignature"),
        (_cosignature(5, signed_time=6), "bad_signature"),
        (_cosignature(5, text=NOTE.text.replace("7", "8")), "bad_signature"),
        (
            with_lines(NOTE, [WITNESSES[0].line(bytes(7) + b"\5" + WITNESSES[0].key.sign(NOTE.text.encode()))]),
            "bad_signature",
        ),
        (Note(NOTE.text, _cosignature(5).signatures * 2), "signature_repeated"),
    ],
)
def test_what_is_no_cosignature_of_this_checkpoint_is_refused(note: Note, code: str) -> None:
    with pytest.raises(SignatureError) as refusal:
        check_cosignature(note, WITNESSES[0].verifier)
    assert refusal.value.code == code


def test_a_log_key_cosigns_nothing() -> None:
    with pytest.raises(SignatureError) as refusal:
        check_cosignature(NOTE, LOG.verifier)
    assert refusal.value.code == "signature_missing"


def test_cosigners_are_named_as_the_policy_names_them_and_strangers_do_not_count() -> None:
    stranger = witness_signer("stranger.example", SigningKey(b"s" * 32))
    made = [cosign(NOTE.text, time, one) for time, one in ((30, WITNESSES[2]), (10, WITNESSES[0]), (20, stranger))]
    assert cosigned_by(with_lines(NOTE, made), KEYS) == {"w1": 10, "w3": 30}
    assert cosigned_by(NOTE, KEYS) == {}


def test_one_false_line_of_a_known_witness_refuses_the_whole_note() -> None:
    note = with_lines(_cosignature(5, signed_time=6), [cosign(NOTE.text, 7, WITNESSES[1])])
    with pytest.raises(SignatureError):
        cosigned_by(note, KEYS)
