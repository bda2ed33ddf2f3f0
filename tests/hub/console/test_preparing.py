"""From fields to bodies: what each status asks for, and that a right form satisfies its schema."""

from typing import Any

import pytest

from hub.console.fields import Fields
from hub.console.preparing import (
    Ground,
    asked_for,
    chosen_officers,
    decision_body,
    following,
    reasons,
    revocation_body,
)
from registry.accreditations import TRANSITIONS
from schemas.validation import validate
from signing.compose import payload
from signing.encoding import loads_canonical

NOW = 1_795_000_000
LATER, DAY = NOW + 10**8, 86_400
OFFICERS: list[dict[str, Any]] = [
    {"id": "ann", "name": "Ann"}, {"id": "bob", "name": "Bob", "affiliations": ["provider-a"]},
    {"id": "cem", "name": "Cem"},
]  # fmt: skip
PLAIN = {
    "scheme": "sample_2026", "decided_by": "Sample panel", "decision_date": "2026-11-18", "valid_from": "2026-01-01",
    "valid_to": "2028-12-31",
}  # fmt: skip
REPORT = {"ended_on": "2026-11-01", "took_part": "yes", "recommends": "remedied", "report_sha256": "ab" * 32}
MORE: dict[str, dict[str, str]] = {
    "listed": {"finding-0": "met", "finding-1": "partly", "evidence-0": "cd" * 32},
    "conditional": {
        "finding-0": "met", "finding-1": "not_met", "condition-0": "Publish the fees.", "condition-criterion-0": "fees",
        "cure_deadline": "2027-01-31",
    },
    "concern": {"ground_code": "data_missing_or_poor", "cure_deadline": "2027-01-31"},
    "referred": {
        "ground_code": "data_missing_or_poor", "provision": "para 4.1", "institution-0": "Sample University",
        "institution-economy-0": "sg",
    },
    "suspended": {"ground_code": "communications_insecure", "appeal_state": "open", "appeal_until": "2027-03-31"},
    "removed": {"removal_basis": "own_request"},
}  # fmt: skip


def ground(status: str | None = "listed", **body: Any) -> Ground:
    newest = None if status is None else {"status": status, "begins": 0, "ends": LATER}
    decided = {"valid_from": "2026-01-01T00:00:00Z", "valid_to": "2029-01-01T00:00:00Z"} | body
    return Ground("provider-a", "provider", newest, {} if status is None else decided, ("independence", "fees"),
                  ("sample-criteria", 1))  # fmt: skip


def read(status: str, old: str | None = "listed", **changes: str) -> tuple[dict[str, Any], dict[str, str]]:
    given = PLAIN | MORE.get(status, {}) | changes
    fields = Fields({name: [value] for name, value in given.items()})
    return decision_body(fields, status, ground(old), NOW), fields.faults


@pytest.mark.parametrize("status", [*TRANSITIONS][1:])
def test_a_right_form_satisfies_the_schema(status: str) -> None:
    old = {"referred": "concern"}.get(status, "listed")
    body, faults = read(status, old)
    assert faults == {}
    octets = payload("accreditation", "coordinator", body, [("A" * 43, "officer")], network="ab" * 32, now=NOW)
    validate("accreditation", 1, loads_canonical(octets))
    assert body["status"] == status


def test_what_a_listing_says() -> None:
    body, _ = read("listed")
    assert body == {
        "subject": "provider-a", "subject_type": "provider", "scheme": "sample_2026", "status": "listed",
        "criteria": [
            {"code": "independence", "result": "met", "evidence_sha256": "cd" * 32},
            {"code": "fees", "result": "partly"},
        ],
        "criteria_set": {"id": "sample-criteria", "version": 1},
        "valid_from": "2026-01-01T00:00:00Z", "valid_to": "2029-01-01T00:00:00Z",
        "decided_by": "Sample panel", "decision_date": "2026-11-18",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("status", "changes", "faults"),
    [
        ("listed", {"finding-1": ""}, {"finding-1": "missing"}),
        ("listed", {"evidence-0": "x"}, {"evidence-0": "not_a_digest"}),
        ("listed", {"valid_to": "2025-12-30"}, {"valid_to": "not_after_start"}),
        ("listed", {"valid_to": "2026-11-17"}, {"valid_to": "not_in_future"}),
        ("conditional", {"valid_to": "2026-11-17"}, {"valid_to": "not_in_future"}),
        ("suspended", {"valid_to": "2026-11-17"}, {}),
        ("listed", {"decided_by": "", "scheme": "a b"}, {"decided_by": "missing", "scheme": "not_a_code"}),
        ("conditional", {"condition-0": ""}, {"condition-0": "missing"}),
        ("conditional", {"condition-criterion-3": "fees"}, {"condition-3": "missing"}),
        ("conditional", {"condition-criterion-0": "other"}, {"condition-criterion-0": "not_offered"}),
        ("conditional", {"cure_deadline": ""}, {"cure_deadline": "missing"}),
        ("concern", {"ground_code": ""}, {"ground_code": "missing"}),
        ("concern", {"cure_deadline": "2026-11-17"}, {"cure_deadline": "not_in_future"}),
        ("referred", {"institution-economy-0": ""}, {"institution-economy-0": "missing"}),
        ("referred", {"institution-4": "Other", "institution-economy-4": "ABC"},
         {"institution-economy-4": "not_an_economy"}),
        ("referred", {"institution-economy-2": "PE"}, {"institution-2": "missing"}),
        ("suspended", {"ground_code": "because"}, {"ground_code": "not_offered"}),
        ("suspended", {"appeal_until": ""}, {"appeal_until": "missing"}),
        ("suspended", {"appeal_state": ""}, {"appeal_state": "missing"}),
        ("removed", {"removal_basis": "rejected"}, {"removal_basis": "not_offered"}),
        ("removed", {"removal_basis": ""}, {"removal_basis": "missing"}),
    ],
)  # fmt: skip
def test_what_is_wrong_stands_beside_its_field(status: str, changes: dict[str, str], faults: dict[str, str]) -> None:
    assert read(status, **changes)[1] == faults


def test_a_deadline_includes_its_day() -> None:
    assert read("concern", cure_deadline="2026-11-18")[0]["cure_deadline"] == "2026-11-19T00:00:00Z"
    assert read("concern", cure_deadline="2026-11-18")[1] == {}


def test_the_report_of_the_panel_is_whole_or_absent() -> None:
    body, faults = read("listed", "referred", **REPORT)
    assert faults == {}
    assert body["consultation"] == {
        "ended_on": "2026-11-01", "took_part": True, "adjusted": False, "informed_enough": False,
        "recommends": "remedied", "report_sha256": "ab" * 32,
    }  # fmt: skip
    assert "consultation" not in read("listed", "referred")[0]
    assert read("listed", "referred", ended_on="2026-11-01")[1] == {"recommends": "missing", "report_sha256": "missing"}
    assert read("removed", "referred", removal_basis="recommendation")[1] == {"ended_on": "missing"}


def test_a_concern_leaves_validity_as_it_is() -> None:
    assert read("concern", valid_to="2040-01-01")[0]["valid_to"] == "2029-01-01T00:00:00Z"


def test_an_appeal_against_a_removal_keeps_its_basis() -> None:
    fields = Fields({name: [value] for name, value in (PLAIN | MORE["suspended"] | {"ground_code": ""}).items()})
    body = decision_body(fields, "removed", ground("removed", removal_basis="ceased"), NOW)
    assert (body["removal_basis"], body["appeal"]["state"], fields.faults) == ("ceased", "open", {})


@pytest.mark.parametrize("old", ["none", *TRANSITIONS])
def test_exactly_what_the_rules_allow_can_follow(old: str) -> None:
    newest = None if old == "none" else {"status": old, "begins": 0, "ends": LATER}
    assert set(following(newest, NOW)) == TRANSITIONS[old] - {"expired"}


def test_what_has_lapsed_is_not_gone_on_with_as_if_valid() -> None:
    newest = {"status": "listed", "begins": 0, "ends": NOW}
    assert following(newest, NOW - 1) == ["listed", "conditional", "concern", "suspended", "removed"]
    assert following(newest, NOW) == ["applied", "suspended", "removed", "expired"]


def test_forms_ask_for_what_a_status_needs() -> None:
    assert asked_for("listed", None) == {"criteria"}
    assert asked_for("listed", {"status": "suspended"}) == {"criteria", "appeal"}
    assert asked_for("listed", {"status": "referred"}) == {"criteria", "consultation"}
    assert asked_for("removed", {"status": "concern"}) == {"removal", "ground", "appeal"}
    assert asked_for("expired", {"status": "listed"}) == frozenset()


def test_reasons_are_paragraphs() -> None:
    fields = Fields({"reasons": ["One\nline.\r\n \r\nTwo <b>.\n\n\n"]})
    assert reasons(fields) == ["One line.", "Two <b>."]
    assert reasons(Fields({})) == []
    long = Fields({"reasons": ["x" * 2001]})
    reasons(long)
    assert long.faults == {"reasons": "too_long"}
    unseen = Fields({"reasons": ["a\u202eb"]})
    reasons(unseen)
    assert unseen.faults == {"reasons": "unseen_characters"}


@pytest.mark.parametrize(
    ("by", "count", "about", "chosen", "fault"),
    [
        (["cem", "ann"], 2, ["x"], ["ann", "cem"], None),
        (["ann"], 2, [], ["ann"], "too_few_signers"),
        (["ann", "bob"], 2, ["provider-a"], ["ann", "bob"], "affiliated"),
        (["ann", "eve"], 1, [], ["ann"], "not_offered"),
        ([], 1, [], [], "too_few_signers"),
    ],
)
def test_who_signs(by: list[str], count: int, about: list[str], chosen: list[str], fault: str | None) -> None:
    fields = Fields({"by": by})
    assert chosen_officers(fields, OFFICERS, count, about) == chosen
    assert fields.faults.get("by") == fault


def test_a_revocation_reaches_back_only_into_the_log() -> None:
    fields = Fields({"reason": ["lost"], "invalid_from": ["7"]})
    assert revocation_body(fields, "a", "k", 7) == {
        "action": "revoke", "owner": "a", "kid": "k", "reason": "lost", "invalid_from": 7,
    }  # fmt: skip
    assert revocation_body(Fields({"reason": ["lost"]}), "a", "k", 7).keys() == {"action", "owner", "kid", "reason"}
    late = Fields({"reason": ["why"], "invalid_from": ["8"]})
    revocation_body(late, "a", "k", 7)
    assert late.faults == {"reason": "not_offered", "invalid_from": "not_a_number"}
