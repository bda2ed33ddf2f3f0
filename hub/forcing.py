"""``odr-hub rotate force``: another log without the consent of the one before, whose key is lost or history forked.

The old log can't sign its own end. So the tree as it is stored is signed under the new name first, and the officers'
policy becomes the first entry that the new log takes. Nothing leads from the old log's key to the new one's: whoever
verifies must be handed the new verification policy as at the foundation, by a channel that is not the hub.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hub.app import key_finder
from hub.founding import POLICY_NAME
from hub.intake import Intake, KeyCache
from hub.keystore import read_as
from hub.log.alone import Alone
from hub.log.committing import Committer
from hub.log.errors import RecoveryError
from hub.log.recovery import DataLock, open_head
from hub.log.rotation import check_base
from hub.maintenance import opened
from hub.rotating import LOG_KEY, NEXT_KEY, exchange_keys, require_named, succeed
from hub.rulebook import RULEBOOK
from hub.settings import load_settings
from hub.storage.directory import Directory
from hub.storage.engine import Database
from hub.storage.log_reads import LogReads
from hub.storage.log_store import SqlLogStore
from hub.storage.rotation import EndedLogs
from hub.storage.values import Head
from providers.durable import sync_folder, write_new
from signing.drafts import Draft
from signing.secretkeys import AgreementKey, SigningKey
from signing.signnotes import NoteSigner, format_trust, log_signer
from signing.statement import Statement
from signing.trust import TrustFile

__all__ = ["Forced", "force", "run"]

ENDED_NAME = "verification-policy.ended.txt"


@dataclass(frozen=True, slots=True)
class Forced:
    """The new log's head over the tree that was found, and whom verifiers are to trust from now on."""

    head: Head
    trust: TrustFile


async def force(database: Database, keys: Path, document: bytes, intake: Intake, clock: Callable[[], int]) -> Forced:
    """Go on with the stored tree under the log that a complete policy names; the caller holds the ``DataLock``.

    The policy is verified and decided before anything is written. Interrupted, it is completed by calling it again.
    Not checked: what witnesses have seen of the old log; that is why it is forced.

    Args:
        database: the hub's tables.
        keys: the directory of the hub's secrets, with the next log's key; the old one may be missing.
        document: the policy, signed by the threshold in force.
        intake: verifies it.
        clock: POSIX seconds.

    Raises:
        IntakeError, Refused: the policy may not be registered.
        RecoveryError: no_log, not_a_rotation, wrong_log_key.
        CorruptionError: what is stored contradicts itself.
    """
    statement = (await intake.verify(document)).statement
    if statement.kind != "policy" or "base" not in statement.body:
        raise RecoveryError("not_a_rotation", "The draft is no policy that rotates the log.", statement.kind)
    store, reads = SqlLogStore(database), LogReads(database)
    head, edge = await open_head(store, reads)
    signer = _signer(statement, keys)
    if head.origin != signer.name:
        await check_base(statement, reads)
        await Alone(store, Committer(signer, head, edge), RULEBOOK, clock).decide(statement)
        head = await succeed(database, head, signer)
    if (keys / NEXT_KEY).exists():
        exchange_keys(keys, statement.body["base"]["origin"])
    registered = await Alone(store, Committer(signer, head, edge), RULEBOOK, clock).register(statement)
    await EndedLogs(database).waive_proofs(registered.index)
    network, text = str(statement.network), statement.body["witness_policy"]
    return Forced(head, TrustFile(network, statement.digest, registered.index, text))


def _signer(statement: Statement, keys: Path) -> NoteSigner:
    """The new log's signer; its key has its own name already where an earlier run got that far."""
    name = NEXT_KEY if (keys / NEXT_KEY).exists() else LOG_KEY
    signer = log_signer(str(statement.body["origin"]), read_as(keys / name, SigningKey))
    require_named(statement, signer, name)
    return signer


async def run(data: Path, draft: bytes, clock: Callable[[], int]) -> Forced:
    """``force`` in a data directory whose hub does not run, and the verification policy that follows from it.

    Raises:
        What ``force`` raises; RecoveryError: locked; SigningError: the draft is not complete.
    """
    settings = load_settings(data)
    keys = data / settings.keys.directory
    document = Draft.from_bytes(draft).statement().document
    with DataLock(data / "lock"):
        async with opened(data, settings) as (database, _):
            await database.claim(allow_async=True)
            directory = Directory(database)
            network = (await directory.policies(1))[0].digest
            inbox = read_as(keys / "inbox.pem", AgreementKey)
            size = settings.limits.post_bytes
            intake = Intake(KeyCache(key_finder(directory)), inbox, network, inline_bytes=size, inline_signatures=16)
            forced = await force(database, keys, document, intake, clock)
    _hand_out(data, format_trust(forced.trust))
    return forced


def _hand_out(data: Path, policy: bytes) -> None:
    """Put the new verification policy in the place of the old one, which is kept beside it."""
    path = data / POLICY_NAME
    if path.exists() and path.read_bytes() != policy:
        path.replace(data / ENDED_NAME)
    if not path.exists():
        write_new(path, policy, 0o644)
    sync_folder(data)
