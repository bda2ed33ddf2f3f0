"""Slots of the questionnaire for the parties of our cases: asked for at the hub, kept here, named in case events.

The hub tells a token once and keeps its hash alone; so what it tells is stored before anybody here is told. The links
are made here: an answer of the hub can't send a party anywhere else.
"""

import asyncio
import re
from collections.abc import Mapping, Sequence

from providers.errors import GatewayError, HubRefusedError, HubUnavailableError
from providers.gateway.exchange import outbox
from providers.gateway.exchange.context import Context
from providers.gateway.exchange.values import FeedbackSlot
from signing.compose import timestamp
from signing.encoding import JSON, canonical, sha256_hex

__all__ = ["Feedback", "slot_json"]

ROLES = ("claimant", "respondent")
_TOKEN = re.compile(r"[A-Za-z0-9_-]{22}", re.ASCII)


def slot_json(hub: str, slot: FeedbackSlot) -> dict[str, JSON]:
    """A slot as the local interface shows it, with the link for the party.

    Args:
        hub: the hub's address.
        slot: the slot.
    """
    return {
        "role": slot.role,
        "language": slot.language,
        "url": f"{hub}/feedback?lang={slot.language}#{slot.token}",
        "token_sha256": _hash(slot),
        "expires_at": slot.expires_at,
    }


class Feedback:
    """Feedback on our cases, as the local interface asks for it."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._turn = asyncio.Lock()

    async def issue(self, case: str, languages: Mapping[str, str]) -> list[FeedbackSlot]:
        """The slots of a case; those that are not here yet are asked for at the hub.

        Args:
            case: its pseudonym, as in case events.
            languages: of the link, by role.

        Raises:
            GatewayError: ``unknown_term`` for another role, ``term_missing`` for none.
            HubRefusedError, HubUnavailableError: nothing is stored then, and asking again is harmless.
        """
        if not languages:
            raise GatewayError("term_missing", "Say for which roles slots are wanted.", "/slots")
        for role in languages:
            if role not in ROLES:
                raise GatewayError("unknown_term", f"A slot is for the {' or the '.join(ROLES)}.", "/slots")
        async with self._turn:  # of two requests for one slot only the later token would be valid
            known = await self.slots(case)
            missing = {role: tag for role, tag in languages.items() if role not in {one.role for one in known}}
            if missing:
                made = await self._asked(case, missing)
                await self._context.store.do(lambda book: book.put_slots(made))
        return await self.slots(case)

    async def slots(self, case: str) -> list[FeedbackSlot]:
        """The slots of a case that are here, by role."""
        return await self._context.store.do(lambda book: book.slots(case))

    async def relay(self, said: Mapping[str, JSON]) -> dict[str, JSON]:
        """Hand in an answer that was taken down here, and register it; the hub labels it so.

        The hub looks at the answer and its slot first. What follows is a statement of this member like any other. When
        it does not come through, the answer is in all the same, and to relay it again registers it.

        Raises:
            HubRefusedError, HubUnavailableError: as the hub says.
        """
        told = await self._context.hub.exchange("POST", "/v1/feedback/relayed", canonical(dict(said)))
        day = timestamp(self._context.clock())[:10]
        answer: dict[str, JSON] = {**said, "provider": self._context.actor, "day": day}
        statement = outbox.signed(self._context, "feedback", {"source": "relayed", "answers": [answer]})
        try:
            await self._context.hub.post_statement(statement, wait_seconds=outbox.POST_SECONDS)
        except HubRefusedError as error:
            if error.code != "feedback_registered":  # by an earlier try, whose answer was lost
                raise
        return told

    async def standing(self) -> dict[str, JSON]:
        """What the hub counts of the feedback on this provider."""
        return await self._context.hub.exchange("GET", f"/v1/feedback/providers/{self._context.actor}")

    async def with_slots(self, events: Sequence[JSON]) -> list[JSON]:
        """The events, each ``commenced`` naming the slots of its case that are here, unless it names some itself."""
        wanted = {one["case"]: one for one in events if _lacks_slots(one)}
        found = await self._context.store.do(lambda book: {case: book.slots(case) for case in wanted})
        return [_named(one, found[one["case"]]) if _lacks_slots(one) else one for one in events]

    async def _asked(self, case: str, languages: Mapping[str, str]) -> list[FeedbackSlot]:
        wanted: list[JSON] = [{"role": role, "language": tag} for role, tag in languages.items()]
        body = canonical({"case": case, "slots": wanted})
        answer = await self._context.hub.exchange("POST", "/v1/feedback/slots", body)
        told = answer.get("slots")
        found = [_slot(case, languages, one) for one in told] if isinstance(told, list) else []
        if sorted(one.role for one in found) != sorted(languages):
            raise _unusable("The hub issued other slots than it was asked for.")
        return found


def _slot(case: str, languages: Mapping[str, str], told: JSON) -> FeedbackSlot:
    """A slot out of the hub's answer, if its hash is that of its token."""
    if not isinstance(told, Mapping) or told.get("role") not in languages:
        raise _unusable("The hub issued other slots than it was asked for.")
    role, token, expires = str(told["role"]), told.get("token"), told.get("expires_at")
    if not isinstance(token, str) or not _TOKEN.fullmatch(token) or not isinstance(expires, str):
        raise _unusable("The hub issued a slot that can't be read.")
    slot = FeedbackSlot(case, role, languages[role], token, expires)
    if told.get("token_sha256") != _hash(slot):
        raise _unusable("The hub names another hash than that of the token.")
    return slot


def _hash(slot: FeedbackSlot) -> str:
    return sha256_hex(slot.token.encode("ascii"))


def _lacks_slots(event: JSON) -> bool:
    """Whether it is a ``commenced`` of a case that names no slots; anything else is for the schema to judge."""
    if not isinstance(event, Mapping) or event.get("type") != "commenced" or "slots" in event:
        return False
    return isinstance(event.get("case"), str)


def _named(event: JSON, slots: Sequence[FeedbackSlot]) -> JSON:
    named: list[JSON] = [{"role": one.role, "token": _hash(one)} for one in slots]
    return {**event, "slots": named} if named and isinstance(event, Mapping) else event


def _unusable(message: str) -> HubUnavailableError:
    return HubUnavailableError("bad_answer", message, "/v1/feedback/slots", actor="hub")
