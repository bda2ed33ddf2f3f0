"""From a file that somebody filled in to the draft of a report: what is left out, and where faults are told to be."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.errors import GatewayError
from providers.gateway.home import Home, create_home
from providers.gateway.keystore import save_keys
from providers.gateway.qualityreports import _decimal, draft_before, filled, report_draft
from schemas.errors import SchemaViolationError
from tests.fakes.world import World
from tests.hub.world import Actor, example

ACTOR = Actor("elbe-odr", "provider")
BODY: dict[str, Any] = example("quality-report", "valid-quarter")["body"]
EMPTY = {"id": "pending", "version": 1, "numerator": None, "denominator": None, "value": None, "missing": 0}
NOW = 1_807_520_400


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setattr("signing.keyfile._stretch", lambda secret, salt: (secret.encode() + salt).ljust(32)[:32])
    made = create_home(
        tmp_path / "home", actor=ACTOR.id, member_type="provider", hub="http://127.0.0.1:1", policy=World().trust_file()
    )
    save_keys({made.key_file("statement"): ACTOR.statement}, "words")
    return made


def test_what_was_not_filled_in_is_left_out(home: Home) -> None:
    file = BODY | {"metrics": [EMPTY, *BODY["metrics"], EMPTY], "corrects": None, "training_hours": None}
    report = filled(file)
    assert report.places == (1, 2, 3)
    assert report.body == {name: value for name, value in BODY.items() if name != "training_hours"}
    payload = report_draft(home, report, NOW).payload
    assert (payload["issuer"], payload["body"]) == (ACTOR.id, report.body)
    assert [one["role"] for one in payload["signers"]] == ["provider"]
    counted = filled({"metrics": [EMPTY | {"value": "7"}]})
    assert counted.body["metrics"] == [{"id": "pending", "version": 1, "value": "7", "missing": 0}]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"metrics": [EMPTY, EMPTY, BODY["metrics"][0] | {"value": 41}]}, "/metrics/2/value"),
        ({"metrics": [EMPTY, BODY["metrics"][0], BODY["metrics"][1] | {"cases": ["one"]}]}, "/metrics/2/cases"),
        ({"metrics": [EMPTY]}, "/metrics"),
        ({"metrics": "none"}, "/metrics"),
        ({"metrics": [EMPTY, "none"]}, "/metrics/1"),
        ({"period": {"from": "2027-01-01"}}, "/period/to"),
        ({"systemic_problems": [{"code": "no_such_kind", "description": "x"}]}, "/systemic_problems/0/code"),
        ({"systemic_problems": None}, "/systemic_problems"),
    ],
)
def test_faults_are_told_with_pointers_into_the_file(home: Home, changes: dict[str, Any], pointer: str) -> None:
    with pytest.raises(SchemaViolationError) as caught:
        report_draft(home, filled(BODY | changes), NOW)
    assert [one.pointer for one in caught.value.violations] == [pointer]


def test_a_signed_draft_is_taken_up_again_and_another_one_is_not_overwritten(home: Home, tmp_path: Path) -> None:
    path, report = tmp_path / "report.draft.json", filled(BODY)
    assert draft_before(path, report) is None
    draft = report_draft(home, report, NOW)
    path.write_bytes(draft.to_bytes())
    found = draft_before(path, report)
    assert found is not None
    assert found.digest == draft.digest
    with pytest.raises(GatewayError) as caught:
        draft_before(path, filled(BODY | {"training_hours": 1}))
    assert caught.value.code == "other_report"


@given(st.decimals(-1000, 1000, places=12))
def test_values_are_written_with_six_decimals_at_most_and_never_with_an_exponent(value: Decimal) -> None:
    text = _decimal(f"{value:.12g}")
    assert "e" not in text.lower()
    assert text != "-0"
    assert len(text.partition(".")[2]) <= 6
    assert abs(Decimal(text) - Decimal(f"{value:.12g}")) <= Decimal("0.0000005")
