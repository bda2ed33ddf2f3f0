"""The APEC rules as data: complete, connected, and as long as the reference says."""

import json
from pathlib import Path
from typing import Any

import pytest

from providers.errors import ProvidersError
from providers.rules_profile import profile
from providers.rules_profile.profile import Profile, load, parse

RULES = load("apec-odr")


def raw() -> Any:
    return json.loads((Path(profile.__file__).parent / "apec-odr.json").read_text(encoding="utf-8"))


def test_the_limits() -> None:
    assert {name: (one.days, one.most) for name, one in RULES.clocks.items()} == {
        "response": (7, 7),
        "counter_response": (7, 7),
        "negotiation": (10, 20),
        "mediation": (10, 10),
        "submissions": (10, 10),
        "award": (10, 10),
        "correction_request": (5, 5),
        "correction": (2, 2),
    }
    assert RULES.clock("mediation").starts == "appointed"
    assert RULES.clock("award").starts == "submissions_closed"


@pytest.mark.parametrize(
    ("extended", "correction", "days"), [(False, False, 47), (True, False, 57), (False, True, 54), (True, True, 64)]
)
def test_the_longest_way(extended: bool, correction: bool, days: int) -> None:  # noqa: FBT001
    assert RULES.longest(extended=extended, correction=correction) == days


def test_what_no_source_confirms_is_marked() -> None:
    doubtful = {name for name, one in RULES.clocks.items() if not one.confirmed}
    assert doubtful == {"response", "counter_response", "correction_request", "correction"}
    assert all(one.article for one in RULES.clocks.values())


def walk(rules: Profile, *events: str) -> str:
    state = "draft"
    for event in events:
        found = rules.transition(state, event)
        assert found is not None, (state, event)
        state = found.to
    return state


def test_stories() -> None:
    begin = ("filed", "commenced", "response", "negotiation_started")
    assert walk(RULES, *begin, "settled") == "settled"
    award = ("mediation_started", "appointed", "arbitration_started", "submissions_closed", "award_issued")
    assert walk(RULES, *begin, *award, "corrected", "closed") == "final"
    assert walk(RULES, "filed", "commenced", "no_response", "appointed", "settled") == "settled"
    assert walk(RULES, "filed", "refused") == "refused"
    assert RULES.transition("draft", "award_issued") is None
    assert RULES.transition("final", "settled") is None


def test_every_state_is_reached() -> None:
    reached = {"draft"}
    while more := {one.to for one in RULES.transitions if one.sources & reached} - reached:
        reached |= more
    assert reached == RULES.states


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"states": ["draft"]}, "arbitration"),
        ({"sequence": ["response", "tea"]}, "tea"),
        ({"correction": ["cake"]}, "cake"),
        ({"clocks": []}, "award"),
    ],
)
def test_a_profile_names_what_it_has(change: dict[str, Any], name: str) -> None:
    with pytest.raises(ProvidersError, match=f"names '{name}', which it does not have") as caught:
        parse(raw() | change)
    assert caught.value.code == "bad_profile"
