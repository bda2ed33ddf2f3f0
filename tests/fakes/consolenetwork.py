"""A network in which something of every kind waits for its officers."""

import json
from typing import Any

from signing.compose import payload, timestamp
from signing.drafts import Draft
from signing.encoding import canonical, sha256_hex
from tests.fakes.consolescene import secret_of
from tests.hub.applications.applicants import Applicant
from tests.hub.running import Hub
from tests.hub.world import Actor, example, signing_key

DAY = 86_400
LISTED, CONCERNED, CONDITIONAL, ENDED, REFERRED = (
    Actor(name, "provider") for name in ("harbour-odr", "andes-odr", "lotus-odr", "meridian-odr", "baltic-odr")
)
NEUTRAL, SUSPENDED = Actor("neutral-a", "neutral"), Actor("neutral-b", "neutral")
READY, STUCK, LOOKALIKE = (
    Actor("cora-centre", "provider"),
    Actor("dori-centre", "provider"),
    Actor("harb0ur", "provider"),
)
SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(2)>"
PANEL = [{"institution": "Sample University", "economy": "SG"}]


async def decide(hub: Hub, subject: Actor, status: str, count: int = 1, **changes: Any) -> None:
    """Register a decision on ``subject``; it counts from the beginning of the year unless changed."""
    body = example("accreditation", "valid-listed")["body"] | {
        "subject": subject.id, "subject_type": subject.role, "status": status, "criteria": [],
        "valid_from": "2026-01-01T00:00:00Z", "valid_to": "2029-01-01T00:00:00Z",
        "decided_by": "Sample accreditation panel",
    }  # fmt: skip
    body.pop("criteria_set", None)
    speaker = hub.speaker
    await hub.registered(speaker.compose("accreditation", "coordinator", body | changes, speaker.officer(count)))


async def admit(hub: Hub, provider: Actor, name: str) -> None:
    """Register a provider under a name."""
    speaker = hub.speaker
    profile = example("member", "valid-provider-minimal")["body"]["profile"] | {"legal_name": name}
    keys = [speaker.public_key(provider, purpose) for purpose in ("statement", "http", "monitor", "inbox")]
    signers = [(provider.statement, "introduced"), (provider.http, "introduced"), *speaker.officer()]
    body = {"type": "provider", "profile": profile, "keys": keys}
    await hub.registered(speaker.compose("member", provider.id, body, signers))


async def publish_criteria(hub: Hub) -> None:
    """Register a set of two criteria."""
    criteria = [
        {"code": "independence", "title": "Independence", "text": "Nobody tells a neutral what to decide."},
        {"code": "fees", "title": "Bearable fees", "text": "Fees stand in proportion to what is in dispute."},
    ]
    source = {"publisher": "Sample council", "title": "Sample standard", "edition": "2025"}
    body = {"type": "criteria_set", "id": "sample-criteria", "version": 1, "title": "Sample criteria",
            "source": source, "criteria": criteria}  # fmt: skip
    await hub.registered(hub.speaker.compose("reference", "coordinator", body, hub.speaker.officer(2)))


async def populate(hub: Hub) -> None:
    """Everything; the clock moves on by six days."""
    now = hub.clock.now
    for provider, name in (
        (LISTED, "Harbour Online Dispute Resolution Centre"),
        (CONCERNED, "Andes ODR"),
        (CONDITIONAL, "莲花网上争议解决中心"),
        (ENDED, f"Meridian {SCRIPT}"),
        (REFERRED, "Baltic Mediation"),
    ):
        await admit(hub, provider, name)
    await publish_criteria(hub)
    chosen = {"id": "sample-criteria", "version": 1}
    findings = [{"code": "independence", "result": "met"}, {"code": "fees", "result": "partly"}]
    await decide(hub, LISTED, "listed", criteria=findings, criteria_set=chosen, valid_to=timestamp(now + 26 * DAY))
    await decide(hub, CONCERNED, "listed")
    await decide(hub, CONCERNED, "concern", ground_code="data_missing_or_poor", cure_deadline=timestamp(now + 5 * DAY))
    condition = [{"text": "Publish the schedule of fees.", "criterion": "fees"}]
    await decide(hub, CONDITIONAL, "listed")
    await decide(hub, CONDITIONAL, "conditional", conditions=condition, cure_deadline=timestamp(now + 11 * DAY))
    await decide(hub, ENDED, "listed", valid_to=timestamp(now + 2 * DAY))
    await decide(hub, REFERRED, "listed")
    await decide(hub, REFERRED, "concern", ground_code="no_roster_or_training", cure_deadline=timestamp(now + 90 * DAY))
    await decide(hub, REFERRED, "referred", ground_code="no_roster_or_training",
                 referral={"provision": "para 4.1", "panel": PANEL})  # fmt: skip
    for neutral in (NEUTRAL, SUSPENDED):
        await hub.registered(hub.speaker.neutral(neutral, LISTED))
        await decide(hub, neutral, "listed")
    await decide(hub, SUSPENDED, "suspended", 2, ground_code="no_impartiality_mechanism",
                 appeal={"until": timestamp(now + 60 * DAY), "state": "lodged"})  # fmt: skip
    receipt = await hub.registered(hub.speaker.award(LISTED, NEUTRAL))
    await hub.registered(hub.speaker.revoke(NEUTRAL, NEUTRAL.statement, invalid_from=receipt["index"]))
    hub.clock.now += 6 * DAY
    await _key_by_officers(hub)
    await _applications(hub)
    await put_on_desk(hub, LISTED, "suspended")


async def _key_by_officers(hub: Hub) -> None:
    """Officers make a key for the neutral whose own was revoked."""
    new = signing_key("neutral-a/new")
    speaker = hub.speaker
    body = {"action": "add", "owner": NEUTRAL.id, "key": {"purpose": "statement", "jwk": new.public.jwk()}}
    signers = [*speaker.officer(2), (new, "introduced")]
    await hub.registered(speaker.compose("key", "coordinator", body, signers))


async def _applications(hub: Hub) -> None:
    await (await Applicant(hub, READY).applied(name="Cora Centre for Online Arbitration")).answered()
    stuck = await Applicant(hub, STUCK).applied(name=f"Dori {SCRIPT}")
    await stuck.answered(sha256="00" * 32)
    await Applicant(hub, LOOKALIKE).applied(name="Harbour Online Dispute Resolution Centre")


async def put_on_desk(hub: Hub, subject: Actor, status: str) -> str:
    """The second officer prepares a decision that both are to sign; returns the draft's id."""
    speaker, (first, second) = hub.speaker, hub.speaker.officers[:2]
    body = example("accreditation", "valid-suspended")["body"] | {
        "subject": subject.id, "subject_type": subject.role, "status": status,
        "valid_from": "2026-01-01T00:00:00Z", "valid_to": "2029-01-01T00:00:00Z",
    }  # fmt: skip
    signers = [(one.statement.kid, "officer") for one in (first, second)]
    octets = payload("accreditation", "coordinator", body, signers, network=speaker.network, now=hub.clock(),
                     previous=speaker.chains[f"accreditation/{subject.id}"])  # fmt: skip
    links = [{"kid": one.statement.kid, "secret_sha256": sha256_hex(secret_of(one.id).encode())}
             for one in (first, second)]  # fmt: skip
    posted = canonical({"draft": json.loads(Draft(octets).to_bytes()), "links": links})
    fields = {"Content-Type": "application/json"}
    headers = fields | hub.signature("POST", "/v1/drafts", second.http, fields=fields, body=posted)
    answer = await hub.client.post("/v1/drafts", data=posted, headers=headers)
    told = await answer.json(content_type=None)
    assert answer.status == 201, told
    return str(told["id"])
