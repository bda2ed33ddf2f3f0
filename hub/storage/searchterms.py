"""What a search looks at of a member or neutral, from its record; and what a list shows of it at a time. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

import orjson

from hub.storage.searchqueries import Listed
from hub.storage.versions import LoadedVersion
from hub.storage.words import words_of
from registry.judgement import accreditation_status, in_force
from signing.encoding import JSON
from signing.keyring import KeyRecord, Ring, suspended_by

__all__ = [
    "FOREVER",
    "FORM",
    "MEMBER_FACETS",
    "NEUTRAL_FACETS",
    "Terms",
    "listed",
    "nationality",
    "public_name",
    "terms_of",
]

FORM = 1
"""The number of the way in which terms are made of records: whoever changes it, or ``words_of``, raises this number."""

FOREVER = 2**62
"""Later than every time and larger than every index."""

MEMBER_FACETS = {
    "language": ("languages_procedure", "languages_file"),
    "stage": ("stages_offered",),
    "dispute_type": ("dispute_types",),
    "sector": ("sectors",),
    "economy": ("economy",),
}
NEUTRAL_FACETS = {
    "language": ("languages",),
    "role": ("roles",),
    "field": ("practice_fields",),
    "legal_system": ("legal_systems",),
}
"""By facet, the members of the profile that hold its values; ``provider`` stands beside the profile."""

_PAIRS = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Terms:
    """What is compared.

    Args:
        values: by facet.
        accredited: from when to when (POSIX seconds) an accreditation counts; None where none does.
        keys: from when to when each statement key that is neither revoked nor suspended is current.
        active: whether a neutral takes appointments; True of members.
        nationality: of a neutral who has told any.
        sha256: of the record's octets.
        annex: of a neutral, index of the entry with the annex that tells the nationality.
    """

    index: int
    id: str
    role: str
    words: frozenset[str]
    values: Mapping[str, tuple[str, ...]]
    accredited: tuple[int, int] | None
    keys: _PAIRS
    active: bool
    nationality: tuple[str, ...]
    sha256: bytes
    annex: int | None = None


def terms_of(version: LoadedVersion) -> Terms:
    """What a search looks at of one version."""
    record = orjson.loads(version.record)
    profile, neutral = record["profile"], record["role"] == "neutral"
    facets = NEUTRAL_FACETS if neutral else MEMBER_FACETS if record["role"] == "provider" else {}
    values = {name: _values(profile, members) for name, members in facets.items()}
    if neutral:
        values["provider"] = tuple(record["providers"])
    return Terms(
        index=version.index,
        id=record["id"],
        role=record["role"],
        words=frozenset(_words(record)),
        values=values,
        accredited=_accredited(record["accreditation"]),
        keys=tuple(_current(record)),
        active=record.get("status", "active") == "active",
        nationality=nationality(version.annex) if neutral else (),
        sha256=sha256(version.record.encode()).digest(),
        annex=version.annex_at if neutral else None,
    )


def listed(record: Mapping[str, JSON], time: int) -> Listed:
    """The line of a list at ``time`` (POSIX seconds)."""
    status = accreditation_status(record["accreditation"], time)
    return Listed(
        id=record["id"],
        role=record["role"],
        name=public_name(record["profile"]),
        status=record.get("status"),
        accreditation_status=status,
        accredited=in_force(status),
        kids=tuple(
            [
                one["kid"]
                for one in _unsuspended(record["keys"], record["index"])
                if one["active_from"] <= time and (one["retired_at"] is None or time < one["retired_at"])
            ]
        ),
        record=record,
    )


def public_name(profile: Mapping[str, JSON]) -> str:
    """The name by which lists call a member or neutral."""
    return str(profile.get("display_name") or profile.get("legal_name") or "")


def _values(profile: Mapping[str, JSON], members: tuple[str, ...]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for name in members:
        value = profile.get(name, ())
        found |= dict.fromkeys((value,) if isinstance(value, str) else value)
    return tuple(found)


def _words(record: Mapping[str, JSON]) -> list[str]:
    """The words of the name, the id, and what tells people apart: rules, networks, register number, qualifications."""
    profile = record["profile"]
    texts = [record["id"], public_name(profile), profile.get("registry_no", ""), *profile.get("networks", ())]
    texts += [one["name"] for one in profile.get("rules", ())]
    texts += [one[part] for one in profile.get("qualifications", ()) for part in ("body", "title")]
    return words_of(" ".join(texts))


def _accredited(decision: Mapping[str, JSON] | None) -> tuple[int, int] | None:
    if decision is None or not in_force(decision["status"]):
        return None
    return decision["begins"], decision["ends"]


def _current(record: Mapping[str, JSON]) -> list[tuple[int, int]]:
    unsuspended = _unsuspended(record["keys"], record["index"])
    return [(one["active_from"], FOREVER if one["retired_at"] is None else one["retired_at"]) for one in unsuspended]


def _unsuspended(keys: Sequence[Mapping[str, JSON]], index: int) -> list[Mapping[str, JSON]]:
    """Statement keys that are neither revoked nor suspended; where no key was revoked, none is suspended."""
    standing = [one for one in keys if one["revoked_at"] is None]
    some_revoked = len(standing) < len(keys)
    standing = [one for one in standing if one["purpose"] == "statement"]
    if not some_revoked:
        return standing
    ring: Ring = {one["kid"]: KeyRecord(**one) for one in keys}
    return [one for one in standing if suspended_by(ring, one["kid"], index + 1) is None]


def nationality(annex: bytes | None) -> tuple[str, ...]:
    """What an annex tells, which was checked when it was posted; an annex that is gone tells nothing."""
    return () if annex is None else tuple(orjson.loads(annex).get("nationality", ()))
