"""The end of a log whose network goes on under another one (PROTOCOL §4, rotation).

A policy with a ``base`` is the last entry that the log takes. The hub signs the head over it, has it cosigned by the
quorum in force, and takes nothing more; ``odr-hub rotate finish`` then goes on with the same tree under the new name.
"""

from collections.abc import Mapping

from hub.errors import IntakeError
from hub.log.errors import RecoveryError
from hub.storage.directory import Directory
from hub.storage.log_reads import LogReads
from hub.storage.values import Head
from registry.state import POLICY
from signing.encoding import JSON
from signing.statement import Statement, parse_statement

__all__ = ["check_base", "ended_by", "ended_reason", "newest_policy", "successor"]


async def check_base(statement: Statement, reads: LogReads) -> None:
    """Refuse a rotation whose base is no checkpoint of this log; a statement without base is none of its business.

    Raises:
        IntakeError: base_unknown.
    """
    base = statement.body.get("base") if statement.kind == "policy" else None
    if base is None:
        return
    stored = await reads.checkpoint(base["size"])
    if stored is None or stored.root.hex() != base["root"]:
        message = f"This log has signed no checkpoint of {base['size']} entries with that root."
        raise IntakeError("base_unknown", message, "/body/base")


def successor(writes: Mapping[str, tuple[JSON, int]], origin: str) -> str | None:
    """The origin of the log that follows, if a batch with these writes ends the log ``origin``; else None."""
    if POLICY not in writes:
        return None
    named = str(writes[POLICY][0]["body"]["origin"])
    return None if named == origin else named


async def newest_policy(directory: Directory, size: int) -> Statement:
    """The newest genesis or policy statement below ``size``; there is one in every log."""
    newest = (await directory.policies(size))[-1]
    if newest.document is None:
        raise AssertionError("The texts of policies are never deleted.")
    return parse_statement(newest.document)


async def ended_by(directory: Directory, head: Head) -> str | None:
    """At start: the origin of the log that follows, if the newest policy has ended this one; else None.

    Raises:
        RecoveryError: rotation_incomplete; a forced rotation was interrupted before its policy was registered.
    """
    newest = await newest_policy(directory, head.size)
    named = str(newest.body["origin"])
    if named == head.origin:
        return None
    if newest.body.get("base", {}).get("origin") != head.origin:
        message = "The policy of this log is not registered yet: run `odr-hub rotate force` once more."
        raise RecoveryError("rotation_incomplete", message, head.origin)
    return named


def ended_reason(origin: str) -> str:
    """What is said to whoever posts to a log that has ended."""
    return f"This log has ended; the network goes on as {origin} once the operator has run `odr-hub rotate finish`."
