"""What a loss of power leaves of a download or an upload is no evidence against anybody; what the hub serves is."""

from dataclasses import replace
from pathlib import Path

import pytest

from hub.exchange.effects import _DEFECTS
from providers import fetching, sending
from providers.client import HubClient
from providers.gateway.exchange import recipient
from providers.gateway.exchange.context import INCOMING
from providers.gateway.exchange.values import short
from tests.providers.exchangehub import Fault
from tests.providers.gateway.exchange.house import ACCEPT, A, B, House, briefed, offered, state, until


async def dispatched(house: House) -> tuple[str, str, Path]:
    """A package waits at the hub: its transfer, its SHA-256, and where the recipient will keep what arrives."""
    async with house.gateway(A) as ours:
        async with house.gateway(B) as theirs:
            transfer = await offered(ours, house.world)
            await until(theirs, transfer, briefed)
            await theirs.service.accept(transfer, ACCEPT)
            await until(theirs, transfer, state("accepted"))
        package = (await until(ours, transfer, state("dispatched"))).package
    assert package is not None
    folder = house.directory / B / "exchange" / "transfers" / short(transfer)
    return transfer, str(package["sha256"]), folder / INCOMING


@pytest.mark.parametrize("torn", ["blocks never written", "more than there is"])
async def test_a_torn_file_is_fetched_again(house: House, torn: str) -> None:
    transfer, sha256, incoming = await dispatched(house)
    data = house.hub.files[sha256]
    incoming.write_bytes(data[:1000] + bytes(500) if torn == "blocks never written" else data + bytes(10))
    async with house.gateway(B) as theirs:
        found = await until(theirs, transfer, lambda one: one.final)
    assert (found.state, found.failure) == ("completed", None)


@pytest.mark.parametrize("what", ["brief", "package"])
async def test_what_the_hub_serves_wrongly_is_fetched_again(house: House, what: str) -> None:
    wrong = [1] * (recipient.FETCHES - 1)

    def altered(_: str, data: bytes) -> bytes:
        return data[:-1] + bytes([data[-1] ^ wrong.pop()]) if wrong else data

    async with house.both() as (ours, theirs):
        if what == "brief":
            house.hub.altered = altered
        transfer = await offered(ours, house.world)
        await until(theirs, transfer, briefed)
        house.hub.altered = altered
        await theirs.service.accept(transfer, ACCEPT)
        found = await until(theirs, transfer, lambda one: one.final)
    assert (found.state, found.failure, wrong) == ("completed", None, [])


async def test_what_the_hub_keeps_serving_wrongly_is_not_held_against_the_sender(house: House) -> None:
    transfer, sha256, incoming = await dispatched(house)
    data = house.hub.files[sha256]
    incoming.write_bytes(data[:1000])
    house.hub.files[sha256] = data[:-1] + bytes([data[-1] ^ 1])
    async with house.gateway(B) as theirs:
        found = await until(theirs, transfer, lambda one: one.final)
    assert found.state == "failed"
    assert found.failure is not None
    assert (found.failure["reason"], found.failure["code"]) == ("unspecific", "ciphertext_differs")
    assert "What the hub serves" in str(found.failure["detail"])
    assert found.failure["reason"] not in _DEFECTS
    asked = [path for method, path, _ in house.hub.requests if method == "GET" and path.endswith(sha256)]
    assert len(asked) == recipient.FETCHES + 1  # the first time what was there was continued


@pytest.mark.parametrize("ends", ["in order", "broken off"])
async def test_a_file_that_is_cut_short_at_the_hub_is_fetched_four_times(
    house: House, monkeypatch: pytest.MonkeyPatch, ends: str
) -> None:
    monkeypatch.setattr(fetching, "END_SECONDS", 0.01)
    transfer, sha256, _ = await dispatched(house)
    if ends == "in order":
        house.hub.files[sha256] = house.hub.files[sha256][:-1]
    else:
        house.hub.faults = [Fault("GET", "/v1/packages", "short", times=1000)]  # a half, and so on; at last nothing
    async with house.gateway(B) as theirs:
        found = await until(theirs, transfer, lambda one: one.final)
    assert (found.state, found.failure and found.failure["code"]) == ("failed", "ciphertext_size_differs")
    assert found.failure is not None
    assert found.failure["reason"] == "unspecific"
    got = [headers for method, path, headers in house.hub.requests if method == "GET" and path.endswith(sha256)]
    assert len([one for one in got if "Range" not in one]) == recipient.FETCHES


async def test_a_network_that_breaks_is_not_taken_for_a_file_cut_short(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "END_SECONDS", 0.01)
    transfer, sha256, incoming = await dispatched(house)
    incoming.write_bytes(house.hub.files[sha256][:1000])
    bare = Fault("GET", "/v1/packages", "bare", times=fetching.ENDS - 1)
    house.hub.faults = [bare, Fault("GET", "/v1/packages", "cut", times=recipient.FETCHES), replace(bare)]
    async with house.gateway(B) as theirs:
        found = await until(theirs, transfer, lambda one: one.final)
        assert (found.state, theirs.service.context.misfits) == ("completed", {})
    got = [headers for method, path, headers in house.hub.requests if method == "GET" and path.endswith(sha256)]
    assert {one.get("Range") for one in got} == {"bytes=1000-"}, "what had arrived was kept"


async def test_an_upload_that_the_hub_has_lost_is_begun_again(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    append = sending._append
    lost: list[object] = []

    async def losing(hub: HubClient, location: str, piece: sending._Piece) -> int:
        if not lost and piece.offset > 0:
            lost.append(house.hub.uploads.pop(location.rpartition("/")[2]))
        return await append(hub, location, piece)

    monkeypatch.setattr(sending, "_append", losing)
    async with house.both() as (ours, theirs):
        transfer = await offered(ours, house.world)
        await until(theirs, transfer, briefed)
    assert len(lost) == 1
