"""What a provider's people do about oversight, typed at real gateways' commands against one running hub."""

import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import pytest_asyncio

from signing.compose import timestamp
from tests.fakes.exchangehouse import free_port
from tests.fakes.provideroffice import Desk, Offices, offices
from tests.hub.world import Actor

pytestmark = pytest.mark.asyncio(loop_scope="module")
ASKED, OTHER, LATE = "provider-01", "provider-02", "provider-04"
DAY = 86_400


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def here(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Offices]:
    with pytest.MonkeyPatch.context() as patch:  # stretching a passphrase takes long on purpose
        patch.setattr("signing.keyfile._stretch", lambda secret, salt: (secret.encode() + salt).ljust(32)[:32])
        async with offices(tmp_path_factory.mktemp("offices"), late=LATE) as opened:
            yield opened


@pytest.fixture
def at(here: Offices, capsys: pytest.CaptureFixture[str]) -> Callable[[str], Desk]:
    """The desk of the provider of this name."""

    def at(name: str) -> Desk:
        desk = here.desks[name]
        desk.output = lambda: "".join(capsys.readouterr())
        return desk

    return at


async def test_an_enquiry_is_read_and_commented_once(here: Offices, at: Callable[[str], Desk]) -> None:
    desk = at(ASKED)
    assert await desk.types("enquiries", "list") == "Nobody has asked you anything.\n"
    sent = await here.ask(ASKED, "Why so few?\n\x1b[31mTell us.")
    period = f"{here.days[1]} to {here.days[3]}"
    listed = [
        f"{sent.id}  resolved_in_time, {period}",
        f"  asked {timestamp(sent.asked_at)[:10]}, comment until {timestamp(sent.due)[:10]}",
        "  | Why so few?",
        "  | \\u{1b}[31mTell us.",
    ]
    assert (await desk.types("enquiries", "list")).splitlines() == [*listed, "  You have not commented."]
    waits = await desk.types("notices")
    assert waits.startswith(f"{timestamp(sent.due)}  30 days   Officers have asked {ASKED} about its figures")
    assert f"(enquiry {sent.id}); {timestamp(sent.due - 1)[:10]} is the last day to comment." in waits
    assert "code bad_enquiry; to act: sender" in await desk.types("enquiries", "comment", sent.id, " ", code=1)
    said = "Two of three case managers left."
    for _ in range(2):  # an answer that was lost is sent again
        assert "Your comment is in." in await desk.types("enquiries", "comment", sent.id, said)
    told = await desk.types("enquiries", "comment", sent.id, "Or otherwise.", code=1)
    assert "a comment stays as it is" in told
    assert "code enquiry_commented; to act: sender" in told
    assert (await desk.types("enquiries", "list")).splitlines() == [*listed, f"  You said: {said}"]
    (found,) = json.loads(await desk.types("enquiries", "list", "--json"))
    assert (found["comment"], found["provider"], found["asked_at"]) == (said, ASKED, timestamp(sent.asked_at))
    assert "asked_by" not in found
    assert await desk.types("notices") == "Nothing ends within 90 days.\n"


async def test_somebody_elses_enquiry_and_one_that_is_over_are_refused(
    here: Offices, at: Callable[[str], Desk]
) -> None:
    sent = await here.ask(OTHER, "And you?")
    for name in (sent.id, "no-such-enquiry", "../notices"):
        told = await at(ASKED).types("enquiries", "comment", name, "Not mine.", code=1)
        assert "code not_found; to act: sender" in told, name
    (found,) = json.loads(await at(OTHER).types("enquiries", "list", "--json"))
    assert found["comment"] is None
    (late,) = json.loads(await at(LATE).types("enquiries", "list", "--json"))
    told = await at(LATE).types("enquiries", "comment", late["id"], "Too late.", code=1)
    assert "The time to comment on this enquiry is over." in told
    assert "code enquiry_over; to act: sender" in told


async def test_own_figures_are_printed_beside_what_was_expected(here: Offices, at: Callable[[str], Desk]) -> None:
    told = await at(ASKED).types("figures")
    found = json.loads(await at(ASKED).types("figures", "--json"))
    assert told.splitlines()[0].startswith(f"Filed, begun or due from {here.days[1]} to ")
    (own,) = [one["own"] for one in found["indicators"] if one["indicator"] == "resolved_in_time"]
    share, expected = (f"{100 * float(own[name]):.1f} %" for name in ("value", "expected"))
    assert own["n"] >= 34
    assert f"  yours      {share} of {own['n']} cases; {expected} were expected" in told
    assert "not judged: fewer than 10 providers have cases enough" in told
    assert "provider-0" not in told


async def test_a_report_is_filled_in_signed_posted_and_held_against_the_events(
    here: Offices, at: Callable[[str], Desk]
) -> None:
    desk, file = at(ASKED), here.place / "report.json"
    told = await desk.types("report", "template", *here.days, "--output", file)
    assert "0 of them with a value." in told
    assert "Of these were not made with this gateway: 2." in told
    refused = await desk.types("report", "post", file, "--yes", "--accept-unwitnessed", code=1)
    assert "code schema_violation; to act: you" in refused
    assert "\n  /metrics: " in refused, "nothing was filled in"

    told = await desk.types("report", "template", *here.days, "--values")
    path = desk.directory / f"report-{here.days[1]}-{here.days[3]}.json"
    assert f"Next: odr-gateway report post {path} --dir {desk.directory}" in told
    body = json.loads(path.read_text())
    names = [(one["id"], one.get("part", "")) for one in body["metrics"]]
    place = names.index(("deadline_compliance", "all"))
    kept = float(body["metrics"][place]["value"])
    assert any(one["value"] is None for one in body["metrics"][:place]), "what is left out comes before it"
    path.write_text(json.dumps(body | {"metrics": altered(body, place, value=7), "training_hours": "many"}))
    refused = await desk.types("report", "post", path, "--yes", "--accept-unwitnessed", code=1)
    assert f"  /metrics/{place}/value: " in refused
    assert "  /training_hours: " in refused
    better = altered(body, place, value=f"{kept + 0.125:.3f}")
    path.write_text(json.dumps(body | {"metrics": better, "training_hours": 12}))
    posted = await desk.types("report", "post", path, "--yes", "--accept-unwitnessed")
    shown = posted.split("digest ")[1]
    known = sum(one["value"] is not None for one in body["metrics"])
    assert "A REPORT ON THE PROVIDER'S OWN WORK" in posted
    assert "It counts the statements of events that the log has: 2." in shown
    assert f"Same as your events give: {known - 1} of {known} figures." in shown
    assert f"  deadline_compliance/all: stated {kept + 0.125:.3f}, computed {kept:.6g}, difference 0.125\n" in shown
    assert "    The events give another value.\n" in shown
    assert "Not stated" not in shown


async def test_a_report_stands_until_it_is_corrected_and_nobody_else_sees_it(
    here: Offices, at: Callable[[str], Desk]
) -> None:
    desk, post = at(OTHER), ("--yes", "--accept-unwitnessed")
    assert await desk.types("report", "list") == "No report of yours is registered.\n"
    await desk.types("report", "template", *here.days, "--values")
    path = desk.directory / f"report-{here.days[1]}-{here.days[3]}.json"
    posted = await desk.types("report", "post", path, *post)
    digest = posted.split("digest ")[1].split()[0]
    assert f"digest {digest}" in await desk.types("report", "post", path, *post), "as if the answer had been lost"
    period = f"{here.days[1]} to {here.days[3]}"
    assert (await desk.types("report", "list")).startswith(f"{period}  {digest}  registered ")
    other = here.place / "other.json"
    other.write_text(path.read_text())
    assert "code report_stands; to act: issuer" in await desk.types("report", "post", other, *post, code=1)
    assert "code report_stands" in await desk.types("report", "post", other, *post, code=1), "its draft has gone"
    body = json.loads(path.read_text())
    path.write_text(json.dumps(body | {"training_hours": 3}))
    assert "code other_report; to act: you" in await desk.types("report", "post", path, *post, code=1)

    told = await desk.types("report", "template", *here.days, "--values")
    corrected = desk.directory / f"report-{here.days[1]}-{here.days[3]}-corrects-{digest[:8]}.json"
    assert f"Next: odr-gateway report post {corrected} --dir" in told
    assert f"It corrects the report that stands on this period: {digest}." in told
    assert "not made with this gateway" in told
    await desk.types("report", "post", corrected, *post)
    (standing,) = json.loads(await desk.types("report", "list", "--json"))
    assert standing["digest"] != digest
    assert "A later report on this period corrects it." in await desk.types("report", "show", digest)
    assert json.loads(await desk.types("report", "show", standing["digest"], "--json"))["source"]["same"] is True
    assert "code not_found" in await at(ASKED).types("report", "show", digest, code=1)
    future = ("--from", "2999-01-01", "--to", "2999-03-31")
    assert "code bad_parameter" in await desk.types("report", "template", *future, "--values", code=1)
    longer = ("--from", "2024-01-01", "--to", "2025-01-01")
    told = await desk.types("report", "template", *longer, code=1)
    assert "A report is about 366 days at most. (2024-01-01 to 2025-01-01)\n  code period_too_long" in told


def altered(body: dict[str, Any], place: int, **changes: Any) -> list[dict[str, Any]]:
    """The figures with one changed."""
    return [one | changes if number == place else one for number, one in enumerate(body["metrics"])]


async def test_a_hub_that_is_away_is_no_answer(here: Offices, capsys: pytest.CaptureFixture[str]) -> None:
    away = await here.desk(Actor(ASKED, "provider"), f"http://127.0.0.1:{free_port()}")
    away.output = lambda: "".join(capsys.readouterr())
    for words in (
        ("enquiries", "list"),
        ("enquiries", "comment", "0b1c", "Anybody?"),
        ("figures",),
        ("notices",),
        ("report", "list"),
    ):
        told = await away.types(*words, code=1)
        assert "to act: hub" in told
        assert "the same again may succeed" in told
