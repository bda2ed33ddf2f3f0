"""Rulebooks: joined, they know the kinds and effects of both; what nobody knows is refused."""

from collections.abc import Mapping

import pytest

from registry.effects import Effect
from registry.errors import RegistryError, RulebookError
from registry.rulebook import Rule, Rulebook
from registry.rules import REGISTRY, At, Decision
from registry.state import StateView
from registry.statements import registered
from signing.encoding import JSON
from signing.statement import Statement
from tests.registry.network import officers, populated, refuses

COUNTED = ("noted", 1)


def note(statement: Statement, _: StateView, at: At) -> Decision:
    return Decision((registered(statement, at), Effect(*COUNTED, {"id": statement.id})))


def noted(data: Mapping[str, JSON], state: StateView) -> dict[str, JSON]:
    return {"notes": [*(state.get("notes") or []), data["id"]]}


NOTES = Rulebook({"note": Rule(lambda _: {"notes"}, note)}, {COUNTED: noted})


def test_a_joined_book_judges_and_folds_the_kinds_of_both() -> None:
    net = populated()
    net.book = REGISTRY.joined(NOTES)
    first, second = (net.make("note", "acme", {}, officers("ann")) for _ in range(2))
    assert "notes" in net.book.needs(first)
    net.submit(first)
    net.submit(second)
    net.submit(net.award())
    assert net.state.get("notes") == [first.id, second.id]
    assert net.book.kinds == REGISTRY.kinds | {"note"}
    refuses(net, net.make("note", "zed", {}, officers("ann")), "unknown_issuer", "/issuer", "zed")


def test_a_kind_of_another_book_is_unknown() -> None:
    net = populated()
    statement = net.make("note", "acme", {}, officers("ann"))
    refuses(net, statement, "unknown_kind", "/kind")
    assert "notes" not in REGISTRY.needs(statement)


def test_a_rule_says_whether_strangers_may_issue() -> None:
    net = populated()
    net.book = Rulebook({"note": Rule(lambda _: set(), note, new_issuer=True)}, {**REGISTRY.folds, COUNTED: noted})
    net.submit(net.make("note", "zed", {}, officers("ann")))


@pytest.mark.parametrize(
    ("other", "name"),
    [(Rulebook(NOTES.rules, {}), "note"), (Rulebook({}, NOTES.folds), "('noted', 1)")],
    ids=["kind", "effect"],
)
def test_no_two_books_claim_the_same(other: Rulebook, name: str) -> None:
    with pytest.raises(RulebookError) as caught:
        NOTES.joined(other)
    assert str(caught.value) == f"Two rulebooks claim {name}."
    assert isinstance(caught.value, RegistryError)
