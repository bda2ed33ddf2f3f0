"""How well a provider reports, over HTTP: score, discrepancies, and its own reports recomputed; who may ask."""

from collections import Counter
from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import pytest
import pytest_asyncio

from hub.oversight.reading import event_of
from hub.reporting.recomputing import source_root
from hub.storage.case_events import CaseEvents
from hub.web.appkeys import DATABASE, RECOMPUTING
from metrics.columns import Columns
from metrics.folding import fold
from metrics.samples import as_reported, guangzhou_like
from signing.compose import new_salt, timestamp
from signing.statement import parse_statement
from tests.hub.running import Hub, Running
from tests.hub.web.described import fits
from tests.hub.world import Actor, example

OFFICERS = [Actor("officer-1", "officer"), Actor("officer-2", "officer")]
ACME, BRIO = Actor("acme", "provider"), Actor("brio", "provider")
NEUTRAL = Actor("neutral-a", "neutral")
pytestmark = pytest.mark.asyncio(loop_scope="module")
PERIOD = "from=2025-01-01&to=2025-12-31"
DAY = 86_400
HIDDEN, TOLD = b"%PDF-1.7 an award that no event tells of", b"%PDF-1.7 an award that an event tells of"


PIECES: list[str] = []
"""Digests of acme's case-events statements, in log order."""


def case_of(number: int) -> str:
    return f"urn:odr:acme:0197b1a0-0000-7000-8000-00000000000{number}"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Hub]:
    """acme has reported 30 cases and one with a registered award, and registered another award; then 20 days passed."""
    async with Running(tmp_path_factory.mktemp("hub"), OFFICERS) as running:
        speaker = running.speaker
        for document in (speaker.member(ACME), speaker.accreditation(ACME), speaker.member(BRIO)):
            await running.registered(document)
        await running.registered(speaker.neutral(NEUTRAL, ACME))
        award = speaker.award(ACME, NEUTRAL, TOLD, case_id=case_of(1))
        for document in (award, speaker.award(ACME, NEUTRAL, HIDDEN, case_id=case_of(2))):
            await running.registered(document)
        now = running.clock()
        last = [
            {"case": "A" * 22, "sequence": 0, "type": "filed", "at": timestamp(now - 40 * DAY)},
            {"case": "A" * 22, "sequence": 1, "type": "award_issued", "at": timestamp(now - DAY), "default": False,
             "outcome": "claimant_full", "award_digest": parse_statement(award).digest},
        ]  # fmt: skip
        sample = sorted(guangzhou_like(1, 30, date(2025, 1, 1), "acme"), key=lambda event: event.at)
        events = [*(as_reported(event) for event in sample), *last]
        pieces = [speaker.case_events(ACME, events[start : start + 500]) for start in range(0, len(events), 500)]
        for piece in pieces:
            await running.registered(piece)
        PIECES[:] = [parse_statement(piece).digest for piece in pieces]
        running.clock.now += 20 * DAY
        await running.followed()
        yield running


async def test_an_award_that_no_event_tells_of_is_a_discrepancy(hub: Hub) -> None:
    status, answer = await hub.get("/v1/data-quality", ACME.http)
    assert status == 200, answer
    fits("/v1/data-quality", answer)
    by_code = Counter(one["code"] for one in answer["discrepancies"])
    assert by_code["award_not_reported"] == 1
    assert set(by_code) == {"award_not_reported", "award_unnamed"}, "awards of the sample are not named"
    assert answer["counts"]["discrepancies"] == {"award_not_reported": 1} | {"award_unnamed": by_code["award_unnamed"]}
    (hidden,) = [one for one in answer["discrepancies"] if one["code"] == "award_not_reported"]
    assert hidden["since"] == timestamp(hub.clock() - 20 * DAY)
    assert hidden["meaning"].endswith("the end of a case is missing.")
    counts = answer["counts"]
    assert (counts["cases"], counts["events"], counts["on_time"], counts["missing"]) == (1, 2, 1, 1)
    assert (counts["awards"], counts["disputed"]) == (2 + by_code["award_unnamed"], 1 + by_code["award_unnamed"])
    assert answer["parts"]["on_time"] == {"value": "0.3333", "weight": "0.2500"}
    assert 0 < float(answer["score"]) < 1


async def test_the_discrepancy_is_in_the_indicator_of_reporting(hub: Hub) -> None:
    _, quality = await hub.get(f"/v1/data-quality?{last_year(hub)}", ACME.http)
    status, answer = await hub.get(f"/v1/indicators?view=supervised&{last_year(hub)}", OFFICERS[0].http)
    assert status == 200, answer
    found = {
        one["part"]: one
        for one in answer["figures"]
        if (one["indicator"], one["subject"]) == ("reporting_quality", "acme")
    }
    assert found["on_time"]["counts"]["missing"] == quality["counts"]["missing"] == 1
    assert found["matching_register"]["counts"] == quality["counts"]["discrepancies"]
    assert found["matching_register"]["denominator"] == quality["counts"]["awards"]
    assert float(found["score"]["value"]) == pytest.approx(float(quality["score"]), abs=1e-4)


async def test_a_report_is_recomputed_from_what_was_known_then(hub: Hub) -> None:
    """What was told after ``recorded_until`` is not in it: of a case that was known, and of one that was not."""
    app: Any = hub.client.app
    then = hub.clock()
    before = await app[RECOMPUTING]._earlier.columns("acme", then)
    hub.clock.now += 60
    later = [
        {"case": "A" * 22, "sequence": 2, "type": "notified", "at": timestamp(then)},
        {"case": "B" * 22, "sequence": 0, "type": "filed", "at": timestamp(then)},
    ]
    document = hub.speaker.case_events(ACME, later)
    await hub.registered(document)
    PIECES.append(parse_statement(document).digest)
    await hub.followed()
    again = await app[RECOMPUTING]._earlier.columns("acme", then)
    now = await app[RECOMPUTING]._earlier.columns("acme", hub.clock())
    stored = await CaseEvents(app[DATABASE]).of_cases({("acme", case) for case in {*_cases(now)}})
    for columns, until in ((before, then), (again, then), (now, hub.clock())):
        folded = fold([event_of(one) for one in stored], until)
        assert sorted(_cases(columns)) == sorted(one.case for one in folded)
        assert columns.events.sum() == sum(one.events for one in folded)
        assert (columns.award_notified >= 0).sum() == sum(
            one.award is not None and one.award.notified_at is not None for one in folded
        )
    assert (len(now), len(again)) == (len(before) + 1, len(before))


def _cases(columns: Columns) -> list[str]:
    return [columns.names[code] for code in columns.case.tolist()]


def last_year(hub: Hub) -> str:
    last = hub.clock() - DAY
    return f"from={timestamp(last - 364 * DAY)[:10]}&to={timestamp(last)[:10]}"


async def test_officers_ask_about_anybody_and_providers_about_themselves(hub: Hub) -> None:
    officer = OFFICERS[0].http
    _, own = await hub.get(f"/v1/data-quality?{PERIOD}", ACME.http)
    assert await hub.get(f"/v1/data-quality?provider=acme&{PERIOD}", officer) == (200, own)
    status, nobody = await hub.get(f"/v1/data-quality?provider=brio&{PERIOD}", officer)
    assert (status, nobody["score"], nobody["discrepancies"]) == (200, None, [])
    source = f"/v1/quality-reports/source?until={timestamp(hub.clock())}"
    for path in ("/v1/data-quality?provider=acme", "/v1/quality-reports?provider=acme", f"{source}&provider=acme"):
        status, problem = await hub.get(path, BRIO.http)
        assert (status, problem["code"]) == (403, "not_for_you")
        status, problem = await hub.get(path)
        assert (status, problem["code"]) == (401, "signature_needed")
    for path in ("/v1/data-quality", "/v1/quality-reports", source):
        status, problem = await hub.get(path, officer)
        assert (status, problem["code"]) == (404, "not_found"), "an officer reports nothing"


@pytest.mark.parametrize(("query", "where"), [("from=2025-01-01", "to"), ("from=2025-01-01&to=2099-01-01", "to")])
async def test_a_period_that_is_none_is_refused(hub: Hub, query: str, where: str) -> None:
    status, problem = await hub.get(f"/v1/data-quality?{query}", ACME.http)
    assert (status, problem["code"], problem["where"]) == (400, "bad_parameter", where)


async def test_a_report_is_recomputed_and_the_difference_shown(hub: Hub) -> None:
    status, answer = await hub.get(f"/v1/indicators?view=own&{PERIOD}", ACME.http)
    assert status == 200
    mine = {
        (one["indicator"], one["part"]): one
        for one in answer["figures"]
        if one["subject"] == "acme" and one["status"] == "value"
    }
    chosen = [mine["incoming", ""], mine["resolved", ""], mine["time_to_resolution", "median"]]
    first = await report(hub, [metric(one) for one in chosen], PIECES)
    found = await recomputed(hub, first)
    assert (found["stands"], found["source"]["same"]) == (True, True)
    assert [one["status"] for one in found["figures"][:3]] == ["same"] * 3
    left_out = [one for one in found["figures"] if one["status"] == "not_stated"]
    assert len(left_out) == len(mine) - 3
    assert all(one["stated"] is None and one["computed"]["value"] for one in left_out)

    padded = metric(mine["incoming", ""]) | {"value": str(int(mine["incoming", ""]["value"]) + 7)}
    second = await report(hub, [padded], PIECES[:0], corrects=first)
    found = await recomputed(hub, second)
    assert (found["figures"][0]["status"], found["figures"][0]["difference"]) == ("differs", "7.0")
    assert found["source"] == {
        "same": False,
        "statements": len(PIECES),
        "root": source_root(PIECES),
    }
    assert (await recomputed(hub, first))["stands"] is False
    status, listed = await hub.get("/v1/quality-reports", ACME.http)
    fits("/v1/quality-reports", listed)
    assert [one["digest"] for one in listed["reports"]] == [second]

    for key, expected in ((BRIO.http, 404), (None, 401)):
        assert (await hub.get(f"/v1/quality-reports/{first}", key))[0] == expected
    for odd in ("x", "acme", first.upper()):
        status, problem = await hub.get(f"/v1/quality-reports/{odd}", ACME.http)
        assert (status, problem["code"], problem["where"]) == (400, "bad_parameter", "digest"), odd
    status, problem = await hub.get(f"/v1/quality-reports/{PIECES[0]}", ACME.http)
    assert (status, problem["code"]) == (404, "not_found"), "it is no report"


async def test_a_report_on_days_before_1970_is_held_against_none_of_them(hub: Hub) -> None:
    none = [{"id": "incoming", "version": 1, "value": "0", "missing": 0}]
    for first, last in (("1969-12-01", "1970-01-31"), ("1960-01-01", "1960-12-31")):
        found = await recomputed(hub, await report(hub, none, PIECES, period={"from": first, "to": last}))
        assert (found["figures"][0]["computed"]["status"], found["figures"][0]["computed"]["n"]) == ("too_few", 0)


async def test_the_statements_that_a_report_counts_are_named(hub: Hub) -> None:
    now, place = hub.clock(), "/v1/quality-reports/source"
    status, answer = await hub.get(f"{place}?until={timestamp(now)}", ACME.http)
    assert status == 200, answer
    fits(place, answer)
    assert answer["statements"] == PIECES
    assert (await hub.get(f"{place}?until={timestamp(now - 60)}", ACME.http))[1]["statements"] == PIECES[:-1]
    for wrong in ("", "?until=", "?until=yesterday", "?until=2026-01-31"):
        status, problem = await hub.get(place + wrong, ACME.http)
        assert (status, problem["code"], problem["where"]) == (400, "bad_parameter", "until"), wrong


async def test_what_is_recomputed_is_what_officers_see(hub: Hub) -> None:
    """Every figure, also those that rest on rates, neutrals and discrepancies, which no event tells."""
    body = example("reference", "valid-rates")["body"]
    await hub.registered(hub.speaker.compose("reference", "coordinator", body, hub.speaker.officer(2)))
    money = {"fee": {"amount": "80", "currency": "EUR"}, "claim": {"amount": "1000", "currency": "USD"}}
    filed = {"sequence": 0, "type": "filed", "at": timestamp(hub.clock() - 3 * DAY), "language": "en", **money}
    document = hub.speaker.case_events(ACME, [filed | {"case": letter * 22} for letter in "CDEFGH"])
    await hub.registered(document)
    PIECES.append(parse_statement(document).digest)
    await hub.followed()

    period = last_year(hub)
    status, answer = await hub.get(f"/v1/indicators?view=supervised&{period}", OFFICERS[0].http)
    assert status == 200, answer
    seen = {(one["indicator"], one["part"]): one for one in answer["figures"] if one["subject"] == "acme"}
    days = dict(one.split("=") for one in period.split("&"))
    stated = [metric(one) for one in seen.values() if one["status"] == "value"]
    found = await recomputed(hub, await report(hub, stated, PIECES, period=days))
    assert {one["status"] for one in found["figures"]} == {"same"}
    assert len(found["figures"]) == len(stated)
    for one in found["figures"]:
        assert without_freeze(one["computed"]) == without_freeze(seen[one["indicator"], one["part"]])
    assert float(seen["fee_burden", "median"]["value"]) == pytest.approx(0.1), "80 EUR are 100 USD"
    assert seen["language_coverage", "offered"]["status"] == "value"
    assert seen["reporting_quality", "matching_register"]["counts"]["award_not_reported"] == 1


def without_freeze(figure: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in figure.items() if name != "freeze"}


def metric(one: dict[str, Any]) -> dict[str, Any]:
    told = {"id": one["indicator"], "version": one["version"], "value": one["value"], "missing": 0}
    counts = {name: one[name] for name in ("numerator", "denominator") if name in one}
    return told | counts | ({"part": one["part"]} if one["part"] else {})


async def report(hub: Hub, metrics: list[dict[str, Any]], pieces: list[str], **more: Any) -> str:
    body = {
        "period": {"from": "2025-01-01", "to": "2025-12-31"},
        "source": {
            "recorded_until": timestamp(hub.clock()), "statements": len(pieces), "root": source_root(pieces),
        },
        "metrics": metrics,
        "systemic_problems": [],
        **more,
    }  # fmt: skip
    document = hub.speaker.compose("quality-report", "acme", body, [(ACME.statement, "provider")], salt=new_salt())
    await hub.registered(document)
    return parse_statement(document).digest


async def recomputed(hub: Hub, digest: str) -> dict[str, Any]:
    status, answer = await hub.get(f"/v1/quality-reports/{digest}", OFFICERS[0].http)
    assert status == 200, answer
    fits("/v1/quality-reports/{digest}", answer)
    return dict(answer)
