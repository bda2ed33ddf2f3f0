"""Rule state: a flat mapping from text keys to JSON values that are never changed in place.

Keys are ``<space>/<name>``; the functions below are the only place that spells those of the register. A value of
None means *known to be absent*; a key that nobody loaded raises ``NotLoaded``, which is how pure
rules say what they need. Packages that add kinds spell the keys of their own spaces.

Example::

    state = Overlay(Loaded({"policy": None}))
    state.get("policy")        # None: there is no genesis yet
    state.get(actor("acme"))   # NotLoaded
"""

from collections.abc import Iterable, Mapping
from typing import Protocol

from registry.errors import NotLoaded
from signing.encoding import JSON

__all__ = [
    "POLICY",
    "POLICY_CHAIN",
    "Loaded",
    "Overlay",
    "StateView",
    "accreditation",
    "actor",
    "award",
    "award_id",
    "case",
    "chain",
    "criteria",
    "digest",
    "get_all",
    "keyring",
    "kid",
    "reference",
    "review",
    "salt",
    "statement_id",
]

POLICY = "policy"
POLICY_CHAIN = "chain/policy"


class StateView(Protocol):
    """Read access to rule state as of one log index."""

    def get(self, key: str) -> JSON:
        """The value, or None when the key is known to be absent; raises ``NotLoaded`` when it is not known."""


class Loaded:
    """What a caller loaded: present values, and None for keys that it looked up in vain."""

    def __init__(self, values: Mapping[str, JSON] | None = None) -> None:
        self._values: dict[str, JSON] = dict(values or {})

    def get(self, key: str) -> JSON:
        """The loaded value; raises ``NotLoaded`` for a key never loaded."""
        try:
            return self._values[key]
        except KeyError:
            raise NotLoaded(frozenset({key})) from None

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def add(self, values: Mapping[str, JSON]) -> None:
        """Remember more loaded values."""
        self._values.update(values)


class Overlay:
    """Writes on top of another view; the view below is never changed."""

    def __init__(self, below: StateView) -> None:
        self._below = below
        self.writes: dict[str, JSON] = {}

    def get(self, key: str) -> JSON:
        """The value written here, else that of the view below."""
        return self.writes[key] if key in self.writes else self._below.get(key)


def get_all(state: StateView, keys: Iterable[str]) -> list[JSON]:
    """The values of several keys in order; raises one ``NotLoaded`` that names every missing key."""
    wanted = list(keys)
    try:
        return [state.get(key) for key in wanted]
    except NotLoaded:
        raise NotLoaded(frozenset().union(*(_missing(state, key) for key in wanted))) from None


def _missing(state: StateView, key: str) -> frozenset[str]:
    try:
        state.get(key)
    except NotLoaded as error:
        return error.keys
    return frozenset()


def actor(name: str) -> str:
    """Key of an actor: {role, index, active, …}."""
    return f"actor/{name}"


def keyring(owner: str) -> str:
    """Key of all keys an owner ever had: {kid: key record}."""
    return f"keyring/{owner}"


def kid(name: str) -> str:
    """Key of a key's owner: {owner}."""
    return f"kid/{name}"


def statement_id(issuer: str, name: str) -> str:
    """Key of what an issuer registered under a statement id: {digest, index}."""
    return f"statement/{issuer}/{name}"


def digest(name: str) -> str:
    """Key of a registered digest: {index, kind, issuer}."""
    return f"digest/{name}"


def chain(kind: str, name: str) -> str:
    """Key of the head of a chain: {digest}."""
    return f"chain/{kind}/{name}"


def accreditation(subject: str) -> str:
    """Key of a subject's newest accreditation statement: {status, begins, ends, digest, index, …}."""
    return f"accreditation/{subject}"


def reference(name: str) -> str:
    """Key of the newest version of a reference: {type, version, digest, index}."""
    return f"reference/{name}"


def criteria(name: str, version: int) -> str:
    """Key of the criteria of one version of a reference: {codes, digest, index}."""
    return f"criteria/{name}/{version}"


def award(name: str) -> str:
    """Key of a registered award by its digest."""
    return f"award/{name}"


def award_id(urn: str) -> str:
    """Key of the digest registered under an award id: {digest}."""
    return f"award-id/{urn}"


def case(urn: str) -> str:
    """Key of who holds a case: {custodian, transfer, moves}; absent until the case is first offered."""
    return f"case/{urn}"


def review(name: str) -> str:
    """Key of the newest review of an award: {decision, digest, index}."""
    return f"review/{name}"


def salt(reference_tag: str) -> str:
    """Key of a used salt, named by its reference tag, so that no salt is kept: {digest}.

    The point E of an owner tag is a function of the salt alone, so a repeated E is a repeated salt.
    """
    return f"salt/{reference_tag}"
