"""Drafts on the signing desk: each row against its own text, its signatures and the register.

A draft is not logged, so that only what its text, its id and its state say of each other can be told. Of one whose text
was deleted little is left to compare, and it is gone within weeks.
"""

from collections.abc import Awaitable, Callable, Mapping

from hub.audit.findings import Findings
from hub.drafts import checking
from hub.drafts.errors import DraftsError
from hub.drafts.values import (
    COMPLETE,
    DECLINED,
    FINAL,
    INVITED,
    NOBODY_YET,
    OPEN,
    REFUSED,
    REGISTERED,
    STATES,
    DeskDraft,
)
from hub.storage.auditdrafts import DraftReads
from signing.drafts import Draft
from signing.encoding import JSON, canonical, sha256_hex
from signing.errors import SigningError
from signing.keyring import KeyRecord

__all__ = ["DraftAudit"]

FindKey = Callable[[str], Awaitable[JSON]]
FindIndex = Callable[[str], Awaitable[int | None]]
FindRing = Callable[[str], Awaitable[Mapping[str, JSON]]]


class DraftAudit:
    """Everything about drafts.

    Args:
        stored: the tables.
        findings: what is told.
        find_key: the record of a registered key.
        find_ring: all keys of an actor; nobody without any has ever posted a draft.
        index_of: where a statement of a digest stands in the log.
        network: the network's digest.
    """

    def __init__(  # noqa: PLR0913  # its collaborators, each used
        self,
        stored: DraftReads,
        findings: Findings,
        *,
        find_key: FindKey,
        find_ring: FindRing,
        index_of: FindIndex,
        network: str,
    ) -> None:
        self._stored = stored
        self._findings = findings
        self._find_key = find_key
        self._find_ring = find_ring
        self._index_of = index_of
        self._network = network

    async def check(self) -> None:
        """Check every draft."""
        async for name, draft in self._stored.drafts():
            if draft is None:
                self._add("The row can't be read.", name)
            else:
                await self._check(draft)
        if strays := await self._stored.strays():
            self._add(f"{strays} signers belong to no draft.", "")

    async def _check(self, draft: DeskDraft) -> None:
        if not _is_whole(draft):
            self._add("The row contradicts itself.", draft.id)
        if not await self._find_ring(draft.poster):
            self._add("Its poster is nobody who is registered.", draft.id)
        if draft.state == REGISTERED and await self._index_of(draft.digest) != draft.result_index:
            self._add("It is said to be registered where it is not.", draft.id)
        await self._check_owners(draft)
        if draft.state == INVITED:
            self._check_invitation(draft)
        elif (text := draft.draft) is not None:
            await self._check_text(draft, text)

    async def _check_owners(self, draft: DeskDraft) -> None:
        for one in draft.signers:
            record = await self._find_key(one.kid)
            if one.owner is not None and (record is None or record["owner"] != one.owner):
                self._add("A signer's key is another actor's.", draft.id)

    def _check_invitation(self, draft: DeskDraft) -> None:
        told = draft.invitation or {}
        named = {NOBODY_YET: "introduced"} | {one["kid"]: one["role"] for one in told.get("signers", ())}
        if (
            sha256_hex(canonical(dict(told))) != draft.digest
            or (told.get("kind"), told.get("issuer")) != (draft.kind, draft.issuer)
            or named != {one.kid: one.role for one in draft.signers}
        ):
            self._add("The invitation is not what its row says.", draft.id)

    async def _check_text(self, draft: DeskDraft, text: Draft) -> None:
        try:
            statement = checking.check_text(Draft.from_bytes(text.to_bytes()), self._network, draft.created_at)
            kids = checking.announced_kids(statement)
            records = {kid: await self._find_key(kid) for kid in kids}
            known = {kid: KeyRecord(**record) for kid, record in records.items() if record is not None}
            announced, _ = checking.signers(statement, known, {})
        except (DraftsError, SigningError) as error:
            self._add(f"Its text or a signature does not hold: {error.code}.", draft.id)
            return
        told = {one.kid: (one.role, one.signed) for one in draft.signers}
        if (statement.digest, statement.id, statement.kind, statement.issuer) != (
            draft.digest, draft.statement, draft.kind, draft.issuer
        ) or told != {one.kid: (one.role, one.signed) for one in announced}:  # fmt: skip
            self._add("The text is not what its row says.", draft.id)

    def _add(self, message: str, name: str) -> None:
        self._findings.add("row_differs", message, f"draft {name}".strip())


def _is_whole(draft: DeskDraft) -> bool:
    """Whether state, times, texts and results fit together."""
    final, texts = draft.state in FINAL, (draft.payload, draft.invitation)
    ended_by = {DECLINED: draft.declined_kid, REGISTERED: draft.result_index}
    return (
        draft.state in STATES
        and _made_at(draft.id) == draft.created_at
        and draft.created_at < draft.expires_at
        and final == (draft.ended_at is not None)
        and all((value is not None) == (draft.state == state) for state, value in ended_by.items())
        and (draft.problem is not None or draft.state != REFUSED)
        and (draft.problem is None or draft.state == REFUSED or draft.handed_over)
        and (draft.decline_reason is None) == (draft.declined_kid is None)
        and (draft.declined_kid is None or draft.signer(draft.declined_kid) is not None)
        and (draft.statement is None) == (draft.payload is None)
        and (draft.state == REGISTERED or final == (texts == (None, None)))
        and (draft.invitation is not None) == (draft.state == INVITED)
        and (draft.state not in (COMPLETE, REGISTERED, REFUSED) or not draft.missing)
        and (draft.state != OPEN or bool(draft.missing))
        and all((one.signature is None) == (one.protected is None) for one in draft.signers)
    )


def _made_at(name: str) -> int | None:
    """The second in which an id of version 7 was made."""
    try:
        return int(name.replace("-", "")[:12], 16) // 1000
    except ValueError:
        return None
