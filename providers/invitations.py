"""Invitations: what somebody who has no key yet is asked to sign, and whether a draft is exactly that.

Who invites fixes every word but the key; who is invited makes a key, adds it and signs. The hub holds the completed
draft against the invitation, and so does the gateway that invited, which believes nothing of the hub.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from providers.errors import InvitationError
from signing.compose import payload
from signing.drafts import Draft
from signing.encoding import JSON, b64u_decode, b64u_encode, canonical
from signing.errors import SigningError
from signing.keys import PublicKey

__all__ = ["KINDS", "Invitation"]

KINDS = ("neutral",)
"""Kinds whose first statement has a single key, so that somebody can be invited to make it."""

INTRODUCED = "introduced"
_MEMBERS = frozenset({"kind", "issuer", "body", "signers", "annex"})


@dataclass(frozen=True, slots=True)
class Invitation:
    """Everything of a statement but the invited signer's key, its id and its time.

    Args:
        kind: of the statement.
        issuer: actor id that is asked for.
        network: digest of the genesis payload.
        body: without keys.
        signers: (kid, role) of everybody else who is to sign.
        annex: octets of the annex, if there is one.
    """

    kind: str
    issuer: str
    network: str
    body: Mapping[str, JSON]
    signers: tuple[tuple[str, str], ...]
    annex: bytes | None = field(default=None, repr=False)

    def to_json(self) -> dict[str, JSON]:
        """The members of an invitation as they go over the wire."""
        return {
            "kind": self.kind,
            "issuer": self.issuer,
            "network": self.network,
            "body": dict(self.body),
            "signers": [{"kid": kid, "role": role} for kid, role in self.signers],
            "annex": None if self.annex is None else b64u_encode(self.annex),
        }

    @classmethod
    def from_json(cls, value: JSON, network: str) -> "Invitation":
        """Read an invitation to the network of this digest; it may leave the network out.

        Checks the form alone: whether the body is acceptable shows once it is held against its schema.

        Raises:
            InvitationError: ``bad_invitation``.
        """
        if not isinstance(value, Mapping) or set(value) - {"network"} != _MEMBERS:
            raise _bad("An invitation has kind, issuer, body, signers and annex.", "/invitation")
        if value["kind"] not in KINDS:
            raise _bad(f"Nobody is invited to statements of this kind; only to {', '.join(KINDS)}.", "/invitation/kind")
        if value.get("network", network) != network:
            raise _bad("The invitation is for another network.", "/invitation/network")
        body, issuer = value["body"], value["issuer"]
        if not isinstance(issuer, str) or not isinstance(body, Mapping) or "keys" in body:
            raise _bad("An invitation names an issuer, and its body has no keys yet.", "/invitation/body")
        try:
            annex = None if value["annex"] is None else b64u_decode(value["annex"], where="/invitation/annex")
        except SigningError as error:
            raise _bad(error.message, error.where) from None
        return cls(value["kind"], issuer, network, body, _signers(value["signers"]), annex)

    def payload(self, key: PublicKey, now: int) -> bytes:
        """The payload that introduces ``key``, dated ``now`` (POSIX seconds)."""
        body = {**self.body, "keys": [_entry(key)]}
        signers = [(key.kid, INTRODUCED), *self.signers]
        return payload(self.kind, self.issuer, body, signers, network=self.network, now=now, annex=self.annex)

    def require(self, draft: Draft) -> PublicKey:
        """The key that ``draft`` introduces, if the draft is this invitation completed by it and nothing else.

        Compared octet by octet: kind, issuer, network, body but for its keys, annex, and the other signers in their
        order. Does not verify any signature.

        Raises:
            InvitationError: ``invitation_changed``, with the member that differs.
        """
        if draft.annex != self.annex:
            raise _changed("/annex")
        found = draft.payload
        key = _new_key(found)
        expected = _dated_like(self.payload(key, 0), found)
        others = [one for one in _list(found.get("signers")) if one != {"kid": key.kid, "role": INTRODUCED}]
        if len(others) != len(_list(found.get("signers"))) - 1:
            raise _changed("/signers")
        expected["signers"], compared = expected["signers"][1:], {**found, "signers": others}
        for name in sorted({*expected, *compared}):
            if name not in expected or name not in compared or canonical(expected[name]) != canonical(compared[name]):
                raise _changed(f"/{name}")
        return key


def _dated_like(octets: bytes, found: Mapping[str, JSON]) -> dict[str, JSON]:
    """The members of a payload, with the id and the time of ``found``."""
    expected = Draft(octets).payload
    return {**expected, "id": found.get("id"), "issued_at": found.get("issued_at")}


def _new_key(found: Mapping[str, JSON]) -> PublicKey:
    """The one statement key under ``/body/keys``."""
    body = found.get("body")
    keys = _list(body.get("keys")) if isinstance(body, Mapping) else []
    if len(keys) != 1 or not isinstance(keys[0], Mapping):
        raise _changed("/body/keys")
    try:
        key = PublicKey.from_jwk(keys[0].get("jwk"), "/body/keys/0/jwk")
    except SigningError as error:
        raise InvitationError("invitation_changed", f"The new key is none: {error.message}", error.where) from None
    if key.curve != "Ed25519" or canonical(keys[0]) != canonical(_entry(key)):
        raise _changed("/body/keys/0")
    return key


def _entry(key: PublicKey) -> dict[str, JSON]:
    return {"purpose": "statement", "jwk": key.jwk()}


def _list(value: JSON) -> list[JSON]:
    return value if isinstance(value, list) else []


def _signers(value: JSON) -> tuple[tuple[str, str], ...]:
    entries: Sequence[JSON] = _list(value)
    wanted = {"kid", "role"}
    if not 1 <= len(entries) <= 15 or not all(
        isinstance(one, Mapping) and set(one) == wanted and all(isinstance(text, str) for text in one.values())
        for one in entries
    ):
        raise _bad("The other signers are 1 to 15 objects of exactly kid and role.", "/invitation/signers")
    found = tuple((one["kid"], one["role"]) for one in entries)
    if len({kid for kid, _ in found}) != len(found):
        raise _bad("One key is named twice.", "/invitation/signers")
    return found


def _bad(message: str, where: str) -> InvitationError:
    return InvitationError("bad_invitation", message, where)


def _changed(where: str) -> InvitationError:
    message = "The draft is not the invitation with one new statement key: this was changed. Only the key may be added."
    return InvitationError("invitation_changed", message, where)
