"""Disputes and reviews of awards."""

from typing import Any

import pytest

from registry import rings
from registry import state as spaces
from registry.judgement import AwardStatus, award_status
from tests.registry.network import (
    COORDINATOR,
    Network,
    Signers,
    agreement_entry,
    agreement_key,
    officers,
    populated,
    refuses,
    salt_of,
    signing_key,
)

ACME, NOOR = (signing_key("acme"), "provider"), (signing_key("noor"), "neutral")
SECOND = (signing_key("acme 2"), "provider")


def status(net: Network, award: str) -> AwardStatus:
    record = net.state.get(spaces.award(award))
    of = {signer["owner"]: rings.ring(net.state, signer["owner"]) for signer in record["signers"]}
    return award_status(record, of, net.state.get(spaces.review(award)), net.index)


def revoke(net: Network, name: str, owner: str = "acme", since: int | None = None) -> None:
    body = {"action": "revoke", "kid": signing_key(name).kid, "reason": "compromised"}
    net.submit(net.officers_key(owner, body | ({} if since is None else {"invalid_from": since})))


def disputed(signers: Signers = (NOOR, ACME), revoked: str = "acme", owner: str = "acme") -> tuple[Network, str]:
    """acme has a second key (index 4), an award signed at index 5, and a key revoked from index 5 on."""
    net = populated()
    net.submit(net.add_key("acme", "acme 2", "acme"))
    award = net.award(signers=signers)
    net.submit(award)
    revoke(net, revoked, owner, since=5 if revoked != "acme parent" else 0)
    return net, award.digest


def test_a_revocation_disputes_what_was_signed_from_then_on() -> None:
    net = populated()
    awards = [net.award() for _ in range(3)]
    for award in awards:
        net.submit(award)
    assert {status(net, award.digest).status for award in awards} == {"recorded"}
    revoke(net, "acme", since=5)
    assert [status(net, award.digest).status for award in awards] == ["recorded", "disputed", "disputed"]
    doubt = status(net, awards[1].digest).doubt
    assert doubt is not None
    assert (doubt.cause, doubt.owner, doubt.revoked_at) == (ACME[0].kid, "acme", 7)


def test_a_plain_revocation_leaves_earlier_awards_genuine() -> None:
    net = populated()
    award = net.award()
    net.submit(award)
    revoke(net, "acme")
    assert status(net, award.digest).status == "recorded"


def test_awards_of_suspended_keys_are_disputed() -> None:
    net = populated()
    net.submit(net.add_key("acme", "acme 2", "acme"))
    award = net.award(signers=[NOOR, SECOND])
    net.submit(award)
    revoke(net, "acme", since=4)
    found = status(net, award.digest)
    assert found.doubt is not None
    assert (found.status, found.doubt.cause) == ("disputed", ACME[0].kid)


def test_an_award_is_known_and_disputed() -> None:
    net = populated()
    refuses(net, net.review("0" * 64), "unknown_award", "/body/award")
    award = net.award()
    net.submit(award)
    refuses(net, net.review(award.digest), "not_disputed", "/body/award")


@pytest.mark.parametrize("decision", ["confirm", "reject"])
def test_the_threshold_decides(decision: str) -> None:
    net, award = disputed()
    refuses(net, net.review(award, decision, signers=officers("ann")), "threshold_not_met", "/signers")
    result = net.submit(net.review(award, decision))
    assert status(net, award).status == f"{decision}ed"
    assert result.ref == net.state.get(spaces.award(award))["ref"]
    assert result.monitor == agreement_key("coordinator monitor").public
    refuses(net, net.review(award, decision), "not_disputed", "/body/award")


def test_owner_and_every_other_signer_confirm_together() -> None:
    net, award = disputed()
    refuses(net, net.review(award, issuer="acme", signers=[SECOND]), "signer_missing", "/signers", "noor")
    refuses(net, net.review(award, issuer="acme", signers=[NOOR]), "signer_missing", "/signers", "acme")
    refuses(net, net.review(award, issuer="acme", signers=[ACME, NOOR]), "key_revoked", "/signers/0")
    net.submit(net.review(award, issuer="acme", signers=[SECOND, NOOR]))
    assert status(net, award).status == "confirmed"


def test_the_owner_of_the_revoked_key_rejects_alone() -> None:
    net, award = disputed()
    refuses(net, net.review(award, "reject", issuer="acme", signers=[NOOR]), "signer_missing", "/signers", "acme")
    both = net.review(award, "reject", issuer="acme", signers=[SECOND, NOOR])
    refuses(net, both, "signer_extra", "/signers", "noor")
    net.submit(net.review(award, "reject", issuer="acme", signers=[SECOND]))
    assert status(net, award).status == "rejected"


@pytest.mark.parametrize(("owner", "role"), [("acme", "provider"), ("noor", "neutral")])
def test_where_keys_of_several_were_revoked_each_owner_may_reject(owner: str, role: str) -> None:
    net = populated()
    net.submit(net.add_key("acme", "acme 2", "acme"))
    net.submit(net.add_key("noor", "noor 2", "noor", role="neutral"))
    monitor = {"action": "add", "key": agreement_entry(agreement_key("noor monitor"), "monitor")}
    net.submit(net.key("noor", monitor, [(signing_key("noor 2"), "neutral")]))
    place, award = net.index, net.award()
    net.submit(award)
    revoke(net, "acme", since=place)
    revoke(net, "noor", "noor", since=place)
    net.submit(net.review(award.digest, "reject", issuer=owner, signers=[(signing_key(f"{owner} 2"), role)]))
    assert status(net, award.digest).status == "rejected"


def test_a_suspended_key_reviews_nothing() -> None:
    net = populated()
    net.submit(net.add_key("acme", "acme 2", "acme"))
    award = net.award()
    net.submit(award)
    revoke(net, "acme", since=4)
    review = net.review(award.digest, "reject", issuer="acme", signers=[SECOND])
    refuses(net, review, "key_suspended", "/signers/0")


def test_only_the_parties_and_the_coordinator_review() -> None:
    net, award = disputed()
    net.submit(net.member("brio"))
    brio = [(signing_key("brio"), "provider")]
    refuses(net, net.review(award, issuer="brio", signers=brio), "issuer_not_involved", "/issuer")
    own = net.review(award, issuer="acme", signers=officers("ann", "bob"))
    refuses(net, own, "wrong_issuer", "/issuer", COORDINATOR)


def test_a_neutral_with_a_monitor_key_reviews() -> None:
    net, award = disputed()
    refuses(net, net.review(award, issuer="noor", signers=[SECOND, NOOR]), "no_monitor_key", "/issuer", "noor")
    add = {"action": "add", "key": agreement_entry(agreement_key("noor monitor"), "monitor")}
    net.submit(net.key("noor", add, [NOOR]))
    assert net.submit(net.review(award, issuer="noor", signers=[SECOND, NOOR])).monitor is not None


def test_a_review_needs_a_salt_of_its_own() -> None:
    net = populated()
    award = net.award(salt=salt_of(1))
    net.submit(award)
    revoke(net, "acme", since=0)
    refuses(net, net.review(award.digest, salt=salt_of(1)), "salt_reused", "/salt")


def test_a_later_revocation_opens_the_dispute_again() -> None:
    net, award = disputed()
    net.submit(net.review(award))
    revoke(net, "noor", "noor", since=5)
    found = status(net, award)
    assert found.doubt is not None
    assert (found.status, found.doubt.owner) == ("disputed", "noor")
    net.submit(net.review(award, "reject"))
    assert status(net, award).status == "rejected"


def test_a_reviewed_revocation_does_not_hide_a_later_one_of_the_same_owner() -> None:
    net = populated()
    net.submit(net.add_key("acme", "acme 2", "acme"))
    award = net.award(signers=[NOOR, SECOND])
    net.submit(award)
    revoke(net, "acme 2", since=5)
    net.submit(net.review(award.digest))
    assert status(net, award.digest).status == "confirmed"
    revoke(net, "acme", since=4)
    assert status(net, award.digest).status == "disputed"


def test_status_at_an_earlier_size_does_not_know_later_entries() -> None:
    net, award = disputed()
    record = net.state.get(spaces.award(award))
    of: dict[str, Any] = {owner: rings.ring(net.state, owner) for owner in ("acme", "noor")}
    assert award_status(record, of, None, 6).status == "recorded"
    assert award_status(record, of, None, 7).status == "disputed"
