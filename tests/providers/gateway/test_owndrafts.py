"""The gateway's own copies: what the hub shows is held against them."""

from pathlib import Path
from typing import Any

import pytest

from providers.drafts import DraftView, ListedDraft
from providers.errors import GatewayError, InvitationError, UntrustedAnswerError
from providers.gateway.home import Home
from providers.gateway.owndrafts import INVITED, OwnDraft, find_own, keep_own, named, require_own
from providers.invitations import Invitation
from signing.compose import payload, sign
from signing.drafts import Draft
from signing.secretkeys import SigningKey

ID, NOW, NETWORK = "0197b1a0-0000-7000-8000-000000000001", 1_795_000_000, "ab" * 32
KEY, OTHER = SigningKey(bytes(32)), SigningKey(bytes([1]) * 32)
INVITATION = Invitation("neutral", "neutral-a", NETWORK, {"status": "active"}, ((OTHER.kid, "provider"),))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path, "acme-odr", "provider", "https://hub.example", tmp_path / "policy")


def draft(text: str = "sample") -> Draft:
    return Draft(payload("award", "acme-odr", {"text": text}, [(KEY.kid, "neutral")], network=NETWORK, now=NOW))


def view(shown: Draft | None, state: str = "open") -> DraftView:
    listed = ListedDraft(ID, "award", "acme-odr", state, (), "2026-12-01T00:00:00Z")
    return DraftView(listed, shown, (), None, None, None, None)


def test_the_same_draft_keeps_its_links(home: Home) -> None:
    one = draft()
    own = keep_own(home, one, {KEY.kid: "first"})
    assert keep_own(home, one, {KEY.kid: "second"}) == own
    assert find_own(home, ID) is None
    assert named(home, own, ID) == find_own(home, ID) == OwnDraft(one.digest, {KEY.kid: "first"}, one, None, ID)
    (path,) = (home.directory / "drafts").iterdir()
    assert path.stat().st_mode & 0o077 == 0


def test_an_invitation_is_kept_too(home: Home) -> None:
    own = named(home, keep_own(home, INVITATION, {INVITED: "secret"}), ID)
    assert find_own(home, ID) == own
    assert own.invitation == INVITATION


def test_a_copy_that_can_not_be_read_is_told(home: Home) -> None:
    (home.directory / "drafts").mkdir()
    (home.directory / "drafts" / "x.json").write_text("{}")
    with pytest.raises(GatewayError) as caught:
        find_own(home, ID)
    assert caught.value.code == "own_draft_unreadable"


def test_another_text_under_the_same_id_is_not_believed() -> None:
    one = draft()
    own = OwnDraft(one.digest, {}, one, None, ID)
    signed = one.signed_by(KEY, NOW)
    assert require_own(own, view(signed)) == signed
    for other in (draft("altered"), Draft(one.octets, annex=b"{}")):
        with pytest.raises(UntrustedAnswerError, match="another draft under this id") as caught:
            require_own(own, view(other))
        assert caught.value.code == "draft_differs"
    with pytest.raises(GatewayError, match="it is expired") as gone:
        require_own(own, view(None, "expired"))
    assert gone.value.code == "draft_without_text"


def completed(**changes: Any) -> Draft:
    invitation = Invitation(**({"kind": "neutral", "issuer": "neutral-a", "network": NETWORK,
                                "body": {"status": "active"}, "signers": INVITATION.signers} | changes))  # fmt: skip
    return Draft(invitation.payload(KEY.public, NOW))


def test_a_completed_invitation_is_compared_and_its_new_key_verified() -> None:
    own = OwnDraft("x", {}, None, INVITATION, ID)
    signed = completed().signed_by(KEY, NOW)
    assert require_own(own, view(signed)) == signed
    with pytest.raises(InvitationError) as changed:
        require_own(own, view(completed(body={"status": "paused"}).signed_by(KEY, NOW)))
    assert (changed.value.code, changed.value.where) == ("invitation_changed", "/body")
    forged = Draft(completed().octets, (sign(b"{}", KEY, "introduced", NOW),))
    with pytest.raises(UntrustedAnswerError) as caught:
        require_own(own, view(forged))
    assert caught.value.code == "bad_signature"
    only_other = Draft(completed().octets, (sign(completed().octets, OTHER, "provider", NOW),))
    with pytest.raises(UntrustedAnswerError) as missing:
        require_own(own, view(only_other))
    assert missing.value.code == "signature_missing"
