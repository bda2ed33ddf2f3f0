"""From fields to references: empty rows are left out, what is wrong stands beside its field."""

import json
from importlib.resources import files
from typing import Any

import pytest

from hub.console.fields import Fields
from hub.console.preparing import CONDITIONS, INSTITUTIONS
from hub.console.references import CRITERIA, criteria_body, rates_body
from hub.console.references import RATES as RATES_MOST
from schemas.validation import validate
from signing.compose import payload
from signing.encoding import loads_canonical

NOW = 1_795_000_000
RATES = {
    "id": "currency-rates", "title": "Sample", "publisher": "Bank", "source_title": "Reference rates",
    "date": "2026-09-30", "base": "usd", "currency-0": "CNY", "rate-0": "7.1", "currency-4": " eur ", "rate-4": "0.8",
}  # fmt: skip


def test_a_set_of_criteria_leaves_empty_rows_out() -> None:
    given = {
        "id": "sample-criteria", "title": "Sample", "publisher": "Council", "source_title": "Standard",
        "criterion-code-4": "fees", "criterion-title-4": "Fees", "criterion-text-4": "Bearable.",
        "criterion-place-4": "4.1", "edition": "2025",
    }  # fmt: skip
    fields = Fields({name: [value] for name, value in given.items()})
    body = criteria_body(fields, 3)
    assert fields.faults == {}
    assert body["criteria"] == [{"code": "fees", "title": "Fees", "text": "Bearable.", "place": "4.1"}]
    assert (body["version"], body["source"]) == (
        3, {"publisher": "Council", "title": "Standard", "edition": "2025"},
    )  # fmt: skip
    octets = payload("reference", "coordinator", body, [("A" * 43, "officer")], network="ab" * 32, now=NOW)
    validate("reference", 1, loads_canonical(octets))
    half = Fields({"criterion-title-0": ["Fees"]})
    criteria_body(half, 1)
    assert half.faults["criterion-code-0"] == half.faults["criterion-text-0"] == "missing"


def test_forms_have_as_many_rows_as_the_schemas_allow() -> None:
    """A next version that is prepared in the console is whole, however long the one before was."""
    reference, accreditation = (json.loads(load(kind)) for kind in ("reference", "accreditation"))
    assert most_items(reference, "criteria") == CRITERIA
    assert most_items(reference, "rates") == RATES_MOST
    assert most_items(accreditation, "conditions") == CONDITIONS
    assert most_items(accreditation, "panel") == INSTITUTIONS


def load(kind: str) -> str:
    return files("schemas").joinpath(kind, "v1.schema.json").read_text(encoding="utf-8")


def most_items(schema: Any, name: str) -> int:
    """``maxItems`` of the member of this name, wherever it stands."""
    if isinstance(schema, dict) and "maxItems" in schema.get("properties", {}).get(name, {}):
        return int(schema["properties"][name]["maxItems"])
    parts = schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ()
    return max((most_items(one, name) for one in parts), default=0)


def form(**changes: str) -> Fields:
    return Fields({name: [value] for name, value in {**RATES, **changes}.items()})


def test_rates_leave_empty_rows_out() -> None:
    fields = form()
    body = rates_body(fields, 2)
    assert fields.faults == {}
    assert body["rates"] == [{"currency": "CNY", "rate": "7.1"}, {"currency": "EUR", "rate": "0.8"}]
    assert (body["version"], body["base"], body["date"]) == (2, "USD", "2026-09-30")
    octets = payload("reference", "coordinator", body, [("A" * 43, "officer")], network="ab" * 32, now=NOW)
    validate("reference", 1, loads_canonical(octets))


@pytest.mark.parametrize(
    ("typed", "rate"),
    [("0.80", "0.8"), ("0.8900", "0.89"), ("1.10", "1.1"), ("7.0", "7"), ("100", "100"), ("0.00000010", "0.0000001")],
)
def test_zeros_at_the_end_of_a_rate_are_left_out(typed: str, rate: str) -> None:
    fields = form(**{"rate-4": typed})
    body = rates_body(fields, 1)
    assert fields.faults == {}
    assert body["rates"][1] == {"currency": "EUR", "rate": rate}
    octets = payload("reference", "coordinator", body, [("A" * 43, "officer")], network="ab" * 32, now=NOW)
    validate("reference", 1, loads_canonical(octets))


@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        ({"currency-4": "CNY"}, {"currency-4": "twice"}),
        ({"currency-4": "USD"}, {"currency-4": "twice"}),
        ({"currency-4": "euro"}, {"currency-4": "not_a_currency"}),
        ({"currency-4": ""}, {"currency-4": "missing"}),
        ({"rate-4": ""}, {"rate-4": "missing"}),
        ({"rate-4": "0,8"}, {"rate-4": "not_a_rate"}),
        ({"rate-4": "0"}, {"rate-4": "not_a_rate"}),
        ({"rate-4": "0.00"}, {"rate-4": "not_a_rate"}),
        ({"rate-4": "0.123456789"}, {"rate-4": "not_a_rate"}),
        ({"rate-4": "."}, {"rate-4": "not_a_rate"}),
        ({"rate-4": "-1"}, {"rate-4": "not_a_rate"}),
        ({"rate-4": "1e3"}, {"rate-4": "not_a_rate"}),
        ({"base": "", "date": "today"}, {"base": "missing", "date": "not_a_date"}),
        (dict.fromkeys(("currency-0", "rate-0", "currency-4", "rate-4"), ""), {"currency-0": "missing"}),
    ],
)
def test_what_is_wrong_with_rates_stands_beside_its_field(changes: dict[str, str], faults: dict[str, str]) -> None:
    fields = form(**changes)
    rates_body(fields, 1)
    assert fields.faults == faults
