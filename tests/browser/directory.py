"""A directory with something of everything: what pages show, and what they must stand up to."""

from datetime import date
from typing import Any

from metrics.samples import as_reported, guangzhou_like
from tests.hub.running import Hub
from tests.hub.world import Actor, Speaker, example

HARBOUR, ANDES, MERIDIAN, LOTUS, LIKE_HARBOUR = (
    Actor(name, "provider") for name in ("harbour-odr", "andes-odr", "meridian-odr", "lotus-odr", "harbor-odr")
)
COURT = Actor("lima-court", "court")
OKAFOR, CHEN = Actor("n-okafor", "neutral"), Actor("n-chen", "neutral")
SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(2)>"
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"

PLAN = {
    "text": "Open cases are offered to the successor.",
    "successor": "andes-odr",
    "url": "https://harbour.example/plan",
}
SOURCES = {
    "legal_name": {"stated_by": "public_register", "url": "https://register.example/1", "checked_on": "2026-10-01"},
    "average_length_days": {"stated_by": "coordinator"},
}


def profiles() -> dict[Actor, dict[str, Any]]:
    """Profiles of providers: full, small, with script in every text field, and with long and Chinese words."""
    full = example("member", "valid-provider")["body"]["profile"]
    small = example("member", "valid-provider-minimal")["body"]["profile"]
    contact = {"postal": SCRIPT, "email": "office@meridian.example", "url": "https://meridian.example/?q='&x=1"}
    return {
        HARBOUR: full | {"run_off_plan": PLAN, "sources": SOURCES},
        ANDES: small,
        MERIDIAN: small
        | {
            "legal_name": f"Meridian {SCRIPT}",
            "contact": contact,
            "networks": [SCRIPT],
            "rules": [small["rules"][0] | {"name": f"Rules {SCRIPT}", "version": "2025-02"}],
            "who_decides": {"appointment_method": SCRIPT},
            "enforceability_note": SCRIPT,
            "structure_and_funding": SCRIPT,
            "ai_use_statement": f"{SCRIPT} {LONG}",
            "decision_basis": ["law", "equity"],
            "value_threshold": {"max": "5000", "currency": "EUR"},
        },
        LIKE_HARBOUR: small | {"legal_name": "H\u0430rbour ODR C\u0435ntre (sample)"},
        LOTUS: small
        | {
            "legal_name": f"莲花网上争议解决中心 {LONG}",
            "economy": "CN",
            "languages_procedure": ["zh-Hans", "en"],
            "value_threshold": {"min": "1000", "currency": "CNY"},
            "average_length_days": 1,
        },
    }


def member(speaker: Speaker, actor: Actor, profile: dict[str, Any]) -> bytes:
    """The first statement of a provider with this profile."""
    keys = [speaker.public_key(actor, purpose) for purpose in ("statement", "http", "monitor", "inbox")]
    signers = [(actor.statement, "introduced"), (actor.http, "introduced"), *speaker.officer()]
    return speaker.compose("member", actor.id, {"type": actor.role, "profile": profile, "keys": keys}, signers)


def neutral(speaker: Speaker, actor: Actor, provider: Actor, **changed: Any) -> bytes:
    """The first statement of a neutral whose profile differs from the example's in ``changed``."""
    body = example("neutral", "valid-active")["body"] | {"nominated_by": provider.id, "key_custody": "self"}
    body["profile"] = body["profile"] | changed
    body["keys"] = [speaker.public_key(actor, purpose) for purpose in ("statement", "http")]
    signers = [
        (actor.statement, "introduced"), (actor.http, "introduced"), (provider.statement, "provider"),
        *speaker.officer(),
    ]  # fmt: skip
    return speaker.compose("neutral", actor.id, body, signers)


def suspension(speaker: Speaker, subject: Actor) -> bytes:
    """A suspension by two officers on a ground of the list."""
    body = example("accreditation", "valid-listed")["body"] | {"subject": subject.id, "subject_type": subject.role}
    body |= {"status": "suspended", "ground_code": "feedback_not_sent"}
    body |= {"valid_from": "2026-01-01T00:00:00Z", "valid_to": "2029-01-01T00:00:00Z"}
    return speaker.compose("accreditation", "coordinator", body, speaker.officer(2))


async def populated(hub: Hub) -> None:
    """Register all of it, and case events enough for figures."""
    speaker = hub.speaker
    for actor, profile in profiles().items():
        await hub.registered(member(speaker, actor, profile))
    await hub.registered(speaker.member(COURT))
    for actor in (HARBOUR, ANDES, MERIDIAN):
        await hub.registered(speaker.accreditation(actor))
    await hub.registered(suspension(speaker, MERIDIAN))
    await hub.registered(neutral(speaker, OKAFOR, HARBOUR))
    await hub.registered(speaker.accreditation(OKAFOR))
    told = {"display_name": f"陈样本 {SCRIPT}", "languages": ["zh-Hans", "en"], "roles": ["arbitrator"]}
    qualification = {"body": SCRIPT, "title": SCRIPT, "date": "2019-05-01"}
    await hub.registered(neutral(speaker, CHEN, ANDES, **told, qualifications=[qualification]))
    happened = sorted(guangzhou_like(1, 169, date(2025, 1, 1), HARBOUR.id), key=lambda event: event.at)
    await hub.report(HARBOUR, [as_reported(event) for event in happened])
