"""What an offer, a brief and an answer say, made from a case file and from what people decided.

The offer stands in the log, sealed: nothing above class C1. What tells who the parties are stands in the
brief alone, which only the recipient can open.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from providers.errors import GatewayError
from providers.gateway.exchange.values import DAY
from providers.package.attestation import CONSENT
from providers.package.disclosure import privileged_texts
from signing.compose import timestamp
from signing.encoding import JSON, canonical
from signing.statement import seconds

__all__ = ["TERMS", "answer_body", "brief_of", "offer_body", "summary_of"]

_DEFAULTS: dict[str, JSON] = {
    "fees": "unchanged",
    "seat_unchanged": True,
    "expires_in_hours": 240,
    "dispatch_hours": 72,
    "completion_hours": 72,
}
_REQUIRED = ("recipient", "reason", "legal_basis", "destination_country", "export_basis", "rules_to", "claim_summary")
_OPTIONAL = ("stage", "expires_at", "conflict_identifiers", "withheld", *_DEFAULTS)
TERMS = (*_REQUIRED, *_OPTIONAL)
"""What a platform may say about an offer; the gateway takes everything else from the case file."""

_MOST_IDENTIFIERS = 200
"""So many the schema of briefs takes, each once; the parties of a large case may have more."""

_ROLES = {"claimant": "claimants", "respondent": "respondents", "joined": "joined"}
_PURPOSES = ("transfer", "data_transfer_country", "negotiation_data_to_neutral", "item_disclosure")
_PARTY = ("role", "number", "kind", "name", "name_latin", "country")


def offer_body(case: Mapping[str, JSON], terms: Mapping[str, JSON], transfer_id: str, now: int) -> dict[str, JSON]:
    """The body of an offer, but for its brief.

    Args:
        case: a case file that its schema accepts.
        terms: what the platform says, see ``TERMS``.
        transfer_id: a new one.
        now: POSIX seconds.

    Raises:
        GatewayError: ``unknown_term``, ``term_missing`` or ``consent_for_other_stage``.
    """
    for name in terms:
        if name not in TERMS:
            raise GatewayError("unknown_term", f"{name} is no term of an offer; known: {', '.join(TERMS)}.", f"/{name}")
    for name in _REQUIRED:
        if name not in terms:
            raise GatewayError("term_missing", f"An offer needs {name}.", f"/{name}")
    said = {"stage": case["stage"], **_DEFAULTS, **terms}
    _refuse_other_stages(case, said["recipient"], said["stage"])
    expires = said.get("expires_at") or timestamp(now + _hours(said["expires_in_hours"]) * 3600)
    names = (
        "recipient", "stage", "reason", "legal_basis", "destination_country", "export_basis", "rules_to", "fees",
        "seat_unchanged", "dispatch_hours", "completion_hours",
    )  # fmt: skip
    return {
        "transfer_id": transfer_id,
        "case_id": case["case_id"],
        "parties": {plural: sum(one["role"] == role for one in case["parties"]) for role, plural in _ROLES.items()},
        "clocks": _clocks(case["clocks"], now),
        "data_classes": _classes(case),
        "consents": _different(_consents(case, said["recipient"], said["stage"], CONSENT)),
        "expires_at": expires,
        **{name: said[name] for name in names},
    }


def summary_of(case: Mapping[str, JSON], terms: Mapping[str, JSON]) -> dict[str, JSON]:
    """What goes into the brief besides the case file, and what the dispatch says is withheld."""
    found = terms.get("conflict_identifiers")
    return {
        "claim_summary": terms["claim_summary"],
        "conflict_identifiers": _different(_identifiers(case))[:_MOST_IDENTIFIERS] if found is None else found,
        "withheld": terms.get("withheld", []),
    }


def brief_of(case: Mapping[str, JSON], offer: Mapping[str, JSON], summary: Mapping[str, JSON]) -> dict[str, JSON]:
    """The brief of an offer: the parties, what it is about, every consent in full, what the package will hold."""
    consents = _consents(case, offer["recipient"], offer["stage"], None)
    return {
        "kind": "transfer-brief",
        "version": 1,
        "transfer_id": offer["transfer_id"],
        "case_id": offer["case_id"],
        "parties": [_party(one) for one in case["parties"]],
        "claim_summary": summary["claim_summary"],
        "conflict_identifiers": summary["conflict_identifiers"],
        "consents": _different(consents),
        "documents": [
            {name: one[name] for name in ("name", "type", "class", "size", "sha256")} for one in case["documents"]
        ],
    }


def answer_body(transfer_id: str, offer: str, decision: Mapping[str, JSON], key: JSON) -> dict[str, JSON]:
    """The body of an answer: what was decided, and for an acceptance the new key's public JWK."""
    body = {"transfer_id": transfer_id, "offer": offer, **decision}
    return {**body, "key": key} if decision["answer"] == "accept" else body


def _hours(value: JSON) -> int:
    if type(value) is not int or not 1 <= value <= 720:
        raise GatewayError("bad_term", "expires_in_hours is a whole number from 1 to 720.", "/expires_in_hours")
    return value


def _consents(
    case: Mapping[str, JSON], recipient: JSON, stage: JSON, names: Sequence[str] | None
) -> Iterator[dict[str, JSON]]:
    """Consents of the case that count for this recipient and stage; all members, or these."""
    for one in case["consents"]:
        if _counts(one, recipient) and one.get("stage", stage) == stage:
            yield dict(one) if names is None else {name: one[name] for name in names if name in one}


def _counts(consent: Mapping[str, JSON], recipient: JSON) -> bool:
    """Whether it was given for this recipient, with evidence, and not withdrawn; in whatever stage."""
    meant = consent["purpose"] in _PURPOSES and consent.get("recipient") == recipient
    return meant and "evidence_sha256" in consent and "withdrawn_at" not in consent


def _refuse_other_stages(case: Mapping[str, JSON], recipient: JSON, stage: JSON) -> None:
    """Say so when a party agreed to this transfer, but in other stages only: the gate would call it no consent."""
    given = [(at, one) for at, one in enumerate(case["consents"]) if one["purpose"] == "transfer"]
    given = [(at, one) for at, one in given if _counts(one, recipient)]
    agreed = [one["party"] for _, one in given if one.get("stage", stage) == stage]
    for at, one in given:
        if one["party"] not in agreed:
            who = f"{one['party']['role']} {one['party']['number']}"
            message = f"The consent of {who} is for the stage {one['stage']} only; the case is offered in {stage}."
            raise GatewayError("consent_for_other_stage", message, f"case.json/consents/{at}/stage")


def _classes(case: Mapping[str, JSON]) -> list[str]:
    found = {"C1", "C2"} | {one["class"] for one in case["documents"]}
    return sorted(found | {"C3" for _ in privileged_texts(case)})


def _clocks(clocks: Sequence[Mapping[str, Any]], now: int) -> list[dict[str, JSON]]:
    """Days used and allowed of each clock, whole days, the newest of a name."""
    found: dict[str, dict[str, JSON]] = {}
    for one in clocks:
        began, due = seconds(one["started_at"]), seconds(one["due"])
        ended = seconds(one["stopped_at"]) if "stopped_at" in one else now
        used = one.get("used_days", max(0, ended - began) // DAY)
        limit = max(0, due - began) // DAY
        found[one["clock"]] = {
            "clock": one["clock"],
            "used_days": int(min(used, 400)),
            "limit_days": int(min(limit, 400)),
        }
    return list(found.values())[:8]


def _party(party: Mapping[str, JSON]) -> dict[str, JSON]:
    people = list(dict.fromkeys(one["name"] for one in party.get("representatives", ())))
    said = {name: party[name] for name in _PARTY if name in party}
    return {**said, "representatives": people} if people else said


def _identifiers(case: Mapping[str, JSON]) -> Iterator[dict[str, JSON]]:
    """Register numbers and web domains by which a conflict of interest is found."""
    for party in case["parties"]:
        for one in party.get("register_ids", ()):
            if one["scheme"] in ("lei", "national_register"):
                more = {"country": one["country"]} if "country" in one else {}
                yield {"scheme": one["scheme"], "value": one["number"], **more}
        if "website" in party:
            yield {"scheme": "domain", "value": urlsplit(party["website"]).hostname}


def _different(found: Iterable[dict[str, JSON]]) -> list[dict[str, JSON]]:
    """Each once, where it stands first: parties share a register number, two directors sign one consent."""
    return list({canonical(one): one for one in found}.values())
