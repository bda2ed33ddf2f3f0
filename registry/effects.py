"""Effects: what a registered statement did, stored beside its entry and folded into rule state.

An effect is a type, a version and JSON data of classes C0-C1. A fold returns the state keys that
one effect writes. It never refuses: whether the statement was acceptable was judged once, when it
was registered, and is not judged again. A changed meaning gets a new version; old versions stay.

========================== ===================================================================
statement.registered       id and digest are taken; for sealed kinds the salt is used up
chain.extended             the head of a chain moves
policy.adopted             a new policy binds from the next index
actor.admitted / .updated  a member, neutral, officer, hub or coordinator
actor.dismissed            an officer, hub or coordinator that a policy no longer names
key.recorded               a key was introduced, retired, revoked, dropped (by a policy) or confirmed
accreditation.decided      the accreditation of a subject from this index on
reference.published        a version of a reference, the newest from this index on
award.registered           an award
award.reviewed             the newest review of a disputed award
========================== ===================================================================
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from registry import state as spaces
from registry.state import StateView
from signing.encoding import JSON

__all__ = ["FOLDS", "Effect"]


@dataclass(frozen=True, slots=True)
class Effect:
    """One typed, versioned consequence of a statement."""

    type: str
    version: int
    data: Mapping[str, JSON]

    def to_json(self) -> dict[str, JSON]:
        """The stored form."""
        return {"type": self.type, "version": self.version, "data": dict(self.data)}

    @classmethod
    def from_json(cls, value: Mapping[str, JSON]) -> "Effect":
        """Read the stored form; checks nothing, because only this package writes it."""
        return cls(value["type"], value["version"], value["data"])


def _statement_registered(data: Mapping[str, JSON], _: StateView) -> dict[str, JSON]:
    writes: dict[str, JSON] = {
        spaces.statement_id(data["issuer"], data["id"]): {"digest": data["digest"], "index": data["index"]},
        spaces.digest(data["digest"]): {"index": data["index"], "kind": data["kind"], "issuer": data["issuer"]},
    }
    if data["salt_tag"] is not None:
        writes[spaces.salt(data["salt_tag"])] = {"digest": data["digest"]}
    return writes


def _chain_extended(data: Mapping[str, JSON], _: StateView) -> dict[str, JSON]:
    return {data["chain"]: {"digest": data["digest"]}}


def _policy_adopted(data: Mapping[str, JSON], _: StateView) -> dict[str, JSON]:
    names = ("network", "digest", "index", "body", "ended")  # the last one since the first rotation
    return {spaces.POLICY: {name: data[name] for name in names if name in data}}


def _actor_written(data: Mapping[str, JSON], _: StateView) -> dict[str, JSON]:
    return {spaces.actor(data["id"]): {name: value for name, value in data.items() if name not in _UNREAD}}


_UNREAD = {"id", "profile", "time", "digest", "name"}  # for directories; no rule reads them


def _actor_dismissed(data: Mapping[str, JSON], state: StateView) -> dict[str, JSON]:
    key = spaces.actor(data["id"])
    return {key: {**state.get(key), "active": False}}


def _key_recorded(data: Mapping[str, JSON], state: StateView) -> dict[str, JSON]:
    record = data["record"]
    key = spaces.keyring(record["owner"])
    return {
        key: {**(state.get(key) or {}), record["kid"]: record},
        spaces.kid(record["kid"]): {"owner": record["owner"]},
    }


def _accreditation_decided(data: Mapping[str, JSON], _: StateView) -> dict[str, JSON]:
    names = ("status", "begins", "ends", "digest", "index", "procedure")  # the last one while something is pending
    return {spaces.accreditation(data["subject"]): {name: data[name] for name in names if name in data}}


def _reference_published(data: Mapping[str, JSON], _: StateView) -> dict[str, JSON]:
    place = {name: data[name] for name in ("digest", "index")}
    return {
        spaces.reference(data["id"]): {"type": data["type"], "version": data["version"], **place},
        spaces.criteria(data["id"], data["version"]): {"codes": data["codes"], **place},
    }


def _award_registered(data: Mapping[str, JSON], _: StateView) -> dict[str, JSON]:
    return {
        spaces.award(data["digest"]): dict(data),
        spaces.award_id(data["award_id"]): {"digest": data["digest"]},
    }


def _award_reviewed(data: Mapping[str, JSON], _: StateView) -> dict[str, JSON]:
    return {spaces.review(data["award"]): {name: data[name] for name in ("decision", "digest", "index")}}


FOLDS: dict[tuple[str, int], Callable[[Mapping[str, JSON], StateView], dict[str, JSON]]] = {
    ("statement.registered", 1): _statement_registered,
    ("chain.extended", 1): _chain_extended,
    ("policy.adopted", 1): _policy_adopted,
    ("actor.admitted", 1): _actor_written,
    ("actor.updated", 1): _actor_written,
    ("actor.dismissed", 1): _actor_dismissed,
    ("key.recorded", 1): _key_recorded,
    ("accreditation.decided", 1): _accreditation_decided,
    ("reference.published", 1): _reference_published,
    ("award.registered", 1): _award_registered,
    ("award.reviewed", 1): _award_reviewed,
}
