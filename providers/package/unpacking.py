"""Unpacking: an encrypted package becomes a folder that appears whole or not at all.

1. The ciphertext has the size and SHA-256 that the sender dispatched.
2. It is for the transfer key and as many others as the dispatch declares as escrow, and decrypts up to
   its authentic end, into a file without a name. It is hashed as it is read for that; where the hash
   differs, nothing else is said of it.
3. What it holds is a ZIP in the one accepted form (``archive``), with acceptable names.
4. ``index.json`` has the dispatched manifest root, is signed by the sender, and names this transfer,
   sender and recipient.
5. The files are exactly those of the index, with its sizes.
6. Every file may be disclosed: class announced, and for C3 the consent of every party.
7. Each file is written beside the target and has the SHA-256 of the index.
8. ``case.json`` is the offered case, keeps to its schema, and describes exactly these documents.
9. Everything is on the disk; then the folder gets its name.

Nothing is written outside the target's own folder. When this raises, nothing remains; when the process
is killed, at most the folder ``partial_folder`` does, which ``discard`` removes.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from providers.durable import flush, sync_folder, write_along, write_new
from providers.package.archive import BLOCK, Limits, Member, read_members, unpacked
from providers.package.casefile import MAX_CASE, Validate, check_case, check_documents, parse_case
from providers.package.disclosure import Terms, check_item
from providers.package.errors import PackageRefusedError, refusal_of
from providers.package.manifest import CASE, DOCUMENTS, INDEX, Item, Manifest, Route, document_name, read_index
from providers.package.names import check_names, shown
from providers.package.spool import Hasher, side_thread
from providers.pagecache import read_once
from signing.agefile import decrypt, read_header
from signing.encoding import JSON
from signing.errors import SigningError
from signing.keys import PublicKey
from signing.secretkeys import AgreementKey
from signing.statement import MAX_DOCUMENT

__all__ = ["Expected", "Unpacked", "discard", "partial_folder", "unpack"]


@dataclass(frozen=True, slots=True)
class Expected:
    """What the log says of the package.

    Attributes:
        route: transfer, sender and recipient.
        terms: what the offer says about disclosure.
        at: POSIX second of the dispatch entry.
        manifest_root: as the dispatch states it, with ``sha256`` and ``size`` of the ciphertext.
        sender_keys: the sender's statement keys that were current at the dispatch, by kid.
        escrow: how many escrow recipients the dispatch names. Whose they are, the file can't say.
    """

    route: Route
    terms: Terms
    at: int
    manifest_root: str
    sha256: str
    size: int
    sender_keys: Mapping[str, PublicKey] = field(repr=False)
    escrow: int = 0


@dataclass(frozen=True, slots=True)
class Unpacked:
    """An accepted package: ``folder`` holds ``case.json``, ``index.json`` and ``documents/``."""

    folder: Path
    manifest: Manifest
    case: Mapping[str, JSON] = field(repr=False)


def partial_folder(target: Path) -> Path:
    """Where a package grows before it is named ``target``."""
    return target.with_name(f".{target.name}.part")


def discard(target: Path) -> None:
    """Remove what a killed process left of ``target``; the target itself is not touched."""
    with suppress(FileNotFoundError):
        shutil.rmtree(partial_folder(target))


def unpack(  # noqa: PLR0913 - a package, the key, what is known of it, and where to
    ciphertext: Path,
    identity: AgreementKey,
    expected: Expected,
    target: Path,
    *,
    validate: Validate,
    limits: Limits | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Unpacked:
    """Check and unpack the package in ``ciphertext`` into the new folder ``target``, by the steps above.

    Args:
        ciphertext: the age file as downloaded.
        identity: the secret transfer key.
        expected: what the log says of the package.
        target: a folder that does not exist, in one that does and is the gateway's alone.
        validate: schema validation.
        limits: bounds on what a package may hold.
        progress: told the work done and of how much, in bytes, two for each byte of the package.

    Raises:
        PackageRefusedError: with the code of the step that failed; ``reason`` is for the evidence.
        FileExistsError: the target, or the partial folder of another run, is there.
    """
    if target.exists():
        raise FileExistsError(f"{target} is there already")
    partial = partial_folder(target)
    partial.mkdir(mode=0o700)
    try:
        tell = progress or (lambda _done, _total: None)
        with tempfile.TemporaryFile(dir=partial) as archive:
            _decrypted(ciphertext, archive, identity, expected, tell)
            unpacking = _Unpacking(archive, expected, partial, validate, limits or Limits(), tell)
            manifest, case = unpacking.run()
        partial.rename(target)
        sync_folder(target.parent)
    except PackageRefusedError as error:
        error.actor = "sender"
        raise
    finally:
        discard(target)
    return Unpacked(target, manifest, case)


def _decrypted(
    ciphertext: Path, archive: BinaryIO, identity: AgreementKey, expected: Expected, tell: Callable[[int, int], None]
) -> None:
    """Steps 1 and 2."""
    with ciphertext.open("rb", buffering=BLOCK) as file, side_thread() as pool:
        if os.fstat(file.fileno()).st_size != expected.size:
            message = f"The package does not have the {expected.size} bytes that the sender dispatched."
            raise PackageRefusedError("ciphertext_size_differs", message)
        digest, trouble = Hasher(pool), None
        source = _Hashed(file, digest)
        try:
            _check_recipients(ciphertext, expected)
            decrypt(source, archive, identity, lambda done: tell(done, 2 * expected.size))
        except (SigningError, PackageRefusedError) as error:
            trouble = refusal_of(error) if isinstance(error, SigningError) else error
        while source.read(BLOCK):  # up to the end, which trouble came before
            pass
        if digest.hexdigest() != expected.sha256:
            message = "The package does not have the SHA-256 that the sender dispatched."
            raise PackageRefusedError("ciphertext_differs", message)
        if trouble is not None:
            raise trouble
        read_once(file.fileno())


@dataclass(frozen=True, slots=True)
class _Hashed:
    """A file that is hashed while it is read, once from its beginning to its end."""

    file: BinaryIO
    digest: Hasher

    def read(self, size: int = -1, /) -> bytes:
        octets = self.file.read(size)
        self.digest.update(octets)
        return octets

    def readline(self, size: int = -1, /) -> bytes:
        octets = self.file.readline(size)
        self.digest.update(octets)
        return octets


def _check_recipients(ciphertext: Path, expected: Expected) -> None:
    with ciphertext.open("rb") as source:
        recipients = [one for one in read_header(source).stanzas if one.arguments[0] == "X25519"]
    if len(recipients) != 1 + expected.escrow:
        message = f"The package is for {len(recipients)} keys; the dispatch declares {1 + expected.escrow}."
        raise PackageRefusedError("undeclared_recipients", message)


@dataclass(frozen=True, slots=True)
class _Unpacking:
    """Steps 3 to 8 on a decrypted package."""

    archive: BinaryIO
    expected: Expected
    folder: Path
    validate: Validate
    limits: Limits
    tell: Callable[[int, int], None]

    def run(self) -> tuple[Manifest, Mapping[str, JSON]]:
        expected = self.expected
        members = read_members(self.archive, self.limits)
        check_names(document_name(name) for name in members if name not in (CASE, INDEX))
        index = self._small(members, INDEX, MAX_DOCUMENT)
        manifest = read_index(index, expected.manifest_root, expected.sender_keys)
        self._check_route(manifest.route)
        self._check_files(members, manifest)
        for item in manifest.items:
            check_item(
                item.data_class, item.sha256, expected.terms, expected.route.recipient, expected.at, shown(item.name)
            )
        case = parse_case(self._small(members, CASE, MAX_CASE))
        check_case(case, expected.route, expected.terms, expected.at, self.validate)
        check_documents(case, manifest.items)
        self._extract(members, manifest)
        write_new(self.folder / INDEX, index)
        sync_folder(self.folder / DOCUMENTS)
        sync_folder(self.folder)
        return manifest, case

    def _small(self, members: Mapping[str, Member], name: str, limit: int) -> bytes:
        """The content of a member that is read as a whole."""
        if name not in members:
            raise PackageRefusedError("file_missing", "The package is incomplete.", name)
        if members[name].size > limit:
            raise PackageRefusedError("file_too_large", f"The file is larger than {limit} bytes.", name)
        return b"".join(unpacked(self.archive, members[name]))

    def _check_route(self, route: Route) -> None:
        expected = self.expected.route
        for code, found, wanted, what in (
            ("other_transfer", route.transfer_id, expected.transfer_id, "transfer"),
            ("other_sender", route.sender, expected.sender, "sender"),
            ("other_recipient", route.recipient, expected.recipient, "recipient"),
        ):
            if found != wanted:
                raise PackageRefusedError(code, f"The package was made for another {what}: {shown(found)}.", INDEX)

    def _check_files(self, members: Mapping[str, Member], manifest: Manifest) -> None:
        named = {item.name: item for item in manifest.items}
        if missing := named.keys() - members.keys():
            raise PackageRefusedError("file_missing", "The package is incomplete.", shown(min(missing)))
        if extra := members.keys() - named.keys() - {INDEX}:
            raise PackageRefusedError(
                "file_extra", "The package has a file that its index does not name.", shown(min(extra))
            )
        for name, item in named.items():
            if members[name].size != item.size:
                raise PackageRefusedError("size_differs", "A file is not as large as the index says.", shown(name))

    def _extract(self, members: Mapping[str, Member], manifest: Manifest) -> None:
        (self.folder / DOCUMENTS).mkdir(mode=0o700)
        done = size = self.expected.size
        with side_thread() as pool:
            for item in manifest.items:
                digest = Hasher(pool)
                with _created(self.folder / item.name) as target:
                    for block in unpacked(self.archive, members[item.name]):
                        digest.update(block)
                        write_along(target, block)
                        done += len(block)
                        self.tell(min(done, 2 * size), 2 * size)
                    _check_digest(item, digest.hexdigest())
                    flush(target)
        self.tell(2 * size, 2 * size)


def _check_digest(item: Item, digest: str) -> None:
    if digest != item.sha256:
        raise PackageRefusedError("file_differs", "A file does not have the SHA-256 of the index.", shown(item.name))


def _created(path: Path) -> BinaryIO:
    """A new file, readable by the gateway alone; never one that is there, nor behind a link."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "wb")
