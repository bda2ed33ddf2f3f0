"""A founded hub in a directory, served by a real aiohttp application, and how to speak to it."""

import hashlib
import shutil
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from aiohttp.test_utils import TestClient, TestServer

from hub import keystore
from hub.app import Deps, create_app
from hub.founding import Plan, create_log, prepare
from hub.network import OfficerFile, default_origin
from hub.settings import load_settings, read_settings
from hub.storage.opening import is_file
from hub.web.appkeys import FOLLOWER
from signing.httpsig import Request, sign_request
from signing.secretkeys import SigningKey
from tests.hub.tables import lay_tables
from tests.hub.world import Actor, Speaker, agreement_key

URL = "http://hub.example:8600"
NOW = 1_795_000_000


@dataclass
class Clock:
    """A clock that tests move."""

    now: int = NOW

    def __call__(self) -> int:
        return self.now


def officer_file(actor: Actor) -> OfficerFile:
    keys = (("statement", actor.statement.public), ("http", actor.http.public))
    return OfficerFile(actor.id, f"Sample {actor.id}", keys)


def plan(
    officers: list[Actor],
    threshold: int = 2,
    witness_policy: str = "quorum none\n",
    storage: Mapping[str, str] | None = None,
) -> Plan:
    monitor = agreement_key("coordinator/monitor").public
    people = tuple(officer_file(one) for one in officers)
    return Plan(
        URL, default_origin(URL), "hub", ("coordinator", monitor), people, threshold, witness_policy, storage or {}
    )


async def found(data: Path, officers: list[Actor], now: int = NOW, **changes: Any) -> Speaker:
    """Found a network in ``data``; both officers sign."""
    draft = prepare(data, plan(officers, **changes), now)
    for officer in officers:
        draft = draft.signed_by(officer.statement, now).signed_by(officer.http, now)
    settings = load_settings(data)
    if is_file(settings.storage):
        await lay_tables(data / settings.storage.database)
    genesis = await create_log(data, settings, draft, lambda: now)
    return Speaker(genesis, keystore.load(data / "keys"), Clock(now), officers)


class Founded:
    """Networks that wait in ``folder`` to be copied: founding one anew takes as long as many a test.

    All copies of one plan are the same network with the same keys of the hub; a test that needs two calls ``found``.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.speakers: dict[str, Speaker] = {}

    async def copy(
        self,
        data: Path,
        officers: list[Actor],
        now: int = NOW,
        story: Callable[["Hub"], Awaitable[None]] | None = None,
        **changes: Any,
    ) -> Speaker:
        """As ``found``, from a copy of the directory that the first such call made.

        If there is a ``story``, it was told to a hub that served the directory and was closed.
        """
        plan = repr((officers, now, story and story.__qualname__, sorted(changes.items())))
        name = hashlib.sha256(plan.encode()).hexdigest()
        if name not in self.speakers:
            self.speakers[name] = await self._make(self.folder / name, officers, story, now=now, **changes)
        kept = self.speakers[name]
        assert not (data / "hub.toml").exists(), "there is a hub already"
        shutil.copytree(self.folder / name, data, dirs_exist_ok=True)
        return replace(kept, clock=Clock(kept.clock()), officers=officers, chains=dict(kept.chains))

    @staticmethod
    async def _make(
        folder: Path, officers: list[Actor], story: Callable[["Hub"], Awaitable[None]] | None, **changes: Any
    ) -> Speaker:
        if story is None:
            return await found(folder, officers, **changes)
        async with Running(folder, officers, **changes) as hub:
            await story(hub)
            await hub.followed()
        return hub.speaker


@dataclass
class Hub:
    """A running hub, and how to speak to it."""

    client: TestClient[Any, Any]
    speaker: Speaker
    clock: Clock
    data: Path
    stopped: list[BaseException]
    url: str = URL

    async def post(self, document: bytes, annex: bytes | None = None, **more: Any) -> tuple[int, dict[str, Any]]:
        """Post a statement; returns status and decoded answer."""
        if annex is None:
            headers = {"Content-Type": "application/jose+json"} | more.pop("headers", {})
            response = await self.client.post("/v1/statements", data=document, headers=headers, **more)
        else:
            body = multipart(document, annex)
            headers = {"Content-Type": "multipart/form-data; boundary=cut"} | more.pop("headers", {})
            response = await self.client.post("/v1/statements", data=body, headers=headers, **more)
        return response.status, await response.json(content_type=None)

    async def registered(self, document: bytes) -> dict[str, Any]:
        """Post a statement that must be accepted; returns the receipt."""
        status, answer = await self.post(document)
        assert status == 201, answer
        return answer

    async def report(self, provider: Actor, events: Sequence[dict[str, Any]]) -> None:
        """Register case events of a provider, as many to a statement as it takes, and have them followed."""
        for start in range(0, len(events), 500):
            await self.registered(self.speaker.case_events(provider, [*events[start : start + 500]]))
        await self.followed()

    async def followed(self) -> None:
        """Wait until what follows the log has caught up with it."""
        app = self.client.app
        assert app is not None
        await app[FOLLOWER].catch_up()

    async def get(self, path: str, key: SigningKey | None = None, **more: Any) -> tuple[int, Any]:
        """Read a path, signed by ``key`` if given; returns status and decoded answer."""
        headers = more.pop("headers", {}) | (self.signature("GET", path, key) if key else {})
        response = await self.client.get(path, headers=headers, **more)
        text = await response.read()
        kind = response.content_type
        return response.status, (await response.json(content_type=None)) if kind.endswith("json") else text

    def signature(self, method: str, path: str, key: SigningKey, **more: Any) -> dict[str, str]:
        request = Request(method, self.url + path, more.pop("fields", {}), more.pop("body", b""))
        return {"Host": self.url.removeprefix("http://")} | sign_request(request, key, self.clock(), **more)


def multipart(document: bytes, annex: bytes) -> bytes:
    return (
        b'--cut\r\nContent-Disposition: form-data; name="statement"\r\nContent-Type: application/jose+json\r\n\r\n'
        + document
        + b'\r\n--cut\r\nContent-Disposition: form-data; name="annex"\r\nContent-Type: application/json\r\n\r\n'
        + annex
        + b"\r\n--cut--\r\n"
    )


class Running:
    """``async with Running(data, officers) as hub``; keyword arguments change the founding plan.

    ``found`` is how it is founded: ``Founded.copy`` where a copy of a network that others use, too, is good enough.
    """

    def __init__(
        self, data: Path, officers: list[Actor], settings: str = "", verifiers: int = 0, **changes: Any
    ) -> None:
        self.data, self.officers, self.more = data, officers, settings
        self.found = changes.pop("found", found)
        self.verifiers, self.steady, self.port = verifiers, changes.pop("steady", None), changes.pop("port", None)
        self.changes = changes

    async def __aenter__(self) -> Hub:
        return await self._serve(await self.found(self.data, self.officers, **self.changes))

    async def restart(self, hub: Hub) -> Hub:
        """Close the application and open the directory anew; the speaker and its clock go on."""
        await self.client.close()
        return await self._serve(hub.speaker)

    async def _serve(self, speaker: Speaker) -> Hub:
        clock: Clock = speaker.clock
        stopped: list[BaseException] = []
        settings = read_settings((self.data / "hub.toml").read_text() + self.more)
        settings = replace(settings, server=replace(settings.server, verifiers=self.verifiers))
        app = create_app(settings, Deps(self.data, clock, stopped.append, steady=self.steady))
        self.client = TestClient(TestServer(app, port=self.port))
        await self.client.start_server()
        return Hub(self.client, speaker, clock, self.data, stopped)

    async def __aexit__(self, *_: object) -> None:
        await self.client.close()


class Served(Running):
    """A hub whose address is the one that it is served at; the clock starts where ``now`` says, else at ``NOW``."""

    async def _serve(self, speaker: Speaker) -> Hub:
        address, path = f"http://127.0.0.1:{self.port}", self.data / "hub.toml"
        path.write_text(path.read_text("utf-8").replace(URL, address), "utf-8")
        return replace(await super()._serve(speaker), url=address)
