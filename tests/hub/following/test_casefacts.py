"""Facts kept up piece by piece are those that all events together give, however the log is cut into pieces."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from hub.following.casefacts import with_facts
from hub.storage.values import CaseEvent, Followed, StoredFact
from metrics.events import Event
from metrics.folding import fold
from metrics.samples import as_reported
from metrics.storedfacts import FORM, of_stored
from signing.encoding import loads
from tests.metrics.stories import story
from tests.metrics.test_folding import ANY_EVENT

APART = frozenset({"case", "sequence", "type", "at"})


def stored(event: Event) -> CaseEvent:
    told = {name: value for name, value in as_reported(event).items() if name not in APART}
    return CaseEvent(event.provider, event.case, event.sequence, event.type, event.at, event.recorded_at, told)


def followed(pieces: list[list[CaseEvent]]) -> dict[tuple[str, str], StoredFact]:
    """What is in the table once every piece, an entry each, was taken in."""
    events: dict[tuple[str, str, int], CaseEvent] = {}
    facts: dict[tuple[str, str], StoredFact] = {}
    for index, piece in enumerate(pieces):
        told = {(one.provider, one.case): index for one in piece}
        known = [one for one in events.values() if (one.provider, one.case) in told]
        made = with_facts(Followed(index + 1, events=tuple(piece), told=told), known)
        events |= {(one.provider, one.case, one.sequence): one for one in piece}
        facts |= {(one.provider, one.case): one for one in made.facts}
    return facts


@settings(max_examples=60)
@given(
    st.lists(ANY_EVENT, max_size=25, unique_by=lambda one: (one.provider, one.case, one.sequence)),
    st.lists(st.integers(0, 25), max_size=5),
)
def test_any_pieces_give_the_facts_of_the_whole(events: list[Event], cuts: list[int]) -> None:
    bounds = [0, *sorted(cuts), len(events)]
    pieces = [[stored(one) for one in events[low:high]] for low, high in pairwise(bounds)]
    found = followed(pieces)
    expected = fold(events, 2**62)
    assert {key: of_stored(*key, loads(one.fact.encode())) for key, one in found.items()} == {
        (one.provider, one.case): one for one in expected
    }
    newest = {(one.provider, one.case): index for index, piece in enumerate(pieces) for one in piece}
    assert {key: (one.index, one.form) for key, one in found.items()} == {
        key: (index, FORM) for key, index in newest.items()
    }


def test_a_piece_taken_in_again_counts_its_events_once() -> None:
    events = [stored(one) for one in story("filed 0", "commenced 1")]
    assert followed([events, events])["alpha", "one"].fact == followed([events])["alpha", "one"].fact
