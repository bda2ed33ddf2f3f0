"""Rotation: a policy by which the network goes on under another log, with another name and key (PROTOCOL §4).

The tree goes on too: the new log begins with every entry of the old one and the positions stay. The policy is the
last entry that the old log signs and the first that the new one is judged by; its ``base`` commits to a checkpoint of
the old log, so that whoever holds one can tell that nothing before it was left behind.
"""

from collections.abc import Mapping, Sequence

from registry.errors import refused
from signing.encoding import JSON

__all__ = ["check_log", "ended_logs"]

_IDENTITY = ("origin", "log_key")


def check_log(
    body: Mapping[str, JSON], previous: Mapping[str, JSON], ended: Sequence[Mapping[str, JSON]], index: int
) -> None:
    """Refuse a policy under which the log is neither the one in force nor a rotation of it.

    Args:
        body: body of the policy to be judged.
        previous: body of the policy in force.
        ended: origin and log key of every log before that.
        index: where the policy would stand; the base has at most that many entries.

    Not checked: that the base is a checkpoint which was signed, and its root. The hub holds it against its own
    checkpoints, everybody else against a consistency proof.

    Raises:
        Refused: ``log_identity_fixed``, ``log_used_before``, ``base_missing``, ``base_unexpected``,
            ``base_of_other_log``.
    """
    changed = [name for name in _IDENTITY if body[name] != previous[name]]
    if not changed:
        if "base" in body:
            raise refused("base_unexpected", "/body/base")
        return
    if len(changed) < len(_IDENTITY) or _public(body["log_key"]) == _public(previous["log_key"]):
        raise refused("log_identity_fixed", "/body/origin")
    if any(body["origin"] == one["origin"] or _public(body["log_key"]) == _public(one["log_key"]) for one in ended):
        raise refused("log_used_before", "/body/origin")
    base = body.get("base")
    if base is None:
        raise refused("base_missing", "/body/base")
    if base["origin"] != previous["origin"] or base["size"] > index:
        raise refused("base_of_other_log", "/body/base", origin=previous["origin"])


def ended_logs(body: Mapping[str, JSON], policy: Mapping[str, JSON] | None) -> list[dict[str, JSON]]:
    """Origin and key of every log that has ended once ``body`` follows ``policy`` (None before the genesis)."""
    if policy is None:
        return []
    ended = list(policy.get("ended", ()))
    if body["origin"] != policy["body"]["origin"]:
        ended.append({name: policy["body"][name] for name in _IDENTITY})
    return ended


def _public(vkey: str) -> str:
    """The key itself in a verifier key: what follows its name and its id."""
    return vkey.split("+", 2)[2]
