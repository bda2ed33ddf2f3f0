"""Two providers' gateways on one fake hub, with a sample case; in one process, on one clock."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from providers.gateway.exchange.context import Keys
from providers.gateway.exchange.retry import Backoff
from providers.gateway.exchange.serving import Gateway, opened
from providers.gateway.exchange.settings import ServeSettings
from providers.gateway.exchange.values import Dossier
from providers.gateway.home import Home, create_home
from signing.compose import timestamp
from tests.fakes.world import Actor, World
from tests.providers.exchangehub import ExchangeHub
from tests.providers.package import samples

A, B = "provider-a", "provider-b"
FILES = {
    "agreement.pdf": b"%PDF-1.7 sample agreement",
    "发票 1.txt": "Rechnung über 200 €\n".encode(),
    "empty.bin": b"",
}
QUICK = ServeSettings(port=0, poll_seconds=1, retry_first_seconds=1, retry_cap_seconds=1, chunk_bytes=700)
ACCEPT = {"conflict_check": {"result": "none"}}


def sample_case(
    now: int,
    recipient: str = B,
    custodian: str = A,
    files: dict[str, bytes] | None = None,
    classes: dict[str, str] | None = None,
) -> tuple[dict[str, Any], dict[str, bytes]]:
    """A case file whose parties consented to the transfer, and its documents; the gateway gives it an id."""
    found = dict(FILES if files is None else files)
    evidence = {f"consent-{role}.json": json.dumps({"consent": role}).encode() for role in ("claimant", "respondent")}
    found |= evidence
    case = samples.case_file(found, classes)
    del case["case_id"]
    case |= {"custodian": custodian, "consents": [consent(role, now, recipient, evidence) for role in _ROLES]}
    return case, found


_ROLES = ("claimant", "respondent")


def consent(role: str, now: int, recipient: str, evidence: dict[str, bytes], **changes: Any) -> dict[str, Any]:
    return {
        "consent_id": f"consent-{role}",
        "party": {"role": role, "number": 1},
        "purpose": "transfer",
        "recipient": recipient,
        "given_by": f"Sample Person of the {role}",
        "capacity": "party",
        "method": "click",
        "text_sha256": hashlib.sha256(b"text").hexdigest(),
        "language": "en",
        "given_at": timestamp(now - 3600),
        "evidence_sha256": hashlib.sha256(evidence[f"consent-{role}.json"]).hexdigest(),
        **changes,
    }


def terms(recipient: str = B, **changes: Any) -> dict[str, Any]:
    """What the platform says about an offer."""
    return {
        "recipient": recipient,
        "reason": "language",
        "legal_basis": "party_agreement",
        "destination_country": "SG",
        "export_basis": "contract",
        "rules_to": {"name": "Sample Rules", "version": "2026-1"},
        "claim_summary": "214 of 600 lamps are cracked.",
        **changes,
    }


def keys_of(actor: Actor) -> Keys:
    return Keys(actor.statement, actor.http, actor.inbox)


class House:
    """The hub, and the gateways that are open now."""

    def __init__(self, directory: Path, world: World | None = None) -> None:
        self.directory = directory
        self.world = world or World()
        self.actors = {name: self.world.add_provider(name) for name in (A, B)}
        self.hub = ExchangeHub(self.world)
        self.settings = QUICK

    def home(self, name: str) -> Home:
        directory = self.directory / name
        if (directory / "gateway.toml").exists():
            return Home(directory, name, "provider", self.hub.url, directory / "verification-policy.txt")
        return create_home(
            directory, actor=name, member_type="provider", hub=self.hub.url, policy=self.world.trust_file()
        )

    @asynccontextmanager
    async def gateway(self, name: str, **changes: Any) -> AsyncIterator[Gateway]:
        """One gateway with its engine running."""
        settings = replace(self.settings, **changes)
        async with opened(self.home(name), keys_of(self.actors[name]), lambda: self.world.now, settings) as gateway:
            gateway.engine._backoff = Backoff(0.05, 0.05, lambda: 1.0)
            async with working(gateway):
                yield gateway

    @asynccontextmanager
    async def both(self) -> AsyncIterator[tuple[Gateway, Gateway]]:
        async with AsyncExitStack() as stack:
            yield (
                await stack.enter_async_context(self.gateway(A)),
                await stack.enter_async_context(self.gateway(B)),
            )


@asynccontextmanager
async def working(gateway: Gateway) -> AsyncIterator[None]:
    """Let its engine run until the block ends."""
    task = asyncio.create_task(gateway.engine.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def add_case(gateway: Gateway, case: dict[str, Any], files: dict[str, bytes]) -> str:
    """Take a case in; returns its id."""
    intake = gateway.service.context.cases.begin()
    intake.case = json.dumps(case).encode()
    for name, data in files.items():
        incoming = intake.open(name)
        incoming.write(data)
        incoming.close()
    try:
        return (await gateway.service.take_in(intake)).case_id
    finally:
        intake.abandon()


async def offered(gateway: Gateway, world: World, **changes: Any) -> str:
    """Take in the sample case and offer it; returns the id of the transfer."""
    case, files = sample_case(world.now)
    case_id = await add_case(gateway, case, files)
    return (await gateway.service.offer(case_id, terms(**changes))).transfer_id


async def until(
    gateway: Gateway, transfer_id: str, reached: Callable[[Dossier], bool], seconds: float = 60.0
) -> Dossier:
    """The transfer as soon as it is as wanted."""
    found: Dossier | None = None
    try:
        async with asyncio.timeout(seconds):
            while True:
                found = await gateway.service.context.store.do(lambda book: book.dossier(transfer_id))
                if found is not None and reached(found):
                    return found
                await asyncio.sleep(0.02)
    except TimeoutError:
        said = found and (found.state, found.problem, found.failure, found.fetched)
        raise AssertionError(f"the transfer stays {said}: {[_waiting(one) for one in asyncio.all_tasks()]}") from None


def _waiting(task: "asyncio.Task[Any]") -> str:
    """Where a task waits, from the outside in."""
    found, coroutine = [], task.get_coro()
    while (frame := getattr(coroutine, "cr_frame", None)) is not None:
        found.append(f"{frame.f_code.co_name}:{frame.f_lineno}")
        coroutine = getattr(coroutine, "cr_await", None)  # type: ignore[assignment]
    return " > ".join(found)


def briefed(dossier: Dossier) -> bool:
    return dossier.brief is not None


def state(name: str) -> Callable[[Dossier], bool]:
    return lambda dossier: dossier.state == name and (dossier.closed or not dossier.final)


async def transferred(house: House, ours: Gateway, theirs: Gateway) -> str:
    """Offer, accept, and wait until custody has moved on both sides."""
    transfer = await offered(ours, house.world)
    await until(theirs, transfer, briefed)
    await theirs.service.accept(transfer, ACCEPT)
    await until(theirs, transfer, state("completed"))
    await until(ours, transfer, state("completed"))
    return transfer
