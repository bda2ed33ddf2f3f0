"""Bringing a mirror of the directory up to date, and what it may say while it is not.

::

    1 policies   verified from the pinned one on; never fewer than the copy was verified by
    2 snapshot   verified; never of a smaller log, never another at the same size
    3 entries    what changed since the copy, applied to it; the whole where there is no copy
    4 digest     over all lines; where a delta does not lead to it, the whole is fetched once
    5 keep       only then in place of the copy before

Whatever fails, the copy before stays as it was, and gets stale.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from providers.client import HubClient
from providers.directory.snapshot import Snapshot, digest_of, verified_snapshot
from providers.directory.store import Copy, MirrorFolder, parse_lines
from providers.errors import GatewayError, HubRefusedError, UntrustedAnswerError
from providers.network import Network
from providers.receipts import Registration
from signing.encoding import JSON, canonical

__all__ = ["MAX_ENTRIES_BYTES", "Freshness", "Updated", "require_copy", "update"]

MAX_ENTRIES_BYTES = 512 * 1024 * 1024
"""Longest directory that is read."""


@dataclass(frozen=True, slots=True)
class Updated:
    """What an update did: the copy now, how many records it fetched, and whether these were the whole directory."""

    copy: Copy
    fetched: int
    whole: bool


@dataclass(frozen=True, slots=True)
class Freshness:
    """How much a copy counts.

    Args:
        stale_since: POSIX seconds since when it may have been overtaken; None while it counts.
    """

    snapshot: Snapshot
    stale_since: int | None

    @classmethod
    def of(cls, snapshot: Snapshot, now: int, *, reached: bool = True) -> "Freshness":
        """As of ``now`` (POSIX seconds); ``reached`` says whether the hub answered when it was last asked."""
        if now >= snapshot.next:
            return cls(snapshot, snapshot.next)
        return cls(snapshot, None if reached else snapshot.time)


def require_copy(folder: MirrorFolder, now: int) -> Copy:
    """The verified copy.

    Raises:
        GatewayError: ``mirror_empty``, nothing was ever verified; ``mirror_contradicted``; ``no_mirror``,
            ``mirror_damaged``.
        UntrustedAnswerError: what is kept does not verify.
    """
    folder.hub()
    folder.require_uncontradicted()
    copy = folder.load(now)
    if copy is None:
        message = (
            "Nothing of the directory has been verified yet, so nothing is said about anybody. Mirror it again, with"
            " --hub and --policy if one of them was wrong."
        )
        raise GatewayError("mirror_empty", message, str(folder.folder))
    return copy


async def update(hub: HubClient, folder: MirrorFolder, now: int) -> Updated:
    """Fetch what changed, verify it, and keep it.

    Args:
        hub: the hub.
        folder: the copy before, if any, is verified again.
        now: POSIX seconds.

    Raises:
        UntrustedAnswerError: with the code of the check that failed; ``directory_rolled_back``,
            ``directory_forked``, ``policy_rolled_back``, ``entries_differ``.
        HubRefusedError, HubUnavailableError: the hub gives no answer to go by.
        GatewayError: ``mirror_damaged``, ``mirror_contradicted``.
    """
    folder.require_uncontradicted()
    held = folder.load(now)
    chain = await hub.policy_chain()
    network = Network.verified(folder.trust(), chain)
    document = await hub.directory_snapshot()
    snapshot = verified_snapshot(network, document, now)
    if held is not None:
        _require_longer_chain(held, chain)
        _require_later(folder, held, snapshot, document, now)
        if snapshot.time < held.snapshot.time:
            return Updated(held, 0, whole=False)
    lines, fetched, whole = await _lines(hub, held, snapshot)
    copy = Copy(snapshot, document, chain, lines)
    folder.keep(copy)
    return Updated(copy, fetched, whole)


def _require_longer_chain(held: Copy, chain: tuple[Registration, ...]) -> None:
    before = [one.statement.digest for one in held.chain]
    if before != [one.statement.digest for one in chain][: len(before)]:
        raise _untrusted("policy_rolled_back", "The hub shows fewer or other policies than it has shown before.")


def _require_later(folder: MirrorFolder, held: Copy, new: Snapshot, document: bytes, now: int) -> None:
    """Refuse a snapshot that contradicts the copy, and keep both as evidence; an old one alone is only refused."""
    before = held.snapshot
    if new.size < before.size:
        message = f"The hub shows the directory of {new.size} entries; it has shown that of {before.size}."
        if new.time <= before.time:  # a cache, or whoever replays it, may have shown it
            raise _untrusted("directory_rolled_back", message)
        code = "directory_rolled_back"
    elif new.size == before.size and (new.root, new.digest) != (before.root, before.digest):
        code, message = "directory_forked", "The hub has signed two different directories of one log size."
    else:
        return
    names = ", ".join(folder.contradicted(code, held.document, document, now))
    raise _untrusted(code, f"{message} Both are kept as evidence: {names}.")


async def _lines(hub: HubClient, held: Copy | None, snapshot: Snapshot) -> tuple[Mapping[str, bytes], int, bool]:
    """Lines that lead to the digest, how many were fetched, and whether these were all."""
    if held is not None and held.snapshot.digest == snapshot.digest:
        return held.lines, 0, False
    if held is not None:
        changed = await _changed(hub, held, snapshot)
        lines = dict(sorted({**held.lines, **changed}.items())) if changed else held.lines
        if _fits(lines, snapshot):
            return lines, len(changed), False
    whole = await hub.directory_entries(snapshot.digest, MAX_ENTRIES_BYTES)
    lines = parse_lines(whole.splitlines())
    if not _fits(lines, snapshot):
        raise _untrusted("entries_differ", "The entries that the hub sends are not those that it has signed.")
    return lines, len(lines), True


async def _changed(hub: HubClient, held: Copy, snapshot: Snapshot) -> dict[str, bytes]:
    """The lines of a delta; none where the hub gives no delta."""
    try:
        entries = await hub.directory_delta(held.snapshot.size, snapshot.size)
    except HubRefusedError as error:
        if error.code != "delta_too_long":
            raise
        return {}
    return {name: canonical(one) for one in entries if (name := _id_of(one)) is not None}


def _id_of(entry: JSON) -> str | None:
    name = entry.get("id") if isinstance(entry, dict) else None
    return name if isinstance(name, str) else None


def _fits(lines: Mapping[str, bytes], snapshot: Snapshot) -> bool:
    return len(lines) == snapshot.count and digest_of(lines.values()) == snapshot.digest


def _untrusted(code: str, message: str) -> UntrustedAnswerError:
    return UntrustedAnswerError(code, message, actor="hub")
