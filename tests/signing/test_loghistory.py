"""Asking the log: its tiles decide between two heads, and a log that forked is caught by what it serves."""

from dataclasses import dataclass
from functools import partial

import pytest

from signing.equivocation import AGREE, EQUIVOCATION, OPEN, HeadPair, judge, pair_of
from signing.errors import ProofError, SignatureError
from signing.loghistory import asked
from signing.merkle import leaf_hash
from signing.prefix import Fetch
from signing.trust import parse_witness_policy
from tests.fakes.refusals import refused
from tests.fakes.servedlog import serving
from tests.fakes.world import World, tree_root

WORLD = World()
POLICY = parse_witness_policy(WORLD.witness_policy)
JUDGE = partial(judge, policy=POLICY)


@dataclass
class History:
    """One of the histories that a log may show: its entries, and the log's own signatures on them."""

    entries: list[bytes]

    def head(self, size: int) -> bytes:
        root = tree_root([leaf_hash(one) for one in self.entries[:size]])
        return WORLD.checkpoint(size, [], root=root)

    def served(self, size: int) -> Fetch:
        return serving(self.entries[:size], self.head(size))


TRUE = History([b"%d" % number for number in range(600)])
FORK = History([b"%d" % number for number in range(300)] + [b"other %d" % number for number in range(300)])


def nothing(path: str) -> bytes:
    raise ProofError("log_unreachable", "The log could not be read: refused.", path)


def verdict(pair: HeadPair, fetch: Fetch) -> tuple[str, str]:
    evidence, told = asked(pair, JUDGE, fetch)
    if told.verdict == EQUIVOCATION:
        assert judge(evidence, POLICY) == told, "the evidence proves it without the log"
    return told.verdict, told.code


@pytest.mark.parametrize("sizes", [(1, 2), (5, 300), (256, 257), (257, 600), (599, 600)])
def test_heads_of_one_history_agree(sizes: tuple[int, int]) -> None:
    pair = pair_of(*map(TRUE.head, sizes))
    assert verdict(pair, TRUE.served(600)) == (AGREE, "continues")


def test_a_log_that_has_grown_since_agrees_too() -> None:
    assert verdict(pair_of(TRUE.head(10), TRUE.head(290)), FORK.served(600)) == (AGREE, "continues")


def test_a_smaller_head_of_another_history_is_caught_by_the_larger_ones_tiles() -> None:
    pair = pair_of(FORK.head(400), TRUE.head(500))
    assert verdict(pair, TRUE.served(500)) == (EQUIVOCATION, "history_differs")


def test_a_larger_head_of_another_history_is_caught_by_what_is_served() -> None:
    """Its own tiles are gone; so the head that the log signed for all is what contradicts it."""
    pair = pair_of(TRUE.head(310), FORK.head(500))
    evidence, told = asked(pair, JUDGE, TRUE.served(600))
    assert (told.verdict, told.code) == (EQUIVOCATION, "history_differs")
    assert evidence == pair_of(FORK.head(500), TRUE.head(600), evidence.proof)
    assert evidence.proof is not None


def test_two_roots_need_no_log() -> None:
    assert verdict(pair_of(TRUE.head(400), FORK.head(400)), nothing) == (EQUIVOCATION, "two_roots")


def test_without_tiles_nobody_can_tell() -> None:
    pair = pair_of(TRUE.head(310), FORK.head(500))
    assert verdict(pair, nothing) == (OPEN, "log_unreachable")
    assert verdict(pair, TRUE.served(305)) == (OPEN, "log_unreachable")


def test_what_ends_before_both_ties_them_to_nothing() -> None:
    """The served log of 200 entries begins both histories; that does not make them one."""
    pair = pair_of(TRUE.head(310), FORK.head(500))

    def answers(path: str) -> bytes:
        if path == "checkpoint":
            return TRUE.head(200)
        if path.startswith("tile/entries/001"):
            return nothing(path)
        history = FORK if path.endswith((".p/244", "001.p/1")) else TRUE
        return history.served(600)(path)

    for note in (pair.first, pair.second):
        assert verdict(pair_of(TRUE.head(200), note), answers) == (AGREE, "continues")
    assert verdict(pair, answers)[0] == OPEN


def test_tiles_that_lead_to_neither_head_prove_nothing() -> None:
    """A server that lies about tiles, and shows no head of the log, can't make an honest log look guilty."""

    def lying(path: str) -> bytes:
        return FORK.served(600)(path) if path != "checkpoint" else World(seed="forger").checkpoint()

    assert verdict(pair_of(TRUE.head(310), TRUE.head(500)), lying) == (OPEN, "signature_missing")


def test_a_note_that_the_log_did_not_sign_is_not_asked_about() -> None:
    pair = pair_of(TRUE.head(3), World(seed="forger").checkpoint())
    with refused(SignatureError, "signature_missing", "not exactly one line", WORLD.origin):
        asked(pair, JUDGE, nothing)
