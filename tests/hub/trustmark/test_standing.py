"""Every status of an accreditation, before, in and after its time, has one state; only two are an approval."""

from typing import Any

import pytest

from hub.storage.values import StoredStatement
from hub.trustmark.standing import APPROVALS, STATES, standing_of
from schemas.catalogue import catalogue
from signing.compose import payload, sign_all
from signing.statement import parse_statement, seconds
from tests.hub.world import example, signing_key

KEY = signing_key("somebody")
BEGINS, ENDS = seconds("2026-11-13T00:00:00Z"), seconds("2029-11-12T23:59:59Z")


def stored(kind: str, body: dict[str, Any]) -> StoredStatement:
    """A statement as the directory returns it."""
    octets = payload(kind, "somebody", body, [(KEY.kid, "officer")], network="0" * 64, now=BEGINS)
    document = sign_all(octets, [(KEY, "officer")], BEGINS)
    digest = parse_statement(document).digest
    return StoredStatement(
        7, digest, "somebody", "urn:odr:somebody:1", kind, 1, confidential=False, subject="somebody", amends=None,
        time=BEGINS, document=document,
    )  # fmt: skip


PROVIDER = stored("member", example("member", "valid-provider")["body"])


def state(status: str, time: int) -> str:
    body = example("accreditation", "valid-listed")["body"] | {"status": status}
    return standing_of(PROVIDER, stored("accreditation", body), time).state


def statuses() -> list[str]:
    properties = catalogue().lookup("accreditation", 1).document["properties"]["body"]["properties"]
    found: list[str] = properties["status"]["enum"]
    return found


@pytest.mark.parametrize("status", statuses())
def test_every_status_has_a_state_at_every_time(status: str) -> None:
    before, inside, after = (state(status, time) for time in (BEGINS - 1, BEGINS, ENDS))
    assert {before, inside, after} <= set(STATES)
    assert {before, after}.isdisjoint(APPROVALS), "nothing approves before it begins or from its end on"
    assert (inside in APPROVALS) == (status in ("listed", "conditional"))


def test_an_end_is_the_second_at_which_it_no_longer_counts() -> None:
    assert state("listed", ENDS - 1) == "accredited"
    assert state("listed", ENDS) == "expired"
    assert state("concern", ENDS - 1) == "concern"
    assert state("referred", ENDS) == "expired"
    assert state("suspended", ENDS) == "suspended", "a suspension does not run out"
    assert state("listed", BEGINS - 1) == "not_accredited"


def test_nobody_has_decided() -> None:
    found = standing_of(PROVIDER, None, BEGINS)
    assert (found.state, found.accreditation, found.type) == ("not_accredited", None, "provider")
    assert found.name == example("member", "valid-provider")["body"]["profile"]["legal_name"]


@pytest.mark.parametrize(
    ("roster", "expected"), [("active", "accredited"), ("paused", "accredited"), ("left", "not_accredited")]
)
def test_a_neutral_on_the_roster_and_off_it(roster: str, expected: str) -> None:
    body = example("neutral", "valid-active")["body"] | {"status": roster}
    decision = stored("accreditation", example("accreditation", "valid-listed")["body"])
    found = standing_of(stored("neutral", body), decision, BEGINS)
    assert (found.type, found.state, found.name) == ("neutral", expected, "Dr Ifeoma Sample")
