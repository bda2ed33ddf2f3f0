"""Every example file is held against its schema; invalid ones must be blamed at exactly the place they name."""

import re
from typing import Any

import pytest

from schemas.catalogue import ROOT, catalogue
from schemas.errors import SchemaViolationError
from schemas.validation import validate, validate_annex, validate_document
from tests.schemas.samples import INVALID, VALID, Invalid


def _validate(kind: str, document: Any) -> None:
    if kind.startswith("annex-"):
        validate_annex(kind.removeprefix("annex-"), 1, document)
    elif catalogue().lookup(kind, 1).visibility == "case":
        validate_document(kind, 1, document)
    else:
        validate(kind, document["version"] if document["version"] == 1 else 1, document)


@pytest.mark.parametrize("name", VALID)
def test_valid(name: str) -> None:
    _validate(name.split("/", maxsplit=1)[0], VALID[name])


@pytest.mark.parametrize("example", INVALID, ids=lambda one: one.name)
def test_invalid(example: Invalid) -> None:
    with pytest.raises(SchemaViolationError) as caught:
        _validate(example.kind, example.document)
    assert {violation.pointer for violation in caught.value.violations} == {example.pointer}
    assert example.because


def test_every_schema_has_several_examples_of_both_sorts() -> None:
    for schema in catalogue().schemas():
        if schema.visibility in ("public", "sealed", "case"):
            assert len([name for name in VALID if name.startswith(f"{schema.kind}/")]) >= 2, schema.kind
            assert len([one for one in INVALID if one.kind == schema.kind]) >= 4, schema.kind


def test_no_example_is_left_out() -> None:
    files = [path for path in ROOT.glob("*/examples/*") if path.is_file()]
    assert len(files) == len(VALID) + len(INVALID)
    assert all(re.fullmatch(r"(in)?valid-[a-z0-9-]+\.json", path.name) for path in files)


def test_every_rule_is_broken_by_some_example() -> None:
    rules = set()
    for example in INVALID:
        with pytest.raises(SchemaViolationError) as caught:
            _validate(example.kind, example.document)
        rules |= {violation.rule for violation in caught.value.violations}
    assert rules >= {
        *("additionalProperties", "const", "contains", "enum", "format", "maxLength", "maximum", "minItems"),
        *("minProperties", "minimum", "not", "pattern", "required", "type", "uniqueItems"),
    }
