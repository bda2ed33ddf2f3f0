"""Keys of the log and its witnesses as a policy body names them; no actor may use them for anything else."""

from collections.abc import Mapping
from dataclasses import dataclass

from registry.errors import refused
from signing.encoding import JSON
from signing.errors import SigningError
from signing.notes import VerifierKey
from signing.trust import parse_witness_policy

__all__ = ["LogKeys", "read_log_keys"]


@dataclass(frozen=True, slots=True)
class LogKeys:
    """Raw Ed25519 keys of the log and of every witness of its policy."""

    log: bytes
    witnesses: frozenset[bytes]


def read_log_keys(body: Mapping[str, JSON]) -> LogKeys:
    """Read log key and witness policy of a genesis or policy body, and hold them against each other.

    Refuses text that can't be read (which includes one key in two places), a log key whose name is not
    the origin, and a witness policy that does not name exactly this log key.
    """
    try:
        log_key = VerifierKey.parse(body["log_key"])
    except SigningError as error:
        raise refused("bad_log_key", "/body/log_key", reason=error) from None
    if log_key.name != body["origin"]:
        raise refused("log_key_not_origin", "/body/log_key")
    try:
        policy = parse_witness_policy(body["witness_policy"])
    except SigningError as error:
        raise refused("bad_witness_policy", "/body/witness_policy", reason=error) from None
    if policy.log_keys.get(log_key.name) != log_key:
        raise refused("witness_policy_other_log", "/body/witness_policy")
    return LogKeys(log_key.public, frozenset(witness.public for witness in policy.witness_keys.values()))
