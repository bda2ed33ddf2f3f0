"""Uploads, packages and deletions: rows against files, against the transfers that name them, against signed records.

The octets of each package are hashed. What nobody but the sender said of an upload that goes on can't be told; it is
gone within days. A file among the uploads must have a row.
"""

import asyncio
import hashlib
from collections.abc import Collection, Mapping

from hub.audit.findings import Findings
from hub.packages.creation import PURPOSES
from hub.packages.deletion import DELETION_TYPE
from hub.packages.files import PackageFiles
from hub.storage.auditbeside import AuditBeside, Deletion
from hub.storage.packages import PackageStore
from hub.storage.transfers import Transfers
from hub.storage.values import Package, Upload
from signing.compose import timestamp
from signing.encoding import JSON
from signing.errors import SigningError
from signing.keys import PublicKey
from signing.statement import parse_jws, verify_signatures

__all__ = ["PackageAudit"]

_GOING_SECONDS = 0.5
"""An upload that is given up just now has no row any more, and its file goes a moment later."""


class PackageAudit:
    """Everything about files.

    Args:
        stored: the tables.
        packages: finds a package.
        transfers: finds a transfer.
        findings: what is told.
        files: the octets; None where only tables are checked.
        keys: the hub's statement keys by kid, with which it signs records of deletion.
        network: the network's digest.
    """

    def __init__(  # noqa: PLR0913  # its collaborators, each used
        self,
        stored: AuditBeside,
        packages: PackageStore,
        transfers: Transfers,
        findings: Findings,
        *,
        files: PackageFiles | None,
        keys: Mapping[str, PublicKey],
        network: str,
    ) -> None:
        self._stored = stored
        self._packages = packages
        self._transfers = transfers
        self._findings = findings
        self._files = files
        self._keys = keys
        self._network = network

    async def check(self) -> None:
        """Check every row, and the octets of every package that is stored."""
        left = set() if self._files is None else self._files.uploads()  # before the rows: new ones have theirs first
        async for upload in self._stored.uploads():
            left.discard(upload.id)
            await self._check_upload(upload)
        await self._check_left(left)
        async for package in self._stored.packages():
            await self._check_package(package)
        async for deletion in self._stored.deletions():
            await self._check_deletion(deletion)

    async def _check_upload(self, one: Upload) -> None:
        where = f"upload {one.id[:6]}…"
        if one.purpose not in PURPOSES or not _is_owners(one.transfer, one.owner) or not 0 <= one.offset <= one.size:
            self._add("row_differs", "The row contradicts itself.", where)
        if one.complete:
            same = await self._packages.find(one.sha256, one.owner, one.recipient, one.transfer)
            if same is None or (same.size, same.purpose, one.offset) != (one.size, one.purpose, one.size):
                self._add("row_differs", "The upload is complete, but is no package of its description.", where)
        elif self._files is not None and self._files.received(one.id) < one.offset and await self._is_there(one):
            self._add("file_missing", "Fewer octets are stored than were acknowledged.", where)

    async def _check_left(self, names: Collection[str]) -> None:
        """Files of uploads that had no row are gone soon, or nobody will ever delete them while the hub runs."""
        if self._files is None or not names:
            return
        await asyncio.sleep(_GOING_SECONDS)
        for name in sorted(self._files.uploads().intersection(names)):
            self._add("file_left", "A file lies among the uploads that no upload has.", f"upload {name[:6]}…")

    async def _is_there(self, one: Upload) -> bool:
        """Whether the upload was not given up or carried on while this was going on."""
        return one in [now async for now in self._stored.uploads()]

    async def _check_package(self, one: Package) -> None:
        where = f"package {one.sha256[:8]}… of {one.owner}"
        if one.purpose not in PURPOSES or not _is_owners(one.transfer, one.owner):
            self._add("row_differs", "The row contradicts itself.", where)
        if (one.held_at is None) != (one.hold_reason is None):
            self._add("row_differs", "A hold has a time and a reason, or neither.", where)
        if one.deleted_at is not None:
            if await self._packages.deletion(one) is None:
                self._add("deletion_missing", "The package was deleted, but there is no record of it.", where)
            return
        await self._check_claim(one, where)
        if self._files is not None and not self._is_whole(one):
            again = await self._packages.find(one.sha256, one.owner, one.recipient, one.transfer)
            if again is not None and again.deleted_at is None:  # not deleted while this was going on
                self._add("file_differs", "The stored file is missing, or is not the one of this hash.", where)

    async def _check_claim(self, one: Package, where: str) -> None:
        """A transfer that names the file says whose it is, for whom, and how large."""
        transfer = await self._transfers.transfer(one.transfer)
        if transfer is None:
            return
        record: JSON = transfer.record
        named = {blob["sha256"]: (blob["size"], purpose) for blob, purpose in _named(record)}
        if one.sha256 in named and (transfer.sender, transfer.recipient, *named[one.sha256]) != (
            one.owner, one.recipient, one.size, one.purpose
        ):  # fmt: skip
            self._add("row_differs", "The transfer that names this file describes it otherwise.", where)

    def _is_whole(self, one: Package) -> bool:
        path = self._files.path(one.sha256) if self._files is not None else None
        if path is None or not path.exists() or path.stat().st_size != one.size:
            return False
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == one.sha256

    async def _check_deletion(self, one: Deletion) -> None:
        where = f"deletion {one.sha256[:8]}… of {one.owner}"
        package = await self._packages.find(one.sha256, one.owner, one.recipient, one.transfer)
        if package is None or package.deleted_at != one.at:
            self._add("deletion_differs", "No package was deleted at this time.", where)
            return
        try:
            record = parse_jws(one.record, DELETION_TYPE)
            verify_signatures(record, self._keys)
        except SigningError as error:
            self._add("deletion_differs", f"The record does not hold: {error}.", where)
            return
        said = {name: value for name, value in record.payload.items() if name != "reason"}
        if said != _told(package, self._network, one.at) or record.document != one.record:
            self._add("deletion_differs", "The record does not say what the rows say.", where)

    def _add(self, code: str, message: str, where: str) -> None:
        self._findings.add(code, message, where)


def _is_owners(transfer: str, owner: str) -> bool:
    return transfer.startswith(f"urn:odr:{owner}:")


def _named(record: JSON) -> list[tuple[dict[str, JSON], str]]:
    found = [(record["brief"], "brief")]
    return found if record["ciphertext"] is None else [*found, (record["ciphertext"], "package")]


def _told(package: Package, network: str, at: int) -> dict[str, JSON]:
    """What a record says but for the reason."""
    return {
        "v": 1, "network": network, "transfer_id": package.transfer, "purpose": package.purpose,
        "sha256": package.sha256, "size": package.size, "sender": package.owner, "recipient": package.recipient,
        "stored_at": timestamp(package.stored_at), "deleted_at": timestamp(at),
    }  # fmt: skip
