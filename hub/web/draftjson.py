"""How a draft is shown to who may see it."""

from collections.abc import Iterable

from hub.drafts.standing import Standing
from hub.drafts.values import COMPLETE, INVITED, NOBODY_YET, REFUSED, REGISTERED, DeskDraft, Signer
from signing.compose import timestamp
from signing.encoding import JSON, b64u_encode

__all__ = ["draft_json", "listed_json"]


def draft_json(draft: DeskDraft, standing: Standing) -> dict[str, JSON]:
    """The answer to ``GET /v1/drafts/{id}``; texts that were deleted are null."""
    members: dict[str, JSON] = {
        **_told(draft),
        "digest": None if draft.state == INVITED else draft.digest,
        "draft": _text(draft),
        "signed": _signers(one for one in draft.signers if one.signed),
        "declined": None,
        "result": _result(draft),
        "you": _you(standing),
    }
    if draft.declined_kid is not None and draft.ended_at is not None:
        kid = None if draft.declined_kid == NOBODY_YET else draft.declined_kid
        members["declined"] = {"kid": kid, "reason": draft.decline_reason, "at": timestamp(draft.ended_at)}
    if draft.state == INVITED and draft.invitation is not None:
        members["invitation"] = dict(draft.invitation)
    return members


def listed_json(draft: DeskDraft) -> dict[str, JSON]:
    """A line of the list: no text."""
    return _told(draft)


def _told(draft: DeskDraft) -> dict[str, JSON]:
    waits = {"waits": dict(draft.problem)} if draft.state == COMPLETE and draft.problem is not None else {}
    return {
        "id": draft.id,
        "kind": draft.kind,
        "issuer": draft.issuer,
        "state": draft.state,
        "missing": _signers(draft.missing),
        "created_at": timestamp(draft.created_at),
        "expires_at": timestamp(draft.expires_at),
        **waits,
    }


def _text(draft: DeskDraft) -> JSON:
    text = draft.draft
    if text is None:
        return None
    annex = None if text.annex is None else b64u_encode(text.annex)
    return {
        "odr_draft": 1,
        "payload": b64u_encode(text.octets),
        "signatures": list(text.signatures),
        "annex": annex,
    }


def _signers(signers: Iterable[Signer]) -> list[dict[str, JSON]]:
    return [_signer(one) for one in signers]


def _signer(one: Signer) -> dict[str, JSON]:
    members: dict[str, JSON] = {"kid": None if one.kid == NOBODY_YET else one.kid, "role": one.role}
    if one.owner is not None:
        members["owner"] = one.owner
    return members


def _result(draft: DeskDraft) -> JSON:
    if draft.state == REGISTERED:
        return {"digest": draft.digest, "index": draft.result_index}
    return {"problem": dict(draft.problem)} if draft.state == REFUSED and draft.problem is not None else None


def _you(standing: Standing) -> JSON:
    kids = [kid for kid in standing.kids if kid != NOBODY_YET]
    return {"kid": kids[0]} if kids else None
