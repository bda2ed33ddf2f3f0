"""A file that gets shorter while a gateway sends it to a hub is told to its operator, and never taken for sent."""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from providers import sending
from providers.client import HubClient
from providers.errors import HubUnavailableError, ProvidersError
from providers.sending import Upload, send
from signing.httpsig import Request, digest_field, sign_request
from tests.hub.exchange.providers import ACME, BRIO, Exchange
from tests.hub.running import URL, Hub

MIB = 1 << 20
EMPTY = digest_field(hashlib.sha256().digest())


@dataclass
class Sender:
    """A signing client of the hub, and a file of four megabytes."""

    client: HubClient
    upload: Upload
    places: list[str]

    async def remember(self, location: str) -> None:
        self.places.append(location)

    async def send(self, progress: Callable[[int, int], None], location: str | None = None) -> None:
        async with asyncio.timeout(20):
            await send(self.client, self.upload, location, self.remember, progress, chunk=MIB)

    def cut(self, size: int) -> None:
        os.truncate(self.upload.path, size)


@pytest.fixture
async def sender(hub: Hub, tmp_path: Path) -> AsyncIterator[Sender]:
    exchange = Exchange(hub)
    await exchange.admit()
    data = os.urandom(4 * MIB)
    (tmp_path / "case.age").write_bytes(data)
    digest = hashlib.sha256(data).hexdigest()
    upload = Upload(tmp_path / "case.age", digest, len(data), BRIO.id, exchange.transfer, "package")
    base = str(hub.client.make_url("")).rstrip("/")

    def sign(method: str, url: str, body: bytes, fields: Mapping[str, str] | None = None, /) -> Mapping[str, str]:
        asked = Request(method, URL + url.removeprefix(base), fields or {}, body)
        return {"Host": URL.removeprefix("http://")} | sign_request(asked, ACME.http, hub.clock())

    async with aiohttp.ClientSession() as session:
        yield Sender(HubClient(base, session, sign=sign), upload, [])


def before_each(monkeypatch: pytest.MonkeyPatch, meanwhile: Callable[[sending._Piece], None]) -> None:
    """Have something happen to the file after a piece was hashed, before it is sent."""
    append = sending._append

    async def interrupted(client: HubClient, location: str, piece: sending._Piece) -> int:
        meanwhile(piece)
        return await append(client, location, piece)

    monkeypatch.setattr(sending, "_append", interrupted)


def damaged(error: ProvidersError) -> bool:
    return (error.code, error.where, error.actor, error.retryable) == ("file_damaged", "case.age", "operator", True)


async def test_a_whole_file_arrives(sender: Sender) -> None:
    told: list[tuple[int, int]] = []
    await sender.send(lambda *one: told.append(one))
    assert told == [(n * MIB, 4 * MIB) for n in range(5)]


@pytest.mark.parametrize("left", [0, MIB, 2 * MIB, 2 * MIB + 10])
async def test_a_file_that_is_cut_between_two_chunks_is_told(sender: Sender, left: int) -> None:
    def progress(done: int, _total: int) -> None:
        if done == MIB:
            sender.cut(left)

    with pytest.raises(ProvidersError, match="shorter on this disk than it was sealed") as caught:
        await sender.send(progress)
    assert damaged(caught.value)


async def test_a_file_that_is_cut_within_a_chunk_is_not_told_as_a_hub_that_is_away(
    sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    before_each(monkeypatch, lambda piece: sender.cut(MIB + 10) if piece.offset == MIB else None)
    with pytest.raises(ProvidersError) as caught:
        await sender.send(lambda *_: None)
    assert damaged(caught.value)


async def test_a_file_that_can_not_be_read_is_not_told_as_a_hub_that_is_away(
    sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    before_each(monkeypatch, lambda _: sender.upload.path.unlink(missing_ok=True))
    with pytest.raises(FileNotFoundError):
        await sender.send(lambda *_: None)


async def test_a_file_that_is_now_shorter_than_what_has_arrived_is_not_called_sent(sender: Sender) -> None:
    def stop(done: int, _total: int) -> None:
        if done == 2 * MIB:
            raise RuntimeError("the gateway is stopped")

    with pytest.raises(RuntimeError):
        await sender.send(stop)
    sender.cut(MIB)
    with pytest.raises(ProvidersError) as caught:
        await sender.send(lambda *_: None, sender.places[0])
    assert damaged(caught.value)


async def test_a_hub_that_takes_a_chunk_and_has_no_more_is_not_asked_for_ever(
    sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "_piece", lambda path, offset, _size: sending._Piece(path, offset, 0, EMPTY))
    with pytest.raises(HubUnavailableError, match="no more than before") as caught:
        await sender.send(lambda *_: None)
    assert caught.value.code == "bad_answer"
