"""The ZIP inside: other writers' plain archives are read, and whatever could be read in two ways is refused."""

import io
import struct
import zipfile
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.package.archive import Limits, read_members, unpacked
from providers.package.errors import PackageRefusedError
from tests.providers.package.samples import refused, zipped

CONTENT = {"case.json": b"{}", "documents/a.txt": b"some text " * 100, "documents/b.bin": bytes(range(256))}
LIMITS = Limits()


def read(data: bytes, limits: Limits = LIMITS) -> dict[str, bytes]:
    file = io.BytesIO(data)
    return {name: b"".join(unpacked(file, one)) for name, one in read_members(file, limits).items()}


class Unseekable(io.RawIOBase):
    """A sink such as a pipe: archives written to it carry data descriptors."""

    def __init__(self) -> None:
        self.data = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: bytes, /) -> int:  # type: ignore[override]
        self.data += data
        return len(data)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize("streamed", [False, True])
def test_what_zipfile_writes_is_read(method: int, *, wide: bool, streamed: bool) -> None:
    sink, seekable = Unseekable(), io.BytesIO()
    with zipfile.ZipFile(sink if streamed else seekable, "w") as archive:
        for name, content in CONTENT.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = method
            with archive.open(info, "w", force_zip64=wide) as file:
                file.write(content)
    assert read(bytes(sink.data) if streamed else seekable.getvalue()) == CONTENT


def test_an_archive_of_many_members_is_read() -> None:
    content = {f"documents/{number}": b"" for number in range(70_000)}
    data = zipped(content)
    assert list(read_members(io.BytesIO(data), Limits(max_files=100_000))) == list(content), "with a ZIP64 end"
    with refused("too_many_files", "70000 files"):
        read(data)


def test_an_empty_archive_has_no_members() -> None:
    assert read(zipped({})) == {}


# Around and between


GOOD = zipped(CONTENT)
DIRECTORY = GOOD.index(b"PK\x01\x02")
END = len(GOOD) - 22


def with_end(data: bytes, shift: int) -> bytes:
    """The archive with the place of its directory, and every place in it, moved by ``shift``."""
    body, end = bytearray(data[:-22]), bytearray(data[-22:])
    start = struct.unpack_from("<L", end, 16)[0] + shift
    struct.pack_into("<L", end, 16, start)
    at = start
    while body[at : at + 4] == b"PK\x01\x02":
        struct.pack_into("<L", body, at + 42, struct.unpack_from("<L", body, at + 42)[0] + shift)
        at += 46 + sum(struct.unpack_from("<3H", body, at + 28))
    return bytes(body + end)


@pytest.mark.parametrize(
    ("data", "code", "says", "where"),
    [
        (b"", "unreadable_archive", "too short", ""),
        (b"no archive at all, only some text", "unreadable_archive", "no end of directory", ""),
        (GOOD + b"x", "data_after_archive", "follow the end", ""),
        (GOOD[:-2] + b"\x04\x00note", "data_after_archive", "comment", ""),
        (b"#!/bin/sh\n" + GOOD, "data_before_archive", "before the archive", ""),
        (with_end(b"#!/bin/sh\n" + GOOD, 10), "data_before_archive", "before the first file", ""),
        (GOOD[:END] + b"gap" + GOOD[END:], "data_before_archive", "around its directory", ""),
        (
            with_end(GOOD[:DIRECTORY] + b"gap" + GOOD[DIRECTORY:], 3)[: DIRECTORY + 3]
            + GOOD[DIRECTORY:-6]
            + struct.pack("<LH", DIRECTORY + 3, 0),
            "data_between_members",
            "gaps",
            "documents/b.bin",
        ),
        (GOOD[:END], "unreadable_archive", "no end of directory", ""),
        (GOOD[:100] + GOOD[-22:], "unreadable_archive", "impossible place", ""),
    ],
)
def test_data_around_the_archive(data: bytes, code: str, says: str, where: str) -> None:
    with refused(code, says, where):
        read(data)


def entry(name: str, at: int, form: str, *values: int, data: bytes = GOOD) -> bytes:
    """The archive with values written into the directory entry of ``name``."""
    changed = bytearray(data)
    struct.pack_into(form, changed, data.rindex(name.encode()) - 46 + at, *values)
    return bytes(changed)


def local(name: str, at: int, form: str, *values: int) -> bytes:
    """The archive with values written into the local header of ``name``."""
    changed = bytearray(GOOD)
    struct.pack_into(form, changed, GOOD.index(name.encode()) - 30 + at, *values)
    return bytes(changed)


A, B = "documents/a.txt", "documents/b.bin"


@pytest.mark.parametrize(
    ("data", "code", "says", "where"),
    [
        (entry(A, 8, "<H", 0x0001), "encrypted_member", "encrypted", A),
        (entry(A, 8, "<H", 0x0040), "encrypted_member", "encrypted", A),
        (entry(A, 8, "<H", 0x2000), "encrypted_member", "encrypted", A),
        (entry(A, 8, "<H", 0x0020), "foreign_zip_feature", "feature", A),
        (entry(A, 10, "<H", 12), "foreign_compression", "neither stored nor deflated", A),
        (entry(A, 10, "<H", 14), "foreign_compression", "neither stored nor deflated", A),
        (entry(A, 10, "<H", 93), "foreign_compression", "neither stored nor deflated", A),
        (entry(A, 36, "<H", 2), "foreign_zip_feature", "unknown attributes", A),
        (entry(A, 38, "<L", 0o120777 << 16), "special_file", "link", A),
        (entry(A, 38, "<L", 0o104755 << 16), "special_file", "another's rights", A),
        (entry(A, 38, "<L", 0x10), "special_file", "attributes", A),
        (entry(A, 38, "<L", 0x04), "special_file", "attributes", A),
        (entry(A, 34, "<H", 1), "unreadable_archive", "damaged", ""),
        (entry(A, 0, "<L", 0), "unreadable_archive", "damaged", ""),
        (entry("case.json", 42, "<L", 1), "unreadable_archive", "does not begin where", "case.json"),
        (entry(B, 42, "<L", GOOD.index(A.encode()) - 30), "data_between_members", "overlap", A),
        (entry(A, 42, "<L", 0xFFFFFFFF), "foreign_zip_feature", "ZIP64", A),
        (entry(A, 24, "<L", 999), "headers_differ", "differ", A),
        (entry(A, 20, "<L", 9), "headers_differ", "differ", A),
        (entry(A, 16, "<L", 9), "headers_differ", "differ", A),
        (local(A, 6, "<H", 0x0800), "headers_differ", "differ", A),
        (local(A, 8, "<H", 0), "headers_differ", "differ", A),
        (local(A, 22, "<L", 9), "headers_differ", "differ", A),
        (local(A, 30, "<B", ord("D")), "headers_differ", "differ", A),
        (entry(A, 28, "<H", 14), "unreadable_archive", "damaged", ""),
        (GOOD[:END] + struct.pack("<4s4H2LH", b"PK\5\6", 1, 0, 3, 3, END - DIRECTORY, DIRECTORY, 0),
         "unreadable_archive", "several volumes", ""),
        (GOOD[:END] + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 4, 4, END - DIRECTORY, DIRECTORY, 0),
         "unreadable_archive", "another number of entries", ""),
        (GOOD[:END] + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, END - DIRECTORY, DIRECTORY, 0),
         "unreadable_archive", "ZIP64 end is missing", ""),
    ],
)  # fmt: skip
def test_members_that_are_refused(data: bytes, code: str, says: str, where: str) -> None:
    with refused(code, says, where):
        read(data)


def test_two_members_on_the_same_data_are_refused() -> None:
    """Overlapping members make the largest bombs."""
    data = bytearray(zipped({A: bytes(1_000), B: bytes(1_000)}))
    first = data.index(b"PK\x01\x02")
    second = data.index(b"PK\x01\x02", first + 1)
    struct.pack_into("<L", data, second + 42, 0)
    with pytest.raises(PackageRefusedError) as caught:
        read(bytes(data))
    assert caught.value.code in {"headers_differ", "data_between_members"}


def test_names_must_say_how_they_are_encoded() -> None:
    with refused("foreign_zip_feature", "neither ASCII nor marked", ascii("documents/é".encode())):
        read(zipped({"documents/é": b""}).replace(b"\x00\x08\x08\x00", b"\x00\x00\x08\x00"))


@pytest.mark.parametrize(
    "extra", [b"\x75\x70\x01\x00x", b"\x01\x00\x08\x00" + bytes(8), b"xx", b"\x01\x00\x04\x00abcd"]
)
def test_extra_fields_are_refused(extra: bytes) -> None:
    def change(info: zipfile.ZipInfo) -> None:
        info.extra = extra

    with pytest.raises(PackageRefusedError) as caught:
        read(zipped({A: b"x"}, change))
    assert (caught.value.code, caught.value.where) == ("foreign_zip_feature", A)


def test_comments_are_refused() -> None:
    def change(info: zipfile.ZipInfo) -> None:
        info.comment = b"note"

    with refused("foreign_zip_feature", "has a comment", A):
        read(zipped({A: b"x"}, change))


# What is unpacked


def raw(content: bytes, packed: bytes, crc: int | None = None, size: int | None = None) -> bytes:
    """An archive of one deflated member that says what it is told to say."""
    data = zipped({A: content})
    body = zlib.compress(content, wbits=-15)
    checksum = zlib.crc32(content) if crc is None else crc
    numbers = struct.pack("<3L", checksum, len(packed), len(content) if size is None else size)
    directory = data.index(b"PK\x01\x02")
    head = data[:14] + numbers + data[26 : 30 + len(A)]
    tail = data[directory : directory + 16] + numbers + data[directory + 28 : -22]
    assert data[30 + len(A) : directory] == body
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, len(tail), len(head) + len(packed), 0)
    return head + packed + tail + end


TEXT = b"some text that is deflated " * 10
BODY = zlib.compress(TEXT, wbits=-15)


@pytest.mark.parametrize(
    ("data", "code", "says"),
    [
        (raw(TEXT, BODY, size=len(TEXT) - 1), "size_differs", "not as large"),
        (raw(TEXT, BODY, size=len(TEXT) + 1), "size_differs", "not as large"),
        (raw(TEXT, BODY, crc=1), "checksum_differs", "checksum"),
        (raw(TEXT, BODY + b"hidden"), "unreadable_archive", "follow the end of a compressed file"),
        (raw(TEXT, BODY[:-4]), "unreadable_archive", "cut off"),
        (raw(TEXT, b"\xff" * 20), "unreadable_archive", "damaged"),
        (raw(TEXT, b""), "unreadable_archive", "cut off"),
    ],
)
def test_content_that_is_not_what_was_announced(data: bytes, code: str, says: str) -> None:
    assert read(raw(TEXT, BODY)) == {A: TEXT}
    with refused(code, says, A):
        read(data)


def test_a_bomb_is_not_unpacked_beyond_what_it_announces() -> None:
    data = raw(TEXT, zlib.compress(bytes(100 << 20), wbits=-15))
    file = io.BytesIO(data)
    given_out = 0
    with refused("size_differs", "not as large", A):
        for block in unpacked(file, read_members(file, LIMITS)[A]):
            given_out += len(block)
    assert given_out <= len(TEXT)


def test_a_ratio_is_judged_for_large_files_alone() -> None:
    assert read(zipped({A: bytes(1 << 20)}), Limits(max_ratio=2))[A] == bytes(1 << 20)
    with refused("compression_bomb", "more than 2 times", A):
        read(zipped({A: bytes((1 << 20) + 1)}), Limits(max_ratio=2))
    with refused("package_too_large", "at most 100"):
        read(zipped({A: bytes(60), B: bytes(60)}), Limits(max_total=100))


# Anything


@given(st.integers(0, len(GOOD) - 1), st.integers(0, 255))
def test_a_changed_byte_gives_the_same_content_or_a_refusal(at: int, value: int) -> None:
    data = bytearray(GOOD)
    data[at] = value
    try:
        found = read(bytes(data))
    except PackageRefusedError:
        return
    assert list(found.values()) == list(CONTENT.values()), "only what says nothing about content may change"


@given(st.binary(max_size=200), st.sampled_from([b"", GOOD[-22:], GOOD[DIRECTORY:]]))
def test_any_bytes_are_refused_in_an_orderly_way(data: bytes, tail: bytes) -> None:
    with pytest.raises(PackageRefusedError):
        read(data + tail)


def test_archives_of_windows_are_read() -> None:
    def change(info: zipfile.ZipInfo) -> None:
        info.create_system, info.external_attr = 0, 0x20

    assert read(zipped(CONTENT, change)) == CONTENT
