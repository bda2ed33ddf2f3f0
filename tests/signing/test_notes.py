import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signing.errors import FormatError, KeyRefusedError, SignatureError, SigningError
from signing.notes import (
    COSIGNATURE,
    ED25519,
    MAX_BYTES,
    Note,
    NoteSignature,
    VerifierKey,
    decode_base64,
    decode_number,
    line_of,
    open_note,
    parse_note,
)
from signing.secretkeys import SigningKey
from signing.signnotes import format_note, log_signer, sign_note
from tests.fakes.memorylog import b64, vectors

KEY = log_signer("example.com/log", SigningKey(b"k" * 32))
PUBLIC = KEY.key.public.x
SMALL_ORDER = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
]

names = st.text(
    st.characters(codec="utf-8", exclude_categories=["Zs", "Zl", "Zp", "Cc"], exclude_characters="+"),
    min_size=1,
    max_size=40,
)
texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"], include_characters="\n"), max_size=80).map(
    lambda text: text + "\n"
)
lines = st.builds(NoteSignature, names, st.binary(min_size=4, max_size=4), st.binary(min_size=1, max_size=100))
notes = st.builds(Note, texts, st.lists(lines, min_size=1, max_size=20).map(tuple))


def note_with(*lines: str, text: str = "text\n") -> bytes:
    return (text + "\n" + "".join(lines)).encode()


def line(name: str = "a", data: bytes = b"12345") -> str:
    return f"— {name} {base64.b64encode(data).decode()}\n"


@given(notes)
def test_a_note_is_read_as_it_was_written(note: Note) -> None:
    assert parse_note(format_note(note)) == note


@given(notes, st.data())
def test_whatever_is_accepted_is_written_the_same_way(note: Note, data: st.DataObject) -> None:
    octets = bytearray(format_note(note))
    for _ in range(data.draw(st.integers(1, 3))):
        octets[data.draw(st.integers(0, len(octets) - 1))] = data.draw(st.sampled_from(b"\n \xe2A=+/\x00\xff"))
    try:
        accepted = parse_note(bytes(octets))
    except FormatError:
        return
    assert format_note(accepted) == octets


@pytest.mark.parametrize(
    ("octets", "code"),
    [
        (b"", "bad_note"),
        (b"text\n", "bad_note"),
        (b"text\n\n", "bad_note"),
        (line().encode(), "bad_note"),
        (note_with(line())[:-1], "bad_note"),
        (note_with(line(), "\n"), "bad_note"),
        (note_with(line() * 101), "bad_note"),
        (note_with(line(), text="a\x00b\n"), "bad_note"),
        (note_with(line(), text="a\tb\n"), "bad_note"),
        (note_with(line(), text="a\r\n"), "bad_note"),
        (note_with(line(), text="\x1b[0m\n"), "bad_note"),
        (b"\xff\n\n" + line().encode(), "bad_note"),
        (b"\xed\xa0\x80\n\n" + line().encode(), "bad_note"),
        (note_with(line(), text="a" * MAX_BYTES + "\n"), "bad_note"),
        (note_with(line().replace("—", "-")), "bad_signature_line"),
        (note_with(line().replace("— ", "—")), "bad_signature_line"),
        (note_with(line().replace("\n", " \n")), "bad_signature_line"),
        (note_with(line().replace("— a", "—  a")), "bad_signature_line"),
        (note_with(line(data=b"1234")), "bad_signature_line"),
        (note_with("— a \n"), "bad_signature_line"),
        (note_with(line(name="a+b")), "bad_key_name"),
        (note_with(line(name="a\u00a0b")), "bad_key_name"),
        (note_with(line(name="a\u2028b")), "bad_key_name"),
        (note_with(line(name="a" * 256)), "bad_key_name"),
        (note_with("— a MTIzNDU\n"), "bad_base64"),
        (note_with("— a MTIzNDV=\n"), "bad_base64"),
        (note_with("— a MTIz-_U=\n"), "bad_base64"),
        (note_with("— a MTIzNDU=é\n"), "bad_base64"),
    ],
)
def test_what_no_note_looks_like_is_refused(octets: bytes, code: str) -> None:
    with pytest.raises(FormatError) as refusal:
        parse_note(octets)
    assert refusal.value.code == code


def test_text_may_hold_empty_lines_because_the_last_one_ends_it() -> None:
    note = parse_note(sign_note("one\n\n\ntwo\n\n", KEY))
    assert note.text == "one\n\n\ntwo\n\n"
    open_note(note, KEY.verifier)


@pytest.mark.parametrize(
    "note",
    [
        Note("no end", (NoteSignature("a", b"1234", b"5"),)),
        Note("text\n", ()),
        Note("text\n", (NoteSignature("a", b"123", b"4"),)),
        Note("text\n", (NoteSignature("a", b"1234", b""),)),
        Note("text\n", (NoteSignature("a b", b"1234", b"5"),)),
        Note("\ud800\n", (NoteSignature("a", b"1234", b"5"),)),
    ],
)
def test_a_note_that_could_not_be_read_is_not_written(note: Note) -> None:
    with pytest.raises(FormatError):
        format_note(note)


def test_lines_of_others_do_not_matter_in_any_number_or_order() -> None:
    text = "text\n"
    own = KEY.line(KEY.key.sign(text.encode()))
    others = [NoteSignature(f"other{number}", b"abcd", b"x" * 2428) for number in range(20)]
    same_name = NoteSignature(KEY.name, b"efgh", b"y" * 64)
    same_id = NoteSignature("other", KEY.verifier.key_id, b"z" * 64)
    for signatures in ((own, *others), (*others, same_name, own, same_id), (same_name, same_name, same_id, own)):
        open_note(parse_note(format_note(Note(text, signatures))), KEY.verifier)


def test_a_known_key_has_one_line_and_it_verifies() -> None:
    own = KEY.line(KEY.key.sign(b"text\n"))
    with pytest.raises(SignatureError) as missing:
        open_note(Note("text\n", (NoteSignature("other", b"abcd", b"x"),)), KEY.verifier)
    with pytest.raises(SignatureError) as twice:
        open_note(Note("text\n", (own, own)), KEY.verifier)
    with pytest.raises(SignatureError) as changed:
        open_note(Note("texts\n", (own,)), KEY.verifier)
    with pytest.raises(SignatureError) as short:
        open_note(Note("text\n", (KEY.line(b"x" * 63),)), KEY.verifier)
    codes = [one.value.code for one in (missing, twice, changed, short)]
    assert codes == ["signature_missing", "signature_repeated", "bad_signature", "bad_signature"]


def test_a_witness_key_opens_no_note() -> None:
    witness = VerifierKey(KEY.name, COSIGNATURE, PUBLIC)
    signed = Note("text\n", (NoteSignature(KEY.name, witness.key_id, KEY.key.sign(b"text\n")),))
    with pytest.raises(SignatureError, match="exactly one line of this key"):
        open_note(signed, witness)
    assert line_of(signed, witness, COSIGNATURE) == signed.signatures[0].signature


def test_vectors_of_c2sp_and_x_mod() -> None:
    given_ = vectors("notes.json")
    for one in given_["verifies"]:
        key = VerifierKey.parse(one["vkey"])
        open_note(parse_note(note_with(f"— {key.name} {one['signature']}\n", text=one["text"])), key)
    for one in given_["keys"]:
        _, _, name, _, encoded = one["signer"].split("+", 4)
        secret = b64(encoded)
        assert log_signer(name, SigningKey(secret[1:])).verifier.format() == one["vkey"]


@given(names, st.sampled_from([ED25519, COSIGNATURE]), st.binary(min_size=32, max_size=32))
def test_a_verifier_key_is_read_as_it_was_written(name: str, kind: int, seed: bytes) -> None:
    key = VerifierKey(name, kind, SigningKey(seed).public.x)
    assert VerifierKey.parse(key.format()) == key


def vkey(name: str = "b", kind: bytes = b"\x01", public: bytes = PUBLIC, key_id: str | None = None) -> str:
    own = VerifierKey("b", ED25519, PUBLIC).key_id.hex()
    return f"{name}+{own if key_id is None else key_id}+{base64.b64encode(kind + public).decode()}"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "bad_base64"),
        ("a", "bad_base64"),
        ("a+12345678", "bad_base64"),
        (vkey(key_id="00000000"), "bad_key_id"),
        (vkey(key_id=VerifierKey("b", ED25519, PUBLIC).key_id.hex().upper()), "bad_key_id"),
        (vkey(name="c"), "bad_key_id"),
        (vkey() + "\n", "bad_base64"),
        (" " + vkey(), "bad_key_name"),
        (vkey(name=""), "bad_key_name"),
        (vkey(kind=b"\x02"), "bad_key_type"),
        (vkey(kind=b"\x06"), "bad_key_type"),
        (vkey(kind=b"\xff"), "bad_key_type"),
        (vkey(public=PUBLIC[:31]), "bad_key_length"),
        (vkey(public=b""), "bad_key_length"),
        (vkey(public=(2**255 - 19).to_bytes(32, "little")), "key_not_canonical"),
        (vkey().rstrip("=") + "==" if vkey().endswith("=") else vkey() + "=", "bad_base64"),
    ],
)
def test_what_no_verifier_key_looks_like_is_refused(text: str, code: str) -> None:
    with pytest.raises(SigningError) as refusal:
        VerifierKey.parse(text)
    assert refusal.value.code == code


@pytest.mark.parametrize("point", SMALL_ORDER)
def test_small_order_keys_are_refused_when_configured(point: str) -> None:
    with pytest.raises(KeyRefusedError):
        VerifierKey.parse(vkey(public=bytes.fromhex(point)))


@pytest.mark.parametrize(
    "text", ["", "00", "01", "-1", "+1", " 1", "1 ", "1\n", "1_0", "\u0663", "0x1", str(2**63), "1" * 400]
)
def test_what_is_no_canonical_number_is_refused(text: str) -> None:
    with pytest.raises(FormatError, match="without leading zeros"):
        decode_number(text)


@given(st.integers(0, 2**63 - 1))
def test_numbers_below_two_to_the_63_are_read(number: int) -> None:
    assert decode_number(str(number)) == number


@given(st.binary(min_size=1, max_size=50))
def test_base64_is_read_as_it_was_written(data: bytes) -> None:
    assert decode_base64(base64.b64encode(data).decode()) == data
