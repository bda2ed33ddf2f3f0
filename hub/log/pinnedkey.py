"""The public key of a log, as a verification policy leads to it: what is stored can be checked without the secret key.

The policy names the key of the log that it was made for. Where that log has ended since (PROTOCOL §4, rotation), the
stored policies lead from there to the log in force. They come from the very database that is to be checked, so each one
must be signed by the officers that those before it name, from the pinned genesis on.

Two things go wrong, and they are told apart. A verification policy of another network, or one that pins what was never
stored here, is the wrong file. A stored policy that does not verify is damage of what is to be checked.
"""

from hub.log.errors import RecoveryError, UnverifiedPolicyError
from hub.storage.audit import UNREADABLE
from hub.storage.directory import Directory
from hub.storage.engine import Database
from hub.storage.log_reads import LogReads
from hub.storage.values import Head, StoredStatement
from signing.errors import SigningError, TrustError
from signing.notes import VerifierKey
from signing.replay import Replay
from signing.statement import parse_statement
from signing.trust import TrustFile, parse_trust, parse_witness_policy

__all__ = ["pinned_log_key"]

_CODE = "policy_unverified"
_UNLIKE_ITS_KIND: tuple[type[Exception], ...] = (KeyError, TypeError, AttributeError, OverflowError, *UNREADABLE)
"""What a damaged row raises, and a statement that lacks the members of its kind: no schema is asked here."""


async def pinned_log_key(database: Database, head: Head, verification_policy: bytes) -> VerifierKey:
    """The key of the log that ``head`` is of.

    Checks hashes and signatures of the stored policies where the verification policy does not name the log. Not
    checked: that witnesses have seen them.

    Raises:
        RecoveryError: wrong_log_key, the verification policy can't be read, or is not of what is stored here.
        UnverifiedPolicyError: a stored policy is missing or does not verify.
    """
    try:
        trust = parse_trust(verification_policy)
        known = parse_witness_policy(trust.text).log_keys
    except SigningError as error:
        raise _wrong(head, error.message, error.where) from None
    return known.get(head.origin) or await _followed(database, head, trust)


async def _followed(database: Database, head: Head, trust: TrustFile) -> VerifierKey:
    """The key that the newest policy about the log names, of those that follow the pinned one."""
    replay, reads = Replay(trust.network), LogReads(database)
    for one in await _policies(database, head):
        if one.index == 0 and one.kind == "genesis" and one.digest != trust.network and _is_whole(one):
            raise _wrong(head, "It is of another network than what is stored here.")
        try:
            await _admit(replay, one, reads)
        except SigningError as error:
            raise _unverified(head, error.message, f"entry {one.index}") from None
        except _UNLIKE_ITS_KIND as error:
            raise _unverified(head, f"It can't be read: {type(error).__name__}.", f"entry {one.index}") from None
    if not replay.policies:
        raise _unverified(head, "The genesis is missing.", "entry 0")
    if (trust.policy, trust.index) not in {(one.digest, one.index) for one in replay.policies}:
        raise _wrong(head, "It pins a policy that is not stored here.")
    bodies = [one.body for one in replay.policies if one.index >= trust.index]
    keys = [body["log_key"] for body in bodies if body["origin"] == head.origin]
    if not keys:
        raise _unverified(head, "The policy that names this log is missing.", "head")
    return VerifierKey.parse(keys[-1])


async def _policies(database: Database, head: Head) -> list[StoredStatement]:
    try:
        return await Directory(database).policies(head.size)
    except UNREADABLE as error:
        raise _unverified(head, f"The policies can't be read: {type(error).__name__}.", "policies") from None


def _is_whole(one: StoredStatement) -> bool:
    """Whether the stored text is the one of the stored digest."""
    try:
        return parse_statement(one.document or b"").digest == one.digest
    except SigningError:
        return False


async def _admit(replay: Replay, one: StoredStatement, reads: LogReads) -> None:
    if one.document is None:
        raise TrustError(_CODE, "Its text is missing.")
    statement, before = parse_statement(one.document), replay.policies[-1] if replay.policies else None
    if statement.digest != one.digest:
        raise TrustError(_CODE, "The stored text is not the statement of the stored digest.")
    if statement.previous != (before and before.digest):
        missing = f"the one after entry {before.index}" if before else "the genesis"
        raise TrustError(_CODE, f"A policy before it is missing or another one: {missing}.")
    entries = await reads.entries(one.index, one.index + 1)
    if not entries:
        raise TrustError(_CODE, "Its log entry is missing.")
    replay.admit(statement, one.index, entries[0])


def _wrong(head: Head, reason: str, where: str = "") -> RecoveryError:
    message = f"The verification policy does not lead to the key of the log {head.origin}: {reason}"
    return RecoveryError("wrong_log_key", message, where)


def _unverified(head: Head, reason: str, where: str) -> UnverifiedPolicyError:
    message = (
        f"The policy stored here does not verify: {reason} So nothing outside the database leads to the key of the log"
        f" {head.origin}; its checkpoints are held against the key that stored policies name."
    )
    return UnverifiedPolicyError(_CODE, message, where)
