"""Figures over HTTP: what anybody, a provider and an officer see."""

import re
from collections.abc import AsyncIterator
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from hub.officers.figures import figure_lines
from metrics.definitions import COMPARISONS, DIRECTIONS, INTERVALS, PARTS, STRATA, VIEWS, Definition
from metrics.figures import UNITS
from metrics.pairing import DIFFERENCES
from metrics.samples import as_reported, guangzhou_like
from tests.hub.running import Hub, Running
from tests.hub.web.described import SPEC, fits
from tests.hub.world import Actor

OFFICERS = [Actor("officer-1", "officer"), Actor("officer-2", "officer")]
PROVIDER, OTHER = Actor("acme", "provider"), Actor("brio", "provider")
pytestmark = pytest.mark.asyncio(loop_scope="module")
PERIOD = "from=2025-01-01&to=2025-12-31"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Hub]:
    """A hub to which acme has reported 169 cases and brio two."""
    async with Running(tmp_path_factory.mktemp("hub"), OFFICERS) as running:
        for one in (PROVIDER, OTHER):
            await running.registered(running.speaker.member(one))
        for one, count in ((PROVIDER, 169), (OTHER, 2)):
            happened = sorted(guangzhou_like(1, count, date(2025, 1, 1), one.id), key=lambda event: event.at)
            await running.report(one, [as_reported(event) for event in happened])
        yield running


def of(answer: dict[str, Any], indicator: str, subject: str = "federation", part: str = "") -> dict[str, Any]:
    (found,) = [
        one
        for one in answer["figures"]
        if (one["indicator"], one["subject"], one["part"]) == (indicator, subject, part)
    ]
    return dict(found)


async def test_anybody_sees_the_federation_alone(hub: Hub) -> None:
    status, answer = await hub.get(f"/v1/indicators?{PERIOD}")
    assert status == 200
    assert {one["subject"] for one in answer["figures"]} == {"federation"}
    assert of(answer, "incoming")["value"] == "171"
    assert [one["number"] for one in answer["definitions"]] == list(range(1, 36))
    shown = {one["indicator"] for one in answer["figures"]}
    assert {one["id"] for one in answer["definitions"]} - shown == {"case_turnover", "time_to_award"}
    assert "defects" not in answer
    assert all("counts" not in one for one in answer["figures"])


async def test_answers_are_as_described_and_the_fixed_values_are_those_of_the_catalogue(hub: Hub) -> None:
    for query, key in (("", None), ("view=own&", PROVIDER.http), ("view=supervised&", OFFICERS[0].http)):
        status, answer = await hub.get(f"/v1/indicators?{query}{PERIOD}", *([key] if key else []))
        assert status == 200
        fits("/v1/indicators", answer)
    described = SPEC["components"]["schemas"]["IndicatorDefinition"]
    assert set(described["required"]) == {one.name for one in fields(Definition)} == set(described["properties"])
    assert set(described["properties"]["strata"]["items"]["enum"]) == set(STRATA)
    lists = {
        "interval": INTERVALS, "direction": DIRECTIONS, "unit": UNITS, "view": VIEWS, "parts": PARTS,
        "comparison": COMPARISONS,
    }  # fmt: skip
    for name, known in lists.items():
        assert set(described["properties"][name]["enum"]) == set(known), name


async def test_few_cases_are_withheld_from_anybody_and_shown_to_officers(hub: Hub) -> None:
    week = "from=2025-01-01&to=2025-01-07"
    _, public = await hub.get(f"/v1/indicators?{week}")
    _, inner = await hub.get(f"/v1/indicators?view=supervised&{week}", OFFICERS[0].http)
    assert 0 < int(of(inner, "incoming")["value"]) < 10
    withheld = of(public, "incoming")
    assert withheld["status"] == "too_few"
    assert not withheld.keys() & {"value", "n", "numerator", "denominator", "interval", "counts"}


async def test_a_provider_sees_its_own_figures_and_no_other_s(hub: Hub) -> None:
    status, answer = await hub.get(f"/v1/indicators?view=own&{PERIOD}", PROVIDER.http)
    assert status == 200
    assert {one["subject"] for one in answer["figures"]} == {"federation", "acme"}
    assert of(answer, "incoming", "acme")["value"] == "169"
    assert "counts" in of(answer, "resolved", "acme")
    assert "counts" not in of(answer, "resolved")


async def test_officers_see_every_provider_small_or_not(hub: Hub) -> None:
    status, answer = await hub.get(f"/v1/indicators?view=supervised&{PERIOD}", OFFICERS[0].http)
    assert status == 200
    assert {one["subject"] for one in answer["figures"]} == {"federation", "acme", "brio"}
    small = of(answer, "incoming", "brio")
    assert (small["value"], small["small"]) == ("2", True)
    assert answer["unlinked"] == 0
    assert answer["defects"] == answer["disagreements"] == {}
    assert of(answer, "case_turnover", "acme")["status"] == "too_few"


@pytest.mark.parametrize(
    ("view", "key", "status", "code"),
    [
        ("supervised", None, 401, "signature_needed"),
        ("supervised", PROVIDER.http, 403, "not_for_you"),
        ("own", None, 401, "signature_needed"),
        ("everything", None, 400, "bad_parameter"),
    ],
)
async def test_other_views_are_refused(hub: Hub, view: str, key: Any, status: int, code: str) -> None:
    found, problem = await hub.get(f"/v1/indicators?view={view}", key)
    assert (found, problem["code"]) == (status, code)


@pytest.mark.parametrize(
    ("query", "where"),
    [
        ("from=2025-01-01", "to"),
        ("from=yesterday&to=2025-01-02", "from"),
        ("from=2025-02-01&to=2025-01-01", "from"),
        ("from=2025-01-01&to=2199-01-01", "to"),
        ("from=1969-12-31&to=2025-12-31", "from"),
        ("from=0001-01-01&to=2025-12-31", "from"),
    ],
)
async def test_a_period_is_whole_days_that_are_over(hub: Hub, query: str, where: str) -> None:
    status, problem = await hub.get(f"/v1/indicators?{query}")
    assert (status, problem["code"], problem["where"]) == (400, "bad_parameter", where)


async def test_the_same_events_are_not_computed_twice(hub: Hub) -> None:
    app = hub.client.app
    assert app is not None
    from hub.web.appkeys import OVERSIGHT

    await hub.get(f"/v1/indicators?{PERIOD}")
    kept = len(app[OVERSIGHT]._kept)
    await hub.get(f"/v1/indicators?view=own&{PERIOD}", PROVIDER.http)
    assert len(app[OVERSIGHT]._kept) == kept


async def test_the_page_says_what_it_shows_and_why_not(hub: Hub) -> None:
    status, page = await hub.get(f"/oversight?{PERIOD}")
    text = re.sub(r"\s+", " ", page.decode())
    assert status == 200
    assert "How many cases came to the provider?" in text
    assert ">171 cases<" in text
    assert "too few" in text
    assert "acme" not in text
    assert text.count("<table") == text.count("<caption") == 35  # the public indicators, and the values of two charts
    assert 'aria-labelledby="chart-time-wide-title"' in text
    assert 'aria-labelledby="chart-outcomes-narrow-title"' in text


async def test_officers_see_that_records_of_a_transfer_disagree(tmp_path: Path) -> None:
    """Both providers hand a case over to somebody outside, and name the same placeholder."""
    sent = [
        {"case": "A" * 22, "sequence": 0, "type": "filed", "at": "2025-02-01T09:00:00Z"},
        {"case": "A" * 22, "sequence": 1, "type": "transfer_out", "at": "2025-02-02T09:00:00Z",
         "transfer_id": "urn:odr:acme:0197b1a0-0000-7000-8000-000000000000"},
    ]  # fmt: skip
    async with Running(tmp_path, OFFICERS) as running:
        for name in ("acme", "brio"):
            actor = Actor(name, "provider")
            await running.registered(running.speaker.member(actor))
            await running.report(actor, sent)
        status, answer = await running.get(f"/v1/indicators?view=supervised&{PERIOD}", OFFICERS[0].http)
        _, public = await running.get(f"/v1/indicators?{PERIOD}")
    assert status == 200, answer
    fits("/v1/indicators", answer)
    assert answer["disagreements"] == {"repeated": 1}
    assert of(answer, "incoming")["value"] == "2"
    assert not {"disagreements", "unlinked"} & public.keys()
    head, *told = figure_lines(answer, "acme")
    assert head == "From 4 reported events; 0 received cases whose sender is unknown."
    assert told[:2] == ["Transfers whose two records disagree:", f"  1 x {DIFFERENCES['repeated']}"]


async def test_without_events_the_page_says_so(tmp_path: Path) -> None:
    async with Running(tmp_path, OFFICERS) as empty:
        status, page = await empty.get("/oversight")
    assert status == 200
    assert "No provider has reported any case event yet" in page.decode()
