"""What two signed heads prove, and the file that carries them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signing.encoding import canonical
from signing.equivocation import (
    AGREE,
    EQUIVOCATION,
    OPEN,
    HeadPair,
    Judgement,
    format_pair,
    judge,
    pair_of,
    parse_pair,
)
from signing.errors import FormatError, SignatureError, SigningError, TrustError
from signing.trust import parse_witness_policy
from tests.fakes.refusals import refused
from tests.fakes.world import World

WORLD = World()
for _name in ("provider-a", "provider-b", "provider-c"):
    WORLD.add_provider(_name)
SIZE = len(WORLD.entries)
POLICY = parse_witness_policy(WORLD.witness_policy)


def head(size: int, root: bytes | None = None) -> bytes:
    return WORLD.checkpoint(size, [], root=root)


def proof(index: int, size: int) -> bytes:
    return WORLD.proof(index, b"any note", size)


def told(pair: HeadPair) -> tuple[str, str]:
    found = judge(pair, POLICY)
    return found.verdict, found.code


# --- what is proven --------------------------------------------------------------------------------


def test_the_same_head_agrees_whoever_cosigned_it() -> None:
    pair = pair_of(head(3), WORLD.checkpoint(3))
    assert told(pair) == (AGREE, "same_head")


def test_two_roots_of_one_size_prove_equivocation_by_themselves() -> None:
    found = judge(pair_of(head(3), head(3, bytes(32))), POLICY)
    assert (found.verdict, found.code) == (EQUIVOCATION, "two_roots")
    assert found.reason == "The log signed two different roots for the same 3 entries."


def test_two_sizes_prove_nothing_by_themselves() -> None:
    for second in (head(5), head(5, bytes(32))):
        found = judge(pair_of(second, head(3)), POLICY)
        assert (found.verdict, found.code) == (OPEN, "proof_missing")
        assert (found.first.size, found.second.size) == (3, 5)


@pytest.mark.parametrize("size", range(1, SIZE))
def test_the_proof_of_the_last_entry_decides(size: int) -> None:
    good = proof(size - 1, SIZE)
    assert told(pair_of(head(SIZE), head(size), good)) == (AGREE, "continues")
    assert told(pair_of(head(SIZE), head(size, bytes(32)), good)) == (EQUIVOCATION, "history_differs")


def test_a_proof_that_does_not_hold_proves_nothing() -> None:
    assert told(pair_of(head(3), head(SIZE), proof(1, SIZE))) == (OPEN, "wrong_proof")
    assert told(pair_of(head(3), head(SIZE, bytes(32)), proof(2, SIZE))) == (OPEN, "inclusion_proof_fails")
    assert told(pair_of(head(3), head(SIZE), proof(2, SIZE - 1))) in {
        (OPEN, "inclusion_proof_fails"),
        (OPEN, "proof_length"),
    }


def test_the_empty_log_begins_every_log_and_has_one_root() -> None:
    assert told(pair_of(head(0), head(4))) == (AGREE, "continues")
    assert told(pair_of(head(0), head(0))) == (AGREE, "same_head")
    assert told(pair_of(head(0, bytes(32)), head(4))) == (EQUIVOCATION, "impossible_root")


def test_two_logs_say_nothing_about_each_other() -> None:
    other = World(seed="other", origin="other.example/log/1")
    both = parse_witness_policy(WORLD.witness_policy.split("witness")[0] + other.witness_policy)
    found = judge(pair_of(head(2), other.checkpoint(1, [])), both)
    assert (found.verdict, found.code) == (OPEN, "other_log")
    assert "different logs" in found.reason
    rotated = pair_of(head(2), other.checkpoint(2, [], root=WORLD.root(2)))
    assert judge(rotated, both).code == "other_log"
    assert judge(rotated, both, one_tree=True).code == "same_head"


def test_only_what_the_log_signed_is_judged() -> None:
    forger = World(seed="forger")
    for pair in (pair_of(head(3), forger.checkpoint(3, [])), pair_of(forger.checkpoint(2, []), head(3))):
        with refused(SignatureError, "signature_missing", "not exactly one line", WORLD.origin):
            judge(pair, POLICY)
    with refused(TrustError, "unknown_log", "trusts no log", "other.example/log/1"):
        judge(pair_of(head(3), World(origin="other.example/log/1").checkpoint(1, [])), POLICY)


# --- the file --------------------------------------------------------------------------------------


PAIRS = [
    pair_of(head(3), head(3, bytes(32))),
    pair_of(head(SIZE), head(2), proof(1, SIZE)),
    pair_of(WORLD.checkpoint(4), head(4)),
]


@pytest.mark.parametrize("pair", PAIRS)
def test_a_pair_survives_as_a_file(pair: HeadPair) -> None:
    data = format_pair(pair)
    assert parse_pair(data) == pair
    assert data.endswith(b"}\n")
    assert judge(parse_pair(data), POLICY) == judge(pair, POLICY)


def test_the_order_in_which_the_two_are_given_does_not_matter() -> None:
    assert pair_of(head(5), head(3)) == pair_of(head(3), head(5))
    assert pair_of(head(3), head(3, bytes(32))) == pair_of(head(3, bytes(32)), head(3))


def changed(**members: object) -> bytes:
    pair = PAIRS[1]
    whole: dict[str, object] = {"first": pair.first.decode(), "second": pair.second.decode(), "format": "odr-heads/1"}
    whole |= {"proof": None if pair.proof is None else pair.proof.decode()}
    return canonical({name: one for name, one in (whole | members).items() if one != ""}) + b"\n"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (format_pair(PAIRS[0])[:-1], "bad_pair"),
        (format_pair(PAIRS[0]) + b"\n", "not_canonical"),
        (b" " + format_pair(PAIRS[0]), "not_canonical"),
        (changed(format="odr-heads/2"), "bad_pair"),
        (changed(more="x"), "bad_pair"),
        (changed(first=1), "bad_pair"),
        (changed(proof=""), "bad_pair"),
        (changed(proof="no proof"), "bad_proof"),
        (changed(first="no note"), "bad_note"),
        (changed(first=PAIRS[1].second.decode(), second=PAIRS[1].first.decode()), "bad_pair"),
        (changed(proof=proof(1, SIZE).decode()), "bad_pair"),  # it leads to another note
        (b"[]\n", "not_an_object"),
        (b"", "not_json"),
    ],
)
def test_what_the_formatter_would_not_write_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(FormatError) as caught:
        parse_pair(data)
    assert caught.value.code == code, caught.value


@given(st.sampled_from(PAIRS), st.data())
def test_a_changed_octet_never_goes_unnoticed(pair: HeadPair, data: st.DataObject) -> None:
    """Either the parser refuses, or it reads another pair that it would write just so."""
    octets = bytearray(format_pair(pair))
    at = data.draw(st.integers(0, len(octets) - 1))
    octets[at] = data.draw(st.integers(0, 255).filter(lambda one: one != octets[at]))
    try:
        found = parse_pair(bytes(octets))
    except SigningError:
        return
    assert found != pair
    assert format_pair(found) == bytes(octets)


@given(st.binary(max_size=200))
def test_rubbish_is_refused_with_a_sentence(data: bytes) -> None:
    with pytest.raises(SigningError):
        parse_pair(data)


def test_a_judgement_says_what_it_is_about() -> None:
    found = judge(PAIRS[1], POLICY)
    assert isinstance(found, Judgement)
    assert found.reason == f"The log of {SIZE} entries begins with that of 2."
