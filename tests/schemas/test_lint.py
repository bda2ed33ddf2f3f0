"""Each rule for schema files fails on a file that breaks it."""

import json
from pathlib import Path
from typing import Any

import pytest

from schemas import lint
from schemas.catalogue import BASE, ROOT, Catalogue, catalogue
from schemas.errors import LintError
from tests.schemas.samples import changed


def _real(kind: str) -> Any:
    return json.loads((ROOT / kind / "v1.schema.json").read_text("utf-8"))


def _findings(root: Path, kind: str, document: Any, common: Any = None) -> list[str]:
    for name, content in ((kind, document), ("common", common or _real("common"))):
        (root / name).mkdir()
        (root / name / "v1.schema.json").write_text(json.dumps(content))
    return [one.message for one in lint.lint(Catalogue.load(root))]


def test_the_schema_files_hold_every_rule() -> None:
    assert lint.lint(catalogue()) == ()
    lint.check(catalogue())
    assert lint.main() == 0


TEXT = {"type": "string", "maxLength": 4, "pattern": "^a$", "description": "an a"}
BODY = ("properties", "body", "properties")


@pytest.mark.parametrize("kind", ["member", "award"])
def test_a_leaf_without_class(tmp_path: Path, kind: str) -> None:
    document = changed(_real(kind), *BODY, "extra", value=TEXT)
    assert _findings(tmp_path, kind, document) == ["The field body.extra has no class (x-class)."]


def test_an_object_without_class(tmp_path: Path) -> None:
    inner = {"type": "object", "additionalProperties": False, "properties": {"a": {**TEXT, "x-class": "C0"}}}
    document = changed(_real("award"), *BODY, "extra", value=inner)
    assert _findings(tmp_path, "award", document) == ["The field body.extra has no class (x-class)."]


def test_a_member_of_a_shared_definition_without_class(tmp_path: Path) -> None:
    common = _real("common")
    del common["$defs"]["signer"]["properties"]["kid"]["x-class"]
    found = _findings(tmp_path, "award", _real("award"), common)
    assert found == ["The field signers[].kid has no class (x-class)."]


def test_a_member_behind_a_condition_without_class(tmp_path: Path) -> None:
    common = _real("common")
    del common["$defs"]["providerProfile"]["properties"]["binding"]["x-class"]
    assert _findings(tmp_path, "member", _real("member"), common) == [
        "The field body.profile.binding has no class (x-class)."
    ]


def test_the_document_without_class(tmp_path: Path) -> None:
    document = _real("award")
    del document["x-class"]
    assert _findings(tmp_path, "award", document) == ["The document as a whole needs a class (x-class)."]


@pytest.mark.parametrize(
    ("kind", "data_class", "highest"),
    [("member", "C1", "C0"), ("member", "C2", "C0"), ("award", "C2", "C1"), ("award", "C3", "C1")],
)
def test_a_class_too_high(tmp_path: Path, kind: str, data_class: str, highest: str) -> None:
    document = changed(_real(kind), *BODY, "extra", value={**TEXT, "x-class": data_class})
    visibility = "public" if kind == "member" else "sealed"
    expected = f"The field body.extra has class {data_class}; {visibility} schemas have {highest} at most."
    assert _findings(tmp_path, kind, document) == [expected]


def test_a_class_too_high_in_an_annex(tmp_path: Path) -> None:
    document = changed(_real("annex-member"), "properties", "insurance", "x-class", value="C2")
    assert _findings(tmp_path, "annex-member", document) == [
        "The field insurance has class C2; annex schemas have C1 at most."
    ]


def test_a_class_too_high_on_the_entries_of_a_list(tmp_path: Path) -> None:
    entries = {"type": "array", "minItems": 0, "maxItems": 1, "x-class": "C0", "items": {**TEXT, "x-class": "C2"}}
    document = changed(_real("award"), *BODY, "extra", value=entries)
    assert _findings(tmp_path, "award", document) == [
        "The field body.extra has class C2; sealed schemas have C1 at most."
    ]


def test_a_class_cannot_be_lowered_where_a_definition_is_used(tmp_path: Path) -> None:
    common = changed(_real("common"), "$defs", "secret", value={**TEXT, "x-class": "C3"})
    use = {"$ref": "../common/v1.schema.json#/$defs/secret", "x-class": "C0"}
    found = _findings(tmp_path, "award", changed(_real("award"), *BODY, "extra", value=use), common)
    assert found == ["The field body.extra has class C3; sealed schemas have C1 at most."]


def test_fields_cannot_hide_behind_a_second_reference(tmp_path: Path) -> None:
    common = changed(_real("common"), "$defs", "alias", value={"$ref": "#/$defs/signer"})
    assert _findings(tmp_path, "award", _real("award"), common) == ["A definition is never itself a reference."]


def test_a_class_that_does_not_exist(tmp_path: Path) -> None:
    document = changed(_real("award"), *BODY, "extra", value={**TEXT, "x-class": "public"})
    assert _findings(tmp_path, "award", document) == ["public is no class; classes are C0, C1, C2, C3."]


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("$id",), BASE + "award/v2.schema.json", f"The $id must be {BASE}award/v1.schema.json."),
        (
            ("$schema",),
            "http://json-schema.org/draft-07/schema#",
            "The dialect must be https://json-schema.org/draft/2020-12/schema.",
        ),
        (("title",), "", "A schema file needs a title."),
        (("description",), "", "A schema file needs a description."),
        (("additionalProperties",), True, "An object must be closed: additionalProperties false."),
        ((*BODY, "seat", "additionalProperties"), {}, "An object must be closed: additionalProperties false."),
        (("required",), ["salt", "ghost"], "Required but not declared: ghost."),
        (("properties", "kind", "const"), "awards", "The member kind must be fixed to award."),
        (("properties", "version", "const"), 2, "The member version must be fixed to 1."),
        ((*BODY, "bigName"), {**TEXT, "x-class": "C1"}, "The name bigName is not lowercase ASCII with underscores."),
        ((*BODY, "größe"), {**TEXT, "x-class": "C1"}, "The name größe is not lowercase ASCII with underscores."),
        (
            (*BODY, "x"),
            {"type": "string", "x-class": "C1"},
            "A text needs an enum, or maxLength, pattern and description.",
        ),
        ((*BODY, "x"), {"type": "integer", "minimum": 0, "x-class": "C1"}, "What is of type integer needs maximum."),
        ((*BODY, "x"), {"x-class": "C1"}, "A field needs a type, a const or a reference."),
        ((*BODY, "x"), {**TEXT, "pattern": "a$", "x-class": "C1"}, "A pattern must be anchored at both ends."),
        (
            (*BODY, "x"),
            {**TEXT, "pattern": "^\\d$", "x-class": "C1"},
            "A pattern must stay in the subset that all dialects share.",
        ),
        (
            (*BODY, "x"),
            {**TEXT, "pattern": "^(?=a)a$", "x-class": "C1"},
            "A pattern must stay in the subset that all dialects share.",
        ),
        (
            (*BODY, "x"),
            {**TEXT, "pattern": "^a|b$", "x-class": "C1"},
            "An alternative in a pattern must stand in parentheses, or the anchors miss it.",
        ),
        (
            (*BODY, "x"),
            {**TEXT, "format": "uri", "x-class": "C1"},
            "Only date and date-time are used as formats, beside a pattern.",
        ),
        (
            (*BODY, "x"),
            {**TEXT, "multipleOf": 2, "x-class": "C1"},
            "The keyword multipleOf is not used here: no sentence explains it.",
        ),
        (
            (*BODY, "x"),
            {"not": {"type": "string"}, "const": 1, "x-class": "C1"},
            "The keyword not is used to forbid a member, as an empty schema with a description beside it.",
        ),
        (
            (*BODY, "seat", "allOf"),
            [{"properties": {"place": {"x-class": "C0"}}}],
            "A class is stated where a field is declared, not where it is narrowed.",
        ),
        (
            ("properties", "signers", "allOf"),
            [{"contains": {}}],
            "The keyword contains needs a description inside to explain it.",
        ),
    ],
)
def test_shapes(tmp_path: Path, path: tuple[str, ...], value: Any, message: str) -> None:
    assert _findings(tmp_path, "award", changed(_real("award"), *path, value=value)) == [message]


def test_a_list_needs_bounds(tmp_path: Path) -> None:
    document = _real("award")
    del document["properties"]["body"]["properties"]["procedure"]["properties"]["notices"]["maxItems"]
    assert _findings(tmp_path, "award", document) == ["What is of type array needs maxItems."]


@pytest.mark.parametrize(
    "reference",
    [
        "../common/v1.schema.json#/$defs/ghost",
        "../ghost/v1.schema.json",
        "#/$defs/digest",
        "https://example.org/x.json",
    ],
)
def test_references_lead_to_definitions(tmp_path: Path, reference: str) -> None:
    document = changed(_real("award"), *BODY, "x", value={"$ref": reference, "x-class": "C1"})
    assert set(_findings(tmp_path, "award", document)) == {f"The reference {reference} leads nowhere."}


@pytest.mark.parametrize("kind", ["award", "annex-member"])
def test_what_is_confidential_needs_a_salt(tmp_path: Path, kind: str) -> None:
    document = _real(kind)
    document["required"].remove("salt")
    assert _findings(tmp_path, kind, document) == ["What is confidential needs a salt."]


def test_what_is_public_has_no_salt(tmp_path: Path) -> None:
    document = changed(_real("key"), "properties", "salt", value={**TEXT, "x-class": "C0"})
    assert _findings(tmp_path, "key", document) == ["What is public has no salt."]


def test_a_case_document_may_hold_what_is_privileged_but_says_so(tmp_path: Path) -> None:
    document = changed(_real("case-file"), "properties", "extra", value=TEXT)
    assert _findings(tmp_path, "case-file", document) == ["The field extra has no class (x-class)."]


def test_a_case_document_is_fixed_to_its_name_and_version(tmp_path: Path) -> None:
    document = changed(_real("case-file"), "properties", "kind", "const", value="case")
    assert _findings(tmp_path, "case-file", document) == ["The member kind must be fixed to case-file."]


def test_an_unknown_visibility(tmp_path: Path) -> None:
    document = changed(_real("award"), "x-visibility", value="secret")
    assert _findings(tmp_path, "award", document) == ["The visibility must be public, sealed, annex, case or shared."]


def test_check_names_the_first_finding_and_counts_the_rest(tmp_path: Path) -> None:
    document = changed(changed(_real("award"), "title", value=""), "description", value="")
    _findings(tmp_path, "award", document)
    with pytest.raises(LintError) as caught:
        lint.check(Catalogue.load(tmp_path))
    assert (
        str(caught.value)
        == "A schema file needs a description. Findings besides this one: 1. (award/v1.schema.json#/description)"
    )


def test_the_command_prints_findings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _findings(tmp_path, "award", changed(_real("award"), "title", value=""))
    broken = Catalogue.load(tmp_path)
    monkeypatch.setattr(Catalogue, "load", lambda: broken)
    assert lint.main() == 1
    assert capsys.readouterr().err == "award/v1.schema.json#/title: A schema file needs a title.\n"
