"""``odr-hub rotate``: the network goes on under another log (PROTOCOL §4).

::

    rotate prepare   a new log key, and a file for the officers: new origin, new key, newest checkpoint
    officer policy --rotation FILE, sign, post      the officers decide; the hub closes the log over their policy
    rotate finish    the hub stopped: the same tree, signed by the new key under the new name

Entries, positions, tiles and receipts' paths stay as they are, and no text that was deleted comes back. The witnesses
must watch the new log before the hub is started again: to them it is one that they have never seen. The old key signs
nothing more; whoever operates the hub destroys it.
"""

import json
from dataclasses import dataclass, replace
from pathlib import Path

from hub import keystore
from hub.keystore import read_as, write_key
from hub.log.errors import RecoveryError
from hub.log.recovery import open_head
from hub.log.rotation import newest_policy
from hub.storage.directory import Directory
from hub.storage.engine import Database
from hub.storage.log_reads import LogReads
from hub.storage.log_store import SqlLogStore
from hub.storage.rotation import EndedLogs
from hub.storage.values import Head
from providers.durable import sync_folder
from signing.encoding import JSON
from signing.notes import Checkpoint
from signing.secretkeys import SigningKey
from signing.signnotes import NoteSigner, log_signer, sign_checkpoint
from signing.statement import Statement

__all__ = [
    "LOG_KEY",
    "NEXT_KEY",
    "Rotation",
    "exchange_keys",
    "finish",
    "next_origin",
    "prepare",
    "require_named",
    "succeed",
]

NEXT_KEY, LOG_KEY = "next-log.pem", "log.pem"


@dataclass(frozen=True, slots=True)
class Rotation:
    """What the officers put into their policy: the new log, and a checkpoint of the one that ends."""

    origin: str
    log_key: str
    base: dict[str, JSON]

    def to_bytes(self) -> bytes:
        """The file that ``officer policy --rotation`` reads."""
        members = {"origin": self.origin, "log_key": self.log_key, "base": self.base}
        return json.dumps(members, indent=2).encode() + b"\n"

    @classmethod
    def from_bytes(cls, data: bytes) -> "Rotation":
        """Read the file.

        Raises:
            RecoveryError: bad_rotation_file.
        """
        try:
            read = json.loads(data)
            found = cls(read["origin"], read["log_key"], read["base"])
        except (ValueError, KeyError, TypeError):
            raise RecoveryError("bad_rotation_file", "This file was not written by `odr-hub rotate prepare`.") from None
        if found.to_bytes() != data:
            raise RecoveryError("bad_rotation_file", "The rotation file was changed; make it anew.")
        return found


def next_origin(origin: str) -> str:
    """The name after ``host/log/<n>``: the same with the next number; ``/2`` behind any other name."""
    stem, _, number = origin.rpartition("/")
    return f"{stem}/{int(number) + 1}" if number.isdecimal() and stem else f"{origin}/2"


async def prepare(database: Database, keys: Path, origin: str | None) -> Rotation:
    """Make the key of the next log in ``keys`` unless it is there; the hub may be running.

    Args:
        database: the hub's tables.
        keys: the directory of the hub's secrets.
        origin: name of the next log; after the present one if not given.

    Raises:
        RecoveryError: no_log, no_checkpoint.
        SigningError: the origin is no name of a log.
    """
    store, reads = SqlLogStore(database), LogReads(database)
    head, _ = await open_head(store, reads)
    newest = await reads.newest_witnessed() or await reads.checkpoint(head.signed_size)
    if newest is None:
        raise RecoveryError("no_checkpoint", "The log has not signed a checkpoint yet.")
    named = origin or next_origin(head.origin)
    log_signer(named, SigningKey(bytes(32)))  # refuses an origin that can't be one, before a key is made
    if not (keys / NEXT_KEY).exists():
        write_key(keys / NEXT_KEY, SigningKey.generate())
        sync_folder(keys)
    signer = log_signer(named, read_as(keys / NEXT_KEY, SigningKey))
    base: dict[str, JSON] = {"origin": head.origin, "size": newest.size, "root": newest.root.hex()}
    return Rotation(named, signer.verifier.format(), base)


async def finish(database: Database, keys: Path) -> Head:
    """Go on with the tree under the log that the newest policy names; the caller holds the ``DataLock``.

    Interrupted at any point, it is completed when it is called again.

    Raises:
        RecoveryError: not_ended, not_settled, wrong_log_key, no_log.
        CorruptionError: what is stored contradicts itself.
        KeystoreError: the new key can't be read.
    """
    store, reads, directory = SqlLogStore(database), LogReads(database), Directory(database)
    found = await store.head()
    if found is None:
        raise RecoveryError("no_log", "There is no log in this data directory; `odr-hub init` makes one.")
    policy = await newest_policy(directory, found.size)
    if found.origin == policy.body["origin"]:
        _complete(policy, keys)
        return found
    old, _ = await open_head(store, reads, log_signer(found.origin, keystore.load(keys).log).verifier)
    signer = log_signer(str(policy.body["origin"]), read_as(keys / NEXT_KEY, SigningKey))
    require_named(policy, signer)
    await _require_settled(old, policy, reads)
    new = await succeed(database, old, signer)
    exchange_keys(keys, old.origin)
    return new


async def succeed(database: Database, old: Head, signer: NoteSigner) -> Head:
    """Sign the whole stored tree under the next log's name; the new head.

    A tail that the old log never signed is included: nothing of it was ever promised.
    """
    note = sign_checkpoint(Checkpoint(signer.name, old.size, old.root), signer)
    new = replace(old, origin=signer.name, signed_size=old.size, note=note)
    await EndedLogs(database).succeed(old, new)
    return new


def _complete(policy: Statement, keys: Path) -> None:
    """The tables name the log of the policy already; only the keys may still have to be exchanged."""
    origin = str(policy.body["origin"])
    if not (keys / NEXT_KEY).exists() or not _fits(policy, log_signer(origin, read_as(keys / NEXT_KEY, SigningKey))):
        raise RecoveryError("not_ended", "No policy has ended this log; there is nothing to finish.", origin)
    exchange_keys(keys, policy.body["base"]["origin"])


def _fits(policy: Statement, signer: NoteSigner) -> bool:
    return bool(policy.body["log_key"] == signer.verifier.format())


def require_named(policy: Statement, signer: NoteSigner, name: str = NEXT_KEY) -> None:
    """Refuse a key, read from the file ``name``, that is not the one of the policy's log."""
    if not _fits(policy, signer):
        raise RecoveryError("wrong_log_key", f"The policy names another log key than {name} holds.", name)


async def _require_settled(head: Head, policy: Statement, reads: LogReads) -> None:
    """The old log has signed its last entry, and the quorum before the policy has cosigned a head over it."""
    index = head.size - 1
    if head.signed_size != head.size or await reads.index_of(policy.digest) != index:
        raise RecoveryError("not_settled", "The log has entries that it has not signed; start the hub once more.")
    if await reads.policy_proof(index) is None:
        message = "The quorum of witnesses has not cosigned the end of the log; let the hub run until it has."
        raise RecoveryError("not_settled", message, head.origin)


def exchange_keys(keys: Path, origin: str) -> None:
    """Make the next key the log's; that of the log ``origin``, which ended, keeps a name that says so."""
    if (keys / LOG_KEY).exists():
        (keys / LOG_KEY).replace(keys / f"ended-{origin.replace('/', '-')}.pem")
    (keys / NEXT_KEY).replace(keys / LOG_KEY)
    sync_folder(keys)
