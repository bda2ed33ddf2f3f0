"""Which entries concern a member: those under its owner tag, in its name, or about its keys (PROTOCOL §4).

Nobody but the holder of the monitor key can tell from the log alone whose a sealed entry is. Here the key answers for
every tag it is shown: nothing is asked of anybody, so that the hub does not learn what is looked for.
"""

from dataclasses import dataclass
from hashlib import sha256

from signing.encoding import JSON
from signing.entryform import parse_entry
from signing.errors import SigningError
from signing.secretkeys import AgreementKey, owns_tag

__all__ = ["Concern", "Owner", "commitments", "concern", "in_our_name"]


@dataclass(frozen=True, slots=True)
class Owner:
    """A member as its monitor knows it: actor id, monitor keys (the current one and older ones), ids of its keys."""

    actor: str
    monitors: tuple[AgreementKey, ...]
    kids: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Concern:
    """An entry that concerns the member; ``code`` is that of the alert which it is unless it turns out to be known.

    ``digest`` is the statement's digest of a public entry, the commitment of a sealed one, empty if unreadable;
    ``evidence`` names files below the monitor's directory.
    """

    index: int
    code: str
    kind: str
    digest: str
    time: int
    message: str
    evidence: tuple[str, ...] = ()


def concern(index: int, octets: bytes, owner: Owner) -> tuple[Concern | None, dict[str, JSON]]:
    """What the entry is to ``owner`` (None: nothing), and the parsed entry (empty if it can't be read).

    An entry of kind ``key`` by somebody else may be about the owner's keys: that only its statement tells.
    """
    try:
        entry = parse_entry(octets)
        sealed = entry["kind"] == "sealed"
        ours = any(owns_tag(entry["tag"], key) for key in owner.monitors) if sealed else entry["issuer"] == owner.actor
    except SigningError as error:
        message = f"Entry {index} is not in the one accepted form: {error.message}"
        return Concern(index, "unreadable_entry", "", "", 0, message), {}
    if not ours:
        return None, entry
    if not sealed:
        return in_our_name(index, str(entry["kind"]), str(entry["digest"]), entry["time"], owner), entry
    message = f"Entry {index}, sealed, stands in the name of {owner.actor}, and this gateway did not make it."
    return Concern(index, "entry_under_our_tag", "sealed", str(entry["commitment"]), entry["time"], message), entry


def in_our_name(index: int, kind: str, digest: str, time: int, owner: Owner) -> Concern:
    """What a public entry of the owner's is, before its statement was looked at."""
    message = f"Entry {index}, public, stands in the name of {owner.actor}, and this gateway did not make it."
    return Concern(index, "entry_in_our_name", kind, digest, time, message)


def commitments(digests: frozenset[str]) -> frozenset[str]:
    """The digests, and what sealed entries show instead of them: SHA-256 of each digest's 32 bytes."""
    return digests | {sha256(bytes.fromhex(one)).hexdigest() for one in digests}
