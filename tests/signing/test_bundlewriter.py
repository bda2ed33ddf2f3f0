"""Writing bundles: deterministic bytes that any ZIP program opens."""

import io
import stat
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signing.bundle import read_bundle
from signing.bundlewriter import Evidence, document_name, write_bundle
from signing.errors import FormatError
from signing.notes import TlogProof
from signing.signnotes import format_proof
from tests.fakes.refusals import refused


def proof(index: int) -> bytes:
    return format_proof(TlogProof(index, (), b"checkpoint\n", b"entry"))


AWARD = Evidence(b"award", proof(12))
POLICY = Evidence(b"policy", proof(3), proof(3))
MEMBER = Evidence(b"member", proof(100_000_001))
DOCUMENTS = {"b.pdf": b"two", "a.pdf": b"one"}


def test_the_members_have_the_names_of_the_protocol() -> None:
    with zipfile.ZipFile(io.BytesIO(write_bundle(AWARD, [MEMBER, POLICY], b"status", DOCUMENTS))) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == {
            "award/award.jws": b"award",
            "award/award.tlog-proof": proof(12),
            "documents/a.pdf": b"one",
            "documents/b.pdf": b"two",
            "evidence/00000003.jws": b"policy",
            "evidence/00000003.policy-proof": proof(3),
            "evidence/00000003.tlog-proof": proof(3),
            "evidence/100000001.jws": b"member",
            "evidence/100000001.tlog-proof": proof(100_000_001),
            "status.jws": b"status",
        }
        assert archive.namelist() == sorted(archive.namelist())


@given(st.permutations([POLICY, MEMBER, Evidence(b"x", proof(4))]), st.permutations(list(DOCUMENTS.items())))
def test_the_same_content_gives_the_same_bytes(evidence: list[Evidence], documents: list[tuple[str, bytes]]) -> None:
    expected = write_bundle(AWARD, [POLICY, MEMBER, Evidence(b"x", proof(4))], b"status", DOCUMENTS)
    assert write_bundle(AWARD, iter(evidence), b"status", dict(documents)) == expected


def test_nothing_in_the_file_tells_when_or_where_it_was_made() -> None:
    with zipfile.ZipFile(io.BytesIO(write_bundle(AWARD, [POLICY], b"status", DOCUMENTS))) as archive:
        assert archive.comment == b""
        for info in archive.infolist():
            assert info.date_time == (1980, 1, 1, 0, 0, 0)
            assert (info.create_system, info.extra, info.comment) == (3, b"", b"")
            assert stat.filemode(info.external_attr >> 16) == "?rw-r--r--"
            assert info.compress_type == zipfile.ZIP_STORED


@pytest.mark.parametrize("broken", [b"", b"proof\n"])
def test_evidence_without_a_proof_is_refused(broken: bytes) -> None:
    with refused(FormatError, "bad_proof", "A proof begins with the lines"):
        write_bundle(AWARD, [Evidence(b"x", broken)], b"status", {})


@pytest.mark.parametrize("name", ["award.pdf", "裁决.pdf", "a b (1).PDF", "x", "\u202e.pdf"])
def test_a_name_that_a_bundle_can_hold_stays(name: str) -> None:
    assert document_name(name) == name
    assert read_bundle(write_bundle(AWARD, [], b"status", {name: b"one"})).documents == {name: b"one"}


@pytest.mark.parametrize(
    "name", ["", ".award.pdf", "..", "award\\final.pdf", "award\ncopy.pdf", "a/b", "pr\udce9mio.pdf"]
)
def test_another_name_is_replaced(name: str) -> None:
    assert document_name(name) == "award.pdf"
