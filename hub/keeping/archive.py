"""The form of a backup: a tar archive in an age file, so that ``age -d`` and ``tar`` can open it without this program.

::

    hub.toml, verification-policy.txt      settings and pinned policy
    database.sqlite3                       every table
    packages/<2 hex>/<hash>                encrypted briefs and packages
    keys/<name>.pem                        the hub's secrets, only if asked for
    manifest.json                          last: what was packed

Both directions go through the file once and hold a piece in memory. What is read counts only once the last octet was
authentic: the caller keeps it out of reach until ``unpack`` has returned.
"""

import hashlib
import io
import re
import tarfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any, BinaryIO

from hub.keeping.errors import BackupError, RestoreError
from hub.keeping.manifest import MANIFEST, BackedUpFile, Manifest, parse_manifest
from providers.durable import flush
from signing.agefile import age_writer, open_age
from signing.keys import PublicKey
from signing.secretkeys import AgreementKey

__all__ = ["DATABASE", "PACKAGES", "Packer", "unpack"]

DATABASE = "database.sqlite3"
PACKAGES = "packages"
_NAMES = re.compile(
    r"hub\.toml|verification-policy\.txt|database\.sqlite3|packages/[0-9a-f]{2}/[0-9a-f]{64}|keys/[A-Za-z0-9][A-Za-z0-9._:-]*\.pem"
    r"|manifest\.json"
)
_PIECE = 1 << 20


class Packer:
    """Packs files into an encrypted archive.

    Args:
        target: an open file; left open.
        recipients: who can open it.
        now: POSIX seconds, the time of every member.
    """

    def __init__(self, target: BinaryIO, recipients: Sequence[PublicKey], now: int) -> None:
        self._age = age_writer(target, recipients)
        sink: Any = _Sink(self._age.write)
        self._tar = tarfile.open(fileobj=sink, mode="w|", bufsize=_PIECE, format=tarfile.PAX_FORMAT)  # noqa: SIM115
        self._now = now
        self.files: list[BackedUpFile] = []

    def add(self, name: str, source: BinaryIO, size: int) -> BackedUpFile:
        """Pack ``size`` octets of ``source`` under ``name``.

        Raises:
            OSError: there are fewer.
            BackupError: ``foreign_name``: a backup with a file of this name could not be restored.
        """
        if _NAMES.fullmatch(name) is None:
            raise BackupError("foreign_name", "A file of this name does not belong in a backup; move it away.", name)
        member, reading = tarfile.TarInfo(name), _Hashed(source)
        member.size, member.mode, member.mtime = size, 0o600, self._now
        self._tar.addfile(member, reading)
        packed = BackedUpFile(name, size, reading.digest.hexdigest())
        self.files.append(packed)
        return packed

    def finish(self, manifest: Manifest) -> None:
        """Pack the manifest and end the archive."""
        octets = manifest.to_bytes()
        self.add(MANIFEST, io.BytesIO(octets), len(octets))
        self._tar.close()
        self._age.finish()


def unpack(source: BinaryIO, identity: AgreementKey, target: Path) -> Manifest:
    """Unpack a backup into the empty directory ``target``, and hold every file against the manifest.

    Packages go to ``target``/packages, the database to ``target``/database.sqlite3, each on the disk when this returns.

    Raises:
        SigningError: not an age file, not for this key, cut off, or changed.
        RestoreError: backup_unreadable, backup_differs or bad_manifest.
    """
    stream: Any = _Stream(open_age(source, identity).chunks())
    found: dict[str, BackedUpFile] = {}
    manifest: bytes | None = None
    try:
        with tarfile.open(fileobj=stream, mode="r|", bufsize=_PIECE) as tar:
            for member in tar:
                if manifest is not None or member.name in found or not _is_wanted(member):
                    raise RestoreError("backup_unreadable", "A member does not belong in a backup.", member.name[:100])
                octets = tar.extractfile(member)
                if octets is None:
                    raise RestoreError("backup_unreadable", "A member has no content.", member.name)
                if member.name == MANIFEST:
                    manifest = octets.read()
                else:
                    found[member.name] = _written(target / member.name, member.name, octets)
        while stream.read(_PIECE):
            continue
    except tarfile.TarError as error:
        raise RestoreError("backup_unreadable", f"The archive in the backup can't be read: {error}.") from None
    if manifest is None:
        raise RestoreError("backup_unreadable", "The backup has no manifest: it was never finished.", MANIFEST)
    told = parse_manifest(manifest)
    for name in sorted(found.keys() | told.file_of.keys()):
        if found.get(name) != told.file_of.get(name):
            raise RestoreError("backup_differs", "A file is not as the manifest says.", name)
    return told


def _is_wanted(member: tarfile.TarInfo) -> bool:
    return member.isreg() and _NAMES.fullmatch(member.name) is not None


def _written(path: Path, name: str, source: IO[bytes]) -> BackedUpFile:
    digest, size = hashlib.sha256(), 0
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with path.open("xb") as file:
        path.chmod(0o600)
        while piece := source.read(_PIECE):
            digest.update(piece)
            size += len(piece)
            file.write(piece)
        flush(file)
    return BackedUpFile(name, size, digest.hexdigest())


class _Hashed:
    """Reads on, and hashes what was read."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._source.read(size)
        self.digest.update(data)
        return data


class _Sink:
    """A function as a file that is written to."""

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self.write = write


class _Stream:
    """Pieces as a file that is read."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._left = b""

    def read(self, size: int) -> bytes:
        while len(self._left) < size and (piece := next(self._pieces, None)) is not None:
            self._left += piece
        data, self._left = self._left[:size], self._left[size:]
        return data
