"""Facts of the cases that a piece of the log tells of, folded again from all of their events.

Folding is processor work and is done before the transaction that writes events and facts together: nobody but the
follower writes either, and its cursor says that nothing came between.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from hub.oversight.reading import event_of
from hub.storage.encoding import encode_json
from hub.storage.values import CaseEvent, Followed, StoredFact
from metrics.folding import fold_case
from metrics.storedfacts import FORM, as_stored

__all__ = ["folded", "with_facts"]

Case = tuple[str, str]
_EVER = 2**62
"""A freeze that nothing comes after: a stored fact knows every event."""


def with_facts(piece: Followed, known: Iterable[CaseEvent]) -> Followed:
    """The piece with the facts of its cases; ``known`` are the events of these cases that were stored before."""
    events: dict[Case, dict[int, CaseEvent]] = {case: {} for case in piece.told}
    for one in (*known, *piece.events):
        events[one.provider, one.case][one.sequence] = one
    facts = (
        StoredFact(*case, index, FORM, folded([told for _, told in sorted(events[case].items())]))
        for case, index in piece.told.items()
    )
    return replace(piece, facts=tuple(facts))


def folded(events: Sequence[CaseEvent]) -> str:
    """The fact of one case, all of whose stored events these are, as it is stored."""
    return encode_json(as_stored(fold_case([event_of(one) for one in events], _EVER)))
