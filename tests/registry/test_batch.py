"""Batches: overlay, loading on demand, and any split giving the same outcomes."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry import state as spaces
from registry.batch import Accepted, Batch, Outcome, decide_batch
from registry.errors import BatchEndedError, NotLoaded, Refused
from registry.rulebook import Rulebook
from registry.rules import REGISTRY
from registry.state import Loaded
from signing.encoding import JSON
from signing.statement import Statement
from tests.registry.network import (
    START,
    FullState,
    Network,
    founded,
    introduced,
    officers,
    policy_body,
    populated,
    signing_key,
    statement_entry,
)

PROVIDERS, NEUTRALS = ("acme", "brio"), ("noor", "omar")
STATUSES = ("applied", "listed", "conditional", "concern", "suspended", "removed")


class Store:
    """Committed state that counts what it is asked for."""

    def __init__(self, values: Mapping[str, JSON] | None = None) -> None:
        self.values: dict[str, JSON] = dict(values or {})
        self.asked: list[frozenset[str]] = []

    def load(self, keys: frozenset[str]) -> dict[str, JSON]:
        self.asked.append(keys)
        return {key: self.values.get(key) for key in keys}


def told(outcome: Outcome) -> object:
    """What a caller sees of an outcome, comparable."""
    if isinstance(outcome, Refused):
        return (outcome.code, outcome.message, outcome.where)
    decision = outcome.decision
    return (outcome.index, decision, [effect.to_json() for effect in decision.effects])


def run(
    statements: Sequence[Statement], cuts: Sequence[int], book: Rulebook = REGISTRY
) -> tuple[list[object], dict[str, JSON]]:
    """Outcomes and final state when batches end at ``cuts``, and after each policy."""
    store, outcomes, index, begin = Store(), list[object](), 0, 0
    while begin < len(statements):
        end = next((cut for cut in sorted(cuts) if cut > begin), len(statements))
        decided = decide_batch(statements[begin:end], store.load, index, START, book)
        assert decided
        for outcome in decided:
            outcomes.append(told(outcome))
            if isinstance(outcome, Accepted):
                store.values.update(outcome.writes)
                index += 1
        begin += len(decided)
    return outcomes, store.values


class Author:
    """Writes statements, some legal and some not, against a network that registers them one by one."""

    def __init__(self, random: Random) -> None:
        self.random, self.net, self.written = random, Network(), list[Statement]()
        self.keys: dict[str, list[str]] = {name: [name] for name in PROVIDERS + NEUTRALS}
        self.awards = ["0" * 64]
        self.accepted, self.refused = set[str](), set[str]()

    def write(self, count: int) -> list[Statement]:
        self.offer(self.net.genesis())
        if self.random.random() < 0.9:
            self.offer(self.net.member("acme"))
            self.offer(self.net.accreditation("acme", "listed"))
            self.offer(self.net.neutral("noor"))
        acts = (self.member, self.neutral, self.accreditation, self.add, self.add, self.change, self.change, self.award,
                self.award, self.review, self.review, self.strike, self.policy, self.again)  # fmt: skip
        for _ in range(count):
            self.offer(self.random.choice(acts)())
        return self.written

    def offer(self, statement: Statement) -> None:
        self.written.append(statement)
        try:
            self.net.submit(statement)
        except Refused as refusal:
            self.refused.add(refusal.code)
            return
        self.accepted.add(statement.kind)
        if statement.kind == "award":
            self.awards.append(statement.digest)

    def stale(self) -> dict[str, Any]:
        return {"previous": "0" * 64} if self.random.random() < 0.1 else {}

    def who(self) -> tuple[str, str]:
        name = self.random.choice(PROVIDERS + NEUTRALS)
        return name, "provider" if name in PROVIDERS else "neutral"

    def key(self, name: str) -> str:
        return self.random.choice(self.keys[name][-2:])

    def some(self) -> list[str]:
        return self.random.sample(("ann", "bob", "cem"), self.random.choice((1, 2, 2, 3)))

    def member(self) -> Statement:
        name = self.random.choice(PROVIDERS)
        if self.net.state.get(spaces.actor(name)) is None or self.random.random() < 0.1:
            return self.net.member(name, **self.stale())
        signers = [(signing_key(self.key(name)), "provider"), *officers(self.random.choice(self.some()))]
        return self.net.member_update(name, signers=signers, **self.stale())

    def neutral(self) -> Statement:
        name, nominator = self.random.choice(NEUTRALS), self.random.choice(PROVIDERS)
        if self.net.state.get(spaces.actor(name)) is None:
            return self.net.neutral(name, nominator, **self.stale())
        if self.random.random() < 0.5:
            return self.net.neutral(name, nominator, first=False, **self.stale())
        body = {"status": self.random.choice(("paused", "left", "active"))}
        return self.net.neutral(name, "acme", first=False, body=body, signers=[(signing_key(name), "neutral")])

    def accreditation(self) -> Statement:
        name, role = self.who()
        return self.net.accreditation(name, self.random.choice(STATUSES), self.some(), role, **self.stale())

    def add(self) -> Statement:
        name, role = self.who()
        new = f"{name} {len(self.keys[name]) + 1}"
        by = self.key(name)
        self.keys[name].append(new)
        if self.random.random() < 0.2:
            body = {"action": "add", "key": statement_entry(signing_key(new))}
            return self.net.officers_key(name, body, *self.some(), also=introduced(new))
        return self.net.add_key(name, new, by, role, **self.stale())

    def change(self) -> Statement:
        name, role = self.who()
        action = self.random.choice(("retire", "revoke", "revoke", "confirm"))
        body: dict[str, JSON] = {"action": action, "kid": signing_key(self.key(name)).kid}
        if action == "revoke":
            body["reason"] = "lost"
            if self.random.random() < 0.6:
                body["invalid_from"] = self.random.choice((0, self.random.randrange(self.net.index + 2)))
        if self.random.random() < 0.6:
            return self.net.officers_key(name, body, *self.some(), **self.stale())
        return self.net.key(name, body, [(signing_key(self.key(name)), role)], **self.stale())

    def award(self) -> Statement:
        provider, neutral = self.random.choice(PROVIDERS), self.random.choice(NEUTRALS)
        signers = [(signing_key(self.key(provider)), "provider"), (signing_key(self.key(neutral)), "neutral")]
        return self.net.award(provider, signers=signers[: self.random.choice((1, 2, 2, 2, 2))])

    def strike(self) -> Statement:
        """Officers revoke a key from the beginning, which disputes what it signed."""
        name = self.random.choice(("acme", "noor", "brio"))
        body = {"action": "revoke", "kid": signing_key(self.key(name)).kid, "reason": "compromised", "invalid_from": 0}
        return self.net.officers_key(name, body, "ann", "bob")

    def review(self) -> Statement:
        award, decision = self.random.choice(self.awards[-3:]), self.random.choice(("confirm", "reject"))
        if self.random.random() < 0.6:
            return self.net.review(award, decision, signers=officers(*self.some()))
        signers = [(signing_key(self.key("acme")), "provider"), (signing_key(self.key("noor")), "neutral")]
        return self.net.review(award, decision, issuer="acme", signers=signers)

    def policy(self) -> Statement:
        names = ("ann", "bob", "cem") if self.random.random() < 0.9 else ("ann", "bob")
        body = policy_body(names, self.random.choice((1, 2, 3)))
        return self.net.policy(body, officers(*self.some()), **self.stale())

    def again(self) -> Statement:
        return self.random.choice(self.written)


@settings(max_examples=25, deadline=None)
@given(random=st.randoms(use_true_random=False), data=st.data())
def test_any_split_gives_the_same_outcomes(random: Random, data: st.DataObject) -> None:
    author = Author(random)
    statements = author.write(24)
    singly, state = run(statements, range(len(statements)))
    assert state == author.net.state.values
    cuts = data.draw(st.sets(st.integers(1, len(statements))))
    assert run(statements, sorted(cuts)) == (singly, state)
    assert run(statements, []) == (singly, state)
    rebuilt = FullState()
    for effects in author.net.effects:
        rebuilt.values.update(REGISTRY.fold(effects, rebuilt))
    assert rebuilt.values == state


def test_the_author_writes_what_rules_accept_and_what_they_refuse() -> None:
    accepted, refused = set[str](), set[str]()
    for number in range(16):
        author = Author(Random(number))
        author.write(60)
        accepted |= author.accepted
        refused |= author.refused
    assert accepted == {"genesis", "policy", "member", "key", "neutral", "accreditation", "award", "award-review"}
    assert refused >= {
        "already_registered", "stale_previous", "threshold_not_met", "key_revoked", "key_suspended", "unknown_key",
        "illegal_transition", "nominator_not_accredited", "not_disputed", "signer_missing", "invalid_from_in_future",
        "key_not_yet_active", "nothing_to_confirm", "already_revoked",
    }  # fmt: skip


def test_keys_introduced_earlier_in_a_batch_act_in_it() -> None:
    net = populated()
    statements = [net.add_key("acme", "acme 2", "acme")]
    statements.append(net.add_key("acme", "acme 3", "acme 2", previous=statements[0].digest))
    signers = [(signing_key("acme 3"), "provider"), (signing_key("noor"), "neutral")]
    statements.append(net.award(signers=signers))
    outcomes = decide_batch(statements, Store(net.state.values).load, net.index, net.now)
    assert [outcome.index for outcome in outcomes if isinstance(outcome, Accepted)] == [4, 5, 6]


def test_a_refusal_rolls_back_its_own_statement_only() -> None:
    net = populated()
    good = net.award()
    bad = net.award(salt=good.payload["salt"])
    other = net.award()
    outcomes = decide_batch([good, bad, other], Store(net.state.values).load, net.index, net.now)
    assert [outcome.code if isinstance(outcome, Refused) else outcome.index for outcome in outcomes] == [
        4,
        "salt_reused",
        5,
    ]


def test_a_policy_ends_its_batch() -> None:
    net = founded()
    batch = Batch(net.state, net.index, net.now)
    assert isinstance(batch.offer(net.policy(policy_body(("ann", "bob"), 1), officers("ann", "bob"))), Accepted)
    assert batch.ended
    with pytest.raises(BatchEndedError, match=r"ended this batch"):
        batch.offer(net.member("acme"))
    statements = [net.policy(policy_body(("ann", "bob"), 1), officers("ann", "bob")), net.member("acme")]
    assert len(decide_batch(statements, Store(net.state.values).load, net.index, net.now)) == 1


def test_missing_state_leaves_no_trace() -> None:
    net = populated()
    loaded = Loaded()
    batch = Batch(loaded, net.index, net.now)
    award = net.award()
    for _ in range(8):
        try:
            outcome = batch.offer(award)
            break
        except NotLoaded as missing:
            assert not batch.writes
            assert batch.next_index == net.index
            loaded.add({key: net.state.get(key) for key in missing.keys | REGISTRY.needs(award)})
    assert isinstance(outcome, Accepted)
    assert batch.writes == outcome.writes
    assert batch.next_index == net.index + 1


def test_a_batch_loads_no_key_twice_and_needs_few_rounds() -> None:
    net = populated()
    store = Store(net.state.values)
    outcomes = decide_batch([net.award() for _ in range(20)], store.load, net.index, net.now)
    assert all(isinstance(outcome, Accepted) for outcome in outcomes)
    asked = [key for keys in store.asked for key in keys]
    assert len(asked) == len(set(asked))
    assert len(store.asked) <= 20 + 3


def test_a_batch_leaves_its_base_alone() -> None:
    net = populated()
    before = dict(net.state.values)
    batch = Batch(net.state, net.index, net.now)
    batch.offer(net.award())
    assert net.state.values == before
    assert isinstance(batch.offer(net.award("zed")), Refused)


def test_a_refusal_keeps_no_frames() -> None:
    net = populated()
    outcome = Batch(net.state, net.index, net.now).offer(net.award("zed"))
    assert isinstance(outcome, Refused)
    assert outcome.__traceback__ is None
