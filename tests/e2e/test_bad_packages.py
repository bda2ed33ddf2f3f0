"""Packages that can't be used, through a real hub: the recipient refuses them, the sender is told and may try again.

The sender's gateway runs in this process meanwhile, because a program has no way to make such a package.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import aiohttp
import pytest

from providers.gateway.exchange import sender
from providers.gateway.exchange.serving import Gateway, opened, unlock
from providers.gateway.home import load_home
from tests.fakes.exchangehouse import PASSPHRASE, House, Platform, house
from tests.providers.gateway.exchange.house import ACCEPT, A, B, add_case, sample_case, state, terms, until, working
from tests.providers.gateway.exchange.twists import OTHER_KEY, cut_off, extended, other_id, same, twisted


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(tmp_path_factory.mktemp("bad"), A, B) as one:
        yield one


@asynccontextmanager
async def in_this_process(one: Platform) -> AsyncIterator[Gateway]:
    """The same gateway, on its directory, instead of its process."""
    assert await asyncio.to_thread(one.process.stop) == 0
    home = load_home(one.directory)
    keys = await asyncio.to_thread(unlock, home, PASSPHRASE)
    async with opened(home, keys, lambda: int(time.time())) as gateway, working(gateway):
        yield gateway
    await asyncio.to_thread(one.process.start)


async def accepted(theirs: Platform, transfer: str) -> None:
    await theirs.until(transfer, "offered", to_act="you")
    await theirs.ask("POST", f"/transfers/{transfer}/accept", json=ACCEPT)


@pytest.mark.parametrize(
    ("pack", "reason", "code"),
    [
        (twisted(same, cut_off), "package_invalid", "age_chunk_forged"),
        (twisted(same, extended), "package_invalid", "age_chunk_forged"),
        (twisted(lambda job: replace(job, recipients=(OTHER_KEY,))), "wrong_key", "no_matching_key"),
        (
            twisted(lambda job: replace(job, route=replace(job.route, transfer_id=other_id(job.route.transfer_id)))),
            "package_invalid",
            "other_transfer",
        ),
    ],
    ids=["truncated", "extended", "wrong-key", "other-transfer"],
)
async def test_a_package_that_cannot_be_used(
    here: House, monkeypatch: pytest.MonkeyPatch, pack: Any, reason: str, code: str
) -> None:
    ours, theirs = here.platforms[A], here.platforms[B]
    with monkeypatch.context() as patched:
        patched.setattr(sender, "pack_apart", pack)
        async with in_this_process(ours) as gateway:
            case_id = await add_case(gateway, *sample_case(int(time.time())))
            transfer = (await gateway.service.offer(case_id, terms())).transfer_id
            await accepted(theirs, transfer)
            await until(gateway, transfer, state("failed"))
    refused = await theirs.until(transfer, "failed", finished=True)
    failure = refused["failure"]
    assert (failure["reason"], failure["code"], refused["package_opened"]) == (reason, code, False)
    assert [one["case_id"] for one in (await theirs.ask("GET", "/cases"))["cases"]].count(case_id) == 0
    for folder in ("cases", "transfers"):
        left = [path.name for path in (theirs.directory / "exchange" / folder).iterdir() if transfer[-36:] in path.name]
        assert left == []
    await _the_hub_knows(here, refused)
    feed = (await ours.ask("GET", "/feed?limit=1000"))["events"]
    (told,) = [one for one in feed if (one["type"], one["transfer_id"]) == ("non_retrieval", transfer)]
    assert (told["data"]["reason"], told["data"]["issuer"]) == (reason, B)
    free = await ours.ask("GET", f"/cases/{case_id}")
    assert (free["state"], free["transfer"]) == ("held", None)
    again = str((await ours.ask("POST", f"/cases/{case_id}/offers", json=terms()))["transfer_id"])
    await accepted(theirs, again)
    await theirs.until(again, "completed", finished=True)
    await ours.until(again, "completed", finished=True)


async def _the_hub_knows(here: House, refused: dict[str, Any]) -> None:
    """The recipient's evidence is the transfer's last statement, in the log and witnessed."""
    last = refused["statements"][-1]
    assert (last["kind"], last["event"], last["issuer"]) == ("evidence", "non_retrieval", B)
    url = f"{here.url}/v1/statements/{last['digest']}/receipt"
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        receipt = await response.json()
    assert (receipt["index"], receipt["state"]) == (last["index"], "witnessed")
