"""Case events: each provider for itself, in rising sequence, never ahead of the log; stories are not judged."""

import json

import pytest

from hub.exchange import spaces
from hub.rulebook import RULEBOOK
from registry.state import Loaded
from tests.hub.exchange.network import ExchangeNetwork, exchange, pseudonym
from tests.hub.exchange.test_rules import refuses


def last(net: ExchangeNetwork, case: str, provider: str = "acme") -> object:
    return net.state.get(spaces.events(provider, pseudonym(case)))


def test_events_of_many_cases_come_in_one_statement() -> None:
    net = exchange()
    before = set(net.state.values)
    net.submit(net.events([("one", 0), ("two", 5), ("one", 1), ("one", 7)]))
    assert (last(net, "one"), last(net, "two")) == ({"sequence": 7}, {"sequence": 5})
    net.submit(net.events([("two", 6)]))
    assert last(net, "two") == {"sequence": 6}
    written = set(net.state.values) - before
    assert len([key for key in written if key.startswith("events/")]) == 2, "one row for each case"


def test_each_provider_counts_for_itself() -> None:
    net = exchange()
    net.submit(net.events([("one", 3)]))
    net.submit(net.events([("one", 0)], "brio"))
    assert (last(net, "one"), last(net, "one", "brio")) == ({"sequence": 3}, {"sequence": 0})


@pytest.mark.parametrize(
    ("cases", "where", "saying"),
    [
        ([("one", 4)], "/body/events/0/sequence", "recorded up to 4; 4 does not follow"),
        ([("two", 1), ("one", 3)], "/body/events/1/sequence", "recorded up to 4; 3 does not follow"),
        ([("two", 1), ("two", 1)], "/body/events/1/sequence", "recorded up to 1; 1 does not follow"),
        ([("two", 2), ("one", 9), ("two", 1)], "/body/events/2/sequence", "recorded up to 2; 1 does not follow"),
    ],
)
def test_the_sequence_of_a_case_rises(cases: list[tuple[str, int]], where: str, saying: str) -> None:
    net = exchange()
    net.submit(net.events([("one", 4)]))
    refuses(net, net.events(cases), "sequence_not_increasing", where, saying)


def test_all_or_none() -> None:
    net = exchange()
    refuses(net, net.events([("one", 1), ("two", 1), ("two", 1)]), "sequence_not_increasing", "/body/events/2/sequence")
    assert last(net, "one") is None


def test_nothing_has_happened_yet() -> None:
    net = exchange()
    net.submit(net.events([("one", 1)], when=net.now + 300))
    refuses(net, net.events([("one", 2)], when=net.now + 301), "event_in_future", "/body/events/0/at", "ahead of")


def test_impossible_stories_are_recorded() -> None:
    """They are defects of data, counted with the figures."""
    net = exchange()
    net.submit(net.events([("one", 1)], when=net.now))
    net.submit(net.events([("one", 2)], when=net.now - 900 * 86_400))


def test_the_effect_counts_and_holds_no_event() -> None:
    net = exchange()
    statement = net.events([("one", 1), ("two", 2)])
    net.submit(statement)
    effect = net.effects[-1][-1]
    assert (effect.type, effect.version) == ("case-events.recorded", 1)
    assert effect.data == {
        "provider": "acme",
        "statement": statement.digest,
        "index": net.index - 1,
        "time": net.now,
        "count": 2,
        "last": {pseudonym("one"): 1, pseudonym("two"): 2},
    }
    assert "commenced" not in json.dumps(effect.to_json())


def test_what_the_rule_reads_is_foreseen() -> None:
    net = exchange()
    statement = net.events([(str(number), 1) for number in range(200)])
    loaded = Loaded({key: net.state.get(key) for key in RULEBOOK.needs(statement)})
    assert RULEBOOK.decide(statement, loaded, net.at()) == RULEBOOK.decide(statement, net.state, net.at())
