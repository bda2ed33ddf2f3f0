"""The directory as it follows the log: each statement about a member or neutral makes its next version.

The versions are made from effects, as the rules decided, and from nothing else; ``record`` is of class C0 and holds
what a line of a list shows, what a mirror needs, and the keys with everything that became of them.

==============  ===============================================================================================
member          ``id``, ``role``, ``since`` (POSIX seconds), ``profile``, ``statement`` and ``digest`` of its newest
                statement, ``index`` and ``time`` of this version, ``accreditation``, ``keys``
neutral         also ``status``, ``nominated_by``, ``providers``, ``key_custody``, ``annex`` (SHA-256)
==============  ===============================================================================================
"""

import asyncio
from collections.abc import Iterable, Mapping

from hub.finishing import finished
from hub.following.follower import LogFollower
from hub.log.publication import Publication
from hub.storage.transfers import Followable
from hub.storage.values import StoredEffect, StoredStatement
from hub.storage.versions import DirectoryVersion, DirectoryVersions
from registry.accreditations import PARTICULARS
from signing.encoding import JSON

__all__ = ["DIRECTORY_KINDS", "DirectoryFollower", "directory_versions"]

DIRECTORY_KINDS = ("member", "neutral", "key", "accreditation")
"""Kinds of statement that change the directory; the ``subject`` of each is a member or neutral."""
_DECISION = ("status", "scheme", "valid_from", "valid_to", "begins", "ends", "digest", "index", "time")
_PIECE = 1000
_OF_NEUTRALS = ("status", "nominated_by", "key_custody")


class DirectoryFollower(LogFollower):
    """Owns the table of the directory.

    Args:
        publication: tells how far the log is signed.
        tables: what is read and written.
        piece: entries of one transaction.
    """

    def __init__(self, publication: Publication, tables: DirectoryVersions, piece: int = _PIECE) -> None:
        super().__init__(publication, DIRECTORY_KINDS, piece)
        self._tables = tables

    async def _followed(self) -> int:
        return await self._tables.followed()

    async def _take(self, end: int, *, look: bool, write: bool) -> bool:
        found = await self._tables.piece(self.size, end, DIRECTORY_KINDS) if look else []
        if not (found or write):
            return False
        known = await self._tables.newest({one.subject for one, _ in found if one.subject}, self.size)
        versions = await asyncio.to_thread(directory_versions, found, known)
        await finished(self._tables.take(versions, end, self._written))
        return True


def directory_versions(found: Iterable[Followable], known: Mapping[str, DirectoryVersion]) -> list[DirectoryVersion]:
    """The versions that these statements make, one of each, in their order. Pure.

    Args:
        found: registered statements of ``DIRECTORY_KINDS`` with their effects, in log order.
        known: the newest version before them of every subject among them that has one.
    """
    newest, made = dict(known), []
    for statement, effects in found:
        subject = statement.subject or ""
        version = _next(statement, effects, newest.get(subject))
        newest[subject] = version
        made.append(version)
    return made


def _next(
    statement: StoredStatement, effects: Iterable[StoredEffect], before: DirectoryVersion | None
) -> DirectoryVersion:
    record: dict[str, JSON] = {"accreditation": None, "keys": []} if before is None else dict(before.record)
    annex = None if before is None else before.annex
    for effect in effects:
        if effect.type in ("actor.admitted", "actor.updated"):
            reference = (effect.data.get("annex") or {}).get("sha256")
            if reference != record.get("annex"):
                annex = None if reference is None else statement.index
            record |= _described(effect.data, record)
        elif effect.type == "accreditation.decided":
            given = (name for name in PARTICULARS if name in effect.data)
            record["accreditation"] = {name: effect.data[name] for name in (*_DECISION, *given)}
        elif effect.type == "key.recorded":
            others = [one for one in record["keys"] if one["kid"] != effect.data["record"]["kid"]]
            record["keys"] = sorted([*others, effect.data["record"]], key=lambda one: (one["index"], one["kid"]))
    record |= {"index": statement.index, "time": statement.time}
    return DirectoryVersion(statement.index, statement.subject or "", annex, record)


def _described(data: Mapping[str, JSON], before: Mapping[str, JSON]) -> dict[str, JSON]:
    """What a member or neutral statement says of its issuer."""
    described = {
        "id": data["id"],
        "role": data["role"],
        "since": before.get("since", data["time"]),
        "profile": data["profile"],
        "statement": data["index"],
        "digest": data["digest"],
    }
    if data["role"] != "neutral":
        return described
    annex = data.get("annex")
    providers = data.get("providers") or [data["nominated_by"]]
    return {
        **described,
        **{name: data[name] for name in _OF_NEUTRALS},
        "providers": providers,
        "annex": None if annex is None else annex["sha256"],
    }
