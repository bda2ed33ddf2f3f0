"""Key statements: add, retire, revoke, confirm."""

from typing import Any

import pytest

from registry import state as spaces
from tests.registry.network import (
    COORDINATOR,
    DAY,
    HUB,
    Network,
    agreement_entry,
    agreement_key,
    introduced,
    officers,
    populated,
    refuses,
    signing_key,
    statement_entry,
)

ACME = [(signing_key("acme"), "provider")]


def body(action: str, name: str = "acme", **more: Any) -> dict[str, Any]:
    return {"action": action, "kid": signing_key(name).kid, **more}


def revoke(name: str = "acme", **more: Any) -> dict[str, Any]:
    return body("revoke", name, reason="compromised", **more)


def record(net: Network, name: str, owner: str = "acme") -> dict[str, Any]:
    found: dict[str, Any] = net.state.get(spaces.keyring(owner))[signing_key(name).kid]
    return found


def with_second_key() -> Network:
    net = populated()
    net.submit(net.add_key("acme", "acme 2", "acme"))
    return net


def test_an_owner_adds_a_key_which_acts_from_the_next_index() -> None:
    net = with_second_key()
    added = record(net, "acme 2")
    assert (added["introduced_by"], added["by_officers"], added["index"]) == (signing_key("acme").kid, False, 4)
    net.submit(net.member_update("acme", signers=[(signing_key("acme 2"), "provider"), *officers("ann")]))


def test_an_added_key_is_new_and_signs() -> None:
    net = with_second_key()
    refuses(net, net.key("acme", {"action": "add", "key": statement_entry(signing_key("acme 3"))}, ACME),
            "introduced_key_silent", "/signers")  # fmt: skip
    known = net.key("acme", {"action": "add", "key": statement_entry(signing_key("noor"))}, ACME)
    refuses(net, known, "key_known", "/body")
    again = net.key("acme", {"action": "add", "key": statement_entry(signing_key("acme 2"))}, ACME)
    refuses(net, again, "key_known", "/body")
    for name, code in (("log", "key_of_log"), ("witness", "key_of_witness")):
        refuses(net, net.add_key("acme", name, "acme"), code, "/body")


def test_an_added_agreement_key_brings_possession() -> None:
    net = populated()
    bare = agreement_entry(agreement_key("acme inbox"), "inbox", possession=False)
    refuses(net, net.key("acme", {"action": "add", "key": bare}, ACME), "possession_missing", "/body")
    proven = agreement_entry(agreement_key("acme inbox"), "inbox")
    net.submit(net.key("acme", {"action": "add", "key": proven}, ACME))


def test_exactly_one_key_of_the_owner_acts() -> None:
    net = with_second_key()
    both = [*ACME, (signing_key("acme 2"), "provider")]
    refuses(net, net.key("acme", body("retire"), both), "one_key_of_owner", "/signers")


def test_nobody_changes_the_keys_of_another() -> None:
    net = populated()
    neutral = [(signing_key("noor"), "neutral")]
    refuses(net, net.key("acme", body("retire"), neutral), "signer_missing", "/signers", "acme must sign")
    refuses(net, net.key("acme", body("retire"), neutral, issuer="noor"), "wrong_issuer", "/issuer")
    refuses(net, net.key("acme", body("retire"), [*ACME, *neutral]), "signer_extra", "/signers", "noor")
    refuses(net, net.key("acme", body("retire", "noor"), ACME), "key_of_other_owner", "/body/kid")


def test_owners_are_members_or_neutrals() -> None:
    net = populated()
    refuses(net, net.key("zed", body("retire"), ACME, issuer="acme"), "unknown_owner", "/body/owner", "zed")
    for owner in ("ann", HUB, COORDINATOR):
        change = net.officers_key(owner, revoke("ann"))
        refuses(net, change, "policy_keys_only", "/body/owner", "by policy only")


def test_key_statements_are_chained_but_revocations_never_stale() -> None:
    net = with_second_key()
    refuses(net, net.add_key("acme", "acme 3", "acme", previous=None), "stale_previous", "/previous")
    refuses(net, net.key("acme", body("retire"), ACME, previous=None), "stale_previous", "/previous")
    net.submit(net.key("acme", revoke(), ACME, previous="0" * 64))
    assert record(net, "acme")["revoked_at"] == 5


# retiring


def test_a_retired_key_acts_for_thirty_more_days() -> None:
    net = with_second_key()
    net.submit(net.key("acme", body("retire"), [(signing_key("acme 2"), "provider")]))
    net.now += 30 * DAY - 1
    net.submit(net.member_update("acme"))
    net.now += 1
    refuses(net, net.member_update("acme"), "key_retired", "/signers/0", "overlap has ended")


def test_a_key_retires_once() -> None:
    net = with_second_key()
    net.submit(net.key("acme", body("retire"), ACME))
    refuses(net, net.key("acme", body("retire"), ACME), "already_retired", "/body/kid")
    net.submit(net.key("acme", revoke(), ACME))
    second = [(signing_key("acme 2"), "provider")]
    refuses(net, net.key("acme", body("retire"), second), "already_revoked", "/body/kid")


# revoking


def test_a_key_revokes_itself_and_then_acts_no_more() -> None:
    net = populated()
    net.submit(net.key("acme", revoke(), ACME))
    refuses(net, net.member_update("acme"), "key_revoked", "/signers/0", "log index 4")
    refuses(net, net.key("acme", revoke(), ACME), "key_revoked", "/signers/0")


def test_a_revocation_reaches_into_the_past_by_threshold_only() -> None:
    net = populated()
    refuses(net, net.key("acme", revoke(invalid_from=3), ACME), "wrong_issuer", "/issuer", "coordinator")
    refuses(net, net.officers_key("acme", revoke(invalid_from=3), "ann"), "threshold_not_met", "/signers")
    future = net.key("acme", revoke(invalid_from=net.index + 1), ACME)
    refuses(net, future, "invalid_from_in_future", "/body/invalid_from", "present one")
    net.submit(net.officers_key("acme", revoke(invalid_from=3)))
    assert (record(net, "acme")["revoked_at"], record(net, "acme")["invalid_from"]) == (4, 3)


def test_an_owner_may_name_the_present_size() -> None:
    net = populated()
    net.submit(net.key("acme", revoke(invalid_from=net.index), ACME))


def test_a_second_revocation_must_reach_further_back() -> None:
    net = populated()
    net.submit(net.key("acme", revoke(), ACME))
    refuses(net, net.officers_key("acme", revoke()), "already_revoked", "/body/kid")
    net.submit(net.officers_key("acme", revoke(invalid_from=2)))
    refuses(net, net.officers_key("acme", revoke(invalid_from=2)), "already_revoked", "/body/kid")
    net.submit(net.officers_key("acme", revoke(invalid_from=1)))
    assert record(net, "acme")["invalid_from"] == 1


# keys that officers make


def officer_made() -> Network:
    net = populated()
    add = {"action": "add", "key": statement_entry(signing_key("acme 9"))}
    net.submit(net.officers_key("acme", add, also=introduced("acme 9")))
    return net


def test_a_key_of_officers_waits_72_hours() -> None:
    net = officer_made()
    signers = [(signing_key("acme 9"), "provider"), *officers("ann")]
    net.now += 3 * DAY - 1
    refuses(net, net.member_update("acme", signers=signers), "key_not_yet_active", "/signers/0", "72 hours")
    net.now += 1
    net.submit(net.member_update("acme", signers=signers))
    assert record(net, "acme 9")["by_officers"] is True


def test_officers_act_by_threshold_as_the_coordinator() -> None:
    net = populated()
    add = {"action": "add", "key": statement_entry(signing_key("acme 9"))}
    new = introduced("acme 9")
    refuses(net, net.officers_key("acme", add, "ann", also=new), "threshold_not_met", "/signers")
    with_owner = net.officers_key("acme", add, also=[*new, *ACME])
    refuses(net, with_owner, "signer_extra", "/signers", "acme")
    own = net.key("acme", add, [*officers("ann", "bob"), *new])
    refuses(net, own, "wrong_issuer", "/issuer", "coordinator")


# suspension and confirmation


def suspended() -> Network:
    """acme -> acme 2 -> acme 3; then acme revoked with effect from before acme 2 (index 4)."""
    net = with_second_key()
    net.submit(net.add_key("acme", "acme 3", "acme 2"))
    net.submit(net.officers_key("acme", revoke(invalid_from=4)))
    return net


@pytest.mark.parametrize("name", ["acme 2", "acme 3"])
def test_keys_introduced_through_a_revoked_key_are_suspended(name: str) -> None:
    net = suspended()
    signers = [(signing_key(name), "provider"), *officers("ann")]
    refuses(net, net.member_update("acme", signers=signers), "key_suspended", "/signers/0", "revoked key")
    own = [(signing_key(name), "provider")]
    refuses(net, net.key("acme", body("confirm", name), own), "key_suspended", "/signers/0")


def test_keys_introduced_before_invalid_from_stay() -> None:
    net = with_second_key()
    net.submit(net.officers_key("acme", revoke(invalid_from=5)))
    net.submit(net.key("acme", body("retire", "acme 2"), [(signing_key("acme 2"), "provider")]))


def test_the_threshold_confirms() -> None:
    net = suspended()
    refuses(net, net.officers_key("acme", body("confirm", "acme 2"), "ann"), "threshold_not_met", "/signers")
    net.submit(net.officers_key("acme", body("confirm", "acme 2")))
    assert record(net, "acme 2")["confirmed_at"] == 7
    net.submit(net.member_update("acme", signers=[(signing_key("acme 2"), "provider"), *officers("ann")]))


def test_a_confirmed_key_carries_those_it_introduced() -> None:
    net = suspended()
    net.submit(net.officers_key("acme", body("confirm", "acme 2")))
    net.submit(net.member_update("acme", signers=[(signing_key("acme 3"), "provider"), *officers("ann")]))


def test_a_key_further_down_is_confirmed_by_itself() -> None:
    net = suspended()
    net.submit(net.officers_key("acme", body("confirm", "acme 3")))
    net.submit(net.member_update("acme", signers=[(signing_key("acme 3"), "provider"), *officers("ann")]))
    second = [(signing_key("acme 2"), "provider"), *officers("ann")]
    refuses(net, net.member_update("acme", signers=second), "key_suspended", "/signers/0")


def test_a_key_of_the_owner_that_is_not_descended_confirms() -> None:
    net = populated()
    keys = [statement_entry(signing_key(name)) for name in ("brio", "brio 2")]
    keys.append(agreement_entry(agreement_key("brio monitor"), "monitor"))
    net.submit(net.member("brio", keys=keys, signers=[*introduced("brio", "brio 2"), *officers("ann")]))
    net.submit(net.add_key("brio", "brio 3", "brio"))
    net.submit(net.officers_key("brio", revoke("brio", invalid_from=5)))
    net.submit(net.key("brio", body("confirm", "brio 3"), [(signing_key("brio 2"), "provider")]))
    net.submit(net.member_update("brio", signers=[(signing_key("brio 3"), "provider"), *officers("ann")]))


def test_a_later_revocation_suspends_a_confirmed_key_again() -> None:
    net = with_second_key()
    net.submit(net.add_key("acme", "acme 3", "acme 2"))
    net.submit(net.officers_key("acme", revoke("acme 2", invalid_from=5)))
    net.submit(net.officers_key("acme", body("confirm", "acme 3")))
    third = [(signing_key("acme 3"), "provider"), *officers("ann")]
    net.submit(net.member_update("acme", signers=third))
    net.submit(net.officers_key("acme", revoke(invalid_from=4)))
    refuses(net, net.member_update("acme", signers=third), "key_suspended", "/signers/0")


def test_nothing_to_confirm() -> None:
    net = with_second_key()
    refuses(net, net.key("acme", body("confirm", "acme 2"), ACME), "nothing_to_confirm", "/body/kid")
    net = suspended()
    refuses(net, net.officers_key("acme", body("confirm")), "already_revoked", "/body/kid")


def test_keys_of_other_purposes_sign_nothing() -> None:
    net = populated()
    new = {"action": "add", "key": statement_entry(signing_key("acme http"), "http")}
    net.submit(net.key("acme", new, [*ACME, *introduced("acme http")]))
    signers = [(signing_key("acme http"), "provider"), *officers("ann")]
    refuses(net, net.member_update("acme", signers=signers), "wrong_purpose", "/signers/0", "http key")


def test_a_key_signs_in_its_registered_role() -> None:
    net = populated()
    signers = [(signing_key("acme"), "neutral"), *officers("ann")]
    refuses(net, net.member_update("acme", signers=signers), "role_mismatch", "/signers/0", "registered as provider")
    known = [(signing_key("acme"), "introduced"), *officers("ann")]
    refuses(net, net.member_update("acme", signers=known), "role_mismatch", "/signers/0")
