"""A log's own tiles as witness: what two heads prove once the log is asked (``--log``, ``--scan`` with a checkpoint).

First the tiles of the larger head are asked for the proof that decides. A log that has forked no longer serves the
tiles of one of its two heads; then each head is held against the checkpoint that it serves now, which it has signed
too: heads that it ties to each other agree, and one that it contradicts proves that the log signed two histories.
"""

from collections.abc import Callable

from .equivocation import AGREE, EQUIVOCATION, OPEN, HeadPair, Judgement, pair_of
from .errors import SigningError
from .prefix import Fetch, from_tiles
from .signnotes import format_proof

__all__ = ["Judge", "asked", "with_tiles"]

Judge = Callable[[HeadPair], Judgement]
"""``judge`` with everything but the pair."""


def asked(pair: HeadPair, judged: Judge, fetch: Fetch) -> tuple[HeadPair, Judgement]:
    """What ``pair`` proves with what the log serves, and the pair that proves it.

    Args:
        pair: two notes; a proof among them is tried first.
        judged: ``judge`` with the policy that names the log and its key.
        fetch: gets ``checkpoint`` and ``tile/…`` below the log's address; nothing that comes is believed.

    Raises:
        SigningError: as ``judge``, about the two notes that were given.
    """
    given = judged(pair)
    if given.verdict != OPEN or given.code == "other_log":
        return pair, given
    complete, found = with_tiles(pair, given, judged, fetch)
    if found.verdict != OPEN:
        return complete, found
    return _through_served(pair, found, judged, fetch)


def with_tiles(pair: HeadPair, given: Judgement, judged: Judge, fetch: Fetch) -> tuple[HeadPair, Judgement]:
    """The pair with the proof that the log's tiles give, and what it proves; open where they give none."""
    try:
        proof = from_tiles(fetch, given.first.size - 1, given.second.size, pair.second)
        complete = pair_of(pair.first, pair.second, format_proof(proof))
        return complete, judged(complete)
    except SigningError as error:
        return pair, _open(given, error)


def _through_served(pair: HeadPair, given: Judgement, judged: Judge, fetch: Fetch) -> tuple[HeadPair, Judgement]:
    try:
        served = fetch("checkpoint")
        held = [_held_against(served, note, judged, fetch) for note in (pair.first, pair.second)]
    except SigningError as error:
        return pair, _open(given, error)
    for one, told in held:
        if told.verdict == EQUIVOCATION:
            return one, told
    reached = held[0][1].first.size == given.first.size  # or what is served ends before both, and ties nothing
    if reached and all(told.verdict == AGREE for _, told in held):
        return pair, Judgement(AGREE, "continues", "The log that is served now ties both.", given.first, given.second)
    return pair, next((told for _, told in held if told.verdict == OPEN), given)


def _held_against(served: bytes, note: bytes, judged: Judge, fetch: Fetch) -> tuple[HeadPair, Judgement]:
    one = pair_of(note, served)
    told = judged(one)
    return with_tiles(one, told, judged, fetch) if told.code == "proof_missing" else (one, told)


def _open(given: Judgement, error: SigningError) -> Judgement:
    return Judgement(OPEN, error.code, str(error), given.first, given.second)
