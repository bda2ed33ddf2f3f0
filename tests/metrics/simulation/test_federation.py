import numpy as np
import pytest

from metrics.events import DAY_SECONDS
from metrics.folding import fold
from metrics.simulation.draws import PROCEDURES, draw
from metrics.simulation.federation import Federation
from metrics.simulation.roster import INDICATORS
from metrics.simulation.setting import Behaviour
from tests.metrics.simulation.small import SMALL, federation


def place(one: Federation, behaviour: Behaviour) -> int:
    return next(number for number, each in enumerate(one.providers) if each.behaviour == behaviour)


def test_the_seed_decides_and_quarters_do_not_depend_on_each_other() -> None:
    assert federation(seed=3).quarter(2) == federation(seed=3).quarter(2)
    assert federation(seed=3).quarter(2) != federation(seed=4).quarter(2)
    one = federation(seed=3)
    late, early = one.quarter(1), one.quarter(0)
    assert (early, late) == (federation(seed=3).quarter(0), federation(seed=3).quarter(1))


def test_what_is_planted_is_what_slow_and_padding_providers_are_worse_in() -> None:
    truth = federation().truth
    worse = {name for name, behaviour in truth.behaviours.items() if behaviour in {"slow", "padding"}}
    assert truth.outliers == {
        (name, indicator) for name in worse for indicator in ("deadline_compliance", "resolved_in_time")
    }
    for one in federation().providers:
        effects = dict(zip(INDICATORS, one.effects, strict=True))
        assert (effects["resolved_in_time"] == -SMALL.outlier * SMALL.tau) == (one.name in worse)


def test_events_of_those_who_report_all_make_facts_without_a_defect() -> None:
    one = federation()
    quarter = one.quarter(0)
    end = max(event.recorded_at for event in quarter.events)
    facts = fold(quarter.events, end)
    assert {fact.provider for fact in facts} == {each.name for each in one.providers}
    assert [defect for fact in facts for defect in fact.defects] == []
    hiding = one.providers[place(one, "hiding")].name
    assert all(fact.closed_at is not None for fact in facts if fact.provider != hiding)
    assert all(quarter.period.start <= (fact.filed or 0) < quarter.period.end for fact in facts)


def test_who_hides_tells_of_no_lost_case_how_it_ended_and_its_awards_are_registered() -> None:
    one = federation()
    told = one.told(place(one, "hiding"), 0)
    reported = {event.award_digest for event in told.events if event.award_digest}
    registered = {award.digest for award in told.awards}
    assert told.hidden
    assert told.hidden == registered - reported
    assert reported < registered
    assert {event.outcome for event in told.events if event.type == "award_issued"} == {"claimant_full"}
    honest = one.told(place(one, "honest"), 0)
    assert honest.hidden == frozenset()
    assert {event.award_digest for event in honest.events if event.award_digest} == {
        award.digest for award in honest.awards
    }


def test_who_is_late_is_late_with_most_events_and_the_others_within_two_days() -> None:
    one = federation()
    for behaviour, share in (("late", 0.8), ("honest", 0.0), ("slow", 0.0)):
        told = one.told(place(one, behaviour), 0)  # type: ignore[arg-type]
        lags = np.array([event.recorded_at - event.at for event in told.events])
        assert np.mean(lags > 2 * DAY_SECONDS) == pytest.approx(share, abs=0.06)
        assert lags.min() >= 60


def test_padding_adds_easy_cases_that_settle() -> None:
    one = federation()
    number = place(one, "padding")
    draws = one.drawn(number, 0)
    own = len(draws.filed) * 2 // 3
    easy = slice(own + 1, None)
    assert set(draws.band[easy].tolist()) == {0}
    assert {PROCEDURES[code] for code in draws.procedure[easy].tolist()} == {"expedited"}
    assert np.mean(draws.length[easy] <= 90) > np.mean(draws.length[:own] <= 90) + 0.2


def test_shares_fall_with_the_claim_and_with_the_effect() -> None:
    one = federation(smallest=30_000, largest=30_000)
    honest, slow = (one.drawn(place(one, name), 0) for name in ("honest", "slow"))
    for draws in (honest, slow):
        small, large = (np.mean(draws.length[draws.band == band] <= 90) for band in (0, 4))
        assert small > large + 0.2
    assert np.mean(honest.length <= 90) > np.mean(slow.length <= 90) + 0.1
    assert np.mean(honest.kept) > np.mean(slow.kept) + 0.1


def test_a_quarter_has_about_as_many_cases_as_the_provider_takes() -> None:
    one = federation()
    provider = one.providers[place(one, "honest")]
    sizes = [len(draw(np.random.default_rng(seed), provider, SMALL.quarters[0], SMALL).filed) for seed in range(100)]
    assert np.mean(sizes) == pytest.approx(provider.cases, rel=0.05)
