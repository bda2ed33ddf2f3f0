"""A case between two providers: a real hub, a real witness, two real gateways."""

import asyncio
import json
import re
import shlex
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from hub.cli import main as hub_main
from providers.cli import main
from providers.gateway.keystore import save_keys
from tests.fakes.exchangehouse import PASSPHRASE, House, Platform, house
from tests.providers.gateway.exchange.house import ACCEPT, FILES, sample_case, terms

A, B = "provider-a", "provider-b"
CANARY = "Zanzibar-canary-7f3c"


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(tmp_path_factory.mktemp("exchange"), A, B, log_level="debug") as one:
        yield one


@pytest.fixture
def ours(here: House) -> Platform:
    return here.platforms[A]


@pytest.fixture
def theirs(here: House) -> Platform:
    return here.platforms[B]


async def offered(ours: Platform, files: dict[str, bytes] | None = None, **changes: Any) -> str:
    case, documents = sample_case(int(time.time()), files=files)
    case["claims"][0]["facts"] += f" {CANARY}"
    case_id = await ours.add_case(case, documents)
    said = terms() | {"claim_summary": f"Cracked lamps. {CANARY}"} | changes
    return str((await ours.ask("POST", f"/cases/{case_id}/offers", json=said))["transfer_id"])


async def briefed(theirs: Platform, transfer: str) -> dict[str, Any]:
    return await theirs.until(transfer, "offered", to_act="you")


async def accepted(theirs: Platform, transfer: str) -> None:
    await briefed(theirs, transfer)
    await theirs.ask("POST", f"/transfers/{transfer}/accept", json=ACCEPT)


async def test_a_case_changes_hands_and_the_hub_never_saw_it(here: House, ours: Platform, theirs: Platform) -> None:
    transfer = await offered(ours, {**FILES, "letter.txt": CANARY.encode() * 1000})
    assert CANARY in (await briefed(theirs, transfer))["brief"]["claim_summary"]
    await accepted(theirs, transfer)
    got = await theirs.until(transfer, "completed", finished=True)
    gave = await ours.until(transfer, "completed", finished=True)
    kinds = [one.get("event", one["kind"]) for one in got["statements"]]
    assert kinds == [
        "transfer-offer", "transfer-answer", "transfer-dispatch", "delivery", "retrieval", "transfer-completion"
    ]  # fmt: skip
    assert [one["digest"] for one in gave["statements"]] == [one["digest"] for one in got["statements"]]
    case = await theirs.ask("GET", f"/cases/{got['case_id']}")
    assert (case["state"], case["case"]["custodian"]) == ("held", B)
    assert CANARY in case["case"]["claims"][0]["facts"]
    assert (await ours.ask("GET", f"/cases/{got['case_id']}"))["state"] == "moved"
    assert b" DEBUG " in here.hub.log.read_bytes()
    logs = [one.process.log for one in here.platforms.values()]
    _nowhere(here.hub_data, here.hub.log, here.directory / "witness", here.witness.log, *logs)
    assert CANARY not in await _metrics(here)


def _nowhere(*places: Path) -> None:
    for place in places:
        for path in [place] if place.is_file() else place.rglob("*"):
            if path.is_file():
                assert CANARY.encode() not in path.read_bytes(), path


async def _metrics(here: House) -> str:
    async with aiohttp.ClientSession() as session, session.get(f"{here.url}/metrics") as response:
        return await response.text()


async def test_a_declined_offer(ours: Platform, theirs: Platform) -> None:
    transfer = await offered(ours)
    await briefed(theirs, transfer)
    await theirs.ask("POST", f"/transfers/{transfer}/decline", json={"reason": "language"})
    for one in (ours, theirs):
        assert (await one.until(transfer, "declined", finished=True))["to_act"] == "nobody"


async def test_a_withdrawn_offer(ours: Platform, theirs: Platform) -> None:
    transfer = await offered(ours)
    await briefed(theirs, transfer)
    await ours.ask("POST", f"/transfers/{transfer}/withdraw", json={"reason": "settled"})
    for one in (ours, theirs):
        await one.until(transfer, "withdrawn", finished=True)


async def test_an_offer_expires_and_everybody_hears_of_it(ours: Platform, theirs: Platform) -> None:
    from signing.compose import timestamp

    transfer = await offered(ours, expires_at=timestamp(int(time.time()) + 4))
    await briefed(theirs, transfer)
    for one in (ours, theirs):
        found = await one.until(transfer, "expired", finished=True)
        assert found["statements"][-1]["event"] == "offer_expired"
        assert found["statements"][-1]["issuer"] == "hub"
    again = await ours.ask("POST", f"/cases/{found['case_id']}/offers", json=terms())
    await ours.ask("POST", f"/transfers/{again['transfer_id']}/withdraw", json={"reason": "other"}, status=202)


async def test_parties_are_asked_and_the_case_s_first_event_names_their_slots(
    here: House, ours: Platform, capsys: pytest.CaptureFixture[str]
) -> None:
    """By the commands of the how-to on the provider's side, and as a browser does it on the parties'."""
    page = Path("docs/how-to/ask-parties-for-feedback.md").read_text("utf-8")
    slots, links, relay, counts = re.findall(r"^odr-gateway (feedback .*)$", page, re.MULTILINE)

    async def said(command: str, code: int = 0) -> str:
        words = shlex.split(command.replace("--dir gateway", f"--dir {ours.directory}"))
        assert await asyncio.to_thread(main, words) == code
        told = capsys.readouterr()
        return told.err if code else told.out

    told = await said(slots)
    urls = re.findall(r"^    (\S+)$", told, re.MULTILINE)
    assert [one.partition("#")[0] for one in urls] == [f"{here.url}/feedback?lang={tag}" for tag in ("es", "fr")]
    name = slots.split()[2]
    assert told.startswith(f"Slots of case {name}:\n  claimant (es), until ")
    assert urls == re.findall(r"^    (\S+)$", await said(links), re.MULTILINE)
    await reported(ours, {"case": name, "sequence": 0, "type": "commenced", "at": "2026-01-04T08:00:00Z"})
    body = {"outcome_side": "won", "scores": {"overall": 5}}
    headers = {"Authorization": f"Feedback {urls[0].partition('#')[2]}"}
    async with aiohttp.ClientSession(headers=headers) as browser:
        for status in (201, 200):
            async with browser.post(f"{here.url}/v1/feedback/answers", json=body) as answer:
                assert answer.status == status
    for _ in range(2):  # the second time it is registered already
        assert await said(relay) == "The answer of the respondent is in, labelled as relayed by you.\n"
    assert "code feedback_token_used" in await said(relay.replace("overall=2", "overall=5"), code=1)
    assert "QUESTION=1..5" in await said(relay.replace("overall=2", "overall"), code=1)
    assert "code question_twice" in await said(relay.replace("overall=2", "overall=2 --score overall=5"), code=1)
    assert (await said(counts)).startswith("2 slots were issued.\n  No month in which 5 slots or more ran out")
    assert json.loads(await said(f"{counts} --json"))["view"] == "own"
    assert here.speaker is not None
    key, secret = here.directory / "officer.http.key.json", here.directory / "officer.txt"
    secret.write_text(PASSPHRASE)
    save_keys({key: here.speaker.officers[0].http}, PASSPHRASE)
    options = ["--hub", here.url, "--key", str(key), "--passphrase-file", str(secret)]
    assert await asyncio.to_thread(hub_main, ["officer", "feedback", A, *options]) == 0
    printed = capsys.readouterr().out
    assert "  0 stand in no case event; case events name 0 unknown ones.\n" in printed
    assert "  claimant, overall: 1:0 2:0 3:0 4:0 5:1 (of 1)\n" in printed


async def test_case_events_are_registered(ours: Platform) -> None:
    event = {"case": "another-case-of-provider-a", "sequence": 0, "type": "commenced", "at": "2026-01-04T08:00:00Z"}
    await reported(ours, event)


async def reported(ours: Platform, event: dict[str, Any]) -> None:
    """Report an event, and wait until the feed tells that it is registered."""
    (report,) = (await ours.ask("POST", "/events", json={"events": [event]}))["reports"]
    after = 0
    while True:
        feed = await ours.ask("GET", f"/feed?after={after}&wait=20")
        if report["digest"] in [one["data"].get("digest") for one in feed["events"]]:
            break
        after = feed["next"]
