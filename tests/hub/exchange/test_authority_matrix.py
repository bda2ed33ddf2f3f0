"""Who may say what about transfers and cases: every kind of the exchange, feedback and reports, with every role and
key purpose in its signer's place, for every issuer, under every accreditation of who acts.

One signer speaks for each, its issuer: a provider, or the hub for evidence and feedback that are the hub's. What is
expected is written by hand below, from PROTOCOL §7; nothing is taken from the code under test. The kinds of the
register have a matrix of their own (``tests/registry/test_authority_matrix.py``).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial

import pytest

from hub.exchange.book import EXCHANGE
from hub.feedback.book import FEEDBACK
from hub.reporting.book import REPORTING
from hub.rulebook import RULEBOOK
from registry.errors import Refused
from registry.rules import REGISTRY
from signing.secretkeys import SigningKey
from signing.statement import Statement
from tests.hub.exchange.network import HOUR, ExchangeNetwork, pseudonym
from tests.hub.reporting.test_rules import report
from tests.registry.authority import OK, STATES, accredit, admit_everybody, outsiders, pass_time
from tests.registry.network import (
    COORDINATOR,
    DAY,
    HUB,
    FullState,
    signing_key,
)

OUTSIDERS = outsiders("noor")
"""Somebody of each role who has no part in the transfer, with a key of each purpose; and of the hub, see below."""


@dataclass(frozen=True, slots=True)
class Row:
    """A statement that is right: who says it, and what was said before."""

    name: str
    speaker: str
    before: tuple[str, ...]


ROWS = {
    row.name: row
    for row in (
        Row("transfer-offer", "acme", ()),
        Row("transfer-answer, accepts", "brio", ("offer",)),
        Row("transfer-answer, declines", "brio", ("offer",)),
        Row("transfer-withdrawal", "acme", ("offer",)),
        Row("transfer-dispatch", "acme", ("offer", "accept")),
        Row("transfer-completion", "brio", ("offer", "accept", "dispatch")),
        Row("evidence, by its member", "brio", ("offer", "accept", "dispatch")),
        Row("evidence, by the hub", HUB, ("offer",)),
        Row("case-events", "acme", ()),
        Row("feedback, of parties", HUB, ()),
        Row("feedback, relayed", "acme", ()),
        Row("quality-report", "acme", ()),
    )
}

BARRED = {
    ("transfer-offer", "suspended"): "sender_must_exit",
    ("transfer-offer", "removed"): "sender_must_exit",
    ("transfer-answer, accepts", "suspended"): "recipient_not_active",
    ("transfer-answer, accepts", "removed"): "recipient_not_active",
}
"""What who acts may not say under an accreditation. All else it may, so that open cases are brought to an end."""

ISSUED = {
    "transfer-offer": {"acme": OK, "brio": "transfer_id_of_other_issuer", "coda": "transfer_id_of_other_issuer"},
    "transfer-answer, accepts": {"acme": "not_recipient", "brio": OK, "coda": "not_recipient"},
    "transfer-answer, declines": {"acme": "not_recipient", "brio": OK, "coda": "not_recipient"},
    "transfer-withdrawal": {"acme": OK, "brio": "not_sender", "coda": "not_sender"},
    "transfer-dispatch": {"acme": OK, "brio": "not_sender", "coda": "not_sender"},
    "transfer-completion": {"acme": "not_recipient", "brio": OK, "coda": "not_recipient"},
    "evidence, by its member": {"acme": "not_recipient", "brio": OK, "coda": "not_recipient"},
    "evidence, by the hub": {"acme": "wrong_issuer", "brio": "wrong_issuer", "coda": "wrong_issuer", HUB: OK},
    "case-events": {"acme": OK, "brio": OK, "coda": OK},
    "feedback, of parties": {"acme": "wrong_issuer", "brio": "wrong_issuer", "coda": "wrong_issuer", HUB: OK},
    "feedback, relayed": {"acme": OK, "brio": "feedback_of_other_provider", "coda": "feedback_of_other_provider"},
    "quality-report": {"acme": OK, "brio": OK, "coda": OK},
}
"""Issuer -> verdict where it says the same with a key of its own; case events and reports are each provider's own."""

HUBS = ("evidence, by the hub", "feedback, of parties")
"""What is the hub's to say."""

ELSEWHO = ("forum", "watcher", "noor", COORDINATOR, "ann", HUB)
"""Who is registered and no provider."""


def _statement(net: ExchangeNetwork, row: str, signers: Sequence[tuple[SigningKey, str]], issuer: str) -> Statement:
    makers: dict[str, Callable[..., Statement]] = {
        "transfer-offer": net.offer,
        "transfer-answer, accepts": net.accept,
        "transfer-answer, declines": net.decline,
        "transfer-withdrawal": net.withdrawal,
        "transfer-dispatch": net.dispatch,
        "transfer-completion": net.completion,
        "evidence, by its member": partial(net.evidence, "retrieval", "dispatch"),
        "evidence, by the hub": partial(net.evidence, "offer_expired", "offer"),
        "feedback, of parties": partial(
            net.feedback, "party", [net.answer("acme", case) for case in sorted("12345", key=pseudonym)]
        ),
        "feedback, relayed": partial(net.feedback, "relayed", [net.answer("acme", "one")]),
        "case-events": partial(net.events, [("one", 0)]),
        "quality-report": lambda issuer, signers: report(net, issuer=issuer, signers=signers),
    }
    return makers[row](issuer, signers=signers)


@cache
def told(before: tuple[str, ...]) -> ExchangeNetwork:
    """Everybody, and a transfer of acme to brio as far as these steps bring it. Not to be changed."""
    net = ExchangeNetwork()
    net.submit(net.genesis())
    admit_everybody(net, "coda")
    for step in before:
        net.submit(net.step(step))
    return net


@cache
def world(row: str, state: str) -> ExchangeNetwork:
    """The transfer as the row needs it, and who acts accredited like this since. Not to be changed."""
    net, actor = fresh(told(ROWS[row].before)), ROWS[row].speaker
    if actor == HUB:
        pass_time(net, state, HOUR)
    else:
        accredit(net, actor, state, HOUR)
    if row == "evidence, by the hub":
        net.now += 5 * DAY
    return net


def fresh(net: ExchangeNetwork) -> ExchangeNetwork:
    """The same network once more, to be gone on with."""
    return ExchangeNetwork(FullState(net.state.values), net.now, net.index, net.digest, made=net.made, book=net.book)


def verdict(net: ExchangeNetwork, statement: Statement) -> str:
    try:
        net.book.decide(statement, net.state, net.at())
    except Refused as refusal:
        return refusal.code
    return OK


def own(row: str) -> tuple[SigningKey, str]:
    speaker = ROWS[row].speaker
    return signing_key(speaker), "hub" if speaker == HUB else "provider"


def said(net: ExchangeNetwork, row: str, *signers: tuple[SigningKey, str], issuer: str | None = None) -> str:
    return verdict(net, _statement(fresh(net), row, signers, issuer or ROWS[row].speaker))


def test_the_tables_speak_of_every_kind() -> None:
    assert ROWS.keys() == ISSUED.keys()
    assert {name.split(",")[0] for name in ROWS} == EXCHANGE.kinds | FEEDBACK.kinds | REPORTING.kinds
    assert {name.split(",")[0] for name in ROWS} == RULEBOOK.kinds - REGISTRY.kinds, "the register has its own matrix"
    assert {row for row, _ in BARRED} <= ROWS.keys()


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("row", ROWS)
def test_the_matrix(row: str, state: str) -> None:
    """Signers are judged before the accreditation of whoever acts."""
    net = world(row, state)
    assert said(net, row, own(row)) == BARRED.get((row, state), OK)
    for whose, (name, role) in OUTSIDERS.items():
        outsider = (signing_key(name), role)
        stranger = whose[0] == "stranger"
        assert said(net, row, own(row), outsider) == ("unknown_key" if stranger else "signer_extra"), whose
        assert said(net, row, outsider) == ("unknown_key" if stranger else "signer_missing"), whose


@pytest.mark.parametrize("row", ROWS)
def test_keys_of_another_purpose_say_nothing(row: str) -> None:
    net, (_, role) = world(row, "listed"), own(row)
    for purpose in ("http",) if role == "hub" else ("http", "witness"):
        assert said(net, row, (signing_key(f"{ROWS[row].speaker} {purpose}"), role)) == "wrong_purpose"


@pytest.mark.parametrize("row", ROWS)
def test_nobody_speaks_in_a_role_that_is_not_theirs(row: str) -> None:
    net, (key, right) = world(row, "listed"), own(row)
    for role in ("provider", "hub", "officer", "neutral", "court", "observer"):
        assert said(net, row, (key, role)) == (OK if role == right else "role_mismatch"), role


@pytest.mark.parametrize("row", ROWS)
def test_who_may_issue_what(row: str) -> None:
    """Everybody says the same as the right speaker, with a key of their own."""
    net = world(row, "listed")
    roles = {"forum": "court", "watcher": "observer", "noor": "neutral", HUB: "hub", COORDINATOR: "officer",
             "ann": "officer"}  # fmt: skip
    for issuer in ("acme", "brio", "coda", *ELSEWHO):
        key = signing_key("ann" if issuer == COORDINATOR else issuer)
        no_provider = "wrong_issuer" if row in HUBS else "issuer_not_provider"
        found = said(net, row, (key, roles.get(issuer, "provider")), issuer=issuer)
        assert found == ISSUED[row].get(issuer, no_provider), issuer
    assert said(net, row, own(row), issuer="zeta") == "unknown_issuer"
