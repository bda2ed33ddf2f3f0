"""The one accepted form of the ZIP in a case package: nothing hidden, nothing special, nothing unbounded.

::

    local header, name, data [, data descriptor]     for each member, without gaps, from the first byte on
    central directory                                one entry for each member, no comment
    [ZIP64 end and its locator,] end of directory    up to the last byte, no comment

Members are stored or deflated; names are UTF-8; the only extra field is ZIP64's; types other than a
plain file, encryption and patches are refused, and so is every difference between a local header and
its entry in the directory. So there is one reading of such a file, and no two programs can see
different content in it. Reading holds one block in memory, and never unpacks more than was announced.
"""

import stat
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from providers.package.errors import PackageRefusedError
from providers.package.names import shown

__all__ = ["BLOCK", "Limits", "Member", "read_members", "unpacked"]

BLOCK = 1 << 18
_END = struct.Struct("<4s4H2LH")
_END64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR = struct.Struct("<4sLQL")
_ENTRY = struct.Struct("<4s2B5H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_STORED, _DEFLATED = 0, 8
_ENCRYPTED, _DESCRIPTOR, _UTF8 = 0x2041, 0x0008, 0x0800
_KNOWN_FLAGS = _DESCRIPTOR | _UTF8 | 0x0006
_FULL16, _FULL32 = 0xFFFF, 0xFFFFFFFF
_RATIO_FROM = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a package may hold: files, bytes unpacked, and how far a file of over 1 MiB may be compressed."""

    max_files: int = 1_000
    max_total: int = 64 << 30
    max_ratio: int = 200


@dataclass(frozen=True, slots=True)
class Member:
    """One file as the central directory describes it; ``start`` is where its data begin."""

    name: str
    method: int
    flags: int
    crc: int
    packed: int
    size: int
    offset: int
    start: int = 0


def read_members(file: BinaryIO, limits: Limits) -> dict[str, Member]:
    """The members of the ZIP in ``file``, by name.

    Checks the form above, ``limits`` on what is announced, and that no name stands twice. Does not
    check names otherwise, nor unpack anything.

    Raises:
        PackageRefusedError: ``unreadable_archive``, ``data_after_archive``, ``data_before_archive``,
            ``data_between_members``, ``too_many_files``, ``file_doubled``, ``encrypted_member``,
            ``foreign_compression``, ``special_file``, ``foreign_zip_feature``, ``headers_differ``,
            ``package_too_large`` or ``compression_bomb``.
    """
    count, start, end = _directory(file, limits)
    file.seek(start)
    data = file.read(end - start)
    entries: list[Member] = []
    at = 0
    while at < len(data):
        entry, at = _entry(data, at)
        entries.append(entry)
    if len(entries) != count:
        raise _unreadable("Its directory has another number of entries than it says.")
    entries.sort(key=lambda one: one.offset)
    members: dict[str, Member] = {}
    ends = [later.offset for later in entries[1:]] + [start]
    for one, limit in zip(entries, ends, strict=False):  # an archive may be empty
        if one.name in members:
            raise PackageRefusedError("file_doubled", "The package holds one file twice.", shown(one.name))
        members[one.name] = _placed(file, one, limit)
    if entries and entries[0].offset != 0:
        raise PackageRefusedError("data_before_archive", "Data stand before the first file of the archive.")
    _hold_limits(members, limits)
    return members


def unpacked(file: BinaryIO, member: Member) -> Iterator[bytes]:
    """The content of a member, block by block; never more than its announced size.

    Raises:
        PackageRefusedError: ``size_differs``, ``checksum_differs`` or ``unreadable_archive``.
    """
    total, crc = 0, 0
    for block in _stored(file, member) if member.method == _STORED else _inflated(file, member):
        total += len(block)
        if total > member.size:
            break
        crc = zlib.crc32(block, crc)
        yield block
    if total != member.size:
        raise PackageRefusedError("size_differs", "A file is not as large as the archive says.", shown(member.name))
    if crc != member.crc:
        raise PackageRefusedError("checksum_differs", "The archive's checksum of a file is wrong.", shown(member.name))


def _stored(file: BinaryIO, member: Member) -> Iterator[bytes]:
    file.seek(member.start)
    left = member.packed
    while left and (block := file.read(min(BLOCK, left))):
        left -= len(block)
        yield block


def _inflated(file: BinaryIO, member: Member) -> Iterator[bytes]:
    inflater = zlib.decompressobj(-15)
    for packed in _stored(file, member):
        waiting, block = packed, b"-"
        while waiting or block:  # without waiting input there may still be output
            try:
                block = inflater.decompress(waiting, BLOCK)
            except zlib.error:
                raise _unreadable("A compressed file is damaged.", member.name) from None
            if inflater.unused_data:
                raise _unreadable("Data follow the end of a compressed file.", member.name)
            waiting = inflater.unconsumed_tail
            yield block
    if not inflater.eof:
        raise _unreadable("A compressed file is cut off.", member.name)


def _directory(file: BinaryIO, limits: Limits) -> tuple[int, int, int]:
    """Number of entries, start and end of the central directory."""
    size = file.seek(0, 2)
    if size < _END.size:
        raise _unreadable("It is too short to be a ZIP file.")
    file.seek(max(0, size - _FULL16 - _END.size))
    tail = file.read()
    mark, disk, first, here, count, length, start, comment = _END.unpack(tail[-_END.size :])
    if mark != b"PK\x05\x06" or comment:
        if b"PK\x05\x06" in tail:
            raise PackageRefusedError("data_after_archive", "Data or a comment follow the end of the archive.")
        raise _unreadable("It has no end of directory.")
    end = size - _END.size
    if _FULL16 in (here, count) or _FULL32 in (length, start):
        end = end - _LOCATOR.size - _END64.size
        disk, first, here, count, length, start = _wide_end(file, end)
    if disk or first or here != count:
        raise _unreadable("It is spread over several volumes.")
    if count > limits.max_files:
        raise PackageRefusedError(
            "too_many_files", f"The package has {count} files; at most {limits.max_files} may be."
        )
    if start + length > end or length > count * (_ENTRY.size + 2 * 1024):
        raise _unreadable("Its directory has an impossible place or size.")
    if start + length < end:
        raise PackageRefusedError("data_before_archive", "Data stand before the archive, or around its directory.")
    return count, start, end


def _wide_end(file: BinaryIO, at: int) -> tuple[int, int, int, int, int, int]:
    """The six numbers of the ZIP64 end at ``at``, which its locator must follow."""
    file.seek(max(0, at))
    wide = file.read(_END64.size + _LOCATOR.size)
    if at < 0 or wide[_END64.size :] != _LOCATOR.pack(b"PK\x06\x07", 0, at, 1):
        raise _unreadable("Its ZIP64 end is missing or misplaced.")
    mark, rest, _, _, disk, first, here, count, length, start = _END64.unpack(wide[: _END64.size])
    if mark != b"PK\x06\x06" or rest != _END64.size - 12:
        raise _unreadable("Its ZIP64 end is not in the accepted form.")
    return disk, first, here, count, length, start


def _entry(data: bytes, at: int) -> tuple[Member, int]:
    """The directory entry at ``at``, and where the next one begins."""
    if len(data) - at < _ENTRY.size:
        raise _unreadable("Its directory is cut off.")
    fields = _ENTRY.unpack_from(data, at)
    mark, _, _, _, flags, method, _, _, crc, packed, size, naming, extra, comment, disk, internal, external, offset = (
        fields
    )
    at += _ENTRY.size
    after = at + naming + extra + comment
    if mark != b"PK\x01\x02" or after > len(data) or disk:
        raise _unreadable("Its directory is damaged.")
    name = _name(data[at : at + naming], flags)
    _refuse_special(name, flags, method, internal, external)
    if comment:
        raise PackageRefusedError("foreign_zip_feature", "A file of the archive has a comment.", shown(name))
    wide = _zip64(data[at + naming : at + naming + extra], name)
    values = [next(wide, -1) if value == _FULL32 else value for value in (size, packed, offset)]
    if -1 in values or next(wide, None) is not None:
        raise PackageRefusedError("foreign_zip_feature", "A ZIP64 field does not fit its entry.", shown(name))
    return Member(name, method, flags, crc, values[1], values[0], values[2]), after


def _name(octets: bytes, flags: int) -> str:
    try:
        return octets.decode("utf-8" if flags & _UTF8 else "ascii")
    except UnicodeDecodeError:
        message = "A name is neither ASCII nor marked and encoded as UTF-8."
        raise PackageRefusedError("foreign_zip_feature", message, ascii(octets)[:80]) from None


def _refuse_special(name: str, flags: int, method: int, internal: int, external: int) -> None:
    mode, attributes = external >> 16, external & _FULL16
    for code, message, wrong in (
        ("encrypted_member", "A file of the archive is encrypted once more.", flags & _ENCRYPTED),
        ("foreign_zip_feature", "A file of the archive uses a feature that is not accepted.", flags & ~_KNOWN_FLAGS),
        ("foreign_compression", "A file is neither stored nor deflated.", method not in (_STORED, _DEFLATED)),
        ("special_file", "A member is a link, a folder or a device.", stat.S_IFMT(mode) not in (0, stat.S_IFREG)),
        ("special_file", "A member would run with another's rights.", mode & 0o7000),
        ("special_file", "A member has attributes of a folder or of the system.", attributes & ~0x20),
        ("foreign_zip_feature", "A file of the archive has unknown attributes.", internal & ~1),
    ):
        if wrong:
            raise PackageRefusedError(code, message, shown(name))


def _zip64(extra: bytes, name: str) -> Iterator[int]:
    """The 64-bit values of the ZIP64 field, which must be the only extra field."""
    if not extra:
        return iter(())
    if len(extra) < 4 or struct.unpack_from("<2H", extra) != (1, len(extra) - 4) or len(extra) % 8 != 4:
        raise PackageRefusedError("foreign_zip_feature", "A file has an extra field that is not accepted.", shown(name))
    return iter(struct.unpack_from(f"<{len(extra) // 8}Q", extra, 4))


def _placed(file: BinaryIO, member: Member, limit: int) -> Member:
    """The member with the place of its data, once its local header agrees and it ends exactly at ``limit``."""
    file.seek(member.offset)
    fixed = file.read(_LOCAL.size)
    if len(fixed) < _LOCAL.size or fixed[:4] != b"PK\x03\x04":
        raise _unreadable("A file does not begin where the directory says.", member.name)
    _, _, flags, method, _, _, crc, packed, size, naming, extra = _LOCAL.unpack(fixed)
    name = _name(file.read(naming), flags)
    wide = _zip64(file.read(extra), name)
    sizes = [next(wide, -1) if value == _FULL32 else value for value in (size, packed)]
    streamed = bool(flags & _DESCRIPTOR)
    agree = (name, flags, method) == (member.name, member.flags, member.method)
    pairs = zip((crc, *sizes), (member.crc, member.size, member.packed), strict=True)
    if not agree or not all(own == its or (streamed and own == 0) for own, its in pairs):
        message = "A file's own header and the directory differ."
        raise PackageRefusedError("headers_differ", message, shown(member.name))
    start = member.offset + _LOCAL.size + naming + extra
    end = start + member.packed
    if end > limit or (end < limit and not streamed):
        raise PackageRefusedError(
            "data_between_members", "Files overlap or have gaps between them.", shown(member.name)
        )
    if streamed:
        _check_descriptor(file, member, end, limit)
    return Member(name, method, flags, member.crc, member.packed, member.size, member.offset, start)


def _check_descriptor(file: BinaryIO, member: Member, end: int, limit: int) -> None:
    forms = []
    for width in ("L", "Q") if max(member.packed, member.size) < _FULL32 else ("Q",):
        form = struct.pack(f"<L2{width}", member.crc, member.packed, member.size)
        forms += [form, b"PK\x07\x08" + form]
    file.seek(end)
    if limit - end > 24 or file.read(limit - end) not in forms:
        raise PackageRefusedError("data_between_members", "Files have gaps between them.", shown(member.name))


def _hold_limits(members: dict[str, Member], limits: Limits) -> None:
    total = sum(one.size for one in members.values())
    if total > limits.max_total:
        message = f"The package unpacks to {total} bytes; at most {limits.max_total} may be."
        raise PackageRefusedError("package_too_large", message)
    for one in members.values():
        if one.size > _RATIO_FROM and one.size > one.packed * limits.max_ratio:
            message = f"A file is compressed more than {limits.max_ratio} times."
            raise PackageRefusedError("compression_bomb", message, shown(one.name))


def _unreadable(reason: str, name: str = "") -> PackageRefusedError:
    return PackageRefusedError("unreadable_archive", f"The package does not hold a readable ZIP. {reason}", shown(name))
