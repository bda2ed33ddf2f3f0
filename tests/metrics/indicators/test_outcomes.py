from metrics import intervals
from metrics.columns import Columns
from metrics.facts import CaseFact
from metrics.federation import whole_cases
from metrics.figures import Figure
from metrics.pairing import FEDERATION
from tests.metrics.computed import LATER, figures, limits, many, three
from tests.metrics.stories import fact

FILED = ("filed 1", "commenced 3")
NEGOTIATED = (*FILED, "stage_started 4 stage=negotiation")
MEDIATED = (*NEGOTIATED, "stage_ended 10 stage=negotiation", "stage_started 10 stage=mediation")


def test_who_goes_on_to_the_next_step() -> None:
    facts = [
        *many(20, "filed 1", "refused 2 reason=frivolous"),
        *many(40, *NEGOTIATED, "settled 9 stage=negotiation", first=100),
        *many(40, *MEDIATED, "settled 20 stage=mediation", first=200),
    ]
    found = figures("stage_conversion", facts)
    assert three(found["filed_to_commenced"]) == (0.8, 80, 100)
    assert three(found["negotiation_to_mediation"]) == (0.5, 40, 80)
    assert three(found["mediation_to_arbitration"]) == (0.0, 0, 40)
    assert limits(found["mediation_to_arbitration"]) == (*intervals.wilson(0, 40), "wilson")
    assert found["arbitration_to_award"].status == "too_few"
    assert dict(found["filed_to_commenced"].counts) == {"too_young": 0, "handed_over": 0, "lag_days": 2}


def test_a_later_stage_that_came_first_is_no_going_on() -> None:
    """Arbitration, then mediation: 20 cases settle there, 20 go back to arbitration, as arb-med-arb rules have it."""
    mediated = (
        *FILED, "stage_started 4 stage=arbitration", "stage_ended 10 stage=arbitration",
        "stage_started 10 stage=mediation",
    )  # fmt: skip
    back = (
        "stage_ended 15 stage=mediation",
        "stage_started 16 stage=arbitration",
        "award_issued 30 outcome=respondent",
    )
    facts = [*many(20, *mediated, "settled 20 stage=mediation"), *many(20, *mediated, *back, first=100)]
    found = figures("stage_conversion", facts)
    assert three(found["mediation_to_arbitration"]) == (0.5, 20, 40)
    assert three(found["arbitration_to_award"]) == (0.5, 20, 40)


def test_cases_that_have_had_no_time_are_left_out() -> None:
    """Of 100 cases 95 leave the step within 6 days; the 5 filed on the last day have had one."""
    facts = [*many(95, *NEGOTIATED, "settled 10 stage=negotiation"), *many(5, "filed 89", "commenced 89", first=200)]
    late = many(5, "filed 89", "commenced 89", "stage_started 89 stage=negotiation", first=300)
    found = figures("stage_conversion", [*facts, *late])["negotiation_to_mediation"]
    assert (three(found), found.counts["too_young"]) == ((0.0, 0, 95), 5)


def test_a_step_that_too_few_have_left_is_immature() -> None:
    facts = [*many(30, *NEGOTIATED, "settled 10 stage=negotiation"), *many(10, *NEGOTIATED, first=100)]
    assert figures("stage_conversion", facts)["negotiation_to_mediation"].status == "immature"
    assert figures("stage_conversion", many(40, "filed 1"))["negotiation_to_mediation"].status == "not_reported"


def test_who_was_handed_over_before_the_next_step_neither_went_on_nor_stayed() -> None:
    ended = (*MEDIATED, "stage_ended 20 stage=mediation")
    facts = [*many(57, *ended), *many(40, *ended, "stage_started 21 stage=arbitration", first=100)]
    few = many(3, *ended, "transfer_out 21 transfer_id=t", first=200)
    some = many(9, *ended, "transfer_out 21 transfer_id=t", first=300)
    found = figures("stage_conversion", [*facts, *few])["mediation_to_arbitration"]
    assert (three(found), found.counts["handed_over"]) == ((40 / 97, 40, 97), 3)
    found = figures("stage_conversion", [*facts, *some])["mediation_to_arbitration"]
    assert (found.status, found.value, found.n, found.counts["handed_over"]) == ("immature", None, 97, 9)
    back = many(9, *ended, "transfer_out 21 transfer_id=t", "transfer_in 22 transfer_id=u", "settled 30", first=300)
    assert three(figures("stage_conversion", [*facts, *back])["mediation_to_arbitration"]) == (40 / 106, 40, 106)


def test_of_all_providers_together_who_came_to_one_that_reports_nothing_neither_went_on_nor_stayed() -> None:
    """Of those that were handed over, beta has a record of three that went on, and nobody of the others."""
    ended = (*MEDIATED, "stage_ended 20 stage=mediation")
    facts = [*many(60, *ended), *many(34, *ended, "stage_started 21 stage=arbitration", first=100)]
    for number in range(3):
        moved = f"transfer_id=t{number}"
        facts += many(1, *ended, f"transfer_out 21 {moved}", first=200 + number)
        facts.append(fact(f"transfer_in 21 {moved}", "stage_started 22 stage=arbitration", provider="b", case=moved))
    few, some = (many(lost, *ended, "transfer_out 21", first=300) for lost in (3, 9))
    found = of_all([*facts, *few])["mediation_to_arbitration"]
    assert (three(found), found.counts["handed_over"]) == ((37 / 97, 37, 97), 3)
    found = of_all([*facts, *some])["mediation_to_arbitration"]
    assert (found.status, found.value, found.n, found.counts["handed_over"]) == ("immature", None, 97, 9)


def test_a_case_that_left_before_it_commenced_is_no_longer_waited_for() -> None:
    facts = [*many(40, "filed 0", "commenced 2"), *many(3, "filed 0", "transfer_out 3", first=100)]
    for found in (figures("stage_conversion", facts), of_all(facts)):
        told = found["filed_to_commenced"].counts
        assert (told["lag_days"], told["handed_over"]) == (3, 3)


def of_all(facts: list[CaseFact]) -> dict[str, Figure]:
    """All providers together."""
    whole = whole_cases(Columns.of(facts)).columns
    return figures("stage_conversion", whole, subject=FEDERATION)


def test_awards_by_default() -> None:
    facts = [
        *many(30, "filed 1", "award_issued 9 outcome=claimant_full"),
        *many(10, "filed 1", "award_issued 9 outcome=claimant_full default=yes", first=100),
        *many(50, "filed 1", "refused 5", first=200),
        *many(10, "filed -99", "award_issued -9 outcome=claimant_full default=yes", first=300),
    ]
    found = figures("default_share", facts)[""]
    assert three(found) == (0.25, 10, 40)
    assert limits(found) == (*intervals.wilson(10, 40), "wilson")


def test_refusals_by_ground() -> None:
    facts = [
        *many(60, *FILED),
        *many(25, "filed 1", "refused 2 reason=no_agreement", first=100),
        *many(10, "filed 1", "refused 2 reason=frivolous", first=200),
        *many(5, "filed 1", "refused 2", first=300),
        *many(4, "filed 80", first=400),
    ]
    found = figures("refusal_rate", facts)
    assert {part: three(one) for part, one in found.items()} == {
        "in_all": (0.4, 40, 100),
        "frivolous": (0.1, 10, 100),
        "no_agreement": (0.25, 25, 100),
        "reason_not_stated": (0.05, 5, 100),
    }
    assert dict(found["in_all"].counts) == {"undecided": 4}


def test_refusals_wait_until_nearly_all_have_been_decided() -> None:
    facts = [*many(90, *FILED), *many(10, "filed 80", first=100)]
    assert [one.status for one in figures("refusal_rate", facts).values()] == ["immature"]
    assert figures("refusal_rate", facts[:20])["in_all"].status == "too_few"


def test_giving_up_by_reason_competes_with_other_ends() -> None:
    facts = [
        *many(50, "filed 1", "refused 5"),
        *many(30, "filed 1", "discontinued 21 reason=withdrawn", first=100),
        *many(10, "filed 1", "discontinued 31 reason=fee_unpaid", first=200),
        *many(10, "filed 1", "discontinued 300", first=300, freeze=LATER),
    ]
    found = figures("discontinuation", facts, LATER)
    assert {part: three(one) for part, one in found.items()} == {
        "in_all": (0.4, 40, 100),
        "fee_unpaid": (0.1, 10, 100),
        "reason_not_stated": (0.0, 0, 100),
        "withdrawn": (0.3, 30, 100),
    }
    assert limits(found["in_all"])[2] == "aalen_johansen_loglog"
    assert dict(found["in_all"].counts) == {"resolved": 100, "handed_over": 0, "still_open": 0}


def test_giving_up_needs_cases_followed_for_180_days() -> None:
    found = figures("discontinuation", [*many(40, "filed 1", "refused 5"), *many(9, "filed 1")])
    assert [(one.part, one.status) for one in found.values()] == [("in_all", "immature")]
