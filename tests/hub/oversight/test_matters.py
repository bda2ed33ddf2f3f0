"""What goes with an enquiry to the provider."""

from hub.oversight.matters import Concern, concerns
from metrics.comparison.observed import Expected, MatureCohort, Observed, Rate
from metrics.comparison.policy import compare
from metrics.comparison.quarters import Quarters
from metrics.figures import Period

DAY = 86_400
PERIOD = Period(1_759_276_800, 1_767_225_600)
NOW = PERIOD.end + 97 * DAY


def quarters(indicator: str) -> Quarters:
    """Thirty providers with 35 each, of which 28 were expected to count; of p00's 12 do."""
    cohort = MatureCohort(PERIOD, NOW, 90)
    rows = [
        Observed(indicator=indicator, subject=f"p{place:02d}", cohort=cohort, rate=Rate(28 if place else 12, 35),
                 basis=Expected(28.0, ("procedure",)), quality=1.0)
        for place in range(30)
    ]  # fmt: skip
    return Quarters(PERIOD, NOW, ((compare(rows),),), {}, ())


def flagged(indicator: str) -> Concern:
    found = quarters(indicator)
    (one,) = concerns(found, [], found.flags((), NOW))
    return one


def test_the_figures_go_with_it() -> None:
    told = flagged("resolved_in_time").evidence
    assert (told["n"], told["numerator"], told["value"], told["counts"]) == (35, 12, "0.3429", "cases")
    assert (told["side"], told["since"], told["quarters"]) == ("below", "2025-10-01", 1)


def test_of_answers_of_parties_no_number_goes_with_it() -> None:
    for indicator in ("satisfaction", "fairness_to_losing_side"):
        assert flagged(indicator).evidence == {"side": "below", "since": "2025-10-01", "quarters": 1}
