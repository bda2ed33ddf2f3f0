"""Profiles: sources, successors, and what is still to be said."""

import json
from typing import Any

import pytest

from registry.profiles import WANTED, missing_fields, stated_by
from schemas.catalogue import ROOT, catalogue
from schemas.errors import SchemaViolationError
from schemas.fields import fields
from schemas.validation import validate
from tests.registry.network import founded, refuses

FULL: dict[str, Any] = json.loads((ROOT / "member/examples/valid-provider-full.json").read_text("utf-8"))
PROFILE: dict[str, Any] = FULL["body"]["profile"]


def test_a_source_is_that_of_a_field_of_the_profile() -> None:
    net = founded()
    source = {"stated_by": "coordinator"}
    profile = {"legal_name": "Acme", "sources": {"legal_name": source, "networks": source}}
    lacking = net.member("acme", body={"profile": profile})
    refuses(net, lacking, "source_without_field", "/body/profile/sources/networks", "source of networks")
    net.submit(net.member("acme", body={"profile": profile | {"networks": []}}))
    update = net.member_update("acme", body={"profile": profile})
    refuses(net, update, "source_without_field", "/body/profile/sources/networks")


def test_nobody_succeeds_itself() -> None:
    net = founded()
    profile = {"legal_name": "Acme", "run_off_plan": {"text": "We go on.", "successor": "acme"}}
    own = net.member("acme", body={"profile": profile})
    refuses(net, own, "successor_is_self", "/body/profile/run_off_plan/successor")
    profile["run_off_plan"] = {"text": "Another takes over.", "successor": "brio"}
    net.submit(net.member("acme", body={"profile": profile}))


def test_what_is_still_to_be_said() -> None:
    assert missing_fields({}) == WANTED
    known = {field.path.split(".")[-1] for field in fields(catalogue().lookup("member", 1), catalogue())}
    assert set(WANTED) <= known
    assert missing_fields({name: 1 for name in WANTED if name != "sectors"}) == ("sectors",)


def test_the_member_states_what_nobody_else_is_named_for() -> None:
    assert stated_by(PROFILE, "legal_name") == "public_register"
    assert stated_by(PROFILE, "networks") == "coordinator"
    assert stated_by(PROFILE, "binding") == "member"
    assert stated_by({}, "binding") == "member"


URLS = sorted(
    field.path
    for field in fields(catalogue().lookup("member", 1), catalogue())
    if field.definition.get("description") and field.definition.get("pattern", "").startswith("^https://")
    and field.condition == "type is provider"
)  # fmt: skip


def test_the_addresses_of_a_profile_are_known() -> None:
    assert {path.removeprefix("body.profile.") for path in URLS if ".sources." not in path} == {
        "contact.url", "endpoints.inbox", "endpoints.jwks", "fee_schedule.url", "rules[].url", "run_off_plan.url",
    }  # fmt: skip
    assert len([path for path in URLS if ".sources." in path]) == len(
        catalogue().lookup("common", 1).document["$defs"]["providerProfile"]["properties"]["sources"]["properties"]
    )


@pytest.mark.parametrize("path", URLS)
@pytest.mark.parametrize(
    "address",
    ["http://acme.example/", "HTTPS://acme.example/", "javascript:alert(1)", "//acme.example/", "acme.example"],
)
def test_an_address_that_is_not_https_is_refused(path: str, address: str) -> None:
    document = json.loads(json.dumps(FULL))
    place: Any = document
    *steps, last = path.replace("[]", ".0").split(".")
    for step in steps:
        place = place[int(step)] if step.isdigit() else place.setdefault(step, {})
    if ".sources." in path:
        place |= {"stated_by": "member"}
    place[last] = "https://acme.example/"
    validate("member", 1, document)
    place[last] = address
    with pytest.raises(SchemaViolationError) as caught:
        validate("member", 1, document)
    assert {one.pointer for one in caught.value.violations} == {"/" + path.replace("[]", ".0").replace(".", "/")}
    assert "must be an https address" in str(caught.value.violations[0].message)


@pytest.mark.parametrize(
    "character",
    ["\x00", "\t", "\n", "\x1b", "\x7f", "\x85", "\u061c", "\u200b", "\u200e", "\u200f", "\u2028", "\u202a", "\u202e",
     "\u2060", "\u2066", "\u2069", "\ufeff"],
)  # fmt: skip
def test_a_name_with_a_character_that_hides_or_turns_is_refused(character: str) -> None:
    document = json.loads(json.dumps(FULL))
    document["body"]["profile"]["legal_name"] = f"Ac{character}me"
    with pytest.raises(SchemaViolationError, match="control, invisible or direction-changing"):
        validate("member", 1, document)


@pytest.mark.parametrize("name", ["Acmе Centre", "Ａｃｍｅ", "مركز التحكيم", "می‌خواهم", "क्‍ष", "国际仲裁", "Åkesson"])
def test_names_of_any_script_and_homographs_are_accepted(name: str) -> None:
    document = json.loads(json.dumps(FULL))
    document["body"]["profile"]["legal_name"] = name
    validate("member", 1, document)
