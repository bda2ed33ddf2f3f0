import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signing.errors import FormatError
from signing.merkle import check_inclusion, leaf_hash
from signing.notes import (
    MAX_EXTRA,
    Checkpoint,
    TlogProof,
    VerifierKey,
    cosigned_by,
    open_checkpoint,
    parse_note,
    parse_proof,
)
from signing.secretkeys import SigningKey
from signing.signnotes import cosign, format_note, format_proof, log_signer, sign_checkpoint, with_lines, witness_signer
from tests.fakes.memorylog import VECTORS, MemoryTree, vectors

GOLDEN = (VECTORS / "golden.tlog-proof").read_bytes()

hashes = st.binary(min_size=32, max_size=32)
proofs = st.builds(
    TlogProof,
    st.integers(0, 2**63 - 2),
    st.lists(hashes, max_size=63).map(tuple),
    st.binary(min_size=1, max_size=200),
    st.none() | st.binary(min_size=1, max_size=200),
)


@given(proofs)
def test_a_proof_is_read_as_it_was_written(proof: TlogProof) -> None:
    assert parse_proof(format_proof(proof)) == proof


@given(proofs, st.data())
def test_whatever_is_accepted_is_written_the_same_way(proof: TlogProof, data: st.DataObject) -> None:
    octets = bytearray(format_proof(proof))
    for _ in range(data.draw(st.integers(1, 3))):
        octets[data.draw(st.integers(0, min(len(octets) - 1, 200)))] = data.draw(st.sampled_from(b"\n =A0+e\xc3"))
    try:
        accepted = parse_proof(bytes(octets))
    except FormatError:
        return
    assert format_proof(accepted) == octets


def test_the_golden_proof_is_reproduced_byte_for_byte() -> None:
    given_ = vectors("golden.json")
    log = log_signer(given_["log"]["name"], SigningKey(bytes.fromhex(given_["log"]["seed"])))
    witness = witness_signer(given_["witness"]["name"], SigningKey(bytes.fromhex(given_["witness"]["seed"])))
    assert log.verifier.format() == given_["log"]["vkey"]
    assert witness.verifier.format() == given_["witness"]["vkey"]

    tree = MemoryTree(leaf_hash(leaf.encode()) for leaf in given_["leaves"])
    note = parse_note(sign_checkpoint(Checkpoint(log.name, tree.size, tree.root()), log))
    note = with_lines(note, [cosign(note.text, given_["witness"]["time"], witness)])
    path = tuple(tree.inclusion(given_["index"], tree.size))
    octets = format_proof(TlogProof(given_["index"], path, format_note(note)))

    assert octets == GOLDEN
    assert hashlib.sha256(octets).hexdigest() == given_["sha256"]
    assert hashlib.sha256(log.name.encode()).hexdigest() == given_["origin_hash"]


def test_the_golden_proof_verifies_in_the_order_of_the_specification() -> None:
    given_ = vectors("golden.json")
    proof = parse_proof(GOLDEN)
    leaf = leaf_hash(b"two")
    note = parse_note(proof.checkpoint)
    head = open_checkpoint(note, VerifierKey.parse(given_["log"]["vkey"]))
    assert cosigned_by(note, {"w1": VerifierKey.parse(given_["witness"]["vkey"])}) == {"w1": 1_770_000_000}
    check_inclusion(leaf, proof.index, head.size, proof.hashes, head.root)


TITLE = b"c2sp.org/tlog-proof@v1\n"
HASH = b"A" * 43 + b"=\n"


@pytest.mark.parametrize(
    ("octets", "code"),
    [
        (b"", "bad_proof"),
        (TITLE, "bad_proof"),
        (TITLE + b"index 0\n", "bad_base64"),
        (TITLE + b"index 0\n\n", "bad_proof"),
        (b"c2sp.org/tlog-proof@v2\nindex 0\n\nx", "bad_proof"),
        (b"\n" + TITLE + b"index 0\n\nx", "bad_proof"),
        (TITLE + b"\nindex 0\n\nx", "bad_proof"),
        (TITLE + b"extra eA==\n\nx", "bad_proof"),
        (TITLE + b"index 0\nextra eA==\n\nx", "bad_base64"),
        (TITLE + b"extra eA==\nextra eA==\nindex 0\n\nx", "bad_proof"),
        (TITLE + b"extra \nindex 0\n\nx", "bad_base64"),
        (TITLE + b"extra eB==\nindex 0\n\nx", "bad_base64"),
        (TITLE + b"index 00\n\nx", "bad_number"),
        (TITLE + b"index  0\n\nx", "bad_number"),
        (TITLE + b"index -1\n\nx", "bad_number"),
        (TITLE + b"index 9223372036854775807\n\nx", "bad_proof"),
        (TITLE + b"index 0\r\n\nx", "bad_number"),
        (TITLE + b"index 0\nAAAA\n\nx", "bad_proof"),
        (TITLE + b"index 0\n " + HASH + b"\nx", "bad_base64"),
        (TITLE + b"index 0\n" + HASH * 64 + b"\nx", "bad_proof"),
        (TITLE + b"index \xd9\xa3\n\nx", "bad_number"),
    ],
)
def test_what_no_proof_looks_like_is_refused(octets: bytes, code: str) -> None:
    with pytest.raises(FormatError) as refusal:
        parse_proof(octets)
    assert refusal.value.code == code


@pytest.mark.parametrize("extra", [b"", b"x" * (MAX_EXTRA + 1)])
def test_extra_data_is_not_empty_and_fits_one_line_of_any_reader(extra: bytes) -> None:
    with pytest.raises(FormatError, match="extra data of 1-48000 bytes"):
        TlogProof(0, (), b"x", extra)
    assert len(format_proof(TlogProof(0, (), b"x", b"x" * MAX_EXTRA)).split(b"\n")[1]) < 65_536


def test_the_header_ends_at_the_first_empty_line_and_the_checkpoint_is_verbatim() -> None:
    checkpoint = b"\n\nindex 5\n\n\xff anything"
    assert parse_proof(TITLE + b"index 0\n\n" + checkpoint).checkpoint == checkpoint
