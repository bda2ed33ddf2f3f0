"""Keys that a statement introduces: new, well-formed, their holders' own (PROTOCOL §§3, 6).

Each introduced Ed25519 key signs the statement, whatever its purpose; each X25519 key brings a proof
of possession, whose HMAC was verified by the holder of the hub's inbox key before any rule ran.
Keys in a genesis or policy need no such proof: their owners' signing keys stand beside them.
"""

from collections.abc import Iterable, Mapping

from registry import state as spaces
from registry.errors import refused, refused_by
from registry.logkeys import LogKeys
from registry.state import StateView, get_all
from signing.errors import SigningError
from signing.keyring import Introduced, introduced_keys
from signing.statement import Statement

__all__ = ["carried", "check_introductions"]


def carried(statement: Statement) -> dict[str, Introduced]:
    """The keys the statement carries, by kid; malformed, small-order and repeated ones are refused."""
    try:
        return introduced_keys(statement)
    except SigningError as error:
        raise refused_by(error) from None


def check_introductions(
    statement: Statement, state: StateView, new: Mapping[str, Introduced], log_keys: LogKeys, *, possession: bool
) -> None:
    """Refuse keys that are known, serve the log or a witness, have not signed, or lack possession.

    Args:
        statement: the introducing statement.
        state: rule state before it.
        new: the keys to introduce, by kid.
        log_keys: keys of log and witnesses under the policy that will hold.
        possession: whether X25519 keys must carry a proof (its presence is checked, not the HMAC).
    """
    _check_unknown(state, new)
    roles = statement.roles
    for kid, one in new.items():
        if one.key.x == log_keys.log:
            raise refused("key_of_log", "/body")
        if one.key.x in log_keys.witnesses and one.purpose != "witness":
            raise refused("key_of_witness", "/body")
        if one.key.curve == "Ed25519" and roles.get(kid) != "introduced":
            raise refused("introduced_key_silent", "/signers")
        if possession and one.key.curve == "X25519" and one.possession is None:
            raise refused("possession_missing", "/body")


def _check_unknown(state: StateView, kids: Iterable[str]) -> None:
    for known in get_all(state, [spaces.kid(kid) for kid in kids]):
        if known is not None:
            raise refused("key_known", "/body")
