"""How much may be asked of the desk at a time; what forms are refused is in ``tests.hub.web.test_drafts``."""

import json

import pytest

from hub.drafts.errors import DraftRefusedError
from hub.drafts.limits import REASON_CHARACTERS
from hub.drafts.requests import (
    MAX_BODY,
    MAX_BRACKETS,
    MAX_SMALL_BODY,
    read_completion,
    read_decline,
    read_new,
    read_signature,
)
from signing.encoding import b64u_encode

NETWORK = "0" * 64


@pytest.mark.parametrize("value", [b"{},", b"[[]],"])
def test_what_has_too_many_lists_and_objects_is_refused_before_it_is_parsed(value: bytes) -> None:
    body = b'{"draft":[' + value * (700_000 // len(value)) + b"0]}"
    assert len(body) < MAX_BODY
    for read in (lambda: read_new(body, NETWORK), lambda: read_completion(body)):
        with pytest.raises(DraftRefusedError, match=f"at most {MAX_BRACKETS} lists") as caught:
            read()
        assert caught.value.code == "bad_draft_request"


def test_a_signature_and_a_reason_are_small() -> None:
    long = json.dumps({"signature": {"protected": "A" * MAX_SMALL_BODY, "signature": ""}}).encode()
    with pytest.raises(DraftRefusedError, match="at most 16384 are accepted") as caught:
        read_signature(long)
    assert caught.value.code == "too_large"
    with pytest.raises(DraftRefusedError, match="at most 16384 are accepted"):
        read_decline(json.dumps({"kid": None, "reason": "A" * MAX_SMALL_BODY}).encode())


def test_the_longest_reason_and_a_long_header_have_room() -> None:
    reason = "\N{GRINNING FACE}" * REASON_CHARACTERS
    body = json.dumps({"kid": "A" * 43, "reason": reason}).encode()  # twelve octets for each character
    assert read_decline(body).reason == reason
    protected, signature = b64u_encode(bytes(1000)), b64u_encode(bytes(64))
    body = json.dumps({"signature": {"protected": protected, "signature": signature}}).encode()
    assert read_signature(body) == (protected, signature)
