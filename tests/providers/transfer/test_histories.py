"""Ten thousand random histories: whatever fails on the way, everybody comes to the same, single end."""

from collections import Counter
from random import Random

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from providers.transfer.commands import Completion, Offer
from providers.transfer.values import FINAL, TRANSITIONS
from tests.fakes.exchange import CASES, PROVIDERS, Exchange, Replica

HISTORIES, EACH = 100, 100


def check(exchange: Exchange) -> None:
    """Hold the end of a settled history, and the way there, against the promises of the protocol."""
    hub = exchange.hub
    for gateway in exchange.gateways.values():
        assert gateway.replica == hub.state, f"{gateway.name} came to another end than the hub"
        assert not gateway.outbox
    ends = Counter[str]()
    custodian = {case: case.split(":")[2] for case in CASES}
    told = Replica()
    for entry in hub.log:
        old = told.transfers.get(entry.command.transfer_id)
        told.apply(entry)
        new = told.transfers[entry.command.transfer_id]
        if old is None:
            assert isinstance(entry.command, Offer)
            assert new.sender == custodian[new.case], "only the custodian offers"
        elif new.state != old.state:
            assert new.state in TRANSITIONS[old.state]
        if new.state in FINAL:
            ends[new.transfer_id] += 1
        if isinstance(entry.command, Completion):
            custodian[new.case] = new.recipient
        assert {case: told.cases[case].custodian for case in CASES} == custodian
        for case in CASES:
            opened = [one.transfer_id for one in told.transfers.values() if one.case == case and one.open]
            assert opened == ([told.cases[case].transfer] if told.cases[case].transfer else []), "one open transfer"
    assert ends == dict.fromkeys(hub.state.transfers, 1), "every accepted message reaches exactly one final state"
    assert set(custodian.values()) <= set(PROVIDERS)


@settings(max_examples=HISTORIES, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(seed=st.integers(0, 2**32))
def test_everybody_comes_to_the_same_single_end(seed: int) -> None:
    """A seed is a history, so nothing is gained by shrinking it."""
    for number in range(EACH):
        exchange = Exchange(Random(seed * EACH + number))
        exchange.run(exchange.random.choice((20, 60, 200)))
        exchange.settle()
        check(exchange)


def test_the_histories_hold_what_can_happen() -> None:
    ends, refusals, moves = set[str](), set[str](), 0
    for seed in range(200):
        exchange = Exchange(Random(seed))
        exchange.run(300)
        exchange.settle()
        ends |= {one.state for one in exchange.hub.state.transfers.values()}
        refusals |= exchange.hub.refusals
        moves = max(moves, *(case.moves for case in exchange.hub.state.cases.values()))
    assert ends == FINAL
    assert moves >= 3
    assert refusals >= {
        "not_custodian", "transfer_open", "wrong_state", "offer_expired", "dispatch_expired", "completion_expired",
        "expiry_in_past", "evidence_out_of_order", "manifest_differs",
    }  # fmt: skip
