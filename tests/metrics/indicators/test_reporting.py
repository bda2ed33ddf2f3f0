from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.columns import Columns
from metrics.context import Context
from metrics.crosschecks import Discrepancy
from metrics.definitions import definitions
from metrics.events import DAY_SECONDS
from metrics.facts import CaseFact
from metrics.folding import fold
from metrics.pairing import FEDERATION, link
from metrics.quality import ON_TIME_DAYS, assess
from metrics.qualitycounts import counts_of
from metrics.tasks import Request
from tests.metrics.computed import LATER, figures, many, three
from tests.metrics.qualityoracle import counted
from tests.metrics.stories import FREEZE, PERIOD, days, fact, story
from tests.metrics.test_folding import ANY_EVENT

OPENING = story("filed 0", "commenced 1 language=en", case="one")


def test_lateness_amendments_and_what_is_not_known() -> None:
    late = (0, 0, 0, ON_TIME_DAYS * DAY_SECONDS, ON_TIME_DAYS * DAY_SECONDS + 1)
    facts = [
        replace(one, lateness=late, amendments=1)
        for one in [
            *many(30, "filed 1", "commenced 2 procedure=arbitration"),
            *many(10, "filed 1", first=100),
            *many(50, "filed 95", first=200, freeze=LATER),
        ]
    ]
    found = figures("reporting_quality", facts, LATER)
    assert three(found["on_time"]) == (0.8, 160, 200)
    assert found["lag"].value == pytest.approx(2 + 1 / 86400)
    assert (found["lag"].unit, found["lag"].n) == ("days", 200)
    assert three(found["amended"]) == (pytest.approx(1 / 6), 40, 240)
    assert three(found["without_defect"]) == (1.0, 40, 40)
    assert three(found["procedure_unknown"]) == (0.25, 10, 40)
    assert three(found["language_unknown"]) == (1.0, 40, 40)
    assert found["matching_register"].status == "not_reported"
    assert (found["score"].unit, found["score"].n) == ("index", 40)
    assert found["score"].value == assess("alpha", counted("alpha", facts, [], Request(PERIOD, LATER))).score


def test_a_case_that_moved_has_the_defects_of_all_its_records() -> None:
    facts = []
    for number in range(10):
        again = ["commenced 2"] if number < 4 else []
        lines = ("filed 0", "commenced 1", *again, f"transfer_out 5 transfer_id=t{number}")
        end = "closed 20" if number % 2 else "discontinued 20 reason=withdrawn"
        facts += [
            fact(*lines, case=f"a{number}"),
            fact(f"transfer_in 6 transfer_id=t{number}", end, provider="beta", case=f"b{number}"),
        ]
    found = figures("reporting_quality", link(facts).cases, minimum=1, subject=FEDERATION)["without_defect"]
    assert three(found) == (0.3, 3, 10)
    assert dict(found.counts) == {"closed_without_outcome": 5, "repeated_event": 4}


def test_the_definition_says_after_how_many_days_an_event_is_late() -> None:
    (told,) = [one for one in definitions() if one.id == "reporting_quality"]
    assert f"events reported within {ON_TIME_DAYS} days / events expected" in told.formula
    assert f"the {ON_TIME_DAYS} days" in told.caveat


def test_what_the_register_knows_and_nobody_reported_lowers_the_score() -> None:
    facts = many(40, "filed 1", "award_issued 9 outcome=claimant_full")
    missing = [Discrepancy("alpha", "award_not_reported", f"{number:064}", days(30)) for number in range(10)]
    others = [replace(one, provider="beta") for one in missing]
    found = figures("reporting_quality", facts, context=Context(discrepancies=(*missing, *others)))
    assert three(found["matching_register"]) == (0.8, 40, 50)
    assert found["on_time"].counts["missing"] == 10
    before = figures("reporting_quality", facts)["score"]
    assert (before.value or 0) > (found["score"].value or 0)


def test_cases_that_were_over_before_the_period_are_not_in_it() -> None:
    facts = [fact("filed -20", "refused -9", case="old"), fact("filed -20", "settled 3 stage=mediation", case="new")]
    assert figures("reporting_quality", facts)["procedure_unknown"].n == 1
    assert {one.status for one in figures("reporting_quality", []).values()} == {"not_reported"}


@st.composite
def reported(draw: st.DrawFn) -> Sequence[CaseFact]:
    events = [*draw(st.lists(ANY_EVENT, max_size=40)), *draw(st.sampled_from([[], OPENING]))]
    return [one for one in fold(events, FREEZE) if one.provider == "alpha"]


@settings(max_examples=150)
@given(reported(), st.booleans())
def test_the_counts_are_those_of_the_facts(facts: Sequence[CaseFact], disputed: bool) -> None:  # noqa: FBT001
    standing = [Discrepancy("alpha", "award_not_reported", "d", days(1))] if disputed else []
    request = Request(PERIOD, FREEZE)
    assert counts_of(Columns.of(facts), standing, request) == counted("alpha", facts, standing, request)
