"""Who may say what: every kind of the register, with every role and key purpose in its signers' places, under every
accreditation of the acting provider.

Each cell is a statement that is right but for one signer, and its verdict: accepted, or the code of the refusal. What
is expected is written by hand below, from PROTOCOL §§3-6 and DESIGN §4: ``ADDED`` and ``INSTEAD`` for signers,
``NOMINATES`` for accreditations; nothing is taken from the code under test. Monitor and inbox keys (X25519) can't sign
at all.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import pytest

from registry import state as spaces
from registry.accreditations import TRANSITIONS
from registry.errors import Refused
from registry.rules import REGISTRY
from signing.secretkeys import SigningKey
from signing.statement import Statement
from tests.registry.authority import BOTH, OK, STATES, accredit, admit, admit_everybody, outsiders
from tests.registry.network import (
    COORDINATOR,
    DAY,
    START,
    Network,
    agreement_entry,
    agreement_key,
    founded,
    introduced,
    officers,
    policy_body,
    salt_of,
    signing_key,
    statement_entry,
)

Named = tuple[str, str]
"""The name of a key and the role in which it signs."""

OUTSIDERS: dict[tuple[str, str], Named] = {
    ("hub", "statement"): ("hub", "hub"),
    ("hub", "http"): ("hub http", "hub"),
    **outsiders("nadia"),
}
"""Somebody of each role who has no part in the statement, with a key of each purpose."""


@dataclass(frozen=True, slots=True)
class Row:
    """A statement that is right: who signs it, and how it is made with other signers."""

    name: str
    signers: tuple[Named, ...]
    make: Callable[[Network, Sequence[tuple[SigningKey, str]]], Statement]


def _key_entry(net: Network, who: Sequence[tuple[SigningKey, str]], issuer: str) -> Statement:
    body = {"action": "add", "key": statement_entry(signing_key("acme new"))}
    return net.key("acme", body, who, issuer=issuer)


def _review(net: Network, who: Sequence[tuple[SigningKey, str]], decision: str, issuer: str) -> Statement:
    found = next(key for key in net.state.values if key.startswith("award/"))
    return net.review(found.removeprefix("award/"), decision, issuer=issuer, signers=who)


NEW_NEUTRAL = ("nils", "introduced")
TWO = (("ann", "officer"), ("bob", "officer"))
ROWS = {
    row.name: row
    for row in (
        Row("policy", TWO, lambda net, who: net.policy(policy_body(rules={"version": 2}), who)),
        Row(
            "member, first", (("ann", "officer"), ("zeta", "introduced")),
            lambda net, who: net.member("zeta", signers=who),
        ),
        Row(
            "member, later", (("acme", "provider"), ("ann", "officer")),
            lambda net, who: net.member_update("acme", signers=who),
        ),
        Row(
            "key, by its owner", (("acme", "provider"), ("acme new", "introduced")),
            lambda net, who: _key_entry(net, who, "acme"),
        ),
        Row(
            "key, by officers", (*TWO, ("acme new", "introduced")),
            lambda net, who: _key_entry(net, who, COORDINATOR),
        ),
        Row(
            "neutral, first", (("acme", "provider"), ("ann", "officer"), NEW_NEUTRAL),
            lambda net, who: net.neutral("nils", signers=who),
        ),
        Row(
            "neutral, later", (("acme", "provider"), ("noor", "neutral"), ("ann", "officer")),
            lambda net, who: net.neutral("noor", first=False, signers=who),
        ),
        Row(
            "neutral, pauses", (("noor", "neutral"),),
            lambda net, who: net.neutral("noor", "brio", first=False, signers=who, body={"status": "paused"}),
        ),
        Row(
            "accreditation", (("ann", "officer"),),
            lambda net, who: net.accreditation("coda", "listed", signers=who),
        ),
        Row("accreditation, grave", TWO, lambda net, who: net.accreditation("brio", "suspended", signers=who)),
        Row("reference", TWO, lambda net, who: net.reference(signers=who)),
        Row(
            "award, its provider", (("acme", "provider"), ("noor", "neutral")),
            lambda net, who: net.award(signers=who, salt=salt_of(9999)),
        ),
        Row(
            "award, its neutral", (("noor", "neutral"), ("acme", "provider")),
            lambda net, who: net.award(signers=who, salt=salt_of(9999)),
        ),
        Row("award-review, by officers", TWO, lambda net, who: _review(net, who, "confirm", COORDINATOR)),
        Row(
            "award-review, confirm", (("brio two", "provider"), ("noor", "neutral")),
            lambda net, who: _review(net, who, "confirm", "brio"),
        ),
        Row(
            "award-review, reject", (("brio two", "provider"),),
            lambda net, who: _review(net, who, "reject", "brio"),
        ),
    )
}  # fmt: skip

# What is expected, by hand. A stranger's key is unknown and a key of another purpose signs nothing, whatever the kind;
# beyond that, by kind: the verdict for an officer, for a neutral, and for anybody else.
ADDED = {
    "policy": (OK, "signer_extra", "signer_extra"),
    "member, first": (OK, "signer_extra", "signer_extra"),
    "member, later": (OK, "signer_extra", "signer_extra"),
    "key, by its owner": ("wrong_issuer", "signer_extra", "signer_extra"),
    "key, by officers": (OK, "signer_extra", "signer_extra"),
    "neutral, first": (OK, "signer_extra", "signer_extra"),
    "neutral, later": (OK, "signer_extra", "signer_extra"),
    "neutral, pauses": ("signer_missing", "signer_extra", "signer_extra"),
    "accreditation": (OK, "signer_extra", "signer_extra"),
    "accreditation, grave": (OK, "signer_extra", "signer_extra"),
    "reference": (OK, "signer_extra", "signer_extra"),
    "award, its provider": ("signer_extra", OK, "signer_extra"),
    "award, its neutral": ("signer_extra", OK, "signer_extra"),
    "award-review, by officers": (OK, "signer_extra", "signer_extra"),
    "award-review, confirm": ("wrong_issuer", "signer_extra", "signer_extra"),
    "award-review, reject": ("wrong_issuer", "signer_extra", "signer_extra"),
}
"""The outsider signs besides all others."""
INSTEAD = {
    "policy": (OK, "signer_extra", "signer_extra"),
    "member, first": (OK, "signer_extra", "signer_extra"),
    "member, later": ("signer_missing", "signer_missing", "signer_missing"),
    "key, by its owner": ("wrong_issuer", "signer_missing", "signer_missing"),
    "key, by officers": (OK, "signer_extra", "signer_extra"),
    "neutral, first": ("signer_missing", "signer_missing", "signer_missing"),
    "neutral, later": ("signer_missing", "signer_missing", "signer_missing"),
    "neutral, pauses": ("signer_missing", "signer_missing", "signer_missing"),
    "accreditation": (OK, "signer_extra", "signer_extra"),
    "accreditation, grave": (OK, "signer_extra", "signer_extra"),
    "reference": (OK, "signer_extra", "signer_extra"),
    "award, its provider": ("signer_missing", "signer_missing", "signer_missing"),
    "award, its neutral": ("neutral_missing", OK, "neutral_missing"),
    "award-review, by officers": (OK, "signer_extra", "signer_extra"),
    "award-review, confirm": ("wrong_issuer", "signer_missing", "signer_missing"),
    "award-review, reject": ("wrong_issuer", "signer_missing", "signer_missing"),
}
"""The outsider signs instead of the first of the signers."""

ISSUED_BY_ANOTHER = {
    "policy": "wrong_issuer",
    "member, first": "actor_id_taken",
    "member, later": "actor_id_taken",
    "key, by its owner": "wrong_issuer",
    "key, by officers": "wrong_issuer",
    "neutral, first": "actor_id_taken",
    "neutral, later": "actor_id_taken",
    "neutral, pauses": "actor_id_taken",
    "accreditation": "wrong_issuer",
    "accreditation, grave": "wrong_issuer",
    "reference": "wrong_issuer",
    "award, its provider": "issuer_not_provider",
    "award, its neutral": "issuer_not_provider",
    "award-review, by officers": "issuer_not_involved",
    "award-review, confirm": "issuer_not_involved",
    "award-review, reject": "issuer_not_involved",
}
"""The signers are right, the issuer is not."""

NOMINATES = {"listed", "conditional", "concern", "referred"}
"""Accreditations with which a provider nominates neutrals; for everything else of the register any will do."""


def expected(row: str, role: str, purpose: str, state: str, table: dict[str, tuple[str, str, str]]) -> str:
    """The verdict on a cell: signers are judged before the accreditation of whoever acts."""
    if role == "stranger":
        return "unknown_key"
    if purpose != "statement":
        return "wrong_purpose"
    officer, neutral, other = table[row]
    verdict = officer if role == "officer" else neutral if role == "neutral" else other
    nominates = row in {"neutral, first", "neutral, later"}
    return "nominator_not_accredited" if verdict == OK and nominates and state not in NOMINATES else verdict


@cache
def world(state: str) -> Network:
    """Everybody, a disputed award of brio, and provider acme in the given state of accreditation. Not to be changed."""
    net = founded()
    admit_everybody(net, "brio")
    admit(net, "nadia", "neutral", "brio")
    net.submit(net.award("brio"))
    net.submit(net.add_key("brio", "brio two", "brio"))
    revoked = {"action": "revoke", "kid": signing_key("brio").kid, "reason": "compromised", "invalid_from": 1}
    net.submit(net.officers_key("brio", revoked))
    net.submit(net.officers_key("brio", {"action": "confirm", "kid": signing_key("brio two").kid}))
    accredit(net, "acme", state, 10 * DAY)
    return net


def verdict(net: Network, statement: Statement) -> str:
    try:
        REGISTRY.decide(statement, net.state, net.at())
    except Refused as refusal:
        return refusal.code
    return OK


def signed(names: Sequence[Named]) -> list[tuple[SigningKey, str]]:
    return [(signing_key(name), role) for name, role in names]


@cache
def right(row: str) -> Statement:
    """The statement of a row as it should be; it is the same in every world."""
    return _made(row, ROWS[row].signers)


@cache
def wrong(row: str, instead: bool) -> dict[tuple[str, str], Statement]:  # noqa: FBT001
    """The statement of a row with each outsider besides or instead of the first of its signers."""
    kept = ROWS[row].signers[1:] if instead else ROWS[row].signers
    return {whose: _made(row, [*kept, outsider]) for whose, outsider in OUTSIDERS.items()}


def _made(row: str, signers: Sequence[Named]) -> Statement:
    net = world("listed")
    apart = Network(net.state, START, net.index, net.digest, made=50_000)  # ids that no world has used
    return ROWS[row].make(apart, signed(signers))


def test_the_tables_speak_of_every_kind() -> None:
    assert ROWS.keys() == ADDED.keys() == INSTEAD.keys()
    assert {name.split(",")[0] for name in ROWS} | {"genesis"} == REGISTRY.kinds


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("row", ROWS)
def test_the_matrix(row: str, state: str) -> None:
    net = world(state)
    nominates = row in {"neutral, first", "neutral, later"}
    assert verdict(net, right(row)) == ("nominator_not_accredited" if nominates and state not in NOMINATES else OK)
    for table in (ADDED, INSTEAD):
        found = {whose: verdict(net, one) for whose, one in wrong(row, table is INSTEAD).items()}
        assert found == {whose: expected(row, *whose, state, table) for whose in OUTSIDERS}


@pytest.mark.parametrize("row", ROWS)
def test_nobody_signs_in_a_role_that_is_not_theirs(row: str) -> None:
    net = world("listed")
    for name, role in (("acme", "officer"), ("ann", "provider"), ("noor", "provider"), ("hub", "officer")):
        kept = [one for one in ROWS[row].signers if one[0] != name]
        assert verdict(net, ROWS[row].make(net, signed([*kept, (name, role)]))) == "role_mismatch"


@pytest.mark.parametrize("row", ROWS)
def test_nobody_issues_for_another(row: str) -> None:
    """The same signers, but the coordinator as issuer of what a member says, or a member of what officers say."""
    net = world("listed")
    good = ROWS[row].make(net, signed(ROWS[row].signers))
    other = "coda" if good.issuer == COORDINATOR else COORDINATOR
    body = dict(good.body)
    envelope = {"previous": good.previous} if good.previous is not None else {}
    salt = {"salt": good.payload["salt"]} if good.salt is not None else {}
    moved = net.make(good.kind, other, body, signed(ROWS[row].signers), **envelope, **salt)
    assert verdict(net, moved) == ISSUED_BY_ANOTHER[row]


def test_a_threshold_is_not_met_twice_by_one_officers_keys() -> None:
    net = founded()
    body = policy_body()
    body["officers"][0]["keys"].append(statement_entry(signing_key("ann two")))
    net.submit(net.policy(body, [*officers("ann", "bob"), *introduced("ann two")]))
    for name in ("acme", "brio"):
        net.submit(net.member(name))
    net.submit(net.accreditation("acme", "listed"))
    twice = officers("ann", "ann two")
    new = {"action": "add", "key": statement_entry(signing_key("acme new"))}
    for statement in (
        net.policy(body, twice),
        net.accreditation("acme", "suspended", signers=twice),
        net.accreditation("acme", "removed", signers=twice),
        net.reference(signers=twice),
        net.key("acme", new, [*twice, *introduced("acme new")], issuer=COORDINATOR),
    ):
        assert verdict(net, statement) == "threshold_not_met"
    assert verdict(net, net.accreditation("acme", "suspended", signers=[*twice, *officers("cem")])) == OK


def test_nobody_accredits_themselves() -> None:
    net = world("applied")
    own = [(signing_key("acme"), "provider")]
    assert verdict(net, net.accreditation("acme", "listed", signers=own)) == "signer_extra"
    assert verdict(net, net.accreditation("acme", "listed", issuer="acme", signers=own)) == "wrong_issuer"
    both = [*own, *officers("ann")]
    assert verdict(net, net.accreditation("acme", "listed", signers=both)) == "signer_extra"
    noor = [(signing_key("noor"), "neutral")]
    own_neutral = net.accreditation("noor", "listed", subject_type="neutral", signers=[*noor, *officers("ann")])
    assert verdict(net, own_neutral) == "signer_extra"
    declared = founded()
    people = [{**one, "affiliations": ["acme"]} for one in policy_body()["officers"][:1]] + policy_body()["officers"][
        1:
    ]
    declared.submit(declared.policy(policy_body(officers=()) | {"officers": people}, officers(*BOTH)))
    declared.submit(declared.member("acme"))
    assert verdict(declared, declared.accreditation("acme", "listed")) == "officer_affiliated"
    assert verdict(declared, declared.accreditation("acme", "listed", ("bob",))) == OK


@pytest.mark.parametrize("holder", ["acme", "noor", "forum", "ann", "hub"])
def test_a_key_has_one_owner(holder: str) -> None:
    net = world("listed")
    keys = [statement_entry(signing_key(holder)), agreement_entry(agreement_key("zeta monitor"), "monitor")]
    first = net.member("zeta", keys=keys, signers=[(signing_key(holder), "introduced"), *officers("cem")])
    assert verdict(net, first) == "key_known"
    added = net.add_key("coda", holder, "coda")
    assert verdict(net, added) == "key_known"
    neutral = net.neutral(
        "nils", "brio", body={"keys": [statement_entry(signing_key(holder))]},
        signers=[(signing_key(holder), "introduced"), (signing_key("brio two"), "provider"), *officers("cem")],
    )  # fmt: skip
    assert verdict(net, neutral) == "key_known"


def test_a_key_without_a_signature_is_not_taken_from_somebody_else_either() -> None:
    net = world("listed")
    keys = [statement_entry(signing_key("zeta")), agreement_entry(agreement_key("coda monitor"), "monitor")]
    assert verdict(net, net.member("zeta", keys=keys)) == "key_known"


@pytest.mark.parametrize("state", STATES)
def test_a_neutrals_accreditation_bars_an_award_only_once_it_is_removed(state: str) -> None:
    net = world("listed")
    fresh = Network(type(net.state)(net.state.values), net.now, net.index, net.digest, made=net.made)
    paths = {"none": (), "removed": ("listed", "removed"), "suspended": ("listed", "suspended"), "listed": ("listed",)}
    for status in paths.get(state, ("listed",)):
        fresh.submit(fresh.accreditation("noor", status, BOTH, "neutral"))
    award = fresh.award(signers=signed([("noor", "neutral"), ("acme", "provider")]))
    assert verdict(fresh, award) == ("neutral_not_active" if state == "removed" else OK)


def test_every_illegal_transition_is_refused_and_every_path_of_two_is_judged() -> None:
    """Every ordered pair of statuses, from each start: refused exactly where the machine of the design has no arrow."""
    arrows = {
        "none": "applied listed",
        "applied": "listed conditional removed",
        "listed": "listed conditional concern suspended removed expired",
        "conditional": "listed conditional concern suspended removed expired",
        "concern": "listed conditional concern referred suspended removed expired",
        "referred": "listed conditional referred suspended removed expired",
        "suspended": "listed conditional referred suspended removed",
        "removed": "applied listed conditional removed",
        "expired": "applied suspended removed",
    }
    assert {old: set(new.split()) for old, new in arrows.items()} == {old: set(new) for old, new in TRANSITIONS.items()}
    for old in ("none", "applied", "listed", "conditional", "concern", "referred", "suspended", "removed", "expired"):
        net = world(old)
        for new in TRANSITIONS.keys() - {"none"}:
            found = verdict(net, net.accreditation("acme", new, BOTH))
            assert (found == "illegal_transition") == (new not in arrows[old].split()), (old, new, found)


def test_nobody_reaches_a_removal_alone() -> None:
    net = world("none")
    for path in (("listed", "removed"), ("listed", "suspended"), ("listed", "concern", "referred", "removed")):
        fresh = Network(type(net.state)(net.state.values), net.now, net.index, net.digest, made=net.made)
        for one, following in pairwise(path):
            fresh.submit(fresh.accreditation("acme", one))
            alone = fresh.accreditation("acme", following)
        assert verdict(fresh, alone) == "threshold_not_met"
        assert fresh.state.get(spaces.accreditation("acme"))["status"] in NOMINATES
