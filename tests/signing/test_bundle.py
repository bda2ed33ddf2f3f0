"""Reading a bundle: nothing in it is trusted, least of all its sizes and names."""

import io
import struct
import warnings
import zipfile
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signing import bundle as module
from signing.bundle import MAX_MEMBERS, MAX_SMALL, Bundle, Item, read_bundle
from signing.bundlewriter import Evidence, write_bundle
from signing.errors import FormatError
from signing.notes import TlogProof
from signing.signnotes import format_proof
from tests.fakes.refusals import refused
from tests.fakes.world import PDF, World

NAMES = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9 ._\-é]{0,12}", fullmatch=True)


def proof(index: int, extra: bytes = b"entry") -> bytes:
    return format_proof(TlogProof(index, (bytes(32),), b"checkpoint\n", extra))


MEMBERS = {
    "award/award.jws": b"award",
    "award/award.tlog-proof": proof(9),
    "evidence/00000003.jws": b"three",
    "evidence/00000003.tlog-proof": proof(3),
    "evidence/00000003.policy-proof": proof(3, b"policy"),
    "evidence/00000001.jws": b"one",
    "evidence/00000001.tlog-proof": proof(1),
    "status.jws": b"status",
    "documents/award.pdf": PDF,
}


def packed(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, octets in members.items():
            archive.writestr(name, octets)
    return buffer.getvalue()


def without(name: str) -> dict[str, bytes]:
    return {other: octets for other, octets in MEMBERS.items() if other != name}


def declare(data: bytes, name: str, size: int, crc: int | None = None) -> bytes:
    """The ZIP with another uncompressed size (and checksum) declared for one member, in both headers."""
    changed = bytearray(data)
    encoded = name.encode()
    for signature, sizes, names in ((b"PK\x03\x04", 22, 30), (b"PK\x01\x02", 24, 46)):
        at = -1
        while (at := changed.find(signature, at + 1)) >= 0:
            if changed[at + names : at + names + len(encoded)] == encoded:
                changed[at + sizes : at + sizes + 4] = struct.pack("<I", size)
                if crc is not None:
                    changed[at + sizes - 8 : at + sizes - 4] = struct.pack("<I", crc)
    return bytes(changed)


# --- what is read ----------------------------------------------------------------------------------


def test_a_bundle_gives_its_parts_in_the_order_of_the_log() -> None:
    bundle = read_bundle(packed(MEMBERS))
    assert bundle.award.document == b"award"
    assert (bundle.award.name, bundle.award.proof.index, bundle.award.policy_proof) == ("award/award", 9, None)
    assert [(one.proof.index, one.document) for one in bundle.evidence] == [(1, b"one"), (3, b"three")]
    assert bundle.evidence[0].policy_proof is None
    assert bundle.evidence[1].policy_proof == TlogProof(3, (bytes(32),), b"checkpoint\n", b"policy")
    assert bundle.status == b"status"
    assert bundle.documents == {"award.pdf": PDF}


def test_the_order_is_that_of_the_proofs_not_of_the_names() -> None:
    bundle = read_bundle(packed(MEMBERS | {"evidence/00000003.tlog-proof": proof(0)}))
    assert [one.proof.index for one in bundle.evidence] == [0, 1]


def test_documents_and_evidence_may_be_missing() -> None:
    bundle = read_bundle(packed({n: o for n, o in MEMBERS.items() if not n.startswith(("documents", "evidence"))}))
    assert (bundle.documents, bundle.evidence) == ({}, ())


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_stored_and_deflated_members_are_read(method: int) -> None:
    assert read_bundle(packed(MEMBERS, method)) == read_bundle(packed(MEMBERS))


@given(
    st.binary(max_size=50),
    st.dictionaries(st.integers(0, 10**9), st.tuples(st.binary(max_size=50), st.booleans()), max_size=5),
    st.binary(max_size=50),
    st.dictionaries(NAMES, st.binary(max_size=100), max_size=3),
)
def test_what_is_written_is_read(
    award: bytes, evidence: dict[int, tuple[bytes, bool]], status: bytes, documents: dict[str, bytes]
) -> None:
    items = [Evidence(o, proof(n), proof(n) if policy else None) for n, (o, policy) in evidence.items()]
    bundle = read_bundle(write_bundle(Evidence(award, proof(7)), items, status, documents))
    of = {n: TlogProof(n, (bytes(32),), b"checkpoint\n", b"entry") for n in (*evidence, 7)}
    assert bundle == Bundle(
        Item("award/award", award, of[7]),
        tuple(Item(f"evidence/{n:08d}", o, of[n], of[n] if p else None) for n, (o, p) in sorted(evidence.items())),
        status,
        documents,
    )


# --- what is no bundle -----------------------------------------------------------------------------


@pytest.mark.parametrize("data", [b"", b"PK", b"not a zip", b"%PDF-1.7\n", packed(MEMBERS)[:-30]])
def test_what_is_no_zip_is_refused(data: bytes) -> None:
    with refused(FormatError, "unreadable_bundle", "The bundle is not a readable ZIP file."):
        read_bundle(data)


def test_a_bundle_cut_anywhere_is_refused() -> None:
    data = packed(MEMBERS)
    for size in range(0, len(data), 7):
        with pytest.raises(FormatError, match=r"not a readable ZIP|does not belong|incomplete"):
            read_bundle(data[:size])


@settings(max_examples=300)
@given(st.data())
def test_a_damaged_bundle_is_refused_in_words_or_says_the_same(data: st.DataObject) -> None:
    changed = bytearray(PACKED)
    for _ in range(data.draw(st.integers(1, 3))):
        changed[data.draw(st.integers(0, len(changed) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        bundle = read_bundle(bytes(changed))
    except FormatError as error:
        assert error.message.endswith(".")  # noqa: PT017 - either outcome is fine, silence is not
    else:
        assert isinstance(bundle, Bundle)


PACKED = packed(MEMBERS)


@pytest.mark.parametrize("offset", [0x7FFF_FFFF, 0xFFFF_FFFE])
def test_a_directory_said_to_begin_elsewhere_is_refused(offset: int) -> None:
    """Then zipfile would seek to a negative place."""
    changed = bytearray(PACKED)
    changed[-6:-2] = struct.pack("<I", offset)
    with refused(FormatError, "unreadable_bundle", "octets that belong to none of its members"):
        read_bundle(bytes(changed))


def test_a_member_said_to_begin_before_the_file_or_far_behind_it_is_refused() -> None:
    at = PACKED.rfind(b"PK\x01\x02")
    for offset in (len(PACKED), 0xFFFF_FFFE):
        changed = bytearray(PACKED)
        changed[at + 42 : at + 46] = struct.pack("<I", offset)
        with refused(FormatError, "unreadable_bundle", "octets that belong to none of its members"):
            read_bundle(bytes(changed))
    zip64 = struct.pack("<HHQ", 1, 8, 2**64 - 1)  # the offset as an extra field of 64 bits
    changed = bytearray(PACKED)
    changed[at + 42 : at + 46] = b"\xff" * 4
    changed[at + 30 : at + 32] = struct.pack("<H", len(zip64))
    name = struct.unpack("<H", changed[at + 28 : at + 30])[0]
    changed[at + 46 + name : at + 46 + name] = zip64
    end = changed.rfind(b"PK\x05\x06")
    changed[end + 12 : end + 16] = struct.pack("<I", struct.unpack("<I", changed[end + 12 : end + 16])[0] + len(zip64))
    with refused(FormatError, "unreadable_bundle", "octets that belong to none of its members"):
        read_bundle(bytes(changed))


def local(name: bytes, data: bytes) -> bytes:
    """A member as programs find it that read from the beginning; no directory knows it."""
    sizes = (zlib.crc32(data), len(data), len(data), len(name), 0)
    return struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, 0, 0, 0, 0x21, *sizes) + name + data


@pytest.mark.parametrize(
    "changed",
    [
        b"#!/bin/sh\n" + PACKED,
        local(b"documents/award.pdf", b"forged") + PACKED,
        PACKED[:-2] + b"\x08\x00comment!",
        PACKED + b"\x00" * 40,
        PACKED[:-2] + b"\x08\x00",
    ],
    ids=["before", "a member that only some programs see", "a comment", "behind", "a comment that is not there"],
)
def test_octets_that_belong_to_no_member_are_refused(changed: bytes) -> None:
    with refused(FormatError, "unreadable_bundle", "octets that belong to none of its members"):
        read_bundle(changed)


@pytest.mark.parametrize("attribute", ["comment", "extra"])
def test_octets_beside_a_name_are_refused(attribute: str) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, octets in MEMBERS.items():
            archive.writestr(name, octets)
        setattr(archive.filelist[-1], attribute, b"\x99\x99\x04\x00more")
    with refused(FormatError, "unreadable_bundle", "octets that belong to none of its members"):
        read_bundle(buffer.getvalue())


def test_octets_between_two_members_are_refused() -> None:
    at, end = PACKED.rfind(b"PK\x01\x02"), PACKED.rfind(b"PK\x05\x06")
    start = struct.unpack("<I", PACKED[end + 16 : end + 20])[0]
    last = struct.unpack("<I", PACKED[at + 42 : at + 46])[0]
    hidden = local(b"documents/award.pdf", b"forged")
    changed = bytearray(PACKED[:last] + hidden + PACKED[last:])
    for place, before in ((at + len(hidden) + 42, last), (end + len(hidden) + 16, start)):
        changed[place : place + 4] = struct.pack("<I", before + len(hidden))
    with refused(FormatError, "unreadable_bundle", "octets that belong to none of its members"):
        read_bundle(bytes(changed))


def test_a_member_with_a_wrong_checksum_is_refused() -> None:
    data = packed(MEMBERS, zipfile.ZIP_STORED).replace(b"sample award", b"forged award")
    with refused(FormatError, "unreadable_bundle", "not a readable ZIP file"):
        read_bundle(data)


def test_an_encrypted_member_is_refused() -> None:
    changed = bytearray(PACKED)
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        changed[changed.find(signature) + flags] |= 1
    with refused(FormatError, "unreadable_bundle", "not a readable ZIP file"):
        read_bundle(bytes(changed))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_member_packed_in_a_foreign_way_is_refused(method: int) -> None:
    with refused(FormatError, "unreadable_bundle", "packed in a foreign way", "award/award.jws"):
        read_bundle(packed(MEMBERS, method))


def test_a_name_that_is_no_utf8_is_refused() -> None:
    data = packed(MEMBERS | {"documents/é.pdf": b""}).replace("é".encode(), b"\xff\xff")
    with refused(FormatError, "unreadable_bundle", "not a readable ZIP file"):
        read_bundle(data)


# --- names -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "run.sh", "README", "award/", "award/award", "award/other.jws", "Award/award.jws", "award/award.jws.bak",
        "evidence/1.jws", "evidence/0000000a.jws", "evidence/00000001.pdf", "evidence/00000001/x.jws",
        "evidence/\u0660\u0661\u0662\u0663\u0664\u0665\u0666\u0667.jws", "evidence/../00000001.jws",
        "../award/award.jws", "/award/award.jws", "./status.jws", "C:/status.jws", "status.jws/",
        "documents/", "documents/..", "documents/.", "documents/../../etc/passwd", "documents/.profile",
        "documents//etc/passwd", "documents/a/b.pdf", "documents\\award.pdf", "documents/a\\b.pdf",
        "documents/a\nb.pdf",
        "/etc/passwd", "../../etc/passwd", "\\\\host\\share",
    ],
)  # fmt: skip
def test_a_foreign_member_is_refused_by_name(name: str) -> None:
    with refused(FormatError, "foreign_member", "a member that does not belong there", name):
        read_bundle(packed(MEMBERS | {name: b"x"}))


def test_a_member_that_stands_twice_is_refused() -> None:
    buffer = io.BytesIO(PACKED)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with zipfile.ZipFile(buffer, "a") as archive:
            archive.writestr("status.jws", b"another")
    with refused(FormatError, "unreadable_bundle", "too many members, or one twice"):
        read_bundle(buffer.getvalue())


def test_too_many_members_are_refused() -> None:
    room = MAX_MEMBERS - len(MEMBERS)
    many = MEMBERS | {f"documents/{n}": b"" for n in range(room)}
    assert len(read_bundle(packed(many, zipfile.ZIP_STORED)).documents) == room + 1
    with refused(FormatError, "unreadable_bundle", "too many members, or one twice"):
        read_bundle(packed(many | {"documents/more": b""}, zipfile.ZIP_STORED))


@pytest.mark.parametrize(
    "name",
    [
        "award/award.jws",
        "award/award.tlog-proof",
        "status.jws",
        "evidence/00000001.jws",
        "evidence/00000003.tlog-proof",
    ],
)
def test_a_missing_member_is_named(name: str) -> None:
    with refused(FormatError, "member_missing", "The bundle is incomplete.", name):
        read_bundle(packed(without(name)))


def test_a_policy_proof_alone_is_no_evidence() -> None:
    alone = without("evidence/00000003.jws")
    del alone["evidence/00000003.tlog-proof"]
    with refused(FormatError, "member_missing", "The bundle is incomplete.", "evidence/00000003.tlog-proof"):
        read_bundle(packed(alone))


@pytest.mark.parametrize(
    "name", ["award/award.tlog-proof", "evidence/00000001.tlog-proof", "evidence/00000003.policy-proof"]
)
def test_a_malformed_proof_is_refused(name: str) -> None:
    with pytest.raises(FormatError, match="proof begins with") as caught:
        read_bundle(packed(MEMBERS | {name: b"proof"}))
    assert caught.value.code == "bad_proof"


# --- sizes -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["award/award.jws", "evidence/00000001.tlog-proof", "status.jws"])
def test_a_member_other_than_a_document_is_small(name: str) -> None:
    with refused(FormatError, "member_too_large", "A member of the bundle is too large.", name):
        read_bundle(packed(MEMBERS | {name: bytes(MAX_SMALL + 1)}))


def test_a_small_member_may_be_as_large_as_the_limit() -> None:
    assert len(read_bundle(packed(MEMBERS | {"status.jws": bytes(MAX_SMALL)})).status) == MAX_SMALL


def test_a_document_beyond_the_limit_is_refused_before_it_is_unpacked() -> None:
    with refused(FormatError, "member_too_large", "is too large", "documents/award.pdf"):
        read_bundle(declare(PACKED, "documents/award.pdf", (1 << 30) + 1))


def test_documents_that_are_too_large_together_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_DOCUMENT", 2000)
    read_bundle(packed(MEMBERS | {"documents/b": bytes(600)}))
    with refused(FormatError, "bundle_too_large", "The bundle unpacks to more than 2000 bytes."):
        read_bundle(packed(MEMBERS | {"documents/b": bytes(600), "documents/c": bytes(1000)}))


def test_a_member_that_declares_more_than_it_has_is_refused() -> None:
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        with refused(FormatError, "unreadable_bundle", "is not as large as it says", "documents/award.pdf"):
            read_bundle(declare(packed(MEMBERS, method), "documents/award.pdf", len(PDF) + 1))


def test_a_member_that_has_more_than_it_declares_is_refused() -> None:
    with refused(FormatError, "unreadable_bundle", "not a readable ZIP file"):
        read_bundle(declare(PACKED, "documents/award.pdf", len(PDF) - 1))


def test_a_bomb_behind_a_small_declared_size_is_not_unpacked() -> None:
    import tracemalloc

    bomb = packed(MEMBERS | {"documents/bomb": bytes(32 << 20)})
    small = declare(bomb, "documents/bomb", 10)
    tracemalloc.start()
    try:
        with refused(FormatError, "unreadable_bundle", "not a readable ZIP file"):
            read_bundle(small)
        assert tracemalloc.get_traced_memory()[1] < 4 << 20
    finally:
        tracemalloc.stop()


def test_a_bomb_that_fakes_its_checksum_gives_the_declared_bytes_only() -> None:
    bomb = packed(MEMBERS | {"documents/bomb": bytes(1 << 20)})
    bundle = read_bundle(declare(bomb, "documents/bomb", 10, zlib.crc32(bytes(10))))
    assert bundle.documents["bomb"] == bytes(10)


def test_the_bundle_of_a_network_is_read() -> None:
    world = World()
    provider = world.add_provider()
    neutral = world.add_neutral(provider)
    index = world.admit(world.award(provider, neutral))
    bundle = read_bundle(world.bundle(index))
    assert bundle.award.document == world.statements[index].document
    assert [one.proof.index for one in bundle.evidence] == list(range(index))
    assert bundle.documents == {"award.pdf": PDF}
