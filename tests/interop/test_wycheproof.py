"""Every Ed25519 case of Project Wycheproof, none left out."""

import json
from pathlib import Path
from typing import Any

import pytest

from signing.errors import SigningError
from signing.keys import PublicKey, verify_raw

VECTORS = json.loads((Path(__file__).parents[1] / "vectors/wycheproof/ed25519_test.json").read_text(encoding="utf-8"))
GROUP = {"type", "publicKey", "publicKeyDer", "publicKeyJwk", "publicKeyPem", "source", "tests"}
CASES = [(group, case) for group in VECTORS["testGroups"] for case in group["tests"]]


def test_no_group_is_unknown_and_no_case_is_missing() -> None:
    assert VECTORS["algorithm"] == "EDDSA"
    assert VECTORS["numberOfTests"] == len(CASES) == 151
    assert len(VECTORS["testGroups"]) == 78
    for group in VECTORS["testGroups"]:
        assert set(group) <= GROUP
        assert group["type"] == "EddsaVerify"
        assert group["publicKey"]["curve"] == "edwards25519"
        assert len(group["publicKey"]["pk"]) == 64
    assert {case["result"] for _, case in CASES} == {"valid", "invalid"}
    assert sum(case["result"] == "valid" for _, case in CASES) == 88


@pytest.mark.parametrize(("group", "case"), CASES, ids=[f"{case['tcId']}" for _, case in CASES])
def test_case(group: dict[str, Any], case: dict[str, Any]) -> None:
    x = bytes.fromhex(group["publicKey"]["pk"])
    message, signature = bytes.fromhex(case["msg"]), bytes.fromhex(case["sig"])
    if case["result"] == "valid":
        PublicKey("Ed25519", x).verify(message, signature)
        verify_raw(x, message, signature)
    else:
        with pytest.raises(SigningError):
            PublicKey("Ed25519", x).verify(message, signature)
        with pytest.raises(SigningError):
            verify_raw(x, message, signature)
