"""Drafts on a hub's signing desk, asked for by a link or by a member's signed requests. Nothing told is believed here.

    async with connect(link.hub) as hub:
        view = await Drafts(hub, link.secret).get(link.draft)

What a view says is the hub's word; the draft in it is what would be signed, so its holder reads it and compares it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from providers.client import HubClient
from providers.draftlinks import is_draft_id, secret_hash
from providers.errors import HubUnavailableError
from providers.invitations import Invitation
from providers.paging import following
from signing.drafts import Draft
from signing.encoding import JSON, b64u_encode, canonical
from signing.errors import SigningError

__all__ = ["Awaited", "DraftView", "Drafts", "ListedDraft", "wire"]

_MOST = 100_000
"""Most drafts that are read from a list; one poster has 200 that are not finished."""


@dataclass(frozen=True, slots=True)
class Awaited:
    """Somebody whose signature a draft announces; ``kid`` is None for who is invited, ``owner`` as the hub tells."""

    kid: str | None
    role: str
    owner: str | None


@dataclass(frozen=True, slots=True)
class ListedDraft:
    """A line of the list; ``waits`` is the problem for which the hub has not registered a complete one yet."""

    id: str
    kind: str
    issuer: str
    state: str
    missing: tuple[Awaited, ...]
    expires_at: str
    waits: Mapping[str, JSON] | None = None


@dataclass(frozen=True, slots=True)
class DraftView:
    """A draft as the hub shows it; ``draft`` is None for an invitation and once its text is deleted."""

    listed: ListedDraft
    draft: Draft | None = field(repr=False)
    signed: tuple[Awaited, ...]
    declined: Mapping[str, JSON] | None
    result: Mapping[str, JSON] | None
    you: str | None
    invitation: Mapping[str, JSON] | None = field(repr=False)

    @property
    def state(self) -> str:
        """The draft's state."""
        return self.listed.state


class Drafts:
    """The signing desk of one hub, for the holder of a link, or for a member whose client signs.

    Args:
        hub: the client.
        secret: of a link; None for a member.
    """

    def __init__(self, hub: HubClient, secret: str | None = None) -> None:
        self._hub = hub
        self._fields = {} if secret is None else {"Authorization": f"Draft {secret}"}
        self._signed = secret is None

    async def post(
        self,
        what: Draft | Invitation,
        links: Mapping[str | None, str],
        *,
        expires_at: str | None = None,
        register: bool = True,
    ) -> str:
        """Put a draft or an invitation on the desk; returns its id there.

        Args:
            what: the draft, or the invitation.
            links: secret by kid; None in place of a kid for who is invited. The hub gets hashes alone.
            expires_at: when it is to end; the hub's choice if None.
            register: whether the hub registers it once everybody has signed.
        """
        members: dict[str, JSON] = {"register": register}
        members |= {"draft": wire(what)} if isinstance(what, Draft) else {"invitation": what.to_json()}
        members["links"] = [{"kid": kid, "secret_sha256": secret_hash(one)} for kid, one in links.items()]
        if expires_at is not None:
            members["expires_at"] = expires_at
        return _id(await self._hub.ask("POST", "/v1/drafts", members))

    async def get(self, name: str) -> DraftView:
        """The draft of this id."""
        return _view(await self._ask("GET", f"/v1/drafts/{name}"))

    async def list(self, state: str) -> tuple[ListedDraft, ...]:
        """Every draft in this state that the member posted or is to sign.

        Raises:
            HubUnavailableError: bad_answer, also for pages that would never end.
        """
        found: list[ListedDraft] = []
        after = ""
        while True:
            start = f"&after={quote(after, safe='')}" if after else ""
            answer = await self._hub.ask("GET", f"/v1/drafts?state={state}{start}")
            listed = [_listed(one) for one in _entries(answer.get("drafts"))]
            found += listed
            if (begins := following(answer, after, len(found), _MOST, last=listed[-1].id if listed else "")) is None:
                return tuple(found)
            after = begins

    async def waiting(self) -> tuple[ListedDraft, ...]:
        """Those that are open, and complete ones that the hub does not register for now."""
        complete = await self.list("complete")
        return (*await self.list("open"), *(one for one in complete if one.waits is not None))

    async def complete(self, name: str, draft: Draft) -> DraftView:
        """Complete an invitation by a draft that the new key has signed."""
        return _view(await self._ask("PUT", f"/v1/drafts/{name}", {"draft": wire(draft)}))

    async def sign(self, name: str, signature: Mapping[str, JSON]) -> DraftView:
        """Hand in one signature."""
        return _view(await self._ask("POST", f"/v1/drafts/{name}/signatures", {"signature": dict(signature)}))

    async def decline(self, name: str, kid: str | None, reason: str) -> DraftView:
        """Say that the signer of this key does not sign, and why."""
        return _view(await self._ask("POST", f"/v1/drafts/{name}/decline", {"kid": kid, "reason": reason}))

    async def withdraw(self, name: str) -> DraftView:
        """Take a draft back."""
        return _view(await self._ask("DELETE", f"/v1/drafts/{name}"))

    async def _ask(self, method: str, path: str, members: JSON = None) -> dict[str, JSON]:
        return await self._hub.ask(method, path, members, fields=self._fields, signed=self._signed)


def wire(draft: Draft) -> dict[str, JSON]:
    """The members of a draft as they go over the wire."""
    annex = None if draft.annex is None else b64u_encode(draft.annex)
    return {
        "odr_draft": 1,
        "payload": b64u_encode(draft.octets),
        "signatures": [dict(one) for one in draft.signatures],
        "annex": annex,
    }


def _view(answer: Mapping[str, JSON]) -> DraftView:
    try:
        text = answer["draft"]
        draft = None if text is None else Draft.from_bytes(canonical(text))
        you = answer["you"]
        return DraftView(
            _listed(answer), draft, _awaited(answer["signed"]), answer["declined"], answer["result"],
            None if you is None else str(you["kid"]), answer.get("invitation"),
        )  # fmt: skip
    except (KeyError, TypeError, AttributeError, SigningError) as error:
        raise _unusable() from error


def _listed(one: JSON) -> ListedDraft:
    try:
        told = {name: str(one[name]) for name in ("kind", "issuer", "state", "expires_at")}
        waits = one.get("waits")
        if waits is not None and not isinstance(waits, Mapping):
            raise _unusable()
        return ListedDraft(id=_id(one), **told, missing=_awaited(one["missing"]), waits=waits)
    except (KeyError, TypeError, AttributeError) as error:
        raise _unusable() from error


def _id(answer: Mapping[str, JSON]) -> str:
    """The id of a draft, which stands in addresses and in commands that people copy."""
    found = answer.get("id")
    if not isinstance(found, str) or not is_draft_id(found):
        raise _unusable()
    return found


def _awaited(entries: JSON) -> tuple[Awaited, ...]:
    return tuple(Awaited(one["kid"], str(one["role"]), one.get("owner")) for one in _entries(entries))


def _entries(value: JSON) -> list[JSON]:
    if not isinstance(value, list) or not all(isinstance(one, Mapping) for one in value):
        raise _unusable()
    return value


def _unusable() -> HubUnavailableError:
    message = "What the hub tells of a draft is not in the agreed form."
    return HubUnavailableError("bad_answer", message, "/v1/drafts", actor="hub", retryable=True)
