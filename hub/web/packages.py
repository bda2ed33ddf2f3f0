"""Encrypted briefs and packages: ``/v1/packages/{sha256}``, whole or a range, and the record of their deletion."""

import asyncio
import base64
import re
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from aiohttp import web

from hub.errors import NotFoundError, RequestError
from hub.storage.values import Package
from hub.web.appkeys import FILES, PACKAGES
from hub.web.authentication import known_reader
from hub.web.requests import digest
from providers.pagecache import read_once

if TYPE_CHECKING:
    from aiohttp.abc import AbstractStreamWriter
    from aiohttp.web_request import BaseRequest

__all__ = ["RangeError", "byte_range", "get_deletion", "get_package"]

_PIECE = 1 << 18
_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})", re.ASCII)


class RangeError(RequestError):
    """The file does not have these octets; the answer says how many there are."""

    def __init__(self, size: int) -> None:
        super().__init__("range_not_satisfiable", f"The file has {size} octets; ask for one range of them.", "Range")
        self.headers = {"Content-Range": f"bytes */{size}"}


async def get_package(request: web.Request) -> web.StreamResponse:
    """The octets of a package, for whoever uploaded it and for its recipient."""
    package = await _package(request)
    if package.deleted_at is not None:
        raise NotFoundError("package_deleted", "This was stored here and deleted; its deletion record says when.")
    etag = f'"{package.sha256}"'
    wanted = request.headers.get("Range")
    if request.headers.get("If-Range", etag) != etag:
        wanted = None
    span = byte_range(wanted, package.size)
    first, end = span or (0, package.size)
    path = request.app[FILES].path(package.sha256)
    file, piece = await asyncio.to_thread(_opened, path, first, min(end - first, _PIECE))
    return _StoredFile(file, piece, package, span, etag)


async def get_deletion(request: web.Request) -> web.Response:
    """The signed record of a package's deletion."""
    package = await _package(request)
    record = await request.app[PACKAGES].deletion(package)
    if record is None:
        raise NotFoundError("not_found", "This is stored here still.")
    return web.Response(body=record, content_type="application/json", headers={"Cache-Control": "private, no-cache"})


def byte_range(value: str | None, size: int) -> tuple[int, int] | None:
    """First octet and end of the range that a Range header asks for; None where it asks for no octets.

    Raises:
        RangeError: several ranges, none of this form, or beyond the end.
    """
    if value is None or not value.startswith("bytes="):
        return None  # RFC 9110 §14.2: unknown units are ignored
    found = _RANGE.fullmatch(value)
    if found is None or found.groups() == ("", ""):
        raise RangeError(size)
    if not found[1]:
        first, end = max(0, size - int(found[2])), size
    else:
        first, end = int(found[1]), min(size, int(found[2]) + 1) if found[2] else size
    if first >= end:
        raise RangeError(size)
    return first, end


class _StoredFile(web.StreamResponse):
    """A file, or a range of it, read piece by piece while it is sent. Never signed: the address names the hash.

    ``piece`` was read of it already.
    """

    def __init__(self, file: BinaryIO, piece: bytes, package: Package, span: tuple[int, int] | None, etag: str) -> None:
        super().__init__(status=200 if span is None else 206)
        self._file, self._piece = file, piece
        first, end = span or (0, package.size)
        self._left = end - first
        self.content_type = "application/octet-stream"
        self.content_length = self._left
        encoded = base64.b64encode(bytes.fromhex(package.sha256)).decode()
        self.headers["Repr-Digest"] = f"sha-256=:{encoded}:"
        self.headers["Accept-Ranges"] = "bytes"
        self.headers["ETag"] = etag
        self.headers["Cache-Control"] = "private, no-store"
        if span is not None:
            self.headers["Content-Range"] = f"bytes {first}-{end - 1}/{package.size}"

    async def prepare(self, request: "BaseRequest") -> "AbstractStreamWriter | None":
        """Send head and octets; called once the middlewares are through."""
        with self._file as file:
            writer = await super().prepare(request)
            if request.method != "HEAD":
                await self._send(file)
                read_once(file.fileno())
            await self.write_eof()
        return writer

    async def _send(self, file: BinaryIO) -> None:
        """Send the octets; each piece is read while the one before it is sent."""
        piece = self._piece
        while (left := self._left - len(piece)) and piece:
            self._left = left
            following = asyncio.to_thread(file.read, min(left, _PIECE))
            _, piece = await asyncio.gather(self.write(piece), following)
        if left:
            raise ConnectionResetError("The file of a package is shorter than its row says.")
        await self.write(piece)


async def _package(request: web.Request) -> Package:
    reader = known_reader(request)
    name = digest(request.match_info["sha256"], "sha256")
    found = await request.app[PACKAGES].of_reader(name, reader.owner)
    if found is None:
        raise NotFoundError("not_found", "There is no such package, or it is neither from you nor for you.")
    return found


def _opened(path: Path, first: int, most: int) -> tuple[BinaryIO, bytes]:
    """The file of a package, read on from its octet ``first``, and the ``most`` octets there."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        raise NotFoundError("package_deleted", "This was stored here and is being deleted.") from None
    try:
        file.seek(first)
        return file, file.read(most)
    except BaseException:
        file.close()
        raise
