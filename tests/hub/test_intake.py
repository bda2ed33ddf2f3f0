"""Intake: the order of its steps, what it computes where, and the key cache."""

import asyncio
import json
import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from hub import intake as module
from hub.errors import IntakeError
from hub.intake import Intake, KeyCache
from signing.compose import payload, sign_all
from signing.encoding import b64u_encode, canonical
from signing.keyring import KeyRecord
from signing.keys import PublicKey
from signing.statement import parse_statement, verify_signatures
from tests.hub.world import agreement_key, example, signing_key

NETWORK = "ab" * 32
OFFICER = signing_key("officer-1/statement")
INBOX = agreement_key("hub/inbox")


@dataclass
class Register:
    """Registered keys; counts how often it is asked."""

    keys: dict[str, PublicKey] = field(default_factory=lambda: {OFFICER.kid: OFFICER.public})
    owners: dict[str, str] = field(default_factory=dict)
    asked: list[list[str]] = field(default_factory=list)

    async def __call__(self, kids: Collection[str]) -> Mapping[str, KeyRecord]:
        self.asked.append(sorted(kids))
        return {kid: self._record(kid, self.keys[kid]) for kid in kids if kid in self.keys}

    def _record(self, kid: str, key: PublicKey) -> KeyRecord:
        purpose = "statement" if key.curve == "Ed25519" else "inbox"
        return KeyRecord(kid, self.owners.get(kid, "officer-1"), "officer", purpose, b64u_encode(key.x), 0)


@pytest.fixture
def register() -> Register:
    return Register()


def intake(register: Register, inline_bytes: int = 32_768, inline_signatures: int = 4) -> Intake:
    return Intake(KeyCache(register), INBOX, NETWORK, inline_bytes=inline_bytes, inline_signatures=inline_signatures)


def accreditation(*signers: Any, **changes: Any) -> bytes:
    body = example("accreditation", "valid-listed")["body"]
    chosen = [(key, "officer") for key in signers or (OFFICER,)]
    options: dict[str, Any] = {"network": NETWORK, "now": 1_795_000_000} | changes
    octets = payload("accreditation", "coordinator", body, [(key.kid, role) for key, role in chosen], **options)
    return sign_all(octets, chosen, 1_795_000_000)


async def refusal(one: Intake, document: bytes, annex: bytes | None = None) -> tuple[str, str]:
    with pytest.raises(IntakeError) as caught:
        await one.verify(document, annex)
    return caught.value.code, caught.value.where


async def test_a_good_statement_passes(register: Register) -> None:
    document = accreditation()
    verified = await intake(register).verify(document)
    assert verified.statement.digest == parse_statement(document).digest
    assert verified.annex is None


async def test_a_statement_counts_against_an_owner_that_signed_it_and_never_against_another(register: Register) -> None:
    coordinator, brio = signing_key("coordinator"), signing_key("brio")
    register.keys |= {key.kid: key.public for key in (coordinator, brio)}
    register.owners |= {coordinator.kid: "coordinator", brio.kid: "brio"}
    one = intake(register)
    assert (await one.verify(accreditation(brio))).owner == "brio", "in the coordinator's name"
    assert (await one.verify(accreditation(brio, OFFICER))).owner == "brio"
    assert (await one.verify(accreditation(brio, coordinator))).owner == "coordinator", "its issuer has signed"


async def test_what_a_verifier_process_vouched_for_counts_likewise(register: Register) -> None:
    document = accreditation()

    async def checked(_: bytes) -> Any:
        return parse_statement(document), None

    cache = KeyCache(register)
    await cache.known([OFFICER.kid])
    one = Intake(cache, INBOX, NETWORK, inline_bytes=1, inline_signatures=1, checked=checked)
    assert (await one.verify(document)).owner == "officer-1"


async def test_keys_are_looked_up_once(register: Register) -> None:
    one = intake(register)
    for _ in range(3):
        await one.verify(accreditation())
    assert register.asked == [[OFFICER.kid]]


async def test_a_key_that_is_registered_later_is_found(register: Register) -> None:
    one, late = intake(register), signing_key("late")
    assert await refusal(one, accreditation(OFFICER, late)) == ("unknown_key", late.kid)
    register.keys[late.kid] = late.public
    await one.verify(accreditation(OFFICER, late))


async def test_schema_comes_before_keys_and_keys_before_signatures(
    register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger = signing_key("stranger")
    members = json.loads(accreditation(stranger))
    members["signatures"][0]["signature"] = b64u_encode(bytes(64))
    assert await refusal(intake(register), canonical(members)) == ("unknown_key", stranger.kid)
    monkeypatch.setattr(PublicKey, "verify", lambda *_: pytest.fail("verified before every kid was known"))
    assert await refusal(intake(register), canonical(members)) == ("unknown_key", stranger.kid)
    broken = accreditation(stranger, statement_id="urn:odr:coordinator:1")
    assert await refusal(intake(register), broken) == ("schema_violation", "/id")


async def test_network_comes_before_schema(register: Register) -> None:
    broken = accreditation(network="cd" * 32, statement_id="urn:odr:coordinator:1")
    assert await refusal(intake(register), broken) == ("wrong_network", "/network")


async def test_large_statements_are_checked_off_the_event_loop(
    register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bool] = []
    original = parse_statement

    def watched(data: bytes) -> Any:
        seen.append(threading.current_thread() is threading.main_thread())
        return original(data)

    monkeypatch.setattr(module, "parse_statement", watched)
    await intake(register).verify(accreditation())
    await intake(register, inline_bytes=100).verify(accreditation())
    assert seen == [True, False]


async def test_many_signatures_are_verified_off_the_event_loop(
    register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = [signing_key(f"officer-{n}") for n in range(4)]
    register.keys |= {key.kid: key.public for key in others}
    seen: list[bool] = []
    original = verify_signatures

    def watched(*arguments: Any) -> None:
        seen.append(threading.current_thread() is threading.main_thread())
        original(*arguments)

    monkeypatch.setattr(module, "verify_signatures", watched)
    await intake(register).verify(accreditation(OFFICER, *others[:3]))
    await intake(register).verify(accreditation(OFFICER, *others))
    assert seen == [True, False]


async def test_the_loop_goes_on_while_the_largest_statement_is_checked(register: Register) -> None:
    """256 KiB of canonical JSON that only the schema refuses; the loop must not stand still for it."""
    longest, last = 0.0, asyncio.get_running_loop().time()

    async def tick() -> None:
        nonlocal longest, last
        while True:
            await asyncio.sleep(0.001)
            now = asyncio.get_running_loop().time()
            longest, last = max(longest, now - last), now

    body = {"subject": "x" * 200, "filler": ["y" * 60] * 3900}
    octets = payload(
        "accreditation", "coordinator", body, [(OFFICER.kid, "officer")], network=NETWORK, now=1_795_000_000
    )
    document = sign_all(octets, [(OFFICER, "officer")], 1_795_000_000)
    assert len(octets) > 240_000
    task = asyncio.create_task(tick())
    await asyncio.sleep(0.01)
    longest = 0.0
    code, _ = await refusal(intake(register), document)
    task.cancel()
    assert code == "schema_violation"
    assert longest < 0.5, "a thread may hold the interpreter for moments, the loop never for the whole check"


async def test_registered_signatures_are_verified_before_introduced_ones(
    register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = signing_key("new")
    body = {"action": "add", "owner": "provider-a", "key": {"purpose": "statement", "jwk": new.public.jwk()}}
    signers = [(new, "introduced"), (OFFICER, "officer")]
    octets = payload("key", "coordinator", body, [(key.kid, role) for key, role in signers], network=NETWORK, now=1)
    order: list[bytes] = []
    original = PublicKey.verify

    def watched(self: PublicKey, message: bytes, signature: bytes, where: str) -> None:
        order.append(self.x)
        original(self, message, signature, where)

    monkeypatch.setattr(PublicKey, "verify", watched)
    await intake(register).verify(sign_all(octets, signers, 1))
    assert order == [OFFICER.public.x, new.public.x]
