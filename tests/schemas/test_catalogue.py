import hashlib
import json
from pathlib import Path

import pytest

from schemas.catalogue import BASE, ROOT, Catalogue, catalogue, is_chained, is_public, is_sealed
from schemas.errors import UnknownKindError, UnknownVersionError

CHAINED = {"genesis", "policy", "member", "key", "neutral", "accreditation"}
PUBLIC = CHAINED | {"reference"}
TRANSFER = {f"transfer-{step}" for step in ("offer", "answer", "dispatch", "completion", "withdrawal")}
CASE = {"case-file", "transfer-brief"}
SEALED = {"award", "award-review", "case-events", "evidence", "feedback", "quality-report"} | TRANSFER


def test_the_kinds_are_those_of_the_design() -> None:
    assert catalogue().kinds() == PUBLIC | SEALED
    assert {kind for kind in catalogue().kinds() if is_public(kind)} == PUBLIC
    assert {kind for kind in catalogue().kinds() if is_sealed(kind)} == SEALED


def test_public_kinds_are_chained_but_references_and_sealed_ones_are_not() -> None:
    assert {kind for kind in catalogue().kinds() if is_chained(kind)} == CHAINED


def test_every_version_of_a_kind_has_the_same_visibility() -> None:
    for kind in catalogue().kinds():
        assert len({catalogue().lookup(kind, version).visibility for version in catalogue().versions(kind)}) == 1


def test_lookup_returns_the_file_as_it_stands() -> None:
    schema = catalogue().lookup("award", 1)
    octets = (ROOT / "award" / "v1.schema.json").read_bytes()
    assert (schema.kind, schema.version, schema.path) == ("award", 1, "award/v1.schema.json")
    assert schema.octets == octets
    assert schema.digest == hashlib.sha256(octets).hexdigest()
    assert schema.document == json.loads(octets)


def test_ids_equal_paths() -> None:
    for schema in catalogue().schemas():
        assert schema.document["$id"] == BASE + schema.path
        assert (ROOT / schema.path).is_file()


def test_no_schema_file_is_outside_the_catalogue() -> None:
    files = {path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*.schema.json")}
    assert files == {schema.path for schema in catalogue().schemas()}


def test_unknown_kind_names_the_known_ones() -> None:
    with pytest.raises(UnknownKindError) as caught:
        catalogue().lookup("verdict", 1)
    assert caught.value.code == "unknown_kind"
    assert caught.value.where == "/kind"
    assert caught.value.message.startswith("There is no kind 'verdict'; known: accreditation, award, award-review, ")


@pytest.mark.parametrize("version", [0, 2, -1, True])
def test_unknown_version_names_the_known_ones(version: int) -> None:
    with pytest.raises(UnknownVersionError) as caught:
        catalogue().lookup("award", version)
    assert caught.value.code == "unknown_version"
    assert caught.value.message == f"The kind award has no version {version}; known: 1."


@pytest.mark.parametrize("name", ["common", "annex-member", "case-file"])
def test_only_kinds_of_statement_are_statements(name: str) -> None:
    assert catalogue().lookup(name, 1).kind == name
    with pytest.raises(UnknownKindError, match=f"There is no kind '{name}'"):
        catalogue().statement(name, 1)
    with pytest.raises(UnknownKindError, match=f"There is no kind '{name}'"):
        is_public(name)


def test_case_documents_stand_apart() -> None:
    assert {one.kind for one in catalogue().schemas() if one.visibility == "case"} == CASE
    assert catalogue().case_document("case-file", 1) == catalogue().lookup("case-file", 1)
    for name in CASE:
        assert not catalogue().lookup(name, 1).chained
        assert catalogue().annex(name, 1) is None


def test_a_hostile_document_name_is_not_repeated() -> None:
    with pytest.raises(
        UnknownKindError, match=r"^There is no case document of that name; known: case-file, transfer-b"
    ):
        catalogue().case_document("\u202edrawa", 1)


@pytest.mark.parametrize("kind", ["x" * 41, "line\nfeed", "\u202edrawa"])
def test_a_hostile_kind_is_not_repeated(kind: str) -> None:
    with pytest.raises(UnknownKindError, match=r"^There is no kind of that name; known: ") as caught:
        catalogue().lookup(kind, 1)
    assert kind not in str(caught.value)


def test_annexes_belong_to_kinds() -> None:
    carrying = {kind for kind in catalogue().kinds() if catalogue().annex(kind, 1) is not None}
    declaring = {kind for kind in catalogue().kinds() if "annex" in catalogue().lookup(kind, 1).document["properties"]}
    assert carrying == declaring == {"member", "neutral", "accreditation"}


def test_versions_stand_side_by_side(tmp_path: Path) -> None:
    for version in (1, 2, 10):
        path = tmp_path / "award" / f"v{version}.schema.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps({"x-visibility": "sealed", "properties": {}}))
    loaded = Catalogue.load(tmp_path)
    assert loaded.versions("award") == (1, 2, 10)
    assert [schema.version for schema in loaded.schemas()] == [1, 2, 10]
    assert not loaded.lookup("award", 10).chained
