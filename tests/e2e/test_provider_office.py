"""What a provider's people do about oversight, typed at real gateways' commands against one running hub."""

import json
from collections.abc import AsyncIterator, Callable

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
    period = f"{timestamp(here.quarter.start)[:10]} to {timestamp(here.quarter.end - 1)[:10]}"
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
    assert told.splitlines()[0].startswith(f"Cases filed from {timestamp(here.quarter.start)[:10]} to ")
    (own,) = [one["own"] for one in found["indicators"] if one["indicator"] == "resolved_in_time"]
    share, expected = (f"{100 * float(own[name]):.1f} %" for name in ("value", "expected"))
    assert own["n"] >= 34
    assert f"  yours      {share} of {own['n']} cases; {expected} were expected" in told
    assert "not judged: fewer than 10 providers have cases enough" in told
    assert "provider-0" not in told


async def test_a_hub_that_is_away_is_no_answer(here: Offices, capsys: pytest.CaptureFixture[str]) -> None:
    away = await here.desk(Actor(ASKED, "provider"), f"http://127.0.0.1:{free_port()}")
    away.output = lambda: "".join(capsys.readouterr())
    for words in (("enquiries", "list"), ("enquiries", "comment", "0b1c", "Anybody?"), ("figures",), ("notices",)):
        told = await away.types(*words, code=1)
        assert "to act: hub" in told
        assert "the same again may succeed" in told
