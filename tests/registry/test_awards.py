"""Awards."""

from typing import Any

import pytest

from registry import state as spaces
from registry.custody import custodian_of
from registry.rules import REGISTRY
from signing.encoding import b64u_decode
from signing.statement import reference_tag
from tests.registry.network import (
    DAY,
    DOCUMENT,
    FullState,
    Network,
    introduced,
    officers,
    policy_body,
    populated,
    refuses,
    salt_of,
    signing_key,
    statement_entry,
    urn,
)

ACME, NOOR = (signing_key("acme"), "provider"), (signing_key("noor"), "neutral")
BOTH = ("ann", "bob")


def registered(net: Network, **more: Any) -> dict[str, Any]:
    award = net.award(**more)
    net.submit(award)
    found: dict[str, Any] = net.state.get(spaces.award(award.digest))
    return found


def test_an_award_is_registered_with_all_that_amendments_and_courts_need() -> None:
    net = populated()
    record = registered(net, salt=salt_of(3), body={"award_id": urn("acme", 7), "case_id": urn("acme", 8)})
    assert record == {
        "digest": record["digest"],
        "index": 4,
        "time": net.now,
        "issuer": "acme",
        "award_id": urn("acme", 7),
        "case_id": urn("acme", 8),
        "award_type": "final",
        "document": {"sha256": DOCUMENT, "size": 1234},
        "ref": reference_tag(b64u_decode(salt_of(3))),
        "signers": [{"kid": kid, "owner": owner, "role": role} for kid, owner, role in sorted(
            [(NOOR[0].kid, "noor", "neutral"), (ACME[0].kid, "acme", "provider")])],
        "parties": [
            {"owner": "noor", "role": "neutral", "accreditation": "none", "decided": None},
            {"owner": "acme", "role": "provider", "accreditation": "listed",
             "decided": net.state.get(spaces.accreditation("acme"))["digest"]},
        ],
    }  # fmt: skip


def test_several_neutrals_sign() -> None:
    net = populated()
    net.submit(net.neutral("omar"))
    record = registered(net, neutrals=("noor", "omar"))
    assert [party["owner"] for party in record["parties"]] == ["noor", "omar", "acme"]


def test_neutral_and_provider_sign_and_nobody_else() -> None:
    net = populated()
    refuses(net, net.award(signers=[ACME]), "neutral_missing", "/signers", "its neutral")
    refuses(net, net.award(signers=[NOOR]), "signer_missing", "/signers", "acme must sign")
    refuses(net, net.award(signers=[NOOR, ACME, *officers("ann")]), "signer_extra", "/signers", "ann")
    net.submit(net.member("brio"))
    brio = (signing_key("brio"), "provider")
    refuses(net, net.award(signers=[NOOR, ACME, brio]), "signer_extra", "/signers", "brio")
    refuses(net, net.award(signers=[NOOR, brio]), "signer_missing", "/signers", "acme")
    refuses(net, net.award(signers=[NOOR, ACME, *introduced("zed")]), "unknown_key", "/signers/2")


@pytest.mark.parametrize("issuer", ["noor", "court"])
def test_only_providers_register(issuer: str) -> None:
    net = populated()
    net.submit(net.member("court", "court"))
    signers = [NOOR] if issuer == "noor" else [NOOR, (signing_key("court"), "court")]
    refuses(net, net.award(issuer, signers=signers), "issuer_not_provider", "/issuer")


@pytest.mark.parametrize("status", ["paused", "left"])
def test_a_neutral_out_of_office(status: str) -> None:
    net = populated()
    net.submit(net.neutral("noor", first=False, body={"status": status}, signers=[NOOR]))
    refuses(net, net.award(), "neutral_not_active", "/signers", "noor is paused")


def test_a_removed_neutral() -> None:
    net = populated()
    net.submit(net.accreditation("noor", "listed", subject_type="neutral"))
    net.submit(net.accreditation("noor", "removed", BOTH, "neutral"))
    refuses(net, net.award(), "neutral_not_active", "/signers")


def test_accreditation_is_shown_not_required() -> None:
    net = populated()
    net.submit(net.accreditation("noor", "listed", subject_type="neutral"))
    net.submit(net.accreditation("noor", "suspended", BOTH, "neutral"))
    assert [party["accreditation"] for party in registered(net)["parties"]] == ["suspended", "listed"]
    net.now += 400 * DAY
    assert [party["accreditation"] for party in registered(net)["parties"]] == ["suspended", "expired"]
    net.submit(net.accreditation("acme", "removed", BOTH))
    assert [party["accreditation"] for party in registered(net)["parties"]] == ["suspended", "removed"]


def test_ids_of_award_and_case() -> None:
    net = populated()
    other = urn("brio", 1)
    refuses(net, net.award(body={"award_id": other}), "award_id_of_other_issuer", "/body/award_id", "urn:odr:acme:")
    refuses(net, net.award(body={"case_id": other}), "not_custodian", "/body/case_id", "custodian")
    net.submit(net.award(body={"award_id": urn("acme", 1)}))
    refuses(net, net.award(body={"award_id": urn("acme", 1)}), "award_id_taken", "/body/award_id")


def test_one_case_may_have_several_awards_of_one_document() -> None:
    net = populated()
    for number in (1, 2):
        net.submit(net.award(body={"case_id": urn("acme", 5), "award_id": urn("acme", number)}))


def test_the_member_in_the_case_id_is_the_first_custodian() -> None:
    assert custodian_of(urn("acme-2", 1), FullState()) == "acme-2"


def test_custody_that_moved_stands_in_the_state() -> None:
    net, case = populated(), urn("acme", 5)
    net.submit(net.member("brio"))
    net.state.values[spaces.case(case)] = {"custodian": "brio", "transfer": None, "moves": 1}
    assert custodian_of(case, net.state) == "brio"
    assert spaces.case(case) in REGISTRY.needs(net.award(body={"case_id": case}))
    refuses(net, net.award(body={"case_id": case}), "not_custodian", "/body/case_id", "acme is not the custodian")
    signers = [(signing_key("brio"), "provider"), NOOR]
    net.submit(net.award("brio", signers=signers, body={"case_id": case, "award_id": urn("brio", 1)}))


# who may sign: kind x role x purpose x state of the key

STATES = {
    "current": None,
    "of purpose http": "wrong_purpose",
    "retired": "key_retired",
    "in overlap": None,
    "revoked": "key_revoked",
    "suspended": "key_suspended",
    "made by officers": "key_not_yet_active",
    "not registered": "unknown_key",
    "of another role": "role_mismatch",
}


def with_key(owner: str, role: str, state: str) -> tuple[Network, tuple[Any, str]]:
    """A network in which ``owner`` has an extra key ``x`` in the given state."""
    net, own, new = populated(), (signing_key(owner), role), signing_key("x")
    by = signing_key("y")
    if state == "not registered":
        return net, (new, role)
    if state == "made by officers":
        add = {"action": "add", "key": statement_entry(new)}
        net.submit(net.officers_key(owner, add, also=introduced("x")))
        return net, (new, role)
    net.submit(net.add_key(owner, "y", owner, role))
    purpose = "http" if state == "of purpose http" else "statement"
    add = {"action": "add", "key": statement_entry(new, purpose)}
    net.submit(net.key(owner, add, [(by, role), (new, "introduced")]))
    if state in ("retired", "in overlap"):
        net.submit(net.key(owner, {"action": "retire", "kid": new.kid}, [own]))
        net.now += 30 * DAY - (state == "in overlap")
    if state == "revoked":
        net.submit(net.key(owner, {"action": "revoke", "kid": new.kid, "reason": "lost"}, [own]))
    if state == "suspended":
        revoke = {"action": "revoke", "kid": by.kid, "reason": "compromised", "invalid_from": net.index - 1}
        net.submit(net.officers_key(owner, revoke))
    return net, (new, "observer" if state == "of another role" else role)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize(("kind", "owner", "role"), [
    ("award", "acme", "provider"),
    ("award", "noor", "neutral"),
    ("member", "acme", "provider"),
    ("neutral", "acme", "provider"),
    ("neutral", "noor", "neutral"),
    ("key", "acme", "provider"),
    ("key", "noor", "neutral"),
])  # fmt: skip
def test_table_of_authority(kind: str, owner: str, role: str, state: str) -> None:
    net, signer = with_key(owner, role, state)
    if kind == "award":
        statement = net.award(signers=[signer, NOOR if owner == "acme" else ACME])
    elif kind == "member":
        statement = net.member_update("acme", signers=[signer, *officers("ann")])
    elif kind == "neutral":
        others = [NOOR if owner == "acme" else ACME, *officers("ann")]
        statement = net.neutral("noor", first=False, signers=[signer, *others])
    else:
        add = {"action": "add", "key": statement_entry(signing_key("z"))}
        statement = net.key(owner, add, [signer, *introduced("z")])
    code = STATES[state]
    if code is None:
        net.submit(statement)
    else:
        refuses(net, statement, code, "/signers/0")


@pytest.mark.parametrize("state", ["dropped", "http", "as provider", "unknown"])
@pytest.mark.parametrize("kind", ["member", "neutral", "accreditation", "policy", "key"])
def test_table_of_authority_for_officers(kind: str, state: str) -> None:
    net = populated()
    if state == "dropped":
        net.submit(net.policy(policy_body(("ann", "bob"), 1), officers("ann", "bob")))
    key, role, code = {
        "dropped": (signing_key("cem"), "officer", "key_revoked"),
        "http": (signing_key("cem http"), "officer", "wrong_purpose"),
        "as provider": (signing_key("cem"), "provider", "role_mismatch"),
        "unknown": (signing_key("zed"), "officer", "unknown_key"),
    }[state]
    statement = {
        "member": lambda: net.member_update("acme", signers=[(key, role), ACME]),
        "neutral": lambda: net.neutral("noor", first=False, signers=[(key, role), ACME, NOOR]),
        "accreditation": lambda: net.accreditation("acme", "concern", signers=[(key, role)]),
        "policy": lambda: net.policy(policy_body(), [(key, role), *officers("ann", "bob")])
        if state != "dropped"
        else net.policy(policy_body(("ann", "bob"), 2), [(key, role), *officers("ann")]),
        "key": lambda: net.officers_key(
            "acme", {"action": "retire", "kid": ACME[0].kid}, "ann", also=[(key, role)]
        ),
    }[kind]()  # fmt: skip
    place = "/signers/1" if kind == "key" else "/signers/0"
    refuses(net, statement, code, place)
