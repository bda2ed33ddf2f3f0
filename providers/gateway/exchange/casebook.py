"""Cases on disk: taken in whole or not at all, read, given to the packer, and deleted.

::

    DIR/cases/<member>-<uuid>.<n>/case.json
                                  documents/<name>
    DIR/cases-put-aside/<the same>

What comes from the platform grows in a folder beside, whose name begins with a dot; a folder gets its name when
it is complete and on the disk. What a killed process left of such a folder is removed at the next start. A complete
folder that no row stands for may be such a left-over too, or a case whose row is lost: it is put aside, for a person to
look at, and deleted when handed-over cases are.
"""

import hashlib
import logging
import os
import secrets
import shutil
from collections.abc import Collection
from pathlib import Path

from providers.durable import flush, sync_folder, write_new
from providers.errors import GatewayError
from providers.gateway.exchange.casefaults import Found, faults
from providers.gateway.exchange.errors import CaseRefusedError
from providers.gateway.exchange.values import Case, Document, short
from providers.package.casefile import MAX_CASE
from providers.package.manifest import CASE
from providers.package.packing import Document as Packable
from signing.compose import new_id
from signing.encoding import JSON, canonical, loads, sha256_hex
from signing.errors import SigningError

__all__ = ["CaseBook", "Intake"]

DOCUMENTS = "documents"
_log = logging.getLogger("providers.gateway.exchange")


class Intake:
    """A case that is being taken in; ``abandon`` it unless ``CaseBook.adopt`` has taken it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.case = b""
        self.found: dict[str, Found] = {}
        self._paths: dict[str, Path] = {}

    def open(self, name: str) -> "Incoming":
        """Where the document ``name`` is written to.

        Raises:
            GatewayError: ``document_doubled``.
        """
        if name in self._paths:
            raise GatewayError("document_doubled", "Two documents of one name came.", name)
        self._paths[name] = self.folder / str(len(self._paths))  # its own name may not be safe
        return Incoming(self, name, self._paths[name])

    def path(self, name: str) -> Path:
        """Where a document lies meanwhile."""
        return self._paths[name]

    def abandon(self) -> None:
        """Remove everything that is not adopted."""
        shutil.rmtree(self.folder, ignore_errors=True)


class Incoming:
    """One document on its way to the disk, measured as it comes."""

    def __init__(self, intake: Intake, name: str, path: Path) -> None:
        self._intake, self._name = intake, name
        self._file = path.open("xb")
        self._digest, self._size = hashlib.sha256(), 0

    def write(self, block: bytes) -> None:
        """Take a piece."""
        self._digest.update(block)
        self._size += len(block)
        self._file.write(block)

    def close(self) -> None:
        """It is complete; on disk when this returns."""
        with self._file:
            flush(self._file)
        self._intake.found[self._name] = Found(self._digest.hexdigest(), self._size)


class CaseBook:
    """The folder of all cases of one member."""

    def __init__(self, root: Path, actor: str) -> None:
        self.root = root
        self.aside = root.with_name(f"{root.name}-put-aside")
        self.actor = actor
        root.mkdir(mode=0o700, parents=True, exist_ok=True)

    def sweep(self, known: Collection[str], now: int) -> None:
        """Remove halves of cases that a killed process left; put aside whole folders that are not ``known``."""
        for folder in [one for one in self.root.iterdir() if one.name not in known]:
            if folder.name.startswith("."):
                shutil.rmtree(folder, ignore_errors=True)
            else:
                self._put_aside(folder, now)

    def _put_aside(self, folder: Path, now: int) -> None:
        self.aside.mkdir(mode=0o700, exist_ok=True)
        target = self.aside / folder.name
        if target.exists():
            target = self.aside / f"{folder.name}.{secrets.token_hex(4)}"
        folder.rename(target)
        os.utime(target, (now, now))
        sync_folder(self.aside)
        sync_folder(self.root)
        _log.warning("no case stands for the folder %s: it was put aside in %s", folder.name, self.aside)

    def forget_aside(self, before: int) -> None:
        """Delete what was put aside before a time (POSIX seconds)."""
        for folder in self.aside.iterdir() if self.aside.exists() else ():
            if folder.stat().st_mtime < before:
                shutil.rmtree(folder, ignore_errors=True)

    def folder(self, case: Case) -> Path:
        """Where ``case.json`` and ``documents/`` of a case lie."""
        return self.root / case.folder

    def begin(self) -> Intake:
        """A new case to be taken in."""
        folder = self.root / f".new-{secrets.token_hex(8)}"
        folder.mkdir(mode=0o700)
        return Intake(folder)

    def adopt(self, intake: Intake, now: int) -> Case:
        """Check a case and give its folder the name; the caller stores the row.

        ``kind``, ``version``, ``case_id`` and ``custodian`` are filled in when the platform left them out.

        Raises:
            CaseRefusedError: with every fault.
        """
        case = self._read(intake, now)
        found = faults(case, intake.found, self.actor)
        if found:
            raise CaseRefusedError(found)
        documents = intake.folder / DOCUMENTS
        documents.mkdir(mode=0o700)
        for name in intake.found:
            intake.path(name).rename(documents / name)
        octets = canonical(case)
        write_new(intake.folder / CASE, octets)
        sync_folder(documents)
        sync_folder(intake.folder)
        target = self.root / f"{short(case['case_id'])}.{secrets.token_hex(4)}"
        intake.folder.rename(target)
        sync_folder(self.root)
        return Case(case["case_id"], target.name, sha256_hex(octets), "own", "held", now, documents=_described(case))

    def received(self, folder: Path, now: int) -> Case:
        """The case in an unpacked package."""
        octets = (folder / CASE).read_bytes()
        case = loads(octets, max_bytes=MAX_CASE)
        return Case(
            case["case_id"], folder.name, sha256_hex(octets), "received", "held", now, documents=_described(case)
        )

    def load(self, case: Case) -> dict[str, JSON]:
        """The case file; of a received case, with the custody that it has now.

        Raises:
            GatewayError: ``case_damaged``: it is not the file that was taken in.
        """
        try:
            octets = (self.folder(case) / CASE).read_bytes()
        except OSError as error:
            raise GatewayError("case_damaged", f"The case can't be read: {error.strerror}.", case.case_id) from error
        if sha256_hex(octets) != case.sha256:
            raise GatewayError("case_damaged", "The case file is not the one that was taken in.", case.case_id)
        value: dict[str, JSON] = loads(octets, max_bytes=MAX_CASE)
        return {**value, "custodian": self.actor} if case.origin == "received" else value

    def packable(self, case: Case) -> tuple[Packable, ...]:
        """The documents, for the packer."""
        folder = self.folder(case) / DOCUMENTS
        return tuple(Packable(one.name, folder / one.name, one.media_type, one.data_class) for one in case.documents)

    def delete(self, case: Case) -> None:
        """Delete this member's copy."""
        shutil.rmtree(self.folder(case), ignore_errors=True)

    def _read(self, intake: Intake, now: int) -> dict[str, JSON]:
        try:
            case = loads(intake.case, max_bytes=MAX_CASE)
        except SigningError as error:
            raise GatewayError(error.code, error.message, f"case.json{error.where}") from error
        if not isinstance(case, dict):
            raise GatewayError("not_an_object", "The case file is not a JSON object.", "case.json")
        filled = {"kind": "case-file", "version": 1, "case_id": new_id(self.actor, now), "custodian": self.actor}
        return {**filled, **case}


def _described(case: dict[str, JSON]) -> tuple[Document, ...]:
    return tuple(_document(one) for one in case["documents"])


def _document(one: dict[str, JSON]) -> Document:
    return Document(one["name"], one["sha256"], one["size"], one["media_type"], one["class"], one["type"])
