import pytest
from hypothesis import given
from hypothesis import strategies as st

from signing.errors import FormatError
from signing.merkle import leaf_hash
from signing.notes import Checkpoint, check_cosignature, open_checkpoint, open_note, parse_note
from signing.secretkeys import SigningKey
from signing.signnotes import (
    cosign,
    format_checkpoint,
    format_note,
    format_signature_lines,
    log_signer,
    sign_checkpoint,
    sign_note,
    with_lines,
    witness_signer,
)
from tests.fakes.memorylog import MemoryTree, b64, vectors
from tests.signing.test_notes import texts

LOG = log_signer("example.com/log", SigningKey(b"l" * 32))
WITNESS = witness_signer("witness.example", SigningKey(b"w" * 32))
CHECKPOINT = Checkpoint("example.com/log", 3, bytes(32))
TEXT = format_checkpoint(CHECKPOINT)


@given(texts)
def test_a_signed_note_opens(text: str) -> None:
    open_note(parse_note(sign_note(text, LOG)), LOG.verifier)


def test_the_checkpoints_of_tessera_are_reproduced_byte_for_byte() -> None:
    given_ = vectors("tessera-log.json")
    _, _, name, _, secret = given_["signer"].split("+", 4)
    log = log_signer(name, SigningKey(b64(secret)[1:]))
    assert log.verifier.format() == given_["vkey"]
    tree = MemoryTree()
    for size, leaf in enumerate(given_["leaves"], 1):
        tree.append(leaf_hash(leaf.encode()))
        made = sign_checkpoint(Checkpoint(name, size, tree.root()), log)
        assert made.decode() == given_["checkpoints"][f"checkpoint.{size}"]


def test_a_log_signs_no_checkpoint_of_another_origin() -> None:
    with pytest.raises(FormatError, match="its own origin only") as refusal:
        sign_checkpoint(Checkpoint("example.com/other", 3, bytes(32)), LOG)
    assert refusal.value.code == "wrong_origin"


def test_a_witness_signs_no_note_and_a_log_cosigns_nothing() -> None:
    with pytest.raises(FormatError, match="only cosigns"):
        sign_note(TEXT, WITNESS)
    with pytest.raises(FormatError, match="needs a witness's key"):
        cosign(TEXT, 5, LOG)


@pytest.mark.parametrize("time", [0, -1, 2**63])
def test_a_cosignature_has_a_time(time: int) -> None:
    with pytest.raises(FormatError, match="a time above 0"):
        cosign(TEXT, time, WITNESS)


@pytest.mark.parametrize(
    "text", ["not a checkpoint\n", TEXT + "extension\n", TEXT.replace("example.com/log", "subtree/v1")]
)
def test_nothing_but_a_checkpoint_is_cosigned(text: str) -> None:
    with pytest.raises(FormatError):
        cosign(text, 5, WITNESS)


def test_half_a_surrogate_pair_is_not_signed() -> None:
    with pytest.raises(FormatError):
        sign_note("\ud800\n", LOG)


def test_a_fresh_line_takes_the_place_of_the_older_one_and_others_stay() -> None:
    note = parse_note(sign_checkpoint(CHECKPOINT, LOG))
    other = witness_signer("other.example", SigningKey(b"o" * 32))
    note = with_lines(note, [cosign(TEXT, 5, WITNESS), cosign(TEXT, 6, other)])
    note = with_lines(note, [cosign(TEXT, 7, WITNESS)])
    assert open_checkpoint(note, LOG.verifier) == CHECKPOINT
    assert check_cosignature(note, WITNESS.verifier) == 7
    assert check_cosignature(note, other.verifier) == 6
    assert len(note.signatures) == 3


def test_signature_lines_stand_as_in_the_note() -> None:
    note = parse_note(sign_checkpoint(CHECKPOINT, LOG))
    assert format_note(note).decode() == note.text + "\n" + format_signature_lines(note.signatures)


def test_a_secret_key_does_not_show() -> None:
    assert "llll" not in repr(LOG)


@given(st.binary(min_size=32, max_size=32))
def test_names_and_types_make_different_key_ids_of_one_key(seed: bytes) -> None:
    key = SigningKey(seed)
    signers = [log_signer("a", key), log_signer("b", key), witness_signer("a", key)]
    assert len({one.verifier.key_id for one in signers}) == 3
