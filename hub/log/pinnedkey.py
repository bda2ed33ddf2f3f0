"""The public key of a log, as a verification policy leads to it: what is stored can be checked without the secret key.

The policy names the key of the log that it was made for. Where that log has ended since (PROTOCOL §4, rotation), the
stored policies lead from there to the log in force. They come from the very database that is to be checked, so each one
must be signed by the officers that those before it name, from the pinned genesis on.
"""

from hub.log.errors import RecoveryError
from hub.storage.directory import Directory
from hub.storage.engine import Database
from hub.storage.log_reads import LogReads
from hub.storage.values import Head
from signing.errors import SigningError, TrustError
from signing.notes import VerifierKey
from signing.replay import Replay
from signing.statement import parse_statement
from signing.trust import TrustFile, parse_trust, parse_witness_policy

__all__ = ["pinned_log_key"]


async def pinned_log_key(database: Database, head: Head, verification_policy: bytes) -> VerifierKey:
    """The key of the log that ``head`` is of.

    Checks hashes and signatures of the stored policies where the verification policy does not name the log. Not
    checked: that witnesses have seen them.

    Raises:
        RecoveryError: wrong_log_key, the verification policy can't be read, or no verified policy names the log.
    """
    try:
        trust = parse_trust(verification_policy)
        known = parse_witness_policy(trust.text).log_keys
        return known.get(head.origin) or await _followed(database, head, trust)
    except SigningError as error:
        message = f"The verification policy does not lead to the key of the log {head.origin}: {error.message}"
        raise RecoveryError("wrong_log_key", message, error.where) from None


async def _followed(database: Database, head: Head, trust: TrustFile) -> VerifierKey:
    """The key that the newest policy about the log names, of those that follow the pinned one."""
    replay, reads, previous = Replay(trust.network), LogReads(database), None
    for one in await Directory(database).policies(head.size):
        statement = parse_statement(one.document or b"")
        if statement.previous != previous:
            raise TrustError("policy_chain_broken", "The policies do not follow each other.", f"index {one.index}")
        (entry,) = await reads.entries(one.index, one.index + 1)
        replay.admit(statement, one.index, entry)
        previous = statement.digest
    if (trust.policy, trust.index) not in {(one.digest, one.index) for one in replay.policies}:
        raise TrustError("pinned_policy_missing", "It pins a policy that is not stored here.")
    bodies = [one.body for one in replay.policies if one.index >= trust.index]
    keys = [body["log_key"] for body in bodies if body["origin"] == head.origin]
    if not keys:
        raise TrustError("unknown_log", "No stored policy names this log.")
    return VerifierKey.parse(keys[-1])
