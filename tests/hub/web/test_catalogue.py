"""The problem catalogue is closed: every code that is raised is in it, with a sentence and somebody to act."""

from pathlib import Path

import pytest

from hub.errors import HubError, NotFoundError
from hub.exchange.errors import REFUSALS as EXCHANGE_REFUSALS
from hub.feedback.refusals import REFUSALS as FEEDBACK_REFUSALS
from hub.web.catalogue import ACTORS, CATALOGUE, Entry, reference_page
from hub.web.codes import GROUPS, RULE_STATUS
from hub.web.problems import problem_of, problem_response
from registry.errors import REFUSALS, refused
from signing.errors import FormatError
from tests.hub.web.codes import raised_codes


def test_every_code_that_is_raised_is_in_the_catalogue() -> None:
    missing = {code: place for code, place in raised_codes().items() if code not in CATALOGUE}
    assert not missing, f"add these to hub/web/codes.py: {missing}"


def test_the_search_finds_codes_of_every_package() -> None:
    found = raised_codes()
    assert len(found) > 150
    for code in ("not_canonical", "schema_violation", "stale_previous", "overloaded", "unknown_setting"):
        assert code in found


def test_no_code_is_listed_twice_here() -> None:
    codes = [code for group in GROUPS for _, code, _ in group.rows]
    assert len(codes) == len(set(codes)), sorted(code for code in set(codes) if codes.count(code) > 1)


def test_statuses_of_rules_belong_to_rules() -> None:
    assert not set(RULE_STATUS) - set(REFUSALS) - set(EXCHANGE_REFUSALS) - set(FEEDBACK_REFUSALS)


@pytest.mark.parametrize("entry", CATALOGUE.values(), ids=list(CATALOGUE))
def test_an_entry_is_complete(entry: Entry) -> None:
    assert entry.actor in ACTORS
    assert entry.title.endswith((".", "⟩"))
    assert entry.status is None or 400 <= entry.status < 600
    assert "{" not in entry.title


def test_what_can_succeed_later_is_marked_for_retrying() -> None:
    for code in ("overloaded", "no_quorum", "internal_error", "request_timeout"):
        assert CATALOGUE[code].retryable
    for code in ("schema_violation", "stale_previous", "bad_signature"):
        assert not CATALOGUE[code].retryable


def test_the_reference_page_is_current() -> None:
    page = Path("docs/reference/problems.md").read_text(encoding="utf-8")
    assert page == reference_page(), "run: make docs"
    for code in CATALOGUE:
        assert f'id="{code}"' in page


def test_refusals_become_problems() -> None:
    problem = problem_of(refused("stale_previous", "/previous"))
    assert problem is not None
    document = problem.document("abc")
    assert document == {
        "type": "/docs/problems#stale_previous",
        "title": "A newer statement of this chain is registered; name it as previous.",
        "status": 409,
        "detail": "A newer statement of this chain is registered; name it as previous.",
        "code": "stale_previous",
        "where": "/previous",
        "actor": "issuer",
        "retryable": False,
        "correlation_id": "abc",
    }


def test_faults_of_the_hub_are_nobodys_refusal() -> None:
    assert problem_of(FormatError("not_json", "A stored statement is not JSON.")) is None
    assert problem_of(HubError("unknown_setting", "Never sent over HTTP.")) is None
    assert problem_of(KeyError("x")) is None


def test_a_response_says_when_to_come_back_and_how_to_sign() -> None:
    busy = problem_of(HubError("overloaded", "Too many wait."))
    unsigned = problem_of(HubError("signature_needed", "Sign the request."))
    assert busy is not None
    assert unsigned is not None
    assert problem_response(busy, "x").headers["Retry-After"] == "1"
    assert '"@target-uri"' in problem_response(unsigned, "x").headers["Accept-Signature"]
    missing = problem_of(NotFoundError("not_found", "Nothing."))
    assert missing is not None
    response = problem_response(missing, "x")
    assert response.content_type == "application/problem+json"
    assert response.headers["Cache-Control"] == "no-store"
