"""What a statement adds to the tables that follow the log."""

import json
from dataclasses import replace
from typing import Any

from hub.following.projection import FOLLOWED, TEXTS, project
from hub.rulebook import RULEBOOK
from hub.storage.values import Answered, StoredEffect, StoredStatement
from schemas.catalogue import catalogue
from signing.compose import timestamp
from signing.statement import Statement
from tests.hub.exchange.network import ExchangeNetwork, at_state, pseudonym


def stored(statement: Statement, index: int, time: int) -> StoredStatement:
    who = (statement.digest, statement.issuer, statement.id, statement.kind)
    return StoredStatement(
        index, *who, version=1, confidential=True, subject=None, amends=None, time=time, document=statement.document
    )


def effects(net: ExchangeNetwork) -> tuple[StoredEffect, ...]:
    return tuple(StoredEffect(one.type, one.version, dict(one.data)) for one in net.effects[-1])


def test_every_kind_of_the_exchange_is_followed() -> None:
    assert set(FOLLOWED) <= RULEBOOK.kinds
    kinds = {one.kind for one in catalogue().schemas() if one.kind.startswith("transfer-")} - {"transfer-brief"}
    assert set(FOLLOWED) == kinds | {"evidence", *TEXTS}


def test_a_transfer_is_read_from_effects_alone() -> None:
    """Texts are deleted some day; what was read from them could not be read again."""
    net = at_state("dispatched")
    statement = net.evidence("non_retrieval", "dispatch", body={"reason": "wrong_key"})
    net.submit(statement)
    bare = replace(stored(statement, net.index - 1, net.now), document=None)
    (change,) = project([(bare, effects(net))], 9).transfers
    assert (change.kind, change.event, change.state) == ("evidence", "non_retrieval", "failed")
    assert (change.due, change.ended, change.sender, change.recipient) == (None, net.now, "acme", "brio")
    assert change.record == net.record()


def test_an_open_transfer_is_due_some_day() -> None:
    net = at_state("offered")
    statement = net.accept()
    net.submit(statement)
    (change,) = project([(stored(statement, 5, net.now), effects(net))], 9).transfers
    assert (change.event, change.due, change.ended) == (None, net.now + 24 * 3600, None)


def test_events_keep_what_their_provider_said() -> None:
    net = at_state("offered")
    more: dict[str, Any] = {"stage": "negotiation", "agreed": False, "economies": ["SG", "CL"]}
    events = [{"case": pseudonym("one"), "sequence": 3, "type": "settled", "at": timestamp(net.now - 60)} | more]
    statement = net.confidential("case-events", "acme", {"events": events})
    (event,) = project([(stored(statement, 5, net.now), ())], 9).events
    assert (event.provider, event.case, event.sequence, event.type) == ("acme", pseudonym("one"), 3, "settled")
    assert (event.at, event.recorded_at) == (net.now - 60, net.now)
    assert json.loads(json.dumps(event.attributes)) == more


def test_answers_are_read_from_the_text_and_name_their_entry() -> None:
    net = at_state("offered")
    statement = net.feedback("relayed", [net.answer("acme", "one"), net.answer("acme", "two")], "acme")
    found = project([(stored(statement, 5, net.now), ())], 9).answers
    day = net.now // 86_400 - 1
    assert found == tuple(
        (5, Answered("acme", pseudonym(case), "claimant", "relayed", "won", {"overall": 4}, day))
        for case in ("one", "two")
    )
    bare = replace(stored(statement, 5, net.now), document=None)
    assert project([(bare, ())], 9).answers == ()


def test_a_piece_without_anything_still_moves_on() -> None:
    assert project([], 12).size == 12
