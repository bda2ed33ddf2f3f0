"""Any split of a sequence with transfers into batches gives the same outcomes, and folds equal."""

from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from hub.exchange import spaces
from hub.rulebook import RULEBOOK
from registry import state as registry_spaces
from registry.errors import Refused
from signing.compose import timestamp
from signing.statement import Statement
from tests.hub.exchange.network import ExchangeNetwork
from tests.registry.network import DAY, HUB, FullState, urn
from tests.registry.test_batch import Author, run

PROVIDERS = ("acme", "brio")


class ExchangeAuthor(Author):
    """Also moves three cases to and fro, sometimes by the wrong people, in the wrong state, or too early."""

    net: ExchangeNetwork

    def __init__(self, random: Random) -> None:
        super().__init__(random)
        self.net = ExchangeNetwork()
        self.sequence = 0
        self.transfers = [urn("acme", 1)]

    def exchange(self, count: int) -> list[Statement]:
        self.write(0)
        if self.net.state.get(registry_spaces.actor("brio")) is None:
            self.offer(self.net.member("brio"))
        acts = (self.begin, self.proceed, self.proceed, self.proceed, self.proceed, self.proceed, self.proceed,
                self.answer, self.pass_on, self.finish, self.attest, self.give_up, self.report, self.late,
                self.award_of_case, self.again, self.accreditation)  # fmt: skip
        for _ in range(count):
            self.net.transfer = self.random.choice(self.transfers[-3:])
            self.offer(self.random.choice(acts)())
        return self.written

    def either(self, record: Any, name: str) -> str:
        """The right provider, nearly always."""
        if record is None or self.random.random() < 0.15:
            return self.random.choice(PROVIDERS)
        return str(record[name])

    def begin(self) -> Statement:
        case = urn(self.random.choice(PROVIDERS), 2 + self.random.randrange(2))
        stored = self.net.state.get(registry_spaces.case(case))
        sender = stored["custodian"] if stored and self.random.random() < 0.9 else self.random.choice(PROVIDERS)
        recipient = "brio" if sender == "acme" else "acme"
        self.net.transfer = urn(sender, 100 + self.net.made)
        self.transfers.append(self.net.transfer)
        body = {
            "case_id": case,
            "recipient": recipient,
            "consents": self.net.consents(recipient=recipient),
            "expires_at": timestamp(self.net.now + self.random.choice((1, 1, 0)) * DAY),
        }
        return self.net.offer(sender, body=body)

    def proceed(self) -> Statement:
        """What usually comes next."""
        record = self.net.record()
        state = record["state"] if record else ""
        usual = {"offered": self.answer, "accepted": self.pass_on, "dispatched": self.finish}
        return self.attest() if state == "dispatched" and not record["delivered"] else usual.get(state, self.begin)()

    def answer(self) -> Statement:
        by = self.either(self.net.record(), "recipient")
        return self.net.accept(by) if self.random.random() < 0.9 else self.net.decline(by)

    def pass_on(self) -> Statement:
        return self.net.dispatch(self.either(self.net.record(), "sender"))

    def finish(self) -> Statement:
        record = self.net.record()
        by = self.either(record, "recipient")
        other = "brio" if by == "acme" else "acme"
        return self.net.completion(by, body={"custodian_from": other, "custodian_to": by})

    def attest(self) -> Statement:
        event = self.random.choice(("delivery", "retrieval", "retrieval", "non_retrieval"))
        return self.net.evidence(event, "dispatch", self.either(self.net.record(), "recipient"))

    def give_up(self) -> Statement:
        return self.net.withdrawal(self.either(self.net.record(), "sender"))

    def late(self) -> Statement:
        return self.net.evidence("offer_expired", "offer", HUB)

    def report(self) -> Statement:
        self.sequence += self.random.choice((0, 1, 1))
        cases = [(str(self.random.randrange(3)), self.sequence) for _ in range(self.random.choice((1, 2)))]
        return self.net.events(cases, self.random.choice(PROVIDERS))

    def award_of_case(self) -> Statement:
        case = urn("acme", 2 + self.random.randrange(2))
        return self.net.award("acme", body={"case_id": case})


@settings(max_examples=25, deadline=None)
@given(random=st.randoms(use_true_random=False), data=st.data())
def test_any_split_gives_the_same_outcomes(random: Random, data: st.DataObject) -> None:
    author = ExchangeAuthor(random)
    statements = author.exchange(28)
    singly, state = run(statements, range(len(statements)), RULEBOOK)
    assert state == author.net.state.values
    cuts = data.draw(st.sets(st.integers(1, len(statements))))
    assert run(statements, sorted(cuts), RULEBOOK) == (singly, state)
    assert run(statements, [], RULEBOOK) == (singly, state)
    rebuilt = FullState()
    for effects in author.net.effects:
        rebuilt.values.update(RULEBOOK.fold(effects, rebuilt))
    assert rebuilt.values == state


def test_the_author_moves_cases_and_is_refused() -> None:
    accepted, refused, ends = set[str](), set[str](), set[str]()
    for number in range(30):
        author = ExchangeAuthor(Random(number))
        author.exchange(90)
        accepted |= author.accepted
        refused |= author.refused
        records = [author.net.state.get(spaces.transfer(one)) for one in author.transfers]
        ends |= {record["state"] for record in records if record is not None}
    assert accepted >= {
        "transfer-offer", "transfer-answer", "transfer-dispatch", "transfer-completion", "transfer-withdrawal",
        "evidence", "case-events",
    }  # fmt: skip
    assert ends >= {"offered", "accepted", "dispatched", "completed", "failed", "withdrawn", "declined"}
    assert refused >= {
        "not_custodian", "transfer_open", "not_recipient", "not_sender", "wrong_state", "unknown_transfer",
        "evidence_out_of_order", "sequence_not_increasing", "expiry_in_past", "not_yet_due",
    }  # fmt: skip


def test_a_transfer_runs_through_one_batch() -> None:
    net = ExchangeNetwork()
    statements = [net.genesis()]
    net.submit(statements[0])
    for step in ("acme", "brio", "offer", "accept", "dispatch", "retrieval", "completion"):
        statements.append(net.step(step))
        net.submit(statements[-1])
    outcomes, state = run(statements, [], RULEBOOK)
    assert not any(isinstance(one, Refused) for one in outcomes)
    assert state == net.state.values
    assert state[registry_spaces.case(net.case)]["custodian"] == "brio"
