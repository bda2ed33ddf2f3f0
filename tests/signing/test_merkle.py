from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signing.consistency import check_consistency
from signing.errors import ProofError
from signing.merkle import EMPTY_ROOT, MAX_SIZE, check_inclusion, leaf_hash, node_hash, split
from tests.fakes.memorylog import MemoryTree, b64, vectors

LARGEST = 300
LEAVES = [leaf_hash(b"%d" % number) for number in range(LARGEST)]
TREE = MemoryTree(LEAVES)
ROOTS = [TREE.root(size) for size in range(LARGEST + 1)]


def reference_root(leaves: list[bytes]) -> bytes:
    """RFC 6962 §2.1, word for word."""
    if len(leaves) == 0:
        return EMPTY_ROOT
    if len(leaves) == 1:
        return leaves[0]
    return node_hash(reference_root(leaves[: split(len(leaves))]), reference_root(leaves[split(len(leaves)) :]))


def boundary_leaves(size: int) -> list[int]:
    """All leaves of a small tree; of a larger one the first, the last, and those around every split."""
    if size <= 40:
        return list(range(size))
    around = {0, size - 1, size // 3}
    start = 0
    while size - start > 1:
        start += split(size - start)
        around |= {start - 1, start}
    return sorted(around)


def test_roots_of_all_sizes_follow_the_definition() -> None:
    for size in range(LARGEST + 1):
        assert ROOTS[size] == reference_root(LEAVES[:size])


def test_every_inclusion_proof_holds_and_only_for_its_own_leaf_index_and_root() -> None:
    for size in range(1, LARGEST + 1):
        for index in boundary_leaves(size):
            proof = TREE.inclusion(index, size)
            check_inclusion(LEAVES[index], index, size, proof, ROOTS[size])
            with pytest.raises(ProofError):
                check_inclusion(LEAVES[index], index, size, proof, ROOTS[size - 1])
            if size > 1:
                with pytest.raises(ProofError):
                    check_inclusion(LEAVES[index], (index + 1) % size, size, proof, ROOTS[size])


def test_every_consistency_proof_holds_and_only_between_its_own_roots() -> None:
    for new in range(LARGEST + 1):
        for old in range(new + 1) if new <= 64 else {0, 1, new - 1, new, split(new), split(new) + 1, new // 3}:
            proof = TREE.consistency(old, new)
            check_consistency(old, ROOTS[old], new, ROOTS[new], proof)
            with pytest.raises(ProofError):
                check_consistency(old, LEAVES[-1], new, ROOTS[new], proof)
            if new > 0 and old not in (0, new):
                with pytest.raises(ProofError):
                    check_consistency(old, ROOTS[old], new, LEAVES[-1], proof)


@given(st.data())
def test_no_changed_hash_and_no_other_length_passes(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, LARGEST))
    index = data.draw(st.integers(0, size - 1))
    old = data.draw(st.integers(1, size - 1))
    inclusion = partial(check_inclusion, LEAVES[index], index, size, root=ROOTS[size])
    consistency = partial(check_consistency, old, ROOTS[old], size, ROOTS[size])
    checks = ((TREE.inclusion(index, size), inclusion), (TREE.consistency(old, size), consistency))
    for proof, check in checks:
        place, bit = data.draw(st.integers(0, len(proof) - 1)), data.draw(st.integers(0, 255))
        flipped = (int.from_bytes(proof[place], "big") ^ 1 << bit).to_bytes(32, "big")
        changed = [
            [*proof[:place], flipped, *proof[place + 1 :]],
            [*proof[:place], *proof[place + 1 :]],
            [*proof[:place], LEAVES[0], *proof[place:]],
            [*proof[:place], proof[place][:31], *proof[place + 1 :]],
            [*proof[:place], proof[place] + b"\0", *proof[place + 1 :]],
        ]
        for number, one in enumerate(changed):
            with pytest.raises(ProofError) as refusal:
                check(proof=one)
            assert (refusal.value.code == "proof_length") is (number > 0)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (1, 1), (5, 5), (-1, 5), (6, 5), (0, MAX_SIZE + 1)])
def test_an_index_that_the_tree_does_not_have_is_refused(index: int, size: int) -> None:
    with pytest.raises(ProofError, match=f"A log of {size} entries has no entry {index}") as refusal:
        check_inclusion(LEAVES[0], index, size, [], LEAVES[0])
    assert refusal.value.code == "index_out_of_range"


@pytest.mark.parametrize(("old", "new"), [(2, 1), (-1, 1), (1, 0), (1, MAX_SIZE + 1)])
def test_a_log_does_not_shrink(old: int, new: int) -> None:
    with pytest.raises(ProofError, match=f"A log of {old} entries does not grow to {new}"):
        check_consistency(old, LEAVES[0], new, LEAVES[0], [])


@pytest.mark.parametrize(
    ("old", "old_root", "new", "new_root", "proof"),
    [
        (0, LEAVES[0], 0, LEAVES[0], []),
        (0, EMPTY_ROOT, 0, LEAVES[0], []),
        (0, LEAVES[0], 5, ROOTS[5], []),
        (0, EMPTY_ROOT, 5, ROOTS[5], [LEAVES[0]]),
        (5, ROOTS[5], 5, ROOTS[5], [LEAVES[0]]),
        (5, ROOTS[5], 5, ROOTS[4], []),
    ],
)
def test_empty_and_equal_trees_allow_no_other_root_and_no_proof(
    old: int, old_root: bytes, new: int, new_root: bytes, proof: list[bytes]
) -> None:
    with pytest.raises(ProofError):
        check_consistency(old, old_root, new, new_root, proof)


def test_the_empty_tree_begins_every_tree() -> None:
    check_consistency(0, EMPTY_ROOT, 0, EMPTY_ROOT, [])
    check_consistency(0, EMPTY_ROOT, 7, ROOTS[7], [])


def test_a_long_proof_in_a_huge_tree_ends_in_an_error_not_in_a_loop() -> None:
    with pytest.raises(ProofError):
        check_inclusion(LEAVES[0], MAX_SIZE - 1, MAX_SIZE, LEAVES[:63], LEAVES[1])
    with pytest.raises(ProofError):
        check_consistency(3, LEAVES[0], MAX_SIZE, LEAVES[1], LEAVES[:63])


def test_roots_and_proofs_of_transparency_dev_constants() -> None:
    given_ = vectors("merkle-roots.json")
    tree = MemoryTree(leaf_hash(bytes.fromhex(leaf)) for leaf in given_["leaves"])
    assert [tree.root(size).hex() for size in range(1, 9)] == given_["roots"]
    inclusion, consistency = given_["inclusion"], given_["consistency"]
    assert tree.inclusion(inclusion["index"], inclusion["size"]) == [b64(text) for text in inclusion["proof"]]
    named = [leaf_hash(bytes.fromhex(given_["leaves"][2])).hex(), leaf_hash(bytes.fromhex(given_["leaves"][3])).hex()]
    expected = [*named, *consistency["proof_is"][2:]]
    assert [one.hex() for one in tree.consistency(consistency["old"], consistency["new"])] == expected


def test_leaf_hash_of_x_mod() -> None:
    for one in vectors("notes.json")["leaf_hashes"]:
        assert leaf_hash(one["entry"].encode()) == b64(one["hash"])


STRICTER_HERE = "consistency/additional/sizes-are-equal-one-and-proof-is-empty.json"  # its roots have 12 bytes


def test_all_196_cases_of_transparency_dev() -> None:
    cases = vectors("merkle-proofs.json")
    assert (len(cases["inclusion"]), len(cases["consistency"])) == (98, 98)
    differing = set()
    for one in [*cases["inclusion"], *cases["consistency"]]:
        proof = [b64(text) for text in one["proof"]]
        try:
            if "leafIdx" in one:
                check_inclusion(b64(one["leafHash"]), one["leafIdx"], one["treeSize"], proof, b64(one["root"]))
            else:
                check_consistency(one["size1"], b64(one["root1"]), one["size2"], b64(one["root2"]), proof)
            refused = False
        except ProofError:
            refused = True
        if refused != one["wantErr"]:
            differing.add(one["file"])
    assert differing == {STRICTER_HERE}
