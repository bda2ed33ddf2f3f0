"""The copy of the directory on disk.

::

    DIR/mirror.json           the hub's address
    DIR/policy.txt            the pinned verification policy
    DIR/snapshot.json         snapshot and chain of policies, as the hub sent them, last verified copy
    DIR/entries-<digest>      the lines of that snapshot
    DIR/evidence/             snapshots by which the hub contradicted itself; while it is there nothing is said

``snapshot.json`` is replaced last and at once, so that a process killed anywhere leaves the copy before or the new one.
Nothing read from here counts before it is verified again: a file that was changed is noticed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from providers.directory.snapshot import Snapshot, digest_of, verified_snapshot
from providers.durable import write_whole
from providers.errors import GatewayError
from providers.evidence import keep_evidence
from providers.network import Network
from providers.receipts import Registration
from signing.encoding import JSON, b64u_decode, b64u_encode, canonical, loads
from signing.errors import FormatError
from signing.trust import TrustFile, parse_trust

__all__ = ["Copy", "MirrorFolder", "parse_lines"]

MAX_SNAPSHOT_BYTES = 16 * 1024 * 1024
MAX_LINE_BYTES = 262_144


@dataclass(frozen=True, slots=True)
class Copy:
    """A verified snapshot with its entries.

    Args:
        snapshot: what it says.
        document: the JWS.
        chain: the policies by which it was verified.
        lines: by actor id, in this order.
    """

    snapshot: Snapshot
    document: bytes = field(repr=False)
    chain: tuple[Registration, ...] = field(repr=False)
    lines: Mapping[str, bytes] = field(repr=False)


class MirrorFolder:
    """The folder of one mirror."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def create(cls, folder: Path, hub: str, policy: bytes) -> "MirrorFolder":
        """A new folder, for the hub at an address and the network of a policy file.

        Takes the place of a mirror of which nothing was ever verified: its address or its policy was wrong.

        Raises:
            GatewayError: ``file_exists``, ``mirror_damaged``.
            FormatError, TrustError: the policy file is not of its form.
        """
        parse_trust(policy)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        kept = cls(folder)
        if not kept._begun() and any((folder / name).exists() for name in ("mirror.json", "policy.txt")):
            message = "There is a verified copy already, or a file that is no mirror's; it is not overwritten."
            raise GatewayError("file_exists", message, str(folder))
        write_whole(folder / "mirror.json", canonical({"v": 1, "hub": hub}))  # first: it says whose the other one is
        write_whole(folder / "policy.txt", policy)
        return kept

    def hub(self) -> str:
        """The hub's address.

        Raises:
            GatewayError: ``no_mirror``, ``mirror_damaged``.
        """
        found = self._json("mirror.json", 65_536)
        if not isinstance(found, dict) or not isinstance(found.get("hub"), str):
            raise self._damaged("mirror.json")
        return str(found["hub"])

    def trust(self) -> TrustFile:
        """The pinned policy."""
        return parse_trust(self._bytes("policy.txt", 131_072))

    def contradicted(self, code: str, before: bytes, after: bytes, now: int) -> tuple[str, ...]:
        """Keep two snapshots that a hub must not both have signed; the names of the files below the folder."""
        return keep_evidence(self.folder, code, {"first.json": before, "second.json": after}, now)

    def require_uncontradicted(self) -> None:
        """Say nothing while there is evidence that nobody has put away.

        Raises:
            GatewayError: ``mirror_contradicted``.
        """
        kept = self.folder / "evidence"
        if kept.exists() and any(kept.iterdir()):
            message = (
                "The hub has contradicted what it had signed before, so nothing is said about anybody. Tell the"
                " coordinator, hand over what is in this folder, and move it away when it is settled."
            )
            raise GatewayError("mirror_contradicted", message, str(kept))

    def load(self, now: int) -> Copy | None:
        """The copy, verified anew; None where nothing was ever kept.

        Args:
            now: POSIX seconds.

        Raises:
            GatewayError: ``mirror_damaged``.
            UntrustedAnswerError: what is kept does not verify.
        """
        if not (self.folder / "snapshot.json").exists():
            return None
        kept = self._json("snapshot.json", MAX_SNAPSHOT_BYTES)
        try:
            document = b64u_decode(kept["snapshot"])
            chain = tuple(Registration.from_json(one, f"/chain/{n}") for n, one in enumerate(kept["chain"]))
        except (FormatError, KeyError, TypeError) as error:
            raise self._damaged("snapshot.json") from error
        snapshot = verified_snapshot(Network.verified(self.trust(), chain), document, now)
        name = f"entries-{snapshot.digest}"
        lines = parse_lines(self._bytes(name, None).splitlines())
        if digest_of(lines.values()) != snapshot.digest:
            raise self._damaged(name)
        return Copy(snapshot, document, chain, lines)

    def keep(self, copy: Copy) -> None:
        """Put a copy in place of the one before."""
        name = f"entries-{copy.snapshot.digest}"
        whole = b"".join(line + b"\n" for line in copy.lines.values())
        write_whole(self.folder / name, whole)
        chain = [
            one.to_json() | ({} if one.policy_proof is None else {"policy_proof": one.policy_proof})
            for one in copy.chain
        ]
        kept = canonical({"v": 1, "snapshot": b64u_encode(copy.document), "chain": chain})
        write_whole(self.folder / "snapshot.json", kept)
        for old in self.folder.glob("entries-*"):
            if old.name != name:
                old.unlink()

    def _begun(self) -> bool:
        """Whether this is a mirror that never verified anything, neither a copy nor a contradiction."""
        if not (self.folder / "mirror.json").exists():
            return False
        self.hub()  # a file of this name that is not ours is left alone
        return not any((self.folder / name).exists() for name in ("snapshot.json", "evidence"))

    def _json(self, name: str, most: int) -> JSON:
        try:
            return loads(self._bytes(name, most), max_bytes=most)
        except FormatError as error:
            raise self._damaged(name) from error

    def _bytes(self, name: str, most: int | None) -> bytes:
        path = self.folder / name
        try:
            if most is not None and path.stat().st_size > most:
                raise self._damaged(name)
            return path.read_bytes()
        except FileNotFoundError:
            if name == "mirror.json":
                message = "There is no mirror here; name --hub and --policy to begin one."
                raise GatewayError("no_mirror", message, str(self.folder)) from None
            raise self._damaged(name) from None

    def _damaged(self, name: str) -> GatewayError:
        message = "This file of the mirror is missing or was changed; delete the folder and mirror again."
        return GatewayError("mirror_damaged", message, str(self.folder / name))


def parse_lines(lines: Sequence[bytes]) -> dict[str, bytes]:
    """Lines by actor id, as they come.

    Raises:
        GatewayError: ``bad_entries``, a line is no record, or they are not in order of their ids.
    """
    found: dict[str, bytes] = {}
    last = ""
    for number, line in enumerate(lines, 1):
        try:
            record = loads(line, max_bytes=MAX_LINE_BYTES)
        except FormatError as error:
            raise _bad_line(number) from error
        name = record.get("id") if isinstance(record, dict) else None
        if not isinstance(name, str) or name <= last:
            raise _bad_line(number)
        found[name] = line
        last = name
    return found


def _bad_line(number: int) -> GatewayError:
    message = "The entries of the directory are not records in order of their ids."
    return GatewayError("bad_entries", message, f"line {number}", actor="hub")
