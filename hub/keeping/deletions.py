"""The list of what was deleted, to be kept apart from the backups: a restored one must not bring it back.

It is one JSON document: signed records of deleted packages, and the log indexes of confidential statements whose
texts are gone. It tells nothing of their content, but names transfers: keep it as you keep the database.
"""

from hub.keeping.errors import RestoreError
from hub.storage.deleted import Deleted, DeletedPackage
from signing.encoding import JSON, canonical, is_hex_digest, loads
from signing.errors import SigningError

__all__ = ["format_deletions", "parse_deletions"]

_MAX_BYTES = 1 << 30


def format_deletions(deleted: Deleted, network: str, size: int, now: int) -> bytes:
    """The list as a file, of the log of ``network`` (hex digest) at ``size`` entries and ``now`` (POSIX seconds)."""
    packages: list[JSON] = [
        {
            "sha256": one.sha256,
            "owner": one.owner,
            "recipient": one.recipient,
            "transfer": one.transfer,
            "at": one.at,
            "record": one.record.decode("ascii"),
        }
        for one in deleted.packages
    ]
    members: dict[str, JSON] = {"odr_deletions": 1, "network": network, "size": size, "made_at": now}
    return canonical(members | {"packages": packages, "texts": list(deleted.texts)}) + b"\n"


def parse_deletions(data: bytes, network: str) -> Deleted:
    """Read a list; it must be of ``network``. The records in it are carried, not verified.

    Raises:
        RestoreError: bad_deletions, or deletions_of_other.
    """
    try:
        members = loads(data, max_bytes=_MAX_BYTES)
        if not isinstance(members, dict) or members.get("odr_deletions") != 1:
            raise RestoreError("bad_deletions", "This is no list of deletions of version 1.")
        packages = tuple(
            DeletedPackage(**{**one, "record": one["record"].encode("ascii")}) for one in members["packages"]
        )
        deleted = Deleted(packages, tuple(members["texts"]))
    except (AttributeError, KeyError, TypeError, UnicodeEncodeError, SigningError):
        raise RestoreError("bad_deletions", "The list of deletions lacks members of its form.") from None
    if not all(is_hex_digest(one.sha256) and type(one.at) is int for one in packages):
        raise RestoreError("bad_deletions", "A package in the list of deletions is not of its form.")
    if not all(type(index) is int and index >= 0 for index in deleted.texts):
        raise RestoreError("bad_deletions", "A text in the list of deletions is not named by its index.")
    if members["network"] != network:
        raise RestoreError("deletions_of_other", "The list of deletions belongs to another network.")
    return deleted
