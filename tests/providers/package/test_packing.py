"""Packing: deterministic inside, refused before anything leaves, and the plaintext never on the disk."""

import io
import os
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from providers.package.archive import Limits
from providers.package.errors import PackageRefusedError
from providers.package.manifest import CASE, DOCUMENTS, INDEX, INDEX_TYPE
from providers.package.packing import pack
from signing.agefile import decrypt
from signing.encoding import canonical
from signing.errors import SigningError
from signing.secretkeys import SigningKey
from signing.statement import parse_jws
from tests.providers.package.samples import (
    ESCROW_KEY,
    FILES,
    ROUTE,
    STATEMENT_KEY,
    TRANSFER_KEY,
    case_file,
    consent,
    offer,
    packed,
    parcel,
    refused,
    sha256,
    sign,
    validate,
)


def plaintext(data: bytes) -> zipfile.ZipFile:
    out = io.BytesIO()
    decrypt(io.BytesIO(data), out, TRANSFER_KEY)
    return zipfile.ZipFile(out)


def test_a_package_holds_case_documents_and_index(tmp_path: Path) -> None:
    data, result = packed(parcel(tmp_path))
    assert (result.sha256, result.size) == (sha256(data), len(data))
    with plaintext(data) as archive:
        names = archive.namelist()
        assert names == [CASE, *(DOCUMENTS + name for name in sorted(FILES)), INDEX]
        assert archive.read(CASE) == canonical(case_file(FILES))
        assert {name: archive.read(DOCUMENTS + name) for name in FILES} == FILES
        jws = parse_jws(archive.read(INDEX), INDEX_TYPE)
        assert {one.date_time for one in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {one.compress_type for one in archive.infolist()} == {zipfile.ZIP_STORED}
    assert jws.digest == result.manifest_root
    assert [(one.kid, one.role) for one in jws.signatures] == [(STATEMENT_KEY.kid, "provider")]
    assert result.manifest.route == ROUTE


def test_the_same_case_gives_the_same_archive_but_for_salt_and_signature(tmp_path: Path) -> None:
    one = parcel(tmp_path)
    found = []
    for documents in (one.documents, list(reversed(one.documents))):
        data, result = packed(replace(one, documents=documents))
        with plaintext(data) as archive:
            infos = [(info.filename, info.CRC, info.header_offset, info.external_attr) for info in archive.infolist()]
        found.append((infos[:-1], result.size))
    assert found[0] == found[1]
    assert packed(one)[1].manifest_root != packed(one)[1].manifest_root, "the salt is fresh"


def test_progress_ends_with_everything(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    pack(
        parcel(tmp_path),
        io.BytesIO(),
        [TRANSFER_KEY.public],
        sign=sign,
        validate=validate,
        progress=lambda done, total: told.append((done, total)),
    )
    total = sum(map(len, FILES.values()))
    assert told[-1] == (total, total)
    assert told == sorted(told)


def test_privileged_documents_need_everyones_consent(tmp_path: Path) -> None:
    classes = {"agreement.pdf": "C3"}
    item = sha256(FILES["agreement.pdf"])
    with refused("item_consent_missing", "claimant 1 has not given it", DOCUMENTS + "agreement.pdf"):
        packed(parcel(tmp_path, FILES, classes))
    both = offer(consent("claimant", item), consent("respondent", item))
    packed(parcel(tmp_path, FILES, classes, both))
    with refused("class_not_offered", "class C3", DOCUMENTS + "agreement.pdf"):
        packed(parcel(tmp_path, FILES, classes, both | {"data_classes": ["C2"]}))
    with refused("class_not_offered", "class C2", CASE):
        packed(parcel(tmp_path, {}, {}, both | {"data_classes": ["C3"]}))


def test_privileged_texts_need_everyones_consent(tmp_path: Path) -> None:
    item = sha256(b"we offer half")
    said = [{"class": "C3", "body": "we offer half", "content_sha256": item}]
    with refused("item_consent_missing", "claimant 1", f"{CASE}/communications/0"):
        packed(parcel(tmp_path, communications=said))
    both = offer(consent("claimant", item), consent("respondent", item))
    packed(parcel(tmp_path, FILES, None, both, communications=said))


@pytest.mark.parametrize("data_class", ["C2", "C3"])
def test_a_body_does_not_travel_under_the_hash_of_another(tmp_path: Path, data_class: str) -> None:
    agreed = sha256(b"the hearing is on Monday")
    both = offer(consent("claimant", agreed), consent("respondent", agreed))
    said = [{"class": "C1", "content_sha256": agreed}]
    said += [{"class": data_class, "body": "we offer half", "content_sha256": agreed}]
    with refused("content_differs", "not the SHA-256 of the body", f"{CASE}/communications/1/content_sha256"):
        packed(parcel(tmp_path, FILES, None, both, communications=said))


@pytest.mark.parametrize(
    ("changes", "code", "says", "where"),
    [
        ({"kind": "x"}, "schema_violation", "not a case-file", f"{CASE}/kind"),
        ({"case_id": "x"}, "other_case", "offered case", f"{CASE}/case_id"),
        ({"custodian": "x"}, "other_custodian", "another custodian", f"{CASE}/custodian"),
        ({"stage": "arbitration"}, "stage_differs", "stands in arbitration, the offer says med", f"{CASE}/stage"),
        ({"iban": "x"}, "bank_details", "bank details", f"{CASE}/iban"),
        ({"tax_id": "x"}, "tax_number", "a tax number", f"{CASE}/tax_id"),
        ({"documents": case_file({})["documents"]}, "case_differs", "same documents", "agreement.pdf"),
        ({"documents": case_file(FILES)["documents"] * 2}, "case_differs", "same documents", f"{CASE}/documents"),
        ({"documents": case_file(FILES | {"empty.bin": b"x"})["documents"]}, "case_differs", "otherwise", "empty.bin"),
        ({"documents": case_file(FILES, {"empty.bin": "C1"})["documents"]}, "case_differs", "otherwise", "empty.bin"),
        ({"fee_relief": "x" * (1 << 22)}, "case_too_large", "larger than", CASE),
        ({"fee_relief": "\ud800"}, "bad_text", "surrogate", CASE),
    ],
)
def test_a_case_that_may_not_travel(tmp_path: Path, changes: dict[str, Any], code: str, says: str, where: str) -> None:
    with refused(code, says, where):
        packed(parcel(tmp_path, **changes))


def test_names_and_descriptions_are_checked_first(tmp_path: Path) -> None:
    one = parcel(tmp_path)
    document = one.documents[0]
    for changed, code in (
        ({"name": "../evil"}, "path_traversal"),
        ({"name": "EMPTY.bin"}, "names_collide"),
        ({"media_type": "pdf"}, "bad_media_type"),
        ({"data_class": "C0"}, "bad_class"),
        ({"path": tmp_path / "nowhere"}, "document_unreadable"),
        ({"path": tmp_path}, "document_unreadable"),
    ):
        target = io.BytesIO()
        documents = [replace(document, **changed), *one.documents[1:]]
        with pytest.raises(PackageRefusedError) as caught:
            pack(replace(one, documents=documents), target, [TRANSFER_KEY.public], sign=sign, validate=validate)
        assert caught.value.code == code
        assert target.getvalue() == b""


def test_links_and_devices_are_not_followed(tmp_path: Path) -> None:
    one = parcel(tmp_path / "platform")
    (tmp_path / "link").symlink_to(tmp_path / "platform" / "stored-0")
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "link", tmp_path / "pipe", Path("/dev/null")):
        documents = [replace(one.documents[0], path=path), *one.documents[1:]]
        with pytest.raises(PackageRefusedError) as caught:
            packed(replace(one, documents=documents))
        assert (caught.value.code, caught.value.where) == ("document_unreadable", "agreement.pdf")


def test_limits_hold_on_this_side_too(tmp_path: Path) -> None:
    one = parcel(tmp_path)
    for limits, code in ((Limits(max_files=4), "too_many_files"), (Limits(max_total=10), "package_too_large")):
        with pytest.raises(PackageRefusedError) as caught:
            pack(one, io.BytesIO(), [TRANSFER_KEY.public], sign=sign, validate=validate, limits=limits)
        assert caught.value.code == code


def test_a_document_that_changes_meanwhile_is_noticed(tmp_path: Path) -> None:
    files = {"a": bytes(5 << 20)}
    one = parcel(tmp_path, files)
    path = one.documents[0].path
    for size in (4 << 20, 6 << 20):
        path.write_bytes(files["a"])

        def change(_done: int, _total: int, size: int = size) -> None:
            os.truncate(path, size)

        with refused("document_changed", "changed while it was packed", "a"):
            pack(one, io.BytesIO(), [TRANSFER_KEY.public], sign=sign, validate=validate, progress=change)


def test_the_case_must_describe_what_is_packed(tmp_path: Path) -> None:
    one = parcel(tmp_path)
    (tmp_path / "stored-0").write_bytes(b"%PDF-1.7 samplE")
    with refused("case_differs", "otherwise", "agreement.pdf"):
        packed(one)


def test_a_key_that_cannot_receive_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PackageRefusedError) as caught:
        pack(parcel(tmp_path), io.BytesIO(), [SigningKey(bytes(32)).public], sign=sign, validate=validate)
    assert caught.value.code == "wrong_purpose"


def test_a_refused_signature_leaves_a_file_that_nobody_accepts(tmp_path: Path) -> None:
    def declined(_payload: bytes) -> bytes:
        raise KeyboardInterrupt

    target = io.BytesIO()
    with pytest.raises(KeyboardInterrupt):
        pack(
            parcel(tmp_path, {"a": bytes(3 << 20)}),
            target,
            [TRANSFER_KEY.public, ESCROW_KEY.public],
            sign=declined,
            validate=validate,
        )
    target.seek(0)
    with pytest.raises(SigningError):
        decrypt(target, io.BytesIO(), TRANSFER_KEY)
