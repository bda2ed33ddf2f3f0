"""The valid examples of the transfer kinds tell one story, with true digests, so that others can build on them."""

import hashlib
import json
from typing import Any

import pytest

from tests.schemas.samples import valid


def _digest(payload: Any) -> str:
    """SHA-256 of the canonical form; exact for payloads with ASCII names and without unusual numbers, as these are."""
    text = json.dumps(payload, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def test_each_statement_of_the_transfer_names_the_one_before() -> None:
    offer, answer = valid("transfer-offer/mediation"), valid("transfer-answer/accept")
    dispatch, completion = valid("transfer-dispatch/withheld"), valid("transfer-completion/notified")
    assert answer["body"]["offer"] == _digest(offer)
    assert dispatch["body"]["answer"] == _digest(answer)
    assert completion["body"]["dispatch"] == _digest(dispatch)
    assert completion["body"]["manifest_root"] == dispatch["body"]["manifest_root"]
    assert valid("transfer-withdrawal/settled")["body"]["offer"] == _digest(offer)
    assert valid("evidence/offer-expired")["body"]["of"] == _digest(offer)
    for name in ("delivery", "retrieval", "non-retrieval", "submission-rejection"):
        evidence = valid(f"evidence/{name}")["body"]
        assert evidence["of"] == _digest(dispatch)
        assert evidence["parts"] == [dispatch["body"]["ciphertext"]]


STORIES = [("mediation", "goods-quality"), ("negotiation", "service-payment")]


@pytest.mark.parametrize(("offer_name", "case_name"), STORIES)
def test_offer_brief_and_case_file_agree(offer_name: str, case_name: str) -> None:
    offer = valid(f"transfer-offer/{offer_name}")["body"]
    case, brief = valid(f"case-file/{case_name}"), valid(f"transfer-brief/{case_name}")
    assert offer["case_id"] == case["case_id"] == brief["case_id"]
    assert offer["transfer_id"] == brief["transfer_id"]
    assert offer["stage"] == case["stage"]
    documents = {one["sha256"]: one for one in case["documents"]}
    for consent in offer["consents"]:
        assert consent.items() <= next(one for one in brief["consents"] if consent.items() <= one.items()).items()
        assert documents[consent["evidence_sha256"]]["type"] == "authority"
        assert all(documents[item]["class"] == "C3" for item in consent.get("items", ()))
    assert {one["class"] for one in case["documents"]} | {"C1"} == set(offer["data_classes"])
    assert case["highest_class"] == max(offer["data_classes"])
    listed = [{name: one[name] for name in ("name", "type", "class", "size")} for one in case["documents"]]
    assert brief["documents"] == listed


@pytest.mark.parametrize("case_name", ["goods-quality", "service-payment", "before-commencement"])
def test_what_a_case_file_names_exists_in_it(case_name: str) -> None:
    case = valid(f"case-file/{case_name}")
    documents = {one["document_id"] for one in case["documents"]}
    named = [one["contract_document"] for one in case["claims"] if "contract_document" in one]
    named += [number for one in case["communications"] for number in one.get("attachments", ())]
    named += [
        who["authority_document"]
        for one in case["parties"]
        for who in one.get("representatives", ())
        if "authority_document" in who
    ]
    assert set(named) <= documents
    parties = {(one["role"], one["number"]) for one in case["parties"]}
    assert {(one["party"]["role"], one["party"]["number"]) for one in case["consents"]} <= parties
    for one in case["communications"]:
        if "body" in one:
            assert one["content_sha256"] == hashlib.sha256(one["body"].encode()).hexdigest()


def test_names_stand_in_many_scripts_and_all_parties_are_samples() -> None:
    cases = [valid(f"case-file/{name}") for name in ("goods-quality", "service-payment", "before-commencement")]
    names = "".join(one["name"] for case in cases for one in case["parties"])
    for first, last in (("\u4e00", "\u9fff"), ("\u0600", "\u06ff"), ("\u0400", "\u04ff"), ("ä", "ä")):
        assert any(first <= letter <= last for letter in names)
    for party in (one for case in cases for one in case["parties"]):
        assert any(word in party["name"] for word in ("sample", "Beispiel", "示例"))
        assert party["email"].endswith(".example")
