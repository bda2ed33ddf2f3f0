"""The code lists, and that the enumerations in schema files are exactly these."""

import hashlib
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from schemas.catalogue import catalogue
from schemas.codes import DIRECTORY, code_list, code_lists, minor_units
from schemas.errors import UnknownCodeListError

DEFINED = {
    "amountBand": "amount_bands",
    "amountKind": "amount_kinds",
    "caseEventType": "case_event_types",
    "caseState": "case_states",
    "claimBasis": "claim_bases",
    "clock": "clocks",
    "courtDecision": "court_decisions",
    "communicationKind": "communication_kinds",
    "concernGround": "concern_grounds",
    "consentCapacity": "consent_capacities",
    "consentMethod": "consent_methods",
    "consentPurpose": "consent_purposes",
    "dataClass": "data_classes",
    "declineReason": "decline_reasons",
    "discontinueReason": "discontinue_reasons",
    "disputeType": "claim_types",
    "documentType": "document_types",
    "evidenceEvent": "evidence_events",
    "evidenceReason": "evidence_reasons",
    "exportBasis": "export_bases",
    "extensionReason": "extension_reasons",
    "incoterm": "incoterms",
    "outcome": "outcomes",
    "participant": "participants",
    "partyKind": "party_kinds",
    "partyRole": "party_roles",
    "performance": "performances",
    "refusalGround": "refusal_grounds",
    "remedy": "remedies",
    "stage": "stages",
    "transferReason": "transfer_reasons",
    "transferStage": "transfer_stages",
}
"""Shared definition and the list it must equal."""

INLINE = {
    ("transfer-offer", "/properties/body/properties/legal_basis"): "legal_bases",
    ("transfer-offer", "/properties/body/properties/fees"): "fee_effects",
    ("transfer-dispatch", "/properties/body/properties/withheld/items/properties/ground"): "withheld_grounds",
    ("transfer-withdrawal", "/properties/body/properties/reason"): "withdrawal_reasons",
    ("case-file", "/$defs/document/properties/class"): "data_classes",
    ("case-file", "/$defs/communication/properties/class"): "data_classes",
}
PATTERNS = {
    "countries": "economy",
    "currencies": "currency",
    "languages": "language",
    "hs_chapters": "hsChapter",
    "sectors": "sector",
}
OF_THE_PROTOCOL = {"role", "purpose"}
"""Enumerations that PROTOCOL fixes: no code lists."""

COMMON: Any = catalogue().lookup("common", 1).document["$defs"]


def _codes(name: str) -> list[str]:
    return list(code_list(name).entries)


def _at(kind: str, pointer: str) -> Any:
    found: Any = catalogue().lookup(kind, 1).document
    for step in pointer.split("/")[1:]:
        found = found[step]
    return found


@pytest.mark.parametrize("definition", DEFINED)
def test_shared_enumerations_equal_their_lists(definition: str) -> None:
    assert COMMON[definition]["enum"] == _codes(DEFINED[definition])


def test_no_shared_enumeration_is_without_a_list() -> None:
    enumerations = {name for name, one in COMMON.items() if "enum" in one}
    assert enumerations == DEFINED.keys() | OF_THE_PROTOCOL | {"caseReason"}


@pytest.mark.parametrize(("kind", "pointer"), INLINE)
def test_other_enumerations_equal_their_lists(kind: str, pointer: str) -> None:
    assert _at(kind, pointer)["enum"] == _codes(INLINE[kind, pointer])


def test_consents_to_a_transfer_are_some_of_all_consents() -> None:
    assert set(_at("transfer-offer", "/$defs/consent/properties/purpose")["enum"]) < set(_codes("consent_purposes"))


REASONS = {
    "refused": "refusal_grounds",
    "extended": "extension_reasons",
    "clock_stopped": "extension_reasons",
    "discontinued": "discontinue_reasons",
    "transfer_out": "transfer_reasons",
    "transfer_in": "transfer_reasons",
}
ANNULLED = "annulled"
"""The reason of an amendment that takes an event back; in no list, for it says nothing about a case."""


def test_each_case_event_has_the_reasons_of_its_list() -> None:
    found = {}
    for rule in _at("case-events", "/$defs/event/allOf"):
        if "reason" in rule.get("then", {}).get("properties", {}):
            test = rule["if"]["properties"]["type"]
            for event in test.get("enum", [test.get("const")]):
                found[event] = rule["then"]["properties"]["reason"]["enum"]
    assert found == {event: _codes(name) for event, name in REASONS.items()}
    listed = {code for name in REASONS.values() for code in _codes(name)}
    assert set(COMMON["caseReason"]["enum"]) == listed | {ANNULLED}


@pytest.mark.parametrize("name", PATTERNS)
def test_codes_of_standards_have_the_form_that_schemas_ask_for(name: str) -> None:
    pattern = re.compile(COMMON[PATTERNS[name]]["pattern"])
    assert all(pattern.fullmatch(code) for code in _codes(name))


def test_the_chapters_are_exactly_those_that_schemas_accept() -> None:
    pattern = re.compile(COMMON["hsChapter"]["pattern"])
    assert [f"{number:02}" for number in range(100) if pattern.fullmatch(f"{number:02}")] == _codes("hs_chapters")
    assert len(_codes("hs_chapters")) == 96
    goods = re.compile(COMMON["hsCode"]["pattern"])
    assert all(goods.fullmatch(f"{chapter}{rest}") for chapter in _codes("hs_chapters") for rest in ("", "01", "0100"))
    assert not any(goods.fullmatch(code) for code in ("77", "7701", "00", "98", "940", "94051", "9405110"))


def _values(node: Any, name: str) -> Iterator[str]:
    """Every text under a member called ``name`` anywhere in a document."""
    for step, inner in node.items() if isinstance(node, dict) else enumerate(node):
        if step == name:
            yield from inner if isinstance(inner, list) else [inner]
        elif isinstance(inner, dict | list):
            yield from _values(inner, name)


@pytest.mark.parametrize(
    ("member", "name"),
    [
        *(("country", "countries"), ("economies", "countries"), ("destination_country", "countries")),
        *(("places_of_business", "countries"), ("currency", "currencies"), ("hs2", "hs_chapters")),
    ],
)
def test_the_examples_use_codes_that_exist(member: str, name: str) -> None:
    files = list(DIRECTORY.parent.glob("*/examples/valid-*.json"))
    used = {code for path in files for code in _values(json.loads(path.read_text("utf-8")), member)}
    assert used
    assert used <= set(_codes(name))


def test_every_list_names_itself_its_version_and_its_source() -> None:
    for name, found in code_lists().items():
        octets = (DIRECTORY / f"{name}.json").read_bytes()
        assert found.name == name
        assert re.fullmatch(r"[a-z][a-z0-9_]*", name)
        assert found.version
        assert found.source
        assert found.entries
        assert all(label and label == label.strip() for label in found.entries.values()), name
        assert (found.octets, found.digest) == (octets, hashlib.sha256(octets).hexdigest())
        assert json.loads(octets)["entries"] == dict(found.entries)


def test_no_list_is_left_that_no_schema_uses() -> None:
    assert set(code_lists()) == set(DEFINED.values()) | set(INLINE.values()) | set(PATTERNS)


def test_lists_of_standards_hold_what_everybody_knows() -> None:
    assert len(_codes("countries")) == 249
    assert {"CN", "CL", "KE", "DE", "HK", "TW", "SG"} <= set(_codes("countries"))
    assert not {"EU", "XK", "UK", "ZZ"} & set(_codes("countries"))
    assert {"USD", "EUR", "CNY", "CLF", "XDR", "KES"} <= set(_codes("currencies"))
    assert not {"BGN", "DEM", "XTS", "XAU"} & set(_codes("currencies"))
    assert {"en", "zh", "es", "ar", "yue", "sw"} <= set(_codes("languages"))
    assert "und" not in code_list("languages")


@pytest.mark.parametrize(
    ("currency", "decimals"),
    [("EUR", 2), ("JPY", 0), ("CLP", 0), ("KWD", 3), ("CLF", 4), ("IQD", 3), ("XDR", None), ("DEM", None), ("", None)],
)
def test_minor_units(currency: str, decimals: int | None) -> None:
    assert minor_units(currency) == decimals


def test_only_currencies_have_minor_units() -> None:
    assert {name for name, one in code_lists().items() if one.minor_units} == {"currencies"}
    assert code_list("currencies").minor_units.keys() < set(_codes("currencies"))


@pytest.mark.parametrize("name", ["", "Countries", "../frozen", "x" * 1000])
def test_an_unknown_list_is_refused(name: str) -> None:
    with pytest.raises(
        UnknownCodeListError, match=r"^There is no code list of that name; known: amount_bands, "
    ) as told:
        code_list(name)
    assert told.value.code == "unknown_code_list"
