"""Words of a hub reach a terminal as words, wherever in its answer they stand."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from providers.application.client import Seen
from providers.application.selftest import Outcome
from providers.client import connect
from providers.drafts import Awaited, Drafts, DraftView, ListedDraft
from providers.errors import HubUnavailableError
from providers.feedback import standing_lines
from providers.gateway.affected import Affected, affected_lines
from providers.gateway.applying import asked, outcome_lines
from providers.gateway.keychanges import Standing, key_lines
from providers.gateway.keystore import save_keys
from providers.gateway.notices import notice_lines
from providers.gateway.online import fetch_network
from providers.gateway.oversight import enquiry_lines, figure_lines
from providers.gateway.ownneutral import Held, held_lines
from providers.gateway.recomputed import recomputed_lines, report_lines
from providers.gateway.sign_commands import standing
from providers.printable import printable, printable_lines
from signing.compose import payload
from signing.drafts import Draft
from signing.keyring import KeyRecord
from signing.secretkeys import SigningKey
from tests.fakes.world import World
from tests.providers.fakehub import FakeHub
from tests.providers.gateway.samples import home_in

EVIL = "\x1b[2J\x9b1;1H\rGenuine: yes\u202e\x07"


class Everything(dict[str, Any]):
    """An object of a hub in which every word is evil."""

    def __missing__(self, name: str) -> str:
        return EVIL


def seen() -> Seen:
    return Seen(EVIL, EVIL, EVIL, EVIL, EVIL, EVIL, EVIL, (Outcome(EVIL, EVIL, EVIL),))


def view(state: str, **changed: Any) -> DraftView:
    waits = changed.pop("waits", None)
    listed = ListedDraft("id", EVIL, EVIL, state, (Awaited(EVIL, EVIL, EVIL), Awaited(None, EVIL, None)), EVIL, waits)
    given: dict[str, Any] = {"declined": None, "result": None, **changed}
    return DraftView(listed, None, (), you=None, invitation=None, **given)


def problem() -> dict[str, Any]:
    return {"code": EVIL, "detail": EVIL, "actor": EVIL}


def comparison() -> dict[str, Any]:
    own = {"withheld": [], "level": EVIL, "value": 0.5, "n": EVIL, "expected": None}
    one = Everything(own=own, peers=[{"value": 0.5, "n": EVIL}], left_out={})
    return {"period": Everything(), "indicators": [one, Everything(own={**own, "withheld": [EVIL]}, peers=None)]}


def recomputed() -> dict[str, Any]:
    figure = Everything(stated=Everything(), computed=None, difference=None)
    plain = [Everything(status=one) for one in ("not_stated", "for_officers")]
    sources = {"same": False, "statements": EVIL}
    told = {"period": Everything(), "source": sources}
    return Everything(report=told, source=sources, figures=[figure, *plain], stands=False)


def feedback() -> dict[str, Any]:
    scores = [Everything(counts={EVIL: EVIL})]
    return Everything(open=EVIL, ended=[Everything()], scores=scores)


REPORTS: dict[str, Callable[[], list[str]]] = {
    "affected": lambda: affected_lines(Affected(EVIL, EVIL, 3, (Everything(),))),
    "application": lambda: [asked(seen()), *outcome_lines(seen())],
    "declined": lambda: [standing(view("declined", declined={"reason": EVIL}))],
    "draft of another state": lambda: [standing(view(EVIL))],
    "enquiries": lambda: enquiry_lines([Everything(period=Everything())]),
    "feedback": lambda: standing_lines(feedback()),
    "figures": lambda: figure_lines(comparison()),
    "held": lambda: held_lines(Held(3, {"keys": [Everything()]}, (), 0)),
    "notices": lambda: notice_lines([Everything()]),
    "open draft": lambda: [standing(view("open"))],
    "recomputed": lambda: recomputed_lines(recomputed()),
    "refused": lambda: [standing(view("refused", result={"problem": problem()}))],
    "registered": lambda: [standing(view("registered", result={"index": EVIL}))],
    "reports": lambda: report_lines([Everything(period=Everything())]),
    "waiting": lambda: [standing(view("complete", waits=problem()))],
}


@pytest.mark.parametrize("name", REPORTS)
def test_nothing_that_a_hub_tells_is_obeyed_by_a_terminal(name: str) -> None:
    lines = REPORTS[name]()
    assert any("Genuine: yes" in line for line in lines), "the words are there"
    assert [line for line in lines if not line.isprintable()] == []


async def test_nothing_that_a_hub_tells_of_keys_is_obeyed_by_a_terminal(tmp_path: Path) -> None:
    world = World()
    home = home_in(tmp_path, world)
    save_keys({home.key_file(one): SigningKey.generate() for one in ("statement", "http")}, "passphrase")
    ring = {EVIL: KeyRecord(EVIL, home.actor, EVIL, EVIL, EVIL, 0)}
    with FakeHub(world) as hub:
        network = await fetch_network(hub.url, home.trust())
    lines = key_lines(Standing(network, None, ring, 1), home, world.now)
    assert "Genuine: yes" in lines[0]
    assert all(line.isprintable() for line in lines)


async def test_an_id_that_is_none_is_never_part_of_a_command() -> None:
    """What to do next is printed with the id in it, and copied into a shell."""
    world = World()
    draft = Draft(payload("member", "acme", {}, [("k", "officer")], network=world.network, now=world.now))
    line = {"id": "x; reboot", "kind": "award", "issuer": "acme", "state": "open", "expires_at": "", "missing": []}
    with FakeHub(world) as hub:
        for answer in ({"id": "x; reboot"}, {"id": None}, {}):
            hub.overrides["/v1/drafts"] = partial(told, answer)
            async with connect(hub.url) as asking:
                with pytest.raises(HubUnavailableError) as caught:
                    await Drafts(asking).post(draft, {})
            assert caught.value.code == "bad_answer"
        hub.overrides["/v1/drafts"] = partial(told, {"drafts": [line], "next": None})
        async with connect(hub.url) as asking:
            with pytest.raises(HubUnavailableError):
                await Drafts(asking).list("open")


def told(answer: dict[str, Any], _: web.Request) -> web.Response:
    return web.json_response(answer)


def test_what_is_escaped_is_not_escaped_again() -> None:
    assert printable("caf\u00e9 \u4e2d \x1b") == "caf\u00e9 \u4e2d \\u{1b}"
    assert printable(printable(EVIL)) == printable(EVIL)
    assert printable_lines("a\r\nb") == "a\\u{d}\nb"
