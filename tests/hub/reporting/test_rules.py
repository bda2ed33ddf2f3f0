"""Quality reports: each provider for itself, of a period that is over, once unless it corrects itself."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hub.reporting import spaces
from hub.reporting.errors import REFUSALS
from hub.reporting.rules import MOST_DAYS
from hub.rulebook import RULEBOOK
from providers.gateway import qualityreports
from registry.state import Loaded
from signing.compose import timestamp
from signing.statement import Statement
from tests.hub.exchange.network import ExchangeNetwork, exchange
from tests.registry.network import DAY, HUB


def day(net: ExchangeNetwork, back: int) -> str:
    """The date so many days before the network's now."""
    return (datetime.fromtimestamp(net.now, UTC).date() - timedelta(days=back)).isoformat()


def report(net: ExchangeNetwork, first: int = 91, last: int = 2, issuer: str = "acme", **more: Any) -> Statement:
    until, signed = more.pop("until", net.now), {name: more.pop(name) for name in ("signers",) if name in more}
    body = {
        "period": {"from": day(net, first), "to": day(net, last)},
        "source": {"recorded_until": timestamp(until), "statements": 0, "root": "0" * 64},
        "metrics": [{"id": "incoming", "version": 1, "value": "3", "missing": 0}],
        "systemic_problems": [],
        **more,
    }
    return net.confidential("quality-report", issuer, body, **signed)


def refuses(net: ExchangeNetwork, statement: Statement, code: str, where: str) -> None:
    net.refuses(statement, code, where, REFUSALS)


def standing(net: ExchangeNetwork, issuer: str = "acme") -> Any:
    return net.state.get(spaces.reports(issuer))


def test_a_report_stands_for_its_period_and_another_provider_s_beside_it() -> None:
    net = exchange()
    first = report(net)
    net.submit(first)
    assert standing(net) == {
        f"{day(net, 91)}/{day(net, 2)}": {"digest": first.digest, "index": net.index - 1, "time": net.now}
    }
    net.submit(report(net, issuer="brio"))
    net.submit(report(net, first=182, last=92))
    assert len(standing(net)) == 2
    assert len(standing(net, "brio")) == 1


def test_the_effect_holds_no_figure() -> None:
    net = exchange()
    net.submit(report(net))
    effect = net.effects[-1][-1]
    assert (effect.type, effect.version) == ("quality-report.recorded", 1)
    assert set(effect.data) == {"provider", "period", "digest", "corrects", "index", "time"}


def test_a_correction_names_the_report_that_stands() -> None:
    net = exchange()
    first = report(net)
    net.submit(first)
    refuses(net, report(net, training_hours=3), "report_stands", "/body/corrects")
    refuses(net, report(net, corrects="0" * 64), "report_unknown", "/body/corrects")
    second = report(net, corrects=first.digest)
    net.submit(second)
    assert [one["digest"] for one in standing(net).values()] == [second.digest]
    refuses(net, report(net, corrects=first.digest, training_hours=3), "report_unknown", "/body/corrects")


def test_nothing_is_corrected_that_was_never_reported() -> None:
    net = exchange()
    refuses(net, report(net, corrects="0" * 64), "report_unknown", "/body/corrects")


@pytest.mark.parametrize(("first", "last"), [(2, 3), (5, 0), (5, -1), (367, 1)])
def test_the_period_is_whole_days_that_are_over(first: int, last: int) -> None:
    net = exchange()
    refuses(net, report(net, first, last), "report_period", "/body/period")


def test_a_day_that_no_calendar_has_is_no_day() -> None:
    net = exchange()
    period = {"from": "2026-02-31", "to": day(net, 2)}
    refuses(net, report(net, period=period), "report_period", "/body/period/from")


def test_a_year_and_a_single_day_may_be_reported_on() -> None:
    net = exchange()
    net.submit(report(net, 366, 1))
    net.submit(report(net, 1, 1))


@pytest.mark.parametrize("ahead", [301, -2 * DAY])
def test_events_are_counted_until_after_the_period_and_not_into_the_future(ahead: int) -> None:
    net = exchange()
    refuses(net, report(net, last=1, until=net.now + ahead), "report_source", "/body/source/recorded_until")


def test_only_providers_report() -> None:
    net = exchange()
    refuses(net, report(net, issuer=HUB), "issuer_not_provider", "/issuer")


def test_what_the_rule_reads_is_foreseen() -> None:
    net = exchange()
    statement = report(net)
    loaded = Loaded({key: net.state.get(key) for key in RULEBOOK.needs(statement)})
    assert RULEBOOK.decide(statement, loaded, net.at()) == RULEBOOK.decide(statement, net.state, net.at())


def test_a_gateway_makes_no_file_for_a_period_that_is_refused_here() -> None:
    assert qualityreports.MOST_DAYS == MOST_DAYS
