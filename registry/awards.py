"""Awards: registered by the custodian provider, signed by it and by each neutral named as signer.

Accreditation is recorded, not required: a lapsed or suspended one never strands a winner, it is shown.
What is required is that each neutral is in office: not paused, gone or removed. The effect holds the
reference tag that amendments will carry, never the salt.
"""

from collections.abc import Mapping, Sequence

from registry import state as spaces
from registry.custody import custodian_of
from registry.effects import Effect
from registry.errors import refused
from registry.judgement import accreditation_status
from registry.signers import authorise
from registry.state import StateView, get_all
from registry.statements import At, Decision, registered, salt_tag, seal
from signing.encoding import JSON
from signing.keyring import KeyRecord
from signing.statement import Statement

__all__ = ["decide_award", "needs"]


def needs(statement: Statement) -> set[str]:
    """State that an award reads, as far as it tells; whose keys the neutrals' are is in the state."""
    issuer = statement.issuer
    return {
        spaces.actor(issuer),
        spaces.keyring(issuer),
        spaces.accreditation(issuer),
        spaces.award_id(statement.body["award_id"]),
        spaces.case(statement.body["case_id"]),
        spaces.salt(salt_tag(statement)),
    }


def decide_award(statement: Statement, state: StateView, at: At) -> Decision:
    """Register an award."""
    issuer = statement.issuer
    if state.get(spaces.actor(issuer))["role"] != "provider":
        raise refused("issuer_not_provider", "/issuer")
    signers = authorise(statement, state, at)
    parties = _parties(signers, state, at)
    _check_ids(statement, state)
    sealed = seal(statement, state, at)
    record = {**_record(statement, signers, at), "parties": parties, "ref": sealed.salt_tag}
    return Decision((registered(statement, at, sealed), Effect("award.registered", 1, record)), sealed.monitor)


def _parties(signers: Sequence[KeyRecord], state: StateView, at: At) -> list[dict[str, JSON]]:
    """Each signing owner with its accreditation at this index; refuses a neutral out of office."""
    owners = {record.owner: record.role for record in sorted(signers, key=_kid)}  # signatures come in any order
    known = get_all(state, [spaces.actor(owner) for owner in owners])
    accreditations = get_all(state, [spaces.accreditation(owner) for owner in owners])
    parties = []
    for (owner, role), actor, record in zip(owners.items(), known, accreditations, strict=True):
        status = accreditation_status(record, at.time)
        if role == "neutral" and (actor["status"] != "active" or status == "removed"):
            raise refused("neutral_not_active", "/signers", neutral=owner)
        parties.append(_party(owner, role, status, record))
    return parties


def _party(owner: str, role: str, status: str, record: Mapping[str, JSON] | None) -> dict[str, JSON]:
    decided = None if record is None else record["digest"]
    return {"owner": owner, "role": role, "accreditation": status, "decided": decided}


def _check_ids(statement: Statement, state: StateView) -> None:
    body, issuer = statement.body, statement.issuer
    if not body["award_id"].startswith(f"urn:odr:{issuer}:"):
        raise refused("award_id_of_other_issuer", "/body/award_id", issuer=issuer)
    if state.get(spaces.award_id(body["award_id"])) is not None:
        raise refused("award_id_taken", "/body/award_id")
    if custodian_of(body["case_id"], state) != issuer:
        raise refused("not_custodian", "/body/case_id", issuer=issuer)


def _kid(record: KeyRecord) -> str:
    return record.kid


def _record(statement: Statement, signers: Sequence[KeyRecord], at: At) -> dict[str, JSON]:
    body = statement.body
    document = body["manifestation"]
    return {
        "digest": statement.digest,
        "index": at.index,
        "time": at.time,
        "issuer": statement.issuer,
        "award_id": body["award_id"],
        "case_id": body["case_id"],
        "award_type": body["type"],
        "document": {"sha256": document["sha256"], "size": document["size"]},
        "signers": [{"kid": one.kid, "owner": one.owner, "role": one.role} for one in sorted(signers, key=_kid)],
    }
