"""Reading a bundle: nothing in it is trusted, least of all its sizes and names."""

import io
import struct
import time
import warnings
import zipfile
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signing import bundle as module
from signing.bundle import MAX_MEMBERS, MAX_SMALL, Bundle, Item, pieces, read_bundle
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


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    """The same members as another program packs them."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, octets in members.items():
            archive.writestr(name, octets)
    return buffer.getvalue()


def packed(members: dict[str, bytes]) -> bytes:
    return b"".join(pieces(members))


def zipped_alike(members: list[tuple[str, bytes]], count: int | None = None) -> bytes:
    """Members in this order, packed as bundles are; the directory may be said to have another ``count``."""
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # zipfile warns of names that stand twice
        with zipfile.ZipFile(buffer, "w") as archive:
            for name, octets in members:
                info = zipfile.ZipInfo(name)
                info.external_attr, info.create_system = 0o644 << 16, 3
                archive.writestr(info, octets)
    data = buffer.getvalue()
    return data if count is None else data[:-14] + struct.pack("<2H", count, count) + data[-10:]


def without(name: str) -> dict[str, bytes]:
    return {other: octets for other, octets in MEMBERS.items() if other != name}


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


def test_another_program_finds_the_same() -> None:
    members = MEMBERS | {"documents/\u88c1\u51b3.pdf": PDF}
    with zipfile.ZipFile(io.BytesIO(packed(members))) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == members


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

REPACKED = "The file is no bundle, or is damaged or packed anew; get a new one."


@pytest.mark.parametrize("data", [b"", b"PK", b"not a zip", b"%PDF-1.7\n"])
def test_what_is_no_bundle_is_refused(data: bytes) -> None:
    with refused(FormatError, "unreadable_bundle", REPACKED):
        read_bundle(data)


def test_a_bundle_larger_than_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_BUNDLE", len(PACKED))
    read_bundle(PACKED)
    with refused(FormatError, "unreadable_bundle", REPACKED):
        read_bundle(packed(MEMBERS | {"documents/award.pdf": PDF + b"x"}))


def test_a_bundle_cut_anywhere_is_refused() -> None:
    data = packed(MEMBERS)
    for size in range(4, len(data)):
        with pytest.raises(FormatError, match=f"{REPACKED}|does not belong"):
            read_bundle(data[:size])


@settings(max_examples=300)
@given(st.data())
def test_a_damaged_bundle_is_refused_in_words(data: st.DataObject) -> None:
    changed = bytearray(PACKED)
    place = data.draw(st.integers(0, len(changed) - 1))
    changed[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(FormatError) as caught:
        read_bundle(bytes(changed))
    assert caught.value.message.endswith(".")


PACKED = packed(MEMBERS)


@given(st.data())
def test_two_files_never_show_the_same(data: st.DataObject) -> None:
    """Whatever is read is written again octet for octet: nothing beside it can be seen by another program."""
    pieces = [PACKED[at : at + 40] for at in range(0, len(PACKED), 40)]
    changed = b"".join(data.draw(st.permutations(pieces[: data.draw(st.integers(1, len(pieces)))])))
    for tried in {changed, PACKED + changed, changed + PACKED} - {PACKED}:
        with pytest.raises(FormatError):
            read_bundle(tried)


def local(name: bytes, data: bytes) -> bytes:
    """A member as programs find it that read from the beginning; no directory knows it."""
    sizes = (zlib.crc32(data), len(data), len(data), len(name), 0)
    return struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, 0, 0, 0, 0x21, *sizes) + name + data


@pytest.mark.parametrize(
    "changed",
    [
        PACKED[:-2] + b"\x08\x00comment!",
        PACKED + b"\x00" * 40,
        PACKED[:-2] + b"\x08\x00",
        PACKED + PACKED,
        PACKED[: PACKED.find(b"PK\x01\x02")] + local(b"status.jwz", b"x") + PACKED[PACKED.find(b"PK\x01\x02") :],
    ],
    ids=["a comment", "behind", "a comment that is not there", "twice", "a member that the directory does not know"],
)
def test_octets_that_belong_to_no_member_are_refused(changed: bytes) -> None:
    with pytest.raises(FormatError, match=f"{REPACKED}|does not belong there"):
        read_bundle(changed)


def test_octets_before_the_first_member_are_refused() -> None:
    with refused(FormatError, "unreadable_bundle", REPACKED):
        read_bundle(b"#!/bin/sh\n" + PACKED)


def hiding() -> bytes:
    """A deflated member that ends before its octets do; what is left is a member for who reads from the beginning."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    short = packer.compress(b"status") + packer.flush()
    hidden = local(b"documents/award.pdf", b"forged")
    names = sorted(MEMBERS)
    out, directory = b"", b""
    for name in names:
        data, raw = MEMBERS[name], name.encode()
        body, method, more = (short, 8, hidden) if name == "status.jws" else (data, 0, b"")
        common = struct.pack("<4H", 0, method, 0, 0x21) + struct.pack("<I", zlib.crc32(data))
        sizes = [struct.pack("<2I2H", len(body) + extra, len(data), len(raw), 0) for extra in (0, len(more))]
        directory += b"PK\1\2\x14\3\x14\0" + common + sizes[1] + struct.pack("<3H2I", 0, 0, 0, 0, len(out)) + raw
        out += b"PK\3\4\x14\0" + common + sizes[0] + raw + body + more
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, len(names), len(names), len(directory), len(out), 0)
    return out + directory + end


def test_a_member_that_hides_in_the_octets_of_another_is_refused() -> None:
    with zipfile.ZipFile(io.BytesIO(hiding())) as archive:
        assert archive.testzip() is None  # one program sees the award,
        assert archive.read("documents/award.pdf") == PDF
    assert local(b"documents/award.pdf", b"forged") in hiding()  # another the forgery
    with refused(FormatError, "unreadable_bundle", REPACKED):
        read_bundle(hiding())


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_bundle_that_was_packed_again_is_refused(method: int) -> None:
    with refused(FormatError, "unreadable_bundle", REPACKED):
        read_bundle(zipped(MEMBERS, method))


def _ends(data: bytes) -> tuple[int, int]:
    """Where the last entry of the directory and its end stand."""
    return data.rfind(b"PK\x01\x02"), data.rfind(b"PK\x05\x06")


@pytest.mark.parametrize("at", [4, 6, 8, 10, 12, 14, 18, 22, 28])
def test_another_header_than_is_written_is_refused(at: int) -> None:
    """Version, flags, method, time, date, checksum, both sizes, and extra fields, in header and directory alike."""
    changed = bytearray(PACKED)
    changed[at] ^= 1
    changed[PACKED.find(b"PK\x01\x02") + at + 2] ^= 1
    with pytest.raises(FormatError, match=REPACKED):
        read_bundle(bytes(changed))


@pytest.mark.parametrize("at", [4, 6, 30, 32, 34, 36, 38, 42])
def test_another_entry_of_the_directory_than_is_written_is_refused(at: int) -> None:
    changed = bytearray(PACKED)
    changed[_ends(PACKED)[0] + at] ^= 1
    with refused(FormatError, "unreadable_bundle", REPACKED):
        read_bundle(bytes(changed))


@pytest.mark.parametrize("at", [4, 6, 8, 10, 12, 16, 20])
def test_another_end_of_the_directory_than_is_written_is_refused(at: int) -> None:
    changed = bytearray(PACKED)
    changed[_ends(PACKED)[1] + at] ^= 1
    with refused(FormatError, "unreadable_bundle", REPACKED):
        read_bundle(bytes(changed))


def test_a_member_with_a_wrong_checksum_is_refused() -> None:
    with refused(FormatError, "unreadable_bundle", REPACKED):
        read_bundle(PACKED.replace(b"sample award", b"forged award"))


def test_a_name_that_is_no_utf8_is_refused() -> None:
    data = packed(MEMBERS | {"documents/é.pdf": b""}).replace("é".encode(), b"\xff\xff")
    with refused(FormatError, "foreign_member", "a member that does not belong there", "documents/\\xff\\xff.pdf"):
        read_bundle(data)


@pytest.mark.parametrize(
    "octet", [b"\xff", b"\xed\xa0\x80", b"a"], ids=["no UTF-8", "half a surrogate pair", "letters"]
)
def test_the_longest_names_are_refused_in_words(octet: bytes) -> None:
    """A name of 65,535 octets is more than that when what is no UTF-8 in it is replaced by something longer."""
    name = b"documents/" + octet * (65_500 // len(octet))
    data = b"PK\3\4" + bytes(22) + struct.pack("<2H", len(name), 0) + name
    with pytest.raises(FormatError) as caught:
        read_bundle(data)
    assert caught.value.code == ("unreadable_bundle" if octet == b"a" else "foreign_member")


def test_the_time_that_long_names_take_grows_with_their_octets() -> None:
    """The directory of 32 MiB of names is written in one pass; copied for each name it took several seconds."""
    names = [f"documents/{n:05d}{'a' * 65_500}" for n in range(512)]
    began = time.process_time()
    assert sum(map(len, pieces(dict.fromkeys(names, b"")))) > 1 << 25
    assert time.process_time() - began < 1


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


def test_members_out_of_order_or_twice_are_refused() -> None:
    ordered = sorted(MEMBERS.items())
    assert zipped_alike(ordered) == PACKED
    twice = [*ordered, ordered[-1]]
    for data in (zipped_alike(ordered[::-1]), zipped_alike(twice), zipped_alike(twice, len(ordered))):
        with refused(FormatError, "unreadable_bundle", REPACKED):
            read_bundle(data)


def test_too_many_members_are_refused() -> None:
    room = MAX_MEMBERS - len(MEMBERS)
    many = MEMBERS | {f"documents/{n}": b"" for n in range(room)}
    assert len(read_bundle(packed(many)).documents) == room + 1
    with refused(FormatError, "unreadable_bundle", REPACKED):
        read_bundle(packed(many | {"documents/more": b""}))


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


def test_the_bundle_of_a_network_is_read() -> None:
    world = World()
    provider = world.add_provider()
    neutral = world.add_neutral(provider)
    index = world.admit(world.award(provider, neutral))
    bundle = read_bundle(world.bundle(index))
    assert bundle.award.document == world.statements[index].document
    assert [one.proof.index for one in bundle.evidence] == list(range(index))
    assert bundle.documents == {"award.pdf": PDF}
