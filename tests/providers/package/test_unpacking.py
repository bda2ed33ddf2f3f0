"""Unpacking: what was packed comes back; every other package is refused, and leaves nothing behind."""

import io
import os
import stat
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from providers.package.archive import Limits
from providers.package.errors import PackageRefusedError
from providers.package.manifest import CASE, DOCUMENTS, INDEX, INDEX_TYPE, Item, Route, sign_index
from providers.package.unpacking import Expected, Unpacked, discard, partial_folder, unpack
from signing.compose import assemble, sign, sign_all
from signing.encoding import canonical
from signing.secretkeys import AgreementKey, SigningKey
from tests.providers.package.samples import (
    ESCROW_KEY,
    FILES,
    NOW,
    OTHER_KEY,
    ROUTE,
    STATEMENT_KEY,
    TRANSFER_KEY,
    case_file,
    consent,
    expected,
    members,
    offer,
    packed,
    parcel,
    refused,
    sealed,
    sha256,
    validate,
    zipped,
)


def opened(
    folder: Path, data: bytes, wanted: Expected, key: AgreementKey = TRANSFER_KEY, limits: Limits | None = None
) -> Unpacked:
    (folder / "package.age").write_bytes(data)
    return unpack(folder / "package.age", key, wanted, folder / "case", validate=validate, limits=limits)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "gateway").mkdir()
    return tmp_path / "gateway"


@pytest.fixture(autouse=True)
def nothing_remains(folder: Path, tmp_path: Path) -> Any:
    """After every test: the case is there whole, or nothing is, and nothing lies outside."""
    yield
    left = {path.name for path in folder.iterdir()}
    assert left <= {"package.age", "case"}
    assert {path.name for path in tmp_path.iterdir()} <= {"gateway", "platform"}
    if "case" in left:
        assert (folder / "case" / CASE).is_file()


def test_what_was_packed_comes_back(folder: Path, tmp_path: Path) -> None:
    data, result = packed(parcel(tmp_path / "platform"))
    told: list[tuple[int, int]] = []
    (folder / "package.age").write_bytes(data)
    for key in (TRANSFER_KEY, ESCROW_KEY):
        target = folder / "case"
        found = unpack(
            folder / "package.age",
            key,
            replace(expected(data, result.manifest_root), escrow=1),
            target,
            validate=validate,
            progress=lambda done, total: told.append((done, total)),
        )
        assert found.folder == target
        assert found.manifest == result.manifest
        assert found.case == case_file(FILES)
        assert {path.name: path.read_bytes() for path in (target / "documents").iterdir()} == FILES
        assert (target / CASE).read_bytes() == canonical(case_file(FILES))
        assert {path.name for path in target.iterdir()} == {CASE, INDEX, "documents"}
        for path in target.rglob("*"):
            assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)
        for path in sorted(target.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
        target.rmdir()
        assert told == sorted(told)
        assert told[-1] == (2 * len(data), 2 * len(data))
        told.clear()


def test_a_package_of_another_program_is_accepted(folder: Path) -> None:
    contents, manifest = members()
    data = sealed(zipped(contents))
    found = opened(folder, data, expected(data, manifest.root))
    assert (found.folder / "documents" / "发票 1.txt").read_bytes() == FILES["发票 1.txt"]


def test_a_case_without_documents_is_accepted(folder: Path) -> None:
    contents, manifest = members({})
    data = sealed(zipped(contents))
    assert list((opened(folder, data, expected(data, manifest.root)).folder / "documents").iterdir()) == []


def test_what_is_there_already_is_not_touched(folder: Path) -> None:
    contents, manifest = members()
    data = sealed(zipped(contents))
    wanted = expected(data, manifest.root)
    partial_folder(folder / "case").mkdir()
    with pytest.raises(FileExistsError):
        opened(folder, data, wanted)
    assert partial_folder(folder / "case").is_dir(), "it may be another run's"
    (partial_folder(folder / "case") / "rest").write_bytes(b"left by a killed process")
    discard(folder / "case")
    discard(folder / "case")
    opened(folder, data, wanted)
    with pytest.raises(FileExistsError):
        opened(folder, data, wanted)


# Steps 1 and 2: the ciphertext


def test_the_sender_is_to_act_and_the_evidence_has_its_word(folder: Path) -> None:
    contents, manifest = members()
    data = sealed(zipped(contents))
    wanted = expected(data, manifest.root)
    for changed, key, code, reason in (
        (data[:-1], TRANSFER_KEY, "ciphertext_size_differs", "truncated"),
        (data[:-1] + bytes([data[-1] ^ 1]), TRANSFER_KEY, "ciphertext_differs", "hash_mismatch"),
        (b"AGE" + data[3:], TRANSFER_KEY, "ciphertext_differs", "hash_mismatch"),
        (data.replace(b"-> X25519", b"-> X25518", 1), TRANSFER_KEY, "ciphertext_differs", "hash_mismatch"),
        (data[:-1] + bytes([data[-1] ^ 1]), OTHER_KEY, "ciphertext_differs", "hash_mismatch"),
        (data, OTHER_KEY, "no_matching_key", "wrong_key"),
    ):
        with pytest.raises(PackageRefusedError) as caught:
            opened(folder, changed, wanted, key)
        assert (caught.value.code, caught.value.reason, caught.value.actor) == (code, reason, "sender")


@pytest.mark.parametrize(
    ("change", "code", "says", "where"),
    [
        (lambda data: b"PK" + data, "not_an_age_file", "binary age file", ""),
        (lambda data: data[: 300], "age_chunk_forged", "changed, cut", "chunk 0"),
        (lambda data: data + b"x", "age_chunk_forged", "changed, cut", "chunk 0"),
        (lambda data: data[:-1] + bytes([data[-1] ^ 1]), "age_chunk_forged", "changed, cut", "chunk 0"),
        (lambda data: data.replace(b"--- ", b"--- AA", 1), "bad_age_header", "base64", "line 4"),
        (lambda data: data[:100], "age_truncated", "header", "line 3"),
    ],
)  # fmt: skip
def test_a_damaged_age_file_that_was_dispatched(
    folder: Path, change: Callable[[bytes], bytes], code: str, says: str, where: str
) -> None:
    contents, manifest = members()
    data = change(sealed(zipped(contents)))
    with pytest.raises(PackageRefusedError, match=says) as caught:
        opened(folder, data, expected(data, manifest.root))
    assert caught.value.code == code
    assert caught.value.where == where or not where


def test_a_key_that_the_dispatch_does_not_declare(folder: Path, tmp_path: Path) -> None:
    data, result = packed(parcel(tmp_path / "platform"))
    for escrow, declared in ((0, 1), (2, 3)):
        with refused("undeclared_recipients", f"for 2 keys; the dispatch declares {declared}"):
            opened(folder, data, replace(expected(data, result.manifest_root), escrow=escrow))


# Step 3: see test_archive and test_names; here that they are asked


@pytest.mark.parametrize(
    ("name", "code", "where"),
    [
        ("documents/../../evil", "path_traversal", "../../evil"),
        ("../evil", "path_traversal", "../evil"),
        ("/tmp/evil", "absolute_path", "/tmp/evil"),  # noqa: S108
        ("documents//etc/passwd", "absolute_path", "/etc/passwd"),
        ("documents/C:/evil", "absolute_path", "C:/evil"),
        ("documents/..\\evil", "backslash_in_name", "..\\evil"),
        ("documents/sub/evil", "nested_name", "sub/evil"),
        ("documents/a\x01b", "control_character", "a\\x01b"),
        ("documents/NUL.pdf", "reserved_name", "NUL.pdf"),
        ("documents/" + "x" * 256, "name_too_long", "x" * 80),
        ("documents/a.", "trailing_dot_or_space", "a."),
        ("documents/a ", "trailing_dot_or_space", "a "),
        ("documents/AGREEMENT.pdf", "names_collide", "AGREEMENT.pdf"),
        ("documents/", "empty_name", ""),
        ("mimetype", "foreign_member", "mimetype"),
        ("META-INF/x", "nested_name", "META-INF/x"),
    ],
)
def test_a_name_that_does_harm(folder: Path, name: str, code: str, where: str) -> None:
    """Whether the index names it too or not."""
    _, manifest = members()
    item = Item(name, 4, "text/plain", "C2", sha256(b"evil"))
    for items in (manifest.items, (*manifest.items, item)):
        whole, other = members(items=items)
        data = sealed(zipped(whole | {name: b"evil"}))
        with pytest.raises(PackageRefusedError) as caught:
            opened(folder, data, expected(data, other.root))
        assert (caught.value.code, caught.value.where) == (code, where)


def test_a_name_in_the_index_alone_that_does_harm(folder: Path) -> None:
    _, manifest = members()
    contents, other = members(
        items=(*manifest.items, Item("documents/../evil", 4, "text/plain", "C2", sha256(b"evil")))
    )
    data = sealed(zipped(contents))
    with refused("path_traversal", "leads out", "../evil"):
        opened(folder, data, expected(data, other.root))


@pytest.mark.parametrize("mode", [stat.S_IFLNK, stat.S_IFDIR, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFSOCK])
def test_a_member_that_is_no_plain_file(folder: Path, mode: int) -> None:
    def change(info: zipfile.ZipInfo) -> None:
        if info.filename == DOCUMENTS + "agreement.pdf":
            info.external_attr = (mode | 0o777) << 16

    contents, manifest = members(FILES | {"agreement.pdf": b"/etc/passwd"})
    data = sealed(zipped(contents, change))
    with refused("special_file", "link, a folder or a device", DOCUMENTS + "agreement.pdf"):
        opened(folder, data, expected(data, manifest.root))


def test_a_bomb(folder: Path) -> None:
    contents, manifest = members({"zeros": bytes(8 << 20)})
    data = sealed(zipped(contents))
    assert len(data) < 20_000
    with refused("compression_bomb", "more than 200 times", DOCUMENTS + "zeros"):
        opened(folder, data, expected(data, manifest.root))
    with refused("package_too_large", "at most 1000000"):
        opened(folder, data, expected(data, manifest.root), limits=Limits(max_total=1_000_000))
    with refused("too_many_files", "3 files; at most 2"):
        opened(folder, data, expected(data, manifest.root), limits=Limits(max_files=2))
    opened(folder, data, expected(data, manifest.root), limits=Limits(max_ratio=2_000))


# Step 4: the index


def test_an_index_that_was_not_dispatched(folder: Path) -> None:
    contents, _ = members()
    data = sealed(zipped(contents))
    with refused("manifest_differs", "manifest root", INDEX):
        opened(folder, data, expected(data, "ab" * 32))


@pytest.mark.parametrize(
    ("route", "code", "says"),
    [
        (replace(ROUTE, transfer_id="urn:odr:provider-a:other"), "other_transfer", "another transfer: urn:odr:pro"),
        (replace(ROUTE, sender="provider-c"), "other_sender", "another sender: provider-c"),
        (replace(ROUTE, recipient="provider-c"), "other_recipient", "another recipient: provider-c"),
    ],
)
def test_a_package_that_was_made_for_another(folder: Path, route: Route, code: str, says: str) -> None:
    contents, manifest = members(route=route)
    data = sealed(zipped(contents))
    with refused(code, says, INDEX):
        opened(folder, data, expected(data, manifest.root))


def test_an_index_that_the_sender_did_not_sign(folder: Path) -> None:
    stranger = SigningKey(bytes([7]) * 32)
    contents, manifest = members()
    octets = manifest.payload
    forged = sign(b"{}", STATEMENT_KEY, "provider", NOW, INDEX_TYPE)
    for index in (
        sign_index(octets, stranger, NOW),
        sign_all(octets, [(STATEMENT_KEY, "provider"), (stranger, "provider")], NOW, INDEX_TYPE),
        assemble(octets, [forged]),
    ):
        data = sealed(zipped(contents | {INDEX: index}))
        with pytest.raises(PackageRefusedError) as caught:
            opened(folder, data, expected(data, manifest.root))
        assert caught.value.code == "index_not_signed_by_sender"
        assert caught.value.where.startswith(INDEX)


def test_an_index_of_another_type(folder: Path) -> None:
    contents, manifest = members()
    index = sign_all(manifest.payload, [(STATEMENT_KEY, "provider")], NOW)
    data = sealed(zipped(contents | {INDEX: index}))
    with refused("bad_type", "not odr-index+jws", f"{INDEX}/signatures/0"):
        opened(folder, data, expected(data, manifest.root))


# Step 5: the files


def without(name: str) -> Callable[[Mapping[str, bytes]], dict[str, bytes]]:
    return lambda contents: {key: value for key, value in contents.items() if key != name}


@pytest.mark.parametrize(
    ("change", "code", "says", "where"),
    [
        (without(INDEX), "file_missing", "incomplete", INDEX),
        (without(CASE), "file_missing", "incomplete", CASE),
        (without(DOCUMENTS + "empty.bin"), "file_missing", "incomplete", DOCUMENTS + "empty.bin"),
        (lambda one: one | {DOCUMENTS + "more": b""}, "file_extra", "does not name", DOCUMENTS + "more"),
        (lambda one: one | {DOCUMENTS + "empty.bin": b"x"}, "size_differs", "not as large", DOCUMENTS + "empty.bin"),
        (
            lambda one: one | {DOCUMENTS + "agreement.pdf": b"%PDF-1.7 sampl3"},
            "file_differs",
            "SHA-256 of the index",
            DOCUMENTS + "agreement.pdf",
        ),
        (lambda one: one | {INDEX: bytes(400_001)}, "file_too_large", "larger than 400000", INDEX),
    ],
)
def test_files_that_are_not_those_of_the_index(
    folder: Path, change: Callable[[Mapping[str, bytes]], dict[str, bytes]], code: str, says: str, where: str
) -> None:
    contents, manifest = members()
    data = sealed(zipped(change(contents)))
    with refused(code, says, where):
        opened(folder, data, expected(data, manifest.root))


def test_a_file_that_stands_twice(folder: Path) -> None:
    contents, manifest = members()
    out = io.BytesIO(zipped(contents))
    with zipfile.ZipFile(out, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr(DOCUMENTS + "empty.bin", b"")
    data = sealed(out.getvalue())
    with refused("file_doubled", "one file twice", DOCUMENTS + "empty.bin"):
        opened(folder, data, expected(data, manifest.root))


# Steps 6 and 8: what may be disclosed, and the case file


def test_privileged_files_need_everyones_consent_on_this_side_too(folder: Path) -> None:
    classes = {"agreement.pdf": "C3"}
    item = sha256(FILES["agreement.pdf"])
    both = offer(consent("claimant", item), consent("respondent", item))
    contents, manifest = members(case=case_file(FILES, classes) | {"consents": both["consents"]}, classes=classes)
    data = sealed(zipped(contents))
    with refused("item_consent_missing", "respondent 1 has not given it", DOCUMENTS + "agreement.pdf"):
        opened(folder, data, expected(data, manifest.root, offer(consent("claimant", item))))
    with refused("class_not_offered", "does not announce class C3", DOCUMENTS + "agreement.pdf"):
        opened(folder, data, expected(data, manifest.root, both | {"data_classes": ["C1", "C2"]}))
    opened(folder, data, expected(data, manifest.root, both))


@pytest.mark.parametrize(
    ("case", "code", "says", "where"),
    [
        ({"kind": "something"}, "schema_violation", "not a case-file", f"{CASE}/kind"),
        ({"case_id": "urn:odr:provider-a:other"}, "other_case", "offered case", f"{CASE}/case_id"),
        ({"custodian": "provider-c"}, "other_custodian", "another custodian", f"{CASE}/custodian"),
        ({"stage": "arbitration"}, "stage_differs", "stands in arbitration, the offer says med", f"{CASE}/stage"),
        ({"stage": "before_commencement"}, "stage_differs", "stands in before_comm", f"{CASE}/stage"),
        (
            {"communications": [{"class": "C2", "body": "half", "content_sha256": sha256(b"all")}]},
            "content_differs",
            "not the SHA-256 of the body",
            f"{CASE}/communications/0/content_sha256",
        ),
        ({"parties": case_file({})["parties"] * 2}, "parties_differ", "the offer counts", f"{CASE}/parties"),
        ({"documents": []}, "case_differs", "same documents", "agreement.pdf"),
        ({"bank_account": "1"}, "bank_details", "which no transfer carries", f"{CASE}/bank_account"),
    ],
)
def test_a_case_file_that_is_not_in_order(folder: Path, case: dict[str, Any], code: str, says: str, where: str) -> None:
    contents, manifest = members(case=case_file(FILES) | case)
    data = sealed(zipped(contents))
    with refused(code, says, where):
        opened(folder, data, expected(data, manifest.root))


def test_a_consent_of_the_offer_stands_in_the_case_file(folder: Path) -> None:
    contents, manifest = members(case=case_file(FILES) | {"consents": [consent("claimant", "ab" * 32)]})
    data = sealed(zipped(contents))
    attested = offer(consent("claimant", "ab" * 32), consent("respondent", "ab" * 32))
    with refused("consent_unfounded", "respondent 1 (item_disclosure) that is not there", f"{CASE}/consents"):
        opened(folder, data, expected(data, manifest.root, attested))


def test_a_case_file_that_is_no_json(folder: Path) -> None:
    octets = b"[]"
    _, manifest = members()
    items = (Item(CASE, len(octets), "application/json", "C2", sha256(octets)), *manifest.items[1:])
    contents, manifest = members(items=items)
    data = sealed(zipped(contents | {CASE: octets}))
    with refused("not_an_object", "not a JSON object", CASE):
        opened(folder, data, expected(data, manifest.root))
    items = (Item(CASE, 1, "application/json", "C2", sha256(b"x")), *manifest.items[1:])
    contents, manifest = members(items=items)
    data = sealed(zipped(contents | {CASE: b"x"}))
    with refused("not_json", "line 1", CASE):
        opened(folder, data, expected(data, manifest.root))


def test_a_failing_disk_leaves_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    contents, manifest = members()
    data = sealed(zipped(contents))
    with pytest.raises(OSError, match="No space left"):
        opened(folder, data, expected(data, manifest.root))
