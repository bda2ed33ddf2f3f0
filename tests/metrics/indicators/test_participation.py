from dataclasses import replace
from typing import Any

from metrics import intervals
from metrics.columns import Columns
from metrics.facts import CaseFact
from metrics.federation import whole_cases
from metrics.pairing import FEDERATION
from tests.metrics.computed import LATER, figures, limits, many, three
from tests.metrics.stories import days, fact


def answering(count: int, first: int, **told: Any) -> list[CaseFact]:
    return [replace(one, **told) for one in many(count, "filed 1", first=first)]


def test_respondents_who_answer_in_time() -> None:
    due: dict[str, Any] = {"response_due": days(10)}
    facts = [
        *answering(20, 0, **due, responded_at=days(10)),
        *answering(5, 100, **due, responded_at=days(11)),
        *answering(10, 200, **due),
        *answering(5, 300, silent_at=days(9)),
        *answering(3, 400, responded_at=days(9)),
        *[replace(one, **due) for one in many(4, "filed 1", "refused 5", first=500)],
        *answering(7, 600, response_due=days(99), responded_at=days(9)),
    ]
    found = figures("respondent_participation", facts)[""]
    assert three(found) == (0.5, 20, 40)
    assert limits(found) == (*intervals.wilson(20, 40), "wilson")
    assert dict(found.counts) == {"late": 5, "ended_before": 4, "due_not_stated": 3}


def test_a_case_that_came_back_is_judged_by_whether_the_provider_had_it_on_the_due_day() -> None:
    away = (
        "filed 0",
        "transfer_out 5 transfer_id=t",
        "transfer_in 40 transfer_id=u",
        "discontinued 60 reason=withdrawn",
    )
    facts = [
        replace(one, response_due=days(due))
        for number, due in enumerate((4, 5, 20, 40, 50, 61))
        for one in many(10, *away, first=100 * number)
    ]
    found = figures("respondent_participation", facts)[""]
    assert (three(found), found.counts["ended_before"]) == ((0.0, 0, 40), 20)


RETURNED = ("filed 0 deadline=response due=20", "transfer_out 10 transfer_id=t", "transfer_in 30 transfer_id=u")


def test_an_answer_is_not_late_for_a_day_on_which_the_provider_did_not_have_the_case() -> None:
    anew = ("commenced 31 deadline=response due=60", "response 50")
    facts = [*many(40, *RETURNED, *anew), *many(7, *RETURNED, "response 50", first=100)]
    found = figures("respondent_participation", facts)[""]
    assert (three(found), dict(found.counts)) == ((1.0, 40, 40), {"late": 0, "ended_before": 7, "due_not_stated": 0})


def test_all_providers_together_judge_an_answer_by_the_due_day_of_who_had_the_case() -> None:
    facts = [
        fact(*lines, freeze=LATER, provider=provider, case=f"{provider}{number}")
        for number in range(40)
        for provider, lines in (
            ("alpha", ("filed 0", "commenced 1 deadline=response due=20", f"transfer_out 10 transfer_id=t{number}")),
            ("beta", (f"transfer_in 10 transfer_id=t{number}", "commenced 11 deadline=response due=40", "response 30")),
        )
    ]
    whole = whole_cases(Columns.of(facts)).columns
    found = figures("respondent_participation", whole, LATER, subject=FEDERATION)[""]
    assert (three(found), found.counts["late"]) == ((1.0, 40, 40), 0)


def test_nobody_was_asked_or_nobody_said_so() -> None:
    assert figures("respondent_participation", many(40, "filed 1"))[""].status == "not_reported"
    few = answering(29, 0, response_due=days(10), responded_at=days(9))
    assert figures("respondent_participation", few)[""].status == "too_few"
    assert three(figures("respondent_participation", few, minimum=1)[""]) == (1.0, 29, 29)
