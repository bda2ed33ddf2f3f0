"""Feedback on the log: answers of parties several together, each slot once of each source, days that are over.

Who may register which is asked in ``tests/hub/exchange/test_authority_matrix.py``.
"""

from typing import Any

import pytest

from hub.feedback import spaces
from hub.feedback.refusals import REFUSALS
from hub.feedback.standing import GROUP
from hub.rulebook import RULEBOOK
from registry.state import Loaded
from signing.encoding import JSON
from signing.statement import Statement
from tests.hub.exchange.network import ExchangeNetwork, exchange, pseudonym
from tests.registry.network import HUB

Slot = tuple[str, str, str]


def slots(count: int = GROUP, provider: str = "acme") -> list[Slot]:
    names = sorted((f"case {number}" for number in range(count)), key=pseudonym)
    return [(provider, name, "claimant") for name in names]


def answer(net: ExchangeNetwork, slot: Slot, back: int = 1, **more: Any) -> dict[str, JSON]:
    return net.answer(*slot, back, **more)


def party(net: ExchangeNetwork, *answers: dict[str, JSON]) -> Statement:
    return net.feedback("party", answers or [answer(net, one) for one in slots()], HUB)


def relayed(net: ExchangeNetwork, *answers: dict[str, JSON]) -> Statement:
    return net.feedback("relayed", answers or [net.answer("acme", "one")], "acme")


def refuses(net: ExchangeNetwork, statement: Statement, code: str, where: str) -> None:
    net.refuses(statement, code, where, REFUSALS)


def test_answers_of_several_providers_are_registered_together_and_the_effect_holds_none() -> None:
    net = exchange()
    told = [answer(net, one) for one in (*slots(3), *slots(2, "brio"))]
    statement = party(net, *told)
    net.submit(statement)
    effect = net.effects[-1][-1]
    assert (effect.type, effect.version, effect.data["source"]) == ("feedback.recorded", 1, "party")
    assert set(effect.data) == {"source", "statement", "index", "time", "slots"}
    for one in told:
        key = spaces.answered("party", one["provider"], one["case"], one["role"])
        assert net.state.get(key) == {"index": net.index - 1}
        assert net.state.get(key.replace("party", "relayed", 1)) is None


def test_each_source_answers_a_slot_once_and_neither_hears_of_the_other() -> None:
    """A provider whose relayed answer were refused because of the party's would know that the party answered."""
    net = exchange()
    net.submit(party(net))
    mine = answer(net, slots()[2], outcome_side="lost")
    net.submit(relayed(net, mine))
    refuses(net, relayed(net, mine), "feedback_registered", "/body/answers/0")
    more = slots(GROUP + 1)
    refuses(net, party(net, *(answer(net, one) for one in more)), "feedback_registered", "/body/answers/0")


def test_fewer_than_a_group_are_the_hub_s_to_hold_back() -> None:
    net = exchange()
    few = [answer(net, one) for one in slots(GROUP - 1)]
    refuses(net, party(net, *few), "feedback_too_few", "/body/answers")
    net.submit(relayed(net, few[0]))


def test_answers_stand_in_an_order_that_tells_nothing() -> None:
    net = exchange()
    told = [answer(net, one) for one in slots()]
    refuses(net, party(net, *told[1:], told[0]), "feedback_order", "/body/answers")
    twice = {**told[0], "outcome_side": "lost"}
    refuses(net, party(net, told[0], twice, *told[1:]), "feedback_order", "/body/answers")


@pytest.mark.parametrize(("source", "ahead"), [("party", 0), ("party", -1), ("relayed", -1)])
def test_days_are_over(source: str, ahead: int) -> None:
    net = exchange()
    told = [answer(net, one) for one in slots()]
    told[1] = answer(net, slots()[1], ahead)
    where = "/body/answers/1/day"
    if source == "party":
        refuses(net, party(net, *told), "feedback_day", where)
    else:
        refuses(net, relayed(net, *told), "feedback_day", where)


def test_what_a_provider_relays_may_be_of_today_and_no_day_is_invented() -> None:
    net = exchange()
    slot = ("acme", "one", "respondent")
    refuses(net, relayed(net, answer(net, slot, day="2026-02-31")), "feedback_day", "/body/answers/0/day")
    net.submit(relayed(net, answer(net, slot, 0)))


def test_a_provider_relays_about_itself_and_the_hub_about_providers() -> None:
    net = exchange()
    other = answer(net, ("brio", "one", "claimant"))
    refuses(net, relayed(net, other), "feedback_of_other_provider", "/body/answers/0/provider")
    for nobody in ("noor", "zeta"):
        told = [answer(net, one) for one in slots(GROUP - 1)] + [answer(net, (nobody, "one", "claimant"))]
        refuses(net, party(net, *told), "feedback_on_no_provider", f"/body/answers/{GROUP - 1}/provider")


def test_what_the_rule_reads_is_foreseen() -> None:
    net = exchange()
    for statement in (party(net), relayed(net)):
        loaded = Loaded({key: net.state.get(key) for key in RULEBOOK.needs(statement)})
        assert RULEBOOK.decide(statement, loaded, net.at()) == RULEBOOK.decide(statement, net.state, net.at())
