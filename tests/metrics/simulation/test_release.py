"""What releases find in small federations; over many, ``python -m bench flags``."""

from dataclasses import replace

import pytest

from metrics.comparison.judgements import Comparison
from metrics.simulation.federation import Federation
from metrics.simulation.release import UNRELIABLE, Release, releases
from metrics.simulation.roster import BESIDE, INDICATORS, TOUCHED
from metrics.simulation.setting import Setting
from tests.metrics.simulation.small import SMALL, federation


def year(one: Federation) -> list[Release]:
    return list(releases(one))


def test_draws_as_columns_are_compared_as_the_facts_folded_from_their_events() -> None:
    for folded, counted in zip(year(federation(seed=2)), releases(federation(seed=2), UNRELIABLE), strict=True):
        assert {one.indicator for one in counted.comparisons} > {*INDICATORS, *TOUCHED, *BESIDE}
        for one, other in zip(folded.comparisons, counted.comparisons, strict=True):
            told = [replace(each, quality=1.0) for each in one.judgements]
            assert told == [replace(each, quality=1.0) for each in other.judgements]
            assert one.tau2_own == other.tau2_own
        assert [(one.subject, one.indicator, one.missing) for one in folded.flags] == [
            (one.subject, one.indicator, one.missing) for one in counted.flags
        ]
        assert folded.hidden == counted.hidden
        reliable = {each.name for each in federation(seed=2).providers if each.behaviour not in UNRELIABLE}
        assert all(folded.scores[name] > 0.9 for name in reliable)


def test_whoever_hides_lost_cases_is_caught_and_nobody_else_is_accused() -> None:
    for seed in range(4):
        one = federation(seed)
        names = {behaviour: name for name, behaviour in one.truth.behaviours.items()}
        found: set[str] = set()
        for number, release in enumerate(releases(one, UNRELIABLE)):
            missing = {each.about for each in release.discrepancies if each.code == "award_not_reported"}
            accused = {each.provider for each in release.discrepancies}
            settled = release.freeze - 14 * 86_400
            known = {each.digest for each in one.quarter(number).awards if each.registered_at <= settled}
            assert release.hidden & known <= missing
            found |= release.hidden & missing
            assert accused <= {names["hiding"], names["late"]}
        assert found


def test_nobody_who_reports_everything_is_accused() -> None:
    one = federation(seed=5)
    reliable = {each.name for each in one.providers if each.behaviour not in UNRELIABLE}
    for release in year(one)[:2]:
        assert not reliable & {each.provider for each in release.discrepancies}


def test_who_reports_late_is_never_flagged_publicly() -> None:
    late = 0
    for seed in range(2):
        one = Federation(seed, Setting(providers=40, slow=0, padding=0, hiding=0, late=6, largest=150))
        names = {name for name, behaviour in one.truth.behaviours.items() if behaviour == "late"}
        for release in releases(one, UNRELIABLE):
            flagged = [each for each in release.flags if each.subject in names]
            late += len(flagged)
            assert all("quality_low" in each.missing for each in flagged)
    assert late > 0


def test_a_small_federation_learns_for_three_releases_before_it_judges() -> None:
    found = [release.comparisons[0] for release in releases(federation(seed=3), UNRELIABLE)]
    withheld = [{code for each in one.judgements for code in each.withheld} - {"too_few"} for one in found]
    assert withheld == [{"history_short"}, {"history_short"}, {"history_short"}, set()]
    assert found[3].tau2 == pytest.approx(sum(one.tau2_own for one in found) / 4)


def test_padding_raises_the_crude_share_and_much_less_the_one_beside_what_is_expected() -> None:
    setting = replace(SMALL, providers=30, slow=0, padding=1, hiding=0, late=0, smallest=400, largest=400, padded=1.0)
    for seed in range(2):
        padded, plain = (Federation(seed, replace(setting, padded=share)) for share in (1.0, 0.0))
        name = next(each.name for each in padded.providers if each.behaviour == "padding")
        shares = [standing(first_of(one), name) for one in (padded, plain)]
        crude, beside = (shares[0][place] - shares[1][place] for place in (0, 1))
        assert crude > 0.1
        assert beside < 0.6 * crude


def first_of(one: Federation) -> Comparison:
    """The first release's comparison of cases resolved in time."""
    release = next(releases(one, UNRELIABLE))
    return next(each for each in release.comparisons if each.indicator == "resolved_in_time")


def standing(one: Comparison, name: str) -> tuple[float, float]:
    """The provider's share; and that less what is expected of its cases, were everybody as the median provider."""
    found = one.of(name)
    assert found is not None
    return found.numerator / found.n, (found.numerator - found.expected) / found.n
