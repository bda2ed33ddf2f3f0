"""The case that a platform starts from is valid, plainly a sample, and taken in with its document."""

import json
from typing import Any

import pytest

from providers.cli import main
from schemas.validation import validate_document
from tests.providers.gateway.exchange.house import A, House, add_case

DOCUMENT = b"SAMPLE: the consents of both parties\n"


@pytest.fixture
def template(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    assert main(["case", "template"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_the_template_meets_the_schema(template: dict[str, Any]) -> None:
    filled = {"kind": "case-file", "version": 1, "custodian": A, "case_id": f"urn:odr:{A}:{UUID}"}
    validate_document("case-file", 1, template | filled)
    assert not template.keys() & filled.keys(), "the gateway fills these in"


UUID = "01a21203-06ce-7c12-a8b9-24526faebb12"


def test_whatever_names_somebody_says_that_it_is_a_sample(template: dict[str, Any]) -> None:
    names = [one["name"] for one in template["parties"]] + [one["given_by"] for one in template["consents"]]
    texts = [template["claims"][0]["facts"], template["claims"][0]["transaction"]["description"]]
    texts += [one["title"] for one in template["documents"]]
    assert all(one.startswith("SAMPLE") for one in (*names, *texts))
    assert {one["recipient"] for one in template["consents"]} == {"sample-recipient"}
    assert all(one["email"].endswith("@example.org") for one in template["parties"])


async def test_a_gateway_takes_the_template_in_with_its_document(house: House, template: dict[str, Any]) -> None:
    async with house.gateway(A) as gateway:
        case_id = await add_case(gateway, template, {"sample-consents.txt": DOCUMENT})
        assert (await gateway.service.case(case_id)).state == "held"
