"""What the recipient's gateway holds against the offer by itself: the brief before anybody decides, the case after."""

import copy
import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from providers.errors import GatewayError
from providers.gateway.exchange import outbox, sender
from providers.gateway.exchange.composing import brief_of
from providers.gateway.exchange.serving import Gateway
from providers.gateway.exchange.values import Dossier
from providers.package.running import PackJob
from signing.compose import timestamp
from signing.secretkeys import AgreementKey
from tests.providers.exchangehub import Fault
from tests.providers.gateway.exchange.house import (
    ACCEPT,
    FILES,
    B,
    House,
    add_case,
    briefed,
    offered,
    sample_case,
    state,
    terms,
    until,
)
from tests.providers.gateway.exchange.twists import twisted

SECRETS = {"notes-1.txt": b"one", "notes-2.txt": b"two"}
WITHDRAWN = {"withdrawn_at": "2026-01-01T00:00:00Z"}


async def handed_over(ours: Gateway, theirs: Gateway, case: dict[str, Any], files: dict[str, bytes]) -> Dossier:
    """Offer a case, accept it where nothing hinders, and see how it ends."""
    transfer = (await ours.service.offer(await add_case(ours, case, files), terms())).transfer_id
    seen = await until(theirs, transfer, briefed)
    if seen.decision is None:
        await theirs.service.accept(transfer, ACCEPT)
    return await until(theirs, transfer, lambda one: one.final and one.closed)


async def told(gateway: Gateway, event: str) -> dict[str, Any]:
    """What the feed said of the one event of this name."""
    feed = await gateway.service.context.store.do(lambda book: book.events(0, 100))
    (found,) = [one for one in feed if one.type == event]
    return dict(found.data)


async def test_a_renewed_consent_is_no_fault(house: House) -> None:
    again = {"consent-again.json": b'{"consent": "claimant, again"}'}
    case, files = sample_case(house.world.now, files={**FILES, **again})
    first = case["consents"][0]
    renewed = {**first, "consent_id": "renewed", "evidence_sha256": hashlib.sha256(*again.values()).hexdigest()}
    case["consents"] = [{**first, "expires_at": timestamp(house.world.now - 60)}, *case["consents"][1:], renewed]
    async with house.both() as (ours, theirs):
        assert (await handed_over(ours, theirs, case, files)).state == "completed"


async def test_two_disclosures_of_each_party_are_no_fault(house: House) -> None:
    evidence = {
        f"{role}-{name}.json": json.dumps([role, name]).encode()
        for role in ("claimant", "respondent")
        for name in SECRETS
    }
    classes = dict.fromkeys(SECRETS, "C3")
    case, files = sample_case(house.world.now, files={**FILES, **SECRETS, **evidence}, classes=classes)
    for one in tuple(case["consents"]):
        for name, data in SECRETS.items():
            behind = evidence[f"{one['party']['role']}-{name}.json"]
            case["consents"].append(
                {
                    **one,
                    "consent_id": f"{one['consent_id']}-{name}",
                    "purpose": "item_disclosure",
                    "items": [hashlib.sha256(data).hexdigest()],
                    "evidence_sha256": hashlib.sha256(behind).hexdigest(),
                }
            )
    async with house.both() as (ours, theirs):
        assert (await handed_over(ours, theirs, case, files)).state == "completed"


@pytest.mark.parametrize(
    ("change", "code", "says"),
    [
        (lambda one: {**one, "recipient": "provider-c"}, "consent_unfounded", "has another recipient"),
        (lambda one: {**one, **WITHDRAWN}, "consent_unfounded", "was withdrawn"),
        (lambda one: {**one, "stage": "arbitration"}, "consent_unfounded", "for the stage arbitration only"),
    ],
    ids=["recipient", "withdrawn", "stage"],
)
async def test_a_brief_that_does_not_bear_out_the_offers_consents_is_declined(
    house: House, monkeypatch: pytest.MonkeyPatch, change: Callable[[Any], Any], code: str, says: str
) -> None:
    def other(*args: Any) -> dict[str, Any]:
        brief = brief_of(*args)
        return brief | {"consents": [change(one) for one in brief["consents"]]}

    monkeypatch.setattr(sender, "brief_of", other)
    async with house.both() as (ours, theirs):
        transfer = await offered(ours, house.world)
        declined = await until(theirs, transfer, state("declined"))
        assert declined.decision == {"answer": "decline", "reason": "consent_defect"}
        said = await told(theirs, "consent_defect")
        assert (said["code"], said["where"]) == (code, "brief/consents")
        assert says in said["detail"]


async def test_a_brief_with_a_party_that_the_offer_does_not_count_is_declined(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def more(*args: Any) -> dict[str, Any]:
        brief = brief_of(*args)
        return brief | {"parties": [*brief["parties"], {**brief["parties"][1], "number": 2}]}

    monkeypatch.setattr(sender, "brief_of", more)
    async with house.both() as (ours, theirs):
        transfer = await offered(ours, house.world)
        assert (await until(theirs, transfer, state("declined"))).decision == {
            "answer": "decline",
            "reason": "consent_defect",
        }
        assert (await told(theirs, "consent_defect"))["code"] == "parties_differ"


def _party_more(job: PackJob) -> PackJob:
    """The case has a second respondent, and the packer believes that it was offered so."""
    parties = [*job.case["parties"], {**copy.deepcopy(job.case["parties"][1]), "number": 2}]
    counts = {**job.offer["parties"], "respondents": 2}
    return replace(job, case={**job.case, "parties": parties}, offer={**job.offer, "parties": counts})


def _consents_withdrawn(job: PackJob) -> PackJob:
    """The case says that every consent was withdrawn, and the packer believes that none was attested."""
    consents = [{**one, **WITHDRAWN} for one in job.case["consents"]]
    return replace(job, case={**job.case, "consents": consents}, offer={**job.offer, "consents": []})


@pytest.mark.parametrize(
    ("change", "code"), [(_party_more, "parties_differ"), (_consents_withdrawn, "consent_unfounded")]
)
async def test_a_case_that_does_not_bear_out_the_offer_is_not_taken(
    house: House, monkeypatch: pytest.MonkeyPatch, change: Callable[[PackJob], PackJob], code: str
) -> None:
    monkeypatch.setattr(sender, "pack_apart", twisted(change))
    async with house.both() as (ours, theirs):
        got = await handed_over(ours, theirs, *sample_case(house.world.now))
        assert got.state == "failed"
        assert got.failure is not None
        assert (got.failure["reason"], got.failure["code"]) == ("consent_defect", code)


@pytest.mark.parametrize(("for_keys", "declared", "ends"), [(2, 2, "completed"), (2, 1, "failed"), (0, 1, "failed")])
async def test_a_package_is_for_as_many_keys_as_the_dispatch_declares(
    house: House, monkeypatch: pytest.MonkeyPatch, for_keys: int, declared: int, ends: str
) -> None:
    escrow = [AgreementKey(bytes([number]) * 32).public for number in (7, 8)]

    def dispatch(dossier: Dossier, now: int) -> tuple[str, dict[str, Any]]:
        kind, body = said(dossier, now)
        return kind, {**body, "escrow": [one.kid for one in escrow[:declared]]}

    said = outbox._SAID["dispatch"]
    monkeypatch.setitem(outbox._SAID, "dispatch", dispatch)
    pack = twisted(lambda job: replace(job, recipients=(*job.recipients, *escrow[:for_keys])))
    monkeypatch.setattr(sender, "pack_apart", pack)
    async with house.both() as (ours, theirs):
        got = await handed_over(ours, theirs, *sample_case(house.world.now))
        assert got.state == ends
        assert (got.failure or {}).get("code") == (None if ends == "completed" else "undeclared_recipients")


async def test_a_brief_for_an_inbox_key_that_was_made_meanwhile_is_read(house: House) -> None:
    """Senders know of it as soon as it is registered, which is before this program is started again."""
    async with house.both() as (ours, theirs):
        context = theirs.service.context
        keys = replace(context.keys, inbox=AgreementKey.generate(), newer=lambda: (house.actors[B].inbox,))
        object.__setattr__(context, "keys", keys)
        transfer = await offered(ours, house.world)
        assert (await until(theirs, transfer, briefed)).failure is None


async def declined_unread(house: House, ours: Gateway, theirs: Gateway) -> str:
    """Decline an offer whose brief does not come, or can't be opened; returns the code of why."""
    transfer = await offered(ours, house.world)
    stuck = await until(theirs, transfer, lambda one: one.problem is not None)
    assert (stuck.brief, stuck.failure) == (None, None)
    assert stuck.problem is not None
    with pytest.raises(GatewayError, match="has not been read yet"):
        await theirs.service.accept(transfer, ACCEPT)
    await theirs.service.decline(transfer, "capacity")
    await until(ours, transfer, state("declined"))
    await until(theirs, transfer, state("declined"))
    return stuck.problem.code


async def test_an_offer_whose_brief_does_not_come_can_be_declined(house: House) -> None:
    house.hub.faults = [Fault("GET", "/v1/packages/", "busy", times=10**9)]
    async with house.both() as (ours, theirs):
        assert await declined_unread(house, ours, theirs) == "overloaded"


async def test_an_offer_whose_brief_waits_for_a_key_can_be_declined(house: House) -> None:
    """A newer key file has another passphrase, which its operator may mend; until then it can't be read or accepted."""

    def newer() -> tuple[AgreementKey, ...]:
        raise GatewayError("wrong_passphrase", "The passphrase does not open this file.", "inbox.new.key.json")

    async with house.both() as (ours, theirs):
        context = theirs.service.context
        keys = replace(context.keys, inbox=AgreementKey.generate(), newer=newer)
        object.__setattr__(context, "keys", keys)
        assert await declined_unread(house, ours, theirs) == "wrong_passphrase"
