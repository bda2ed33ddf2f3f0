import json
import subprocess
import sys
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import validation
from schemas.catalogue import catalogue
from schemas.errors import SchemaViolationError, UnknownKindError, UnknownVersionError, Violation
from schemas.explanation import explain
from schemas.validation import prepare, validate, validate_annex, validate_document
from tests.schemas.samples import INVALID, VALID, changed, places, valid


def test_valid_payload_passes() -> None:
    validate("award", 1, valid("award/final"))


def test_all_violations_are_reported_sorted() -> None:
    payload = valid("award/final")
    del payload["salt"]
    payload["body"]["date"] = "15 January 2027"
    payload["body"]["parties"] = ["A", "B"]
    payload["body"]["manifestation"]["size"] = "48213"
    with pytest.raises(SchemaViolationError) as caught:
        validate("award", 1, payload)
    error = caught.value
    assert [one.pointer for one in error.violations] == [
        "/body/date",
        "/body/manifestation/size",
        "/body/parties",
        "/salt",
    ]
    assert (error.code, error.where, error.kind, error.version) == ("schema_violation", "/body/date", "award", 1)
    assert error.message == (
        "Not a valid award (version 1). 'date' must be a date of the form YYYY-MM-DD. 3 more rules are broken."
    )
    assert str(error) == f"{error.message} (/body/date)"


def test_one_and_two_violations_read_well() -> None:
    payload = changed(valid("award/final"), "body", "type", value="draft")
    with pytest.raises(SchemaViolationError) as one:
        validate("award", 1, payload)
    assert one.value.message.endswith("'type' must be final, partial, consent or costs.")
    with pytest.raises(SchemaViolationError) as two:
        validate("award", 1, changed(payload, "body", "brief_reasons", value=1))
    assert two.value.message.endswith("1 more rule is broken.")


@pytest.mark.parametrize("payload", [None, [], "award", 1, True, {}])
def test_what_is_no_payload_at_all_is_refused(payload: Any) -> None:
    with pytest.raises(SchemaViolationError):
        validate("award", 1, payload)


def test_unknown_kinds_and_versions_are_refused_before_the_payload_is_looked_at() -> None:
    with pytest.raises(UnknownKindError, match="There is no kind 'verdict'"):
        validate("verdict", 1, {})
    with pytest.raises(UnknownKindError, match="There is no kind 'common'"):
        validate("common", 1, {})
    with pytest.raises(UnknownVersionError, match="The kind award has no version 2; known: 1"):
        validate("award", 2, {})


def test_annexes_are_held_against_the_schema_of_their_kind() -> None:
    annex = valid("annex-neutral/full")
    validate_annex("neutral", 1, annex)
    with pytest.raises(SchemaViolationError, match="Not a valid annex-member"):
        validate_annex("member", 1, annex)
    with pytest.raises(UnknownKindError, match=r"A key of version 1 carries no annex\.") as caught:
        validate_annex("key", 1, annex)
    assert caught.value.code == "no_annex"


def test_case_documents_are_neither_statements_nor_annexes() -> None:
    case, brief = valid("case-file/goods-quality"), valid("transfer-brief/goods-quality")
    validate_document("case-file", 1, case)
    validate_document("transfer-brief", 1, brief)
    with pytest.raises(SchemaViolationError, match="Not a valid transfer-brief"):
        validate_document("transfer-brief", 1, case)
    with pytest.raises(UnknownKindError, match="There is no kind 'case-file'"):
        validate("case-file", 1, case)
    with pytest.raises(UnknownKindError, match="carries no annex"):
        validate_annex("case-file", 1, case)


@pytest.mark.parametrize("name", ["transfer-offer", "annex-member", "common", "dossier"])
def test_what_is_no_case_document_is_refused_before_it_is_looked_at(name: str) -> None:
    with pytest.raises(UnknownKindError, match=f"There is no case document '{name}'; known: case-file, ") as caught:
        validate_document(name, 1, {})
    assert (caught.value.code, caught.value.where) == ("unknown_kind", "/kind")
    with pytest.raises(UnknownVersionError, match="The kind case-file has no version 2; known: 1"):
        validate_document("case-file", 2, {})


TAX = "must be left out: tax and personal identity numbers never travel."
BANK = "must be left out: bank details never travel: a payment is agreed between the parties."


@pytest.mark.parametrize(
    ("member", "sentence"),
    [("tax_id", TAX), ("vat_number", TAX), ("identity_number", TAX), ("bank_account", BANK), ("iban", BANK)],
)
@pytest.mark.parametrize("value", ["DE02120300000000202051", "", None, {"holder": "Sample"}, 7])
def test_tax_numbers_and_bank_details_are_refused_with_the_reason(member: str, sentence: str, value: object) -> None:
    case, brief = valid("case-file/goods-quality"), valid("transfer-brief/goods-quality")
    for name, document, path in (
        ("case-file", case, ("parties", 1)),
        ("case-file", case, ("parties", 1, "representatives", 0)),
        ("transfer-brief", brief, ("parties", 0)),
    ):
        with pytest.raises(SchemaViolationError) as caught:
            validate_document(name, 1, changed(document, *path, member, value=value))
        (violation,) = caught.value.violations
        assert violation.pointer == "/" + "/".join(map(str, (*path, member)))
        assert violation.message == f"'{member}' {sentence}"


@pytest.mark.parametrize("member", ["swift", "account_number", "steuernummer", "birth_date", "gender", "x"])
def test_under_another_name_they_have_no_place_either(member: str) -> None:
    case = valid("case-file/service-payment")
    for path in ((), ("parties", 0), ("parties", 1, "representatives", 0), ("claims", 0), ("claims", 0, "transaction")):
        with pytest.raises(SchemaViolationError) as caught:
            validate_document("case-file", 1, changed(case, *path, member, value="1"))
        (violation,) = caught.value.violations
        assert violation.rule == "additionalProperties"
        assert "iban" not in violation.message
        assert "tax_id" not in violation.message


def test_a_payload_is_refused_even_if_no_reason_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("schemas.explanation.explain", lambda *_: ())
    with pytest.raises(SchemaViolationError) as caught:
        validate("award", 1, {})
    assert caught.value.violations == (Violation("", "The document breaks the schema of award.", "unknown"),)


def test_a_good_payload_never_reaches_the_slow_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("schemas.explanation.explain", lambda *_: pytest.fail("explained a valid payload"))
    prepare()
    for name, document in VALID.items():
        if name.split("/")[0] in catalogue().kinds():
            validate(document["kind"], document["version"], document)


SLOW_ENGINE = """
import json, sys
from schemas.catalogue import ROOT
from schemas.errors import SchemaViolationError
from schemas.validation import prepare, validate

def loaded():
    return sorted({"jsonschema", "referencing", "schemas.explanation"} & sys.modules.keys())

payload = json.loads((ROOT / "award/examples/valid-final.json").read_text("utf-8"))
prepare()
validate("award", 1, payload)
before = loaded()
try:
    validate("award", 1, payload | {"kind": "verdict"})
except SchemaViolationError:
    print(json.dumps([before, loaded()]))
"""


def test_the_slow_engine_is_loaded_when_a_document_is_refused_and_no_sooner() -> None:
    done = subprocess.run([sys.executable, "-c", SLOW_ENGINE], check=True, capture_output=True, text=True, timeout=60)
    assert json.loads(done.stdout) == [[], ["jsonschema", "referencing", "schemas.explanation"]]


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.sampled_from(["", "a", "A\n", "0" * 64, "2026-02-30", "2027-01-15", "2027-01-15T25:00:00Z", "é", "x" * 300])
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["kind", "x", "kid", "body"]), inner),
    max_leaves=5,
)
DOCUMENTS = [(name.split("/")[0], document) for name, document in VALID.items()] + [
    (one.kind, one.document) for one in INVALID
]


@st.composite
def mutants(draw: st.DrawFn) -> tuple[str, Any]:
    """An example with one to three values replaced, removed or added anywhere."""
    kind, document = deepcopy(draw(st.sampled_from(DOCUMENTS)))
    for _ in range(draw(st.integers(1, 3))):
        *path, last = draw(st.sampled_from(places(document)))
        place = document
        for step in path:
            place = place[step]
        match draw(st.sampled_from(["replace", "trail", "remove", "add"])):
            case "replace":
                place[last] = draw(JSON)
            case "trail" if isinstance(place[last], str):
                place[last] += draw(st.sampled_from(["\n", " ", "\u0000", "A", "="]))
            case "remove" if len(document) > 1:
                del place[last]
            case "add" if isinstance(place, dict):
                place[draw(st.sampled_from(["x", "salt", "previous", "keys", "key", "kid", "annex"]))] = draw(JSON)
            case "add" if isinstance(place, list):
                place.append(draw(JSON | st.sampled_from(place)))
    return kind, document


@settings(max_examples=500, deadline=None)
@given(mutants())
def test_both_engines_agree(mutant: tuple[str, Any]) -> None:
    kind, document = mutant
    violations = explain(kind, 1, document)
    assert validation._engine(kind, 1).is_valid(document) == (not violations), violations
