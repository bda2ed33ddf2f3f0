"""Packing: a case and its documents become one encrypted file, in one pass and with constant memory.

::

    documents -> ZIP (stored, sorted, fixed times) -> age -> spool -> target
                  └ SHA-256 of each file                      └ SHA-256 of the whole

Plaintext never touches the disk. ``index.json`` comes last, when every digest is known; the caller
signs it, so that the statement key need not be in the packing process. Documents are stored, not
deflated: scans and office files hardly shrink, and deflating costs more than everything else together.
Whatever is refused here would be refused by the recipient too. When this raises, what the target holds
is cut off and must be thrown away.
"""

import os
import stat
import zipfile
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from providers.package.archive import BLOCK, Limits
from providers.package.casefile import Validate, check_case, check_documents, format_case
from providers.package.disclosure import Terms, check_item
from providers.package.errors import PackageRefusedError, refusal_of
from providers.package.manifest import CASE, DOCUMENTS, INDEX, Item, Manifest, Route, check_description
from providers.package.names import check_names, shown
from providers.package.spool import Hasher, Spool, side_thread
from providers.pagecache import read_once
from signing.agefile import age_writer
from signing.agestream import StreamWriter, Writable
from signing.compose import new_salt
from signing.encoding import JSON, sha256_hex
from signing.errors import SigningError
from signing.keys import PublicKey

__all__ = ["Document", "Packed", "Parcel", "pack"]

_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Document:
    """A file to pack: its name in the package, where it lies, and what it is."""

    name: str
    path: Path
    media_type: str
    data_class: str


@dataclass(frozen=True, slots=True)
class Parcel:
    """What to pack, for which transfer, under which terms; ``at`` is the POSIX second of packing."""

    case: Mapping[str, JSON]
    documents: Sequence[Document]
    route: Route
    terms: Terms
    at: int


@dataclass(frozen=True, slots=True)
class Packed:
    """What the dispatch says of the package."""

    manifest: Manifest
    sha256: str
    size: int

    @property
    def manifest_root(self) -> str:
        """SHA-256 of the index payload."""
        return self.manifest.root


def pack(  # noqa: PLR0913 - what, where to, for whom, and three things that others do
    parcel: Parcel,
    target: Writable,
    recipients: Sequence[PublicKey],
    *,
    sign: Callable[[bytes], bytes],
    validate: Validate,
    progress: Callable[[int, int], None] | None = None,
    limits: Limits | None = None,
) -> Packed:
    """Write the encrypted package of ``parcel`` to ``target`` and return its hashes and size.

    Args:
        parcel: what to pack.
        target: takes the ciphertext; not closed.
        recipients: X25519 keys: the transfer key of the answer first, then those of escrow.
        sign: turns the index payload into ``index.json``, as ``manifest.sign_index`` does.
        validate: schema validation.
        progress: told the bytes of documents done, and of how many.
        limits: bounds on what may be packed.

    Raises:
        PackageRefusedError: a name, class, size or text that may not travel; ``document_unreadable``,
            ``document_changed``, ``class_not_offered``, ``item_consent_missing``, ``package_too_large``, …
    """
    limits = limits or Limits()
    check_case(parcel.case, parcel.route, parcel.terms, parcel.at, validate)
    case, total = format_case(parcel.case), _checked(parcel.documents, limits)
    try:
        with side_thread() as pool:
            whole = Hasher(pool)
            spool = Spool(target, whole)
            writer = age_writer(spool, recipients)
            work = _Work(parcel, pool, _Meter(total, progress))
            manifest = work.write(writer, case, sign)
            writer.finish()
            spool.finish()
            return Packed(manifest, whole.hexdigest(), whole.size)
    except SigningError as error:
        raise refusal_of(error) from None


@dataclass(slots=True)
class _Meter:
    """Tells how much is done."""

    total: int
    tell: Callable[[int, int], None] | None
    done: int = 0

    def add(self, size: int) -> None:
        self.done += size
        if self.tell is not None:
            self.tell(self.done, self.total)


@dataclass(frozen=True, slots=True)
class _Work:
    """One packing."""

    parcel: Parcel
    pool: ThreadPoolExecutor
    meter: _Meter

    def write(self, writer: StreamWriter, case: bytes, sign: Callable[[bytes], bytes]) -> Manifest:
        """Write the ZIP: case, documents by name, and last the index, signed."""
        parcel = self.parcel
        items = [Item(CASE, len(case), "application/json", "C2", sha256_hex(case))]
        with zipfile.ZipFile(_Sink(writer), "w") as archive:
            archive.writestr(_member(CASE, len(case)), case)
            items += [self._add(archive, one) for one in sorted(parcel.documents, key=lambda one: one.name)]
            check_documents(parcel.case, items)
            manifest = Manifest(parcel.route, new_salt(), tuple(items))
            index = sign(manifest.payload)
            archive.writestr(_member(INDEX, len(index)), index)
        return manifest

    def _add(self, archive: zipfile.ZipFile, document: Document) -> Item:
        name = f"{DOCUMENTS}{document.name}"
        digest = Hasher(self.pool)
        with _opened(document) as source:
            size = os.fstat(source.fileno()).st_size
            with archive.open(_member(name, size), "w") as target:
                while block := source.read(BLOCK):
                    digest.update(block)
                    if digest.size > size:
                        break
                    target.write(block)
                    self.meter.add(len(block))
                    read_once(source.fileno(), digest.size - len(block), len(block))
        if digest.size != size:
            raise PackageRefusedError(
                "document_changed", "A document changed while it was packed.", shown(document.name)
            )
        item = Item(name, size, document.media_type, document.data_class, digest.hexdigest())
        parcel = self.parcel
        check_item(item.data_class, item.sha256, parcel.terms, parcel.route.recipient, parcel.at, shown(name))
        return item


class _Sink:
    """What ``zipfile`` needs to write to: it can't seek, so sizes follow the data."""

    def __init__(self, writer: StreamWriter) -> None:
        self._writer = writer

    def write(self, data: bytes, /) -> int:
        return self._writer.write(data)

    def flush(self) -> None:
        """Nothing: the age file decides when a chunk leaves."""

    def close(self) -> None:
        """Nothing: the caller finishes the age file."""


def _checked(documents: Sequence[Document], limits: Limits) -> int:
    """The size of all documents together, once their descriptions, names and files are in order."""
    if len(documents) + 2 > limits.max_files:
        raise PackageRefusedError("too_many_files", f"A package has at most {limits.max_files} files.")
    check_names(one.name for one in documents)
    total = 0
    for one in documents:
        check_description(one.media_type, one.data_class, shown(one.name))
        with _opened(one) as source:
            total += os.fstat(source.fileno()).st_size
    if total > limits.max_total:
        raise PackageRefusedError("package_too_large", f"The documents have {total} bytes; {limits.max_total} may be.")
    return total


def _opened(document: Document) -> BinaryIO:
    """The document's file, which must be a plain one: neither a link nor a device."""
    try:
        descriptor = os.open(document.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        message = f"A document can't be read: {error.strerror}."
        raise PackageRefusedError("document_unreadable", message, shown(document.name)) from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise PackageRefusedError("document_unreadable", "A document is not a plain file.", shown(document.name))
    return os.fdopen(descriptor, "rb", buffering=0)


def _member(name: str, size: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _EPOCH)
    info.compress_type, info.external_attr, info.create_system = zipfile.ZIP_STORED, stat.S_IFREG << 16 | 0o644 << 16, 3
    info.file_size = size  # decides whether the member needs ZIP64
    return info
