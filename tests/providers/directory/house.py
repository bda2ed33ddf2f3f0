"""A real hub with a directory, and a client whose answers a test can change on the way."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp

from providers.client import HubClient
from providers.directory.store import MirrorFolder
from signing.compose import sign_all
from signing.encoding import JSON, canonical
from signing.secretkeys import SigningKey
from signing.statement import parse_jws
from tests.hub.running import Hub
from tests.hub.world import Actor

if TYPE_CHECKING:
    from collections.abc import Callable

ACME, BRIO, NOOR = Actor("acme", "provider"), Actor("brio", "provider"), Actor("noor", "neutral")


async def filled(hub: Hub) -> None:
    for document in (
        hub.speaker.member(BRIO), hub.speaker.member(ACME), hub.speaker.accreditation(ACME),
        hub.speaker.neutral(NOOR, ACME),
    ):  # fmt: skip
        await hub.registered(document)


async def moved(hub: Hub) -> None:
    """Two records change."""
    await hub.registered(hub.speaker.accreditation(ACME, "suspended", 2))
    await hub.registered(hub.speaker.revoke(NOOR, NOOR.statement))


def address(hub: Hub) -> str:
    return str(hub.client.make_url("")).rstrip("/")


def folder_of(hub: Hub, path: Path) -> MirrorFolder:
    return MirrorFolder.create(path, address(hub), (hub.data / "verification-policy.txt").read_bytes())


class Meddling(HubClient):
    """A client on whose way to the hub somebody changes answers; ``asked`` says what was asked for."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        super().__init__(url, session)
        self.asked: list[str] = []
        self.snapshot: Callable[[bytes], bytes] = lambda document: document
        self.entries: Callable[[bytes], bytes] = lambda lines: lines
        self.delta: Callable[[list[JSON]], list[JSON]] = lambda records: records
        self.chain: Callable[[Any], Any] = lambda chain: chain

    async def policy_chain(self) -> Any:
        return self.chain(await super().policy_chain())

    async def directory_snapshot(self) -> bytes:
        self.asked.append("snapshot")
        return self.snapshot(await super().directory_snapshot())

    async def directory_entries(self, digest: str, most: int) -> bytes:
        self.asked.append("entries")
        return self.entries(await super().directory_entries(digest, most))

    async def directory_delta(self, since: int, size: int) -> list[JSON]:
        self.asked.append("delta")
        return self.delta(await super().directory_delta(since, size))


def told(document: bytes) -> dict[str, Any]:
    return dict(parse_jws(document, "odr-directory+jws").payload)


def signed(payload: dict[str, Any], key: SigningKey, time: int, typ: str = "odr-directory+jws") -> bytes:
    return sign_all(canonical(payload), [(key, "hub")], time, typ)


def without_last_letter(document: bytes) -> bytes:
    """The payload of a JWS, changed after it was signed."""
    whole = json.loads(document)
    whole["payload"] = whole["payload"][:-4] + "AA" + whole["payload"][-2:]
    return canonical(whole)
