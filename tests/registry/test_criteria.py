"""Findings against registered criteria."""

from typing import Any

import pytest

from registry import state as spaces
from registry.rules import REGISTRY
from tests.registry.network import Network, founded, refuses

FAIR_PLAY = {"id": "fair-play", "version": 1}


@pytest.fixture
def net() -> Network:
    """Provider acme, and criteria `open` and `fair`."""
    net = founded()
    net.submit(net.member("acme"))
    net.submit(net.reference())
    return net


def findings(**found: str) -> list[dict[str, Any]]:
    return [{"code": code, "result": result} for code, result in found.items()]


def judged(criteria: list[dict[str, Any]], named: dict[str, Any] = FAIR_PLAY, **more: Any) -> dict[str, Any]:
    return {"criteria_set": named, "criteria": criteria, **more}


def test_a_listing_has_a_finding_for_each_criterion(net: Network) -> None:
    for found, missing in (({}, "open"), ({"open": "met"}, "fair"), ({"fair": "met"}, "open")):
        statement = net.accreditation("acme", "listed", body=judged(findings(**found)))
        refuses(net, statement, "finding_missing", "/body/criteria", f"no finding on {missing}")
    complete = net.accreditation("acme", "listed", body=judged(findings(fair="partly", open="met")))
    assert spaces.criteria("fair-play", 1) in REGISTRY.needs(complete)
    net.submit(complete)


def test_an_application_and_a_concern_need_no_finding(net: Network) -> None:
    net.submit(net.accreditation("acme", "applied", body=judged([])))
    net.submit(net.accreditation("acme", "listed", body=judged(findings(open="met", fair="met"))))
    net.submit(net.accreditation("acme", "concern", body=judged(findings(fair="not_met"))))


def test_a_code_that_the_criteria_do_not_have_is_refused(net: Network) -> None:
    found = findings(open="met", fair="met", quick="met")
    statement = net.accreditation("acme", "listed", body=judged(found))
    refuses(net, statement, "unknown_criterion", "/body/criteria/2/code", "have no quick")
    statement = net.accreditation("acme", "applied", body=judged(findings(quick="met")))
    refuses(net, statement, "unknown_criterion", "/body/criteria/0/code")


def test_one_finding_for_one_criterion_whatever_it_says(net: Network) -> None:
    twice = [*findings(open="met", fair="met"), *findings(open="partly")]
    refuses(net, net.accreditation("acme", "listed", body=judged(twice)), "finding_twice", "/body/criteria/2/code")
    refuses(
        net, net.accreditation("acme", "listed", body={"criteria": twice}), "finding_twice", "/body/criteria/2/code"
    )


@pytest.mark.parametrize("named", [{"id": "fair-play", "version": 2}, {"id": "fair", "version": 1}])
def test_criteria_are_registered_first(net: Network, named: dict[str, Any]) -> None:
    body = judged(findings(open="met", fair="met"), named)
    saying = f"as {named['id']}, version {named['version']}"
    refuses(net, net.accreditation("acme", "listed", body=body), "unknown_criteria_set", "/body/criteria_set", saying)


def test_nobody_is_judged_by_criteria_that_are_not_there(net: Network) -> None:
    net.submit(net.reference("slot", codes=()))
    body = judged([], {"id": "slot", "version": 1})
    refuses(net, net.accreditation("acme", "listed", body=body), "criteria_set_empty", "/body/criteria_set", "slot")


def test_an_older_version_goes_on_serving(net: Network) -> None:
    net.submit(net.reference(version=2, codes=("open", "fair", "quick")))
    net.submit(net.accreditation("acme", "listed", body=judged(findings(open="met", fair="met"))))
    newer = judged(findings(open="met", fair="met"), {"id": "fair-play", "version": 2})
    refuses(net, net.accreditation("acme", "listed", body=newer), "finding_missing", "/body/criteria", "quick")


def test_what_is_not_met_has_a_condition(net: Network) -> None:
    net.submit(net.accreditation("acme", "applied", body=judged([])))
    found = findings(open="not_met", fair="partly")

    def conditional(*conditions: dict[str, Any]) -> Any:
        return net.accreditation("acme", "conditional", body=judged(found, conditions=list(conditions)))

    vague = {"text": "Do better."}
    refuses(net, conditional(vague), "condition_missing", "/body/conditions", "open is not met")
    refuses(net, conditional(vague, {"text": "x", "criterion": "fair"}), "condition_missing", "/body/conditions")
    foreign = conditional(vague, {"text": "Be quick.", "criterion": "quick"})
    refuses(net, foreign, "unknown_criterion", "/body/conditions/1/criterion", "quick")
    partial = judged(findings(open="not_met"), conditions=[vague | {"criterion": "open"}])
    statement = net.accreditation("acme", "conditional", body=partial)
    refuses(net, statement, "finding_missing", "/body/criteria", "fair")
    net.submit(conditional(vague, {"text": "Publish the rules.", "criterion": "open"}))


def test_conditions_serve_findings_that_follow_no_registered_criteria(net: Network) -> None:
    net.submit(net.accreditation("acme", "applied"))
    body = {"criteria": findings(own="not_met")}
    refuses(net, net.accreditation("acme", "conditional", body=body), "condition_missing", "/body/conditions", "own")
    body["conditions"] = [{"text": "Do it.", "criterion": "own"}]
    net.submit(net.accreditation("acme", "conditional", body=body))
