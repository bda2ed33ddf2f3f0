"""The desk: puts drafts on it, completes invitations, takes signatures, lets signers decline and posters withdraw.

Whatever costs computing (schemas, signatures) runs in a worker thread, before the transaction; what the draft has
become meanwhile is judged in it. The payload can't change under its id, so a signature that was verified stays so.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial

from hub.drafts import checking, machine
from hub.drafts.alternatives import gives_way
from hub.drafts.errors import DraftAccessError, DraftRefusedError, DraftStateError
from hub.drafts.limits import MOST_UNFINISHED
from hub.drafts.registering import Registrar
from hub.drafts.requests import Decline, NewDraft
from hub.drafts.standing import Standing
from hub.drafts.values import COMPLETE, INVITED, NOBODY_YET, OPEN, DeskDraft
from hub.errors import NotFoundError
from hub.storage.drafts import Crowd, DraftStore
from providers.invitations import Invitation
from signing.compose import uuid7
from signing.drafts import Draft
from signing.encoding import JSON, canonical, sha256_hex
from signing.keyring import KeyRecord

__all__ = ["Desk", "draft_not_found"]

FindKey = Callable[[str], Awaitable[JSON]]
"""The record of a registered key by kid, or None."""

IsTaken = Callable[[str], Awaitable[bool]]
"""Whether an actor of this id is, or was, registered."""


class Desk:
    """Drafts as people use them; who may see one is asked before (``standing``).

    Args:
        store: drafts.
        registrar: registers those that everybody has signed.
        find_key: registered keys.
        is_taken: registered actors.
        network: the network's digest.
        clock: POSIX seconds.
    """

    def __init__(  # noqa: PLR0913  # its collaborators, each used
        self,
        store: DraftStore,
        registrar: Registrar,
        find_key: FindKey,
        is_taken: IsTaken,
        *,
        network: str,
        clock: Callable[[], int],
    ) -> None:
        self._store = store
        self._registrar = registrar
        self._find_key = find_key
        self._is_taken = is_taken
        self._network = network
        self._clock = clock

    @property
    def network(self) -> str:
        """The network's digest."""
        return self._network

    async def find(self, name: str) -> DeskDraft | None:
        """The draft of this id as it is now."""
        found = await self._store.draft(name)
        return None if found is None else machine.at(found, self._clock())

    async def waiting(self, issuer: str, statement: str) -> DeskDraft | None:
        """The unfinished draft of this statement id and issuer, whoever may see it; there is one at most."""
        return await self._store.waiting(issuer, statement, self._clock())

    async def list(self, owner: str, state: str, after: str, limit: int) -> list[DeskDraft]:
        """Drafts in a state that an actor posted or is to sign, by id."""
        return await self._store.of_owner(owner, state, after, limit, self._clock())

    async def of_officer(
        self, owner: str, officers: Collection[str], state: str, start: int, limit: int
    ) -> tuple[Sequence[DeskDraft], int]:
        """Those of an officer from the ``start``-th on, in the store's order; and how many in all."""
        return await self._store.of_officer(owner, officers, state, start, limit, self._clock())

    async def post(self, new: NewDraft, poster: str, *, officer: bool) -> tuple[DeskDraft, bool]:
        """Put a draft or an invitation on the desk; says whether it was there before.

        One that was there gets the signatures that come with it now (its poster may hand in anybody's), and is
        registered if that is wished now. One that has ended, or whose time is over, counts as none. An officer's
        admission may take the place of another that no officer has signed (``alternatives``), which is withdrawn.

        Args:
            new: what was read.
            poster: actor id of who posts it.
            officer: whether they are an officer.

        Raises:
            DraftRefusedError: what does not hold.
            DraftAccessError: not_a_draft_party.
            DraftStateError: draft_exists, too_many_drafts.
        """
        if new.invitation is not None:
            made = await self._invite(new, new.invitation, poster)
            parties = {one.owner for one in made.signers}
        else:
            made = await self._draft(new, poster)
            parties = {one.owner for one in made.signers} | {made.issuer}
        if not officer and poster not in parties:
            message = "A draft is posted by its issuer, by an owner of an announced key, or by an officer."
            raise DraftAccessError("not_a_draft_party", message, poster)
        stored = await self._store.add(made, partial(_judge_crowd, made, officer))
        again = stored.id != made.id
        if again:
            stored = await self._changed(stored, partial(_posted_again, made, self._clock()))
        return await self._registrar.register(stored), again

    async def complete(self, draft: DeskDraft, completion: Draft, standing: Standing) -> DeskDraft:
        """Take the completed invitation of who was invited.

        Raises:
            DraftRefusedError: invitation_changed, or what else does not hold.
            DraftStateError, DraftAccessError.
        """
        if draft.state != INVITED or draft.invitation is None:
            if draft.digest == completion.digest:
                return draft
            raise DraftStateError("wrong_draft_state", f"The draft is {draft.state}; its text is fixed.", draft.id)
        standing.require_signer(NOBODY_YET)
        now, invitation = self._clock(), Invitation.from_json(draft.invitation, self._network)
        check = partial(checking.check_completion, invitation, completion, self._network, now)
        statement, key = await asyncio.to_thread(check)
        records = await self._records(checking.announced_kids(statement))
        if key.kid in records:
            raise DraftRefusedError("key_known", "This key is registered already; make a new one.", key.kid)
        signers, _ = await asyncio.to_thread(checking.signers, statement, records, {})

        def opened(found: DeskDraft) -> DeskDraft:
            return machine.completed(machine.at(found, now), statement, completion.annex, signers)

        return await self._registrar.register(await self._changed(draft, opened))

    async def sign(self, draft: DeskDraft, protected: str, signature: str, standing: Standing) -> DeskDraft:
        """Take one signature; when it is the last one, register the statement.

        Raises:
            DraftRefusedError: the signature does not hold.
            DraftAccessError: it is another signer's. Who posted the draft may hand in anybody's.
            DraftStateError: the draft takes no signature.
        """
        text, now = draft.draft, self._clock()
        if text is None:
            message = f"The draft is {draft.state}; nothing can be signed."
            raise DraftStateError("wrong_draft_state", message, draft.id)
        statement = await asyncio.to_thread(checking.check_text, replace(text, signatures=()), self._network, now)
        records = await self._records(checking.announced_kids(statement))
        _, keys = checking.signers(statement, records, {})
        kid = await asyncio.to_thread(checking.check_signature, text, protected, signature, keys)
        if not standing.posted:
            standing.require_signer(kid)

        def signed(found: DeskDraft) -> DeskDraft:
            return machine.signed(machine.at(found, now), kid, protected, signature)

        return await self._registrar.register(await self._changed(draft, signed))

    async def decline(self, draft: DeskDraft, decline: Decline, standing: Standing) -> DeskDraft:
        """End a draft, because one of its signers does not sign.

        Raises:
            DraftAccessError, DraftStateError.
        """
        kid, now = standing.announced(decline.kid), self._clock()
        return await self._changed(
            draft, lambda found: machine.declined(machine.at(found, now), kid, decline.reason, now)
        )

    async def withdraw(self, draft: DeskDraft, standing: Standing) -> DeskDraft:
        """End a draft, because its poster takes it back.

        Raises:
            DraftAccessError, DraftStateError.
        """
        standing.require_poster()
        now = self._clock()
        return await self._changed(draft, lambda found: machine.withdrawn(machine.at(found, now), now))

    async def _draft(self, new: NewDraft, poster: str) -> DeskDraft:
        now, draft = self._clock(), new.draft
        if draft is None:
            raise DraftRefusedError("bad_draft_request", "There is no draft.", "/draft")
        statement = await asyncio.to_thread(checking.check_text, draft, self._network, now)
        records = await self._records(checking.announced_kids(statement))
        signers, _ = await asyncio.to_thread(checking.signers, statement, records, new.links)
        return DeskDraft(
            uuid7(now * 1000), poster, statement.kind, statement.issuer,
            OPEN if any(not one.signed for one in signers) else COMPLETE,
            statement.digest, new.register, now, checking.expiry(new.expires_at, statement.issued_at, now), signers,
            statement.id, draft.octets, draft.annex,
        )  # fmt: skip

    async def _invite(self, new: NewDraft, invitation: Invitation, poster: str) -> DeskDraft:
        now = self._clock()
        await asyncio.to_thread(checking.check_invitation, invitation, self._network, now)
        if await self._is_taken(invitation.issuer):
            message = f"The id {invitation.issuer} belongs to somebody, or did; ids are never reused."
            raise DraftRefusedError("actor_id_taken", message, "/invitation/issuer")
        records = await self._records([kid for kid, _ in invitation.signers])
        members = invitation.to_json()
        return DeskDraft(
            uuid7(now * 1000), poster, invitation.kind, invitation.issuer, INVITED, sha256_hex(canonical(members)),
            new.register, now, checking.expiry(new.expires_at, now, now),
            checking.invited_signers(invitation, records, new.links), invitation=members,
        )  # fmt: skip

    async def _records(self, kids: Sequence[str]) -> Mapping[str, KeyRecord]:
        found = {kid: await self._find_key(kid) for kid in kids}
        return {kid: KeyRecord(**record) for kid, record in found.items() if record is not None}

    async def _changed(self, draft: DeskDraft, work: Callable[[DeskDraft], DeskDraft]) -> DeskDraft:
        changed = await self._store.change(draft.id, work)
        if changed is None:
            raise draft_not_found()
        return changed


def draft_not_found() -> NotFoundError:
    """The same words for a draft that is not there, for one that this caller may not see, and for a wrong link."""
    message = "There is no such draft, or it is none of yours, or the link is wrong or has expired."
    return NotFoundError("draft_not_found", message)


def _judge_crowd(made: DeskDraft, officer: bool, crowd: Crowd) -> DeskDraft | None:  # noqa: FBT001  # for ``partial``
    """What becomes of the draft that is there already; runs in the transaction that stores the new one."""
    same = crowd.same
    if same is not None:
        if same.digest == made.digest and same.poster == made.poster and _links(same) == _links(made):
            return same  # the answer was lost, and it is posted again
        if not (officer and gives_way(same, made)):
            message = "A draft of this statement id waits for signatures already; make a new id for another text."
            raise DraftStateError("draft_exists", message, "/id")
    ending = same is not None and same.poster == made.poster  # it is among those that are counted, and makes room
    if crowd.unfinished - ending >= MOST_UNFINISHED:
        message = (
            f"At most {MOST_UNFINISHED} drafts of one poster wait at a time. Take some back first: "
            "odr-gateway draft withdraw ID, officers odr-hub officer drafts --withdraw ID."
        )
        raise DraftStateError("too_many_drafts", message, made.poster)
    return None if same is None else machine.withdrawn(same, made.created_at)


def _posted_again(made: DeskDraft, now: int, found: DeskDraft) -> DeskDraft:
    """The draft on the desk with the wish of ``made`` and its signatures, which were verified, where one is missing.

    Both are of the same poster. Not to wish any more that it is registered changes nothing.
    """
    found = machine.at(found, now)
    if made.register:
        found = machine.to_be_registered(found)
    for one in made.signers:
        there = found.signer(one.kid)
        if found.state == OPEN and there is not None and not there.signed and one.protected and one.signature:
            found = machine.signed(found, one.kid, one.protected, one.signature)
    return found


def _links(draft: DeskDraft) -> dict[str, str]:
    return {one.kid: one.secret_hash for one in draft.signers if one.secret_hash is not None}
