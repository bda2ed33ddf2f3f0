from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from metrics import intervals
from metrics.comparison.comparable import CONFIDENTIAL
from metrics.context import Answer, Context
from metrics.definitions import definitions
from metrics.events import Slot, day
from metrics.facts import CaseFact
from metrics.pairing import FEDERATION, link
from tests.metrics.computed import figures, limits, many, three
from tests.metrics.stories import days, fact

WON = ("filed 1", "award_issued 9 outcome=claimant_full")
SLOTS = (Slot("claimant", "a" * 64), Slot("respondent", "b" * 64))


def invited(count: int, first: int = 0, lines: tuple[str, ...] = WON) -> list[CaseFact]:
    return [replace(one, slots=SLOTS) for one in many(count, *lines, first=first)]


def answers(role: str, points: Iterable[int], first: int = 0, **told: Any) -> list[Answer]:
    return [
        Answer("alpha", str(first + number), role, "won", {"overall": given, "fairness": given}, day(days(30)), **told)
        for number, given in enumerate(points)
    ]


def test_answers_are_weighted_so_that_they_resemble_those_invited() -> None:
    """100 claimants and 100 respondents were invited; 40 claimants answer (30 content), 10 respondents (2 content)."""
    told = [*answers("claimant", [5] * 30 + [3] * 10), *answers("respondent", [4] * 2 + [1] * 8)]
    found = figures("satisfaction", invited(100), context=Context(tuple(told)))
    assert found[""].value == pytest.approx((30 / 40 + 2 / 10) / 2)
    assert (found[""].numerator, found[""].denominator, found[""].n) == (32, 50, 50)
    effective = intervals.effective_number([2.5] * 40 + [10.0] * 10)
    low, high, method = limits(found[""])
    expected = intervals.wilson_weighted(0.475, effective)
    assert method == "wilson_weighted"
    assert [low, high] == pytest.approx(expected)
    assert three(found["answered"]) == (0.25, 50, 200)
    assert dict(found[""].counts) == {"invited": 200, "answered": 50, "unmatched": 0}


def test_thirty_answers_are_too_few_of_many_invited() -> None:
    told = Context(tuple(answers("claimant", [5] * 39)))
    assert figures("satisfaction", invited(100), context=told)[""].status == "too_few"
    supervised = figures("satisfaction", invited(100), context=told, minimum=1)[""]
    assert (supervised.small, supervised.minimum) == (True, 40)
    assert figures("satisfaction", invited(90), context=told)[""].value == 1


def test_answers_that_do_not_count() -> None:
    relayed = answers("claimant", [5] * 40, source="relayed")
    elsewhere = answers("claimant", [1] * 40, first=1000)
    others = [replace(one, provider="beta") for one in answers("claimant", [1] * 40)]
    unresolved = [*invited(60), *(replace(one, slots=SLOTS) for one in many(40, "filed 1", first=200))]
    told = [*relayed, *elsewhere, *others, *answers("claimant", [5] * 40), *answers("claimant", [1] * 40, first=200)]
    found = figures("satisfaction", unresolved, context=Context(tuple(told)))
    assert three(found[""]) == (1.0, 40, 40)
    assert found[""].counts["unmatched"] == 40
    assert figures("satisfaction", many(40, *WON), context=Context(tuple(relayed)))[""].status == "not_reported"


def test_an_answer_without_its_slot_counts_as_invited() -> None:
    found = figures("satisfaction", many(40, *WON), context=Context(tuple(answers("claimant", [5] * 40))))
    assert three(found["answered"]) == (1.0, 40, 40)


@pytest.mark.parametrize(
    ("outcome", "loser"),
    [("claimant_full", "respondent"), ("claimant_part", "respondent"), ("respondent", "claimant")],
)
def test_the_losing_side_is_the_one_the_award_names(outcome: str, loser: str) -> None:
    facts = invited(60, lines=("filed 1", f"award_issued 9 outcome={outcome}"))
    winner = {"claimant": "respondent", "respondent": "claimant"}[loser]
    told = [*answers(loser, [4] * 20 + [2] * 20), *answers(winner, [5] * 40)]
    found = figures("fairness_to_losing_side", facts, context=Context(tuple(told)))
    assert three(found[""]) == (0.5, 20, 40)
    assert three(found["answered"]) == (pytest.approx(40 / 60), 40, 60)


def test_who_settled_has_not_lost() -> None:
    facts = invited(60, lines=("filed 1", "settled 9 stage=mediation"))
    found = figures("fairness_to_losing_side", facts, context=Context(tuple(answers("claimant", [1] * 40))))
    assert (found[""].status, found["answered"].n) == ("too_few", 0)


def test_a_question_left_out_is_no_answer_to_it() -> None:
    told = [replace(one, scores={"overall": 5}) for one in answers("respondent", [5] * 40)]
    found = figures("fairness_to_losing_side", invited(60), context=Context(tuple(told)))
    assert (found[""].status, three(found["answered"])) == ("too_few", (pytest.approx(40 / 60), 40, 60))


def test_the_federation_finds_the_answers_of_a_case_that_moved_at_whichever_provider_they_were_given() -> None:
    stayed, facts = invited(20, first=100), []
    for number in range(20):
        sent = fact("filed 1", f"transfer_out 3 transfer_id=t{number}", case=str(number))
        came = (f"transfer_in 4 transfer_id=t{number}", "award_issued 9 outcome=claimant_full")
        facts += [sent, replace(fact(*came, provider="beta", case=f"b{number}"), slots=SLOTS)]
    beta = [replace(one, provider="beta", case=f"b{one.case}") for one in answers("claimant", [1] * 20)]
    told = [*answers("claimant", [5] * 20, first=100), *answers("respondent", [5] * 20), *beta]
    whole = link([*facts, *stayed]).cases
    found = figures("satisfaction", whole, context=Context(tuple(told)), subject=FEDERATION)
    assert three(found["answered"]) == (60 / 80, 60, 80)
    assert (found[""].numerator, found[""].denominator, found[""].counts["unmatched"]) == (40, 60, 0)
    astray = [replace(one, provider="gamma") for one in beta]
    found = figures("satisfaction", whole, context=Context((*told, *astray)), subject=FEDERATION)
    assert found[""].counts["unmatched"] == 20


def test_whatever_rests_on_answers_is_confidential() -> None:
    """No other figure of a provider may change with them: it sees every one that is not confidential, of any day."""
    facts = [*invited(60), *invited(60, 100, ("filed 1", "award_issued 9 outcome=respondent"))]
    told = Context(tuple(answers("claimant", [5] * 20) + answers("claimant", [1] * 30, 100)))
    changed = {
        one.id
        for one in definitions()
        if figures(one.id, facts, context=told, minimum=1) != figures(one.id, facts, minimum=1)
    }
    assert changed == CONFIDENTIAL == {"satisfaction", "fairness_to_losing_side"}
