"""The manifest of a backup: what is in it, of which log, and how far that log was.

It is the last member of the archive, because it names what was really packed: packages that are deleted while a backup
is made are not in it.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from hub.keeping.errors import RestoreError
from signing.encoding import JSON, canonical, is_hex_digest, loads
from signing.errors import SigningError

__all__ = ["MANIFEST", "BackedUpFile", "Manifest", "parse_manifest"]

MANIFEST = "manifest.json"
_MAX_BYTES = 1 << 28


@dataclass(frozen=True, slots=True)
class BackedUpFile:
    """A member of the archive: its size in octets and its SHA-256 (hex)."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds.

    Args:
        program: version of the program that made it.
        made_at: POSIX seconds.
        network: digest of the genesis payload, hex.
        origin: name of the log; ``size`` and ``root`` (hex) are where it ended.
        schema: version of the tables.
        with_keys: whether the hub's secrets are in it.
        files: every other member.
    """

    program: str
    made_at: int
    network: str
    origin: str
    size: int
    root: str
    schema: str
    with_keys: bool
    files: tuple[BackedUpFile, ...]

    def to_bytes(self) -> bytes:
        """The manifest as it is packed."""
        members: dict[str, JSON] = asdict(self)
        members["files"] = [asdict(one) for one in self.files]
        return canonical({"odr_backup": 1, **members}) + b"\n"

    @property
    def file_of(self) -> Mapping[str, BackedUpFile]:
        """Each file by its name."""
        return {one.name: one for one in self.files}


def parse_manifest(data: bytes) -> Manifest:
    """Read a manifest.

    Raises:
        RestoreError: bad_manifest.
    """
    try:
        members = loads(data, max_bytes=_MAX_BYTES)
        if not isinstance(members, dict) or members.pop("odr_backup", None) != 1:
            raise RestoreError("bad_manifest", "This is no manifest of a backup of version 1.", MANIFEST)
        files = tuple(BackedUpFile(**one) for one in members.pop("files"))
        manifest = Manifest(**members, files=files)
    except (TypeError, KeyError, SigningError):
        raise RestoreError("bad_manifest", "The manifest lacks members of its form, or has others.", MANIFEST) from None
    if not all(_in_form(one) for one in files) or not all(map(is_hex_digest, (manifest.network, manifest.root))):
        raise RestoreError("bad_manifest", "A value of the manifest is not of its form.", MANIFEST)
    return manifest


def _in_form(one: BackedUpFile) -> bool:
    return isinstance(one.name, str) and type(one.size) is int and is_hex_digest(one.sha256)
