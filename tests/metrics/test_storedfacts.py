import json
from dataclasses import fields, replace
from typing import Any, get_type_hints

from hypothesis import given, settings

from metrics.facts import Attributes, CaseFact
from metrics.storedfacts import _CODES, FORM, as_stored, of_stored
from tests.metrics.stories import fact
from tests.metrics.test_columns import LATER_PART, stories

PLAIN = {int, str, bool, int | None, str | None}
"""Types that JSON has itself."""


def again(one: CaseFact) -> CaseFact:
    """The fact once it was written as JSON and read."""
    return of_stored(one.provider, one.case, json.loads(json.dumps(as_stored(one))))


@settings(max_examples=50)
@given(stories(), LATER_PART)
def test_what_was_stored_is_read_as_it_was(facts: list[CaseFact], more: dict[str, Any]) -> None:
    attributes = Attributes(economies=("SG", "CN"), cross_border=True)
    for one in (*facts, replace(fact("filed 1"), attributes=attributes, **more)):
        assert again(one) == one


def test_every_member_is_written() -> None:
    """A member of a new kind needs a way to be written; what has none JSON must have itself."""
    hints = get_type_hints(CaseFact)
    assert {one.name for one in fields(CaseFact) if hints[one.name] not in PLAIN} == set(_CODES)


def test_what_says_nothing_is_left_out() -> None:
    assert as_stored(CaseFact("alpha", "one")) == {}
    assert as_stored(fact("filed 1")).keys() == {"filed", "spells", "events", "lateness"}


def test_what_was_stored_before_a_member_was_added_is_read_still() -> None:
    told = as_stored(fact("filed 1", "commenced 2 slots=claimant:ab"))
    del told["lateness"], told["slots"]
    found = of_stored("alpha", "one", told)
    assert (found.slots, found.lateness, found.commenced) == ((), (), fact("filed 1", "commenced 2").commenced)


def test_the_form_has_a_new_number_whenever_the_same_events_give_something_else() -> None:
    """Raise ``FORM`` with this text: hubs whose facts have another number fold theirs again."""
    story = fact(
        "filed 0 hs2=84 deadline=award due=30", "commenced 1", "stage_started 2 stage=mediation",
        "clock_stopped 3 reason=evidence", "clock_resumed 5", "settled 9 stage=mediation",
    )  # fmt: skip
    assert (FORM, json.dumps(as_stored(story), sort_keys=True)) == (4, PINNED)


PINNED = (
    '{"attributes": {"hs2": "84"}, "commenced": 1767312000, "deadlines": [["award", 1769817600, 1769817600, "none", '
    '"lapsed"]], "events": 6, "filed": 1767225600, "lateness": [0, 0, 0, 0, 0, 0], "outcome": ["settled", 1768003200, '
    '"mediation", null, null], "performance": ["settlement", null, "unknown", null], "spells": [[1767225600, "filed", '
    '1768003200, "settled"]], "stages": [["mediation", 1767398400, 1768003200]], "stops": [["evidence", 1767484800, '
    "1767657600]]}"
)
