"""A rulebook: which kinds of statement there are, who judges each, and how stored effects fold into state.

Packages that add kinds bring a rulebook of their own; ``joined`` makes one of several. Whoever decides or
rebuilds is handed the book to go by, so that no log is ever folded with half of its effects unknown.

Example::

    book = REGISTRY.joined(exchange)
    decision = book.decide(statement, state, At(index=41, time=1_790_000_000))
    writes = book.fold(decision.effects, state)
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from registry import state as spaces
from registry.effects import Effect
from registry.errors import Refused, RulebookError, refused
from registry.state import POLICY, Overlay, StateView
from registry.statements import At, Decision, check_envelope
from signing.encoding import JSON
from signing.statement import Statement

__all__ = ["Fold", "Rule", "Rulebook"]

Fold = Callable[[Mapping[str, JSON], StateView], dict[str, JSON]]
"""From an effect's data and the state before it to the state keys it writes; reads at most those keys."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind's rule.

    Attributes:
        needs: state keys that deciding will read, as far as a statement tells.
        decide: what follows from a statement, or a refusal.
        new_issuer: whether the issuer may be somebody whom the register does not know yet.
    """

    needs: Callable[[Statement], set[str]]
    decide: Callable[[Statement, StateView, At], Decision]
    new_issuer: bool = False


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Rules by kind, and folds by (effect type, version). Built once, never changed."""

    rules: Mapping[str, Rule]
    folds: Mapping[tuple[str, int], Fold]

    @property
    def kinds(self) -> frozenset[str]:
        """Every kind for which there is a rule."""
        return frozenset(self.rules)

    def joined(self, other: "Rulebook") -> "Rulebook":
        """Both books in one.

        Raises:
            RulebookError: both have a rule for one kind, or a fold for one version of an effect.
        """
        twice = {*(self.rules.keys() & other.rules.keys()), *map(str, self.folds.keys() & other.folds.keys())}
        if twice:
            raise RulebookError(min(twice))
        return Rulebook({**self.rules, **other.rules}, {**self.folds, **other.folds})

    def needs(self, statement: Statement) -> frozenset[str]:
        """The state keys that deciding will read as far as the statement tells; a hint, never a promise.

        Owners of signing keys are known only from the state: ``decide`` asks for their rings by ``NotLoaded``.
        Judges nothing: for a statement that ``decide`` will refuse, the hint may be short.
        """
        own: set[str] = set()
        with suppress(Refused):
            own = self._rule(statement).needs(statement)
        shared = {
            POLICY,
            spaces.digest(statement.digest),
            spaces.statement_id(statement.issuer, statement.id),
            spaces.actor(statement.issuer),
        }
        return frozenset(shared | own | {spaces.kid(one.kid) for one in statement.signatures})

    def decide(self, statement: Statement, state: StateView, at: At) -> Decision:
        """What follows if ``statement`` is registered at ``at``.

        Checks everything that depends on state: envelope, issuer, chain, keys, authority and the judgements
        of the kind. Does not verify signatures, schema or HMACs of possession, which need no order.

        Raises:
            Refused: with a code of a catalogue; the statement may not be registered here and now.
            NotLoaded: state is missing; load it and call again.
        """
        rule = self._rule(statement)
        check_envelope(statement, state, at)
        if not rule.new_issuer:
            actor = state.get(spaces.actor(statement.issuer))
            if actor is None or not actor["active"]:
                raise refused("unknown_issuer", "/issuer", issuer=statement.issuer)
        return rule.decide(statement, state, at)

    def apply(self, effect: Effect, state: StateView) -> dict[str, JSON]:
        """The state keys that ``effect`` writes, with their new values.

        Reads at most the keys it writes. Never refuses: whether the statement was acceptable was judged once,
        when it was registered.

        Raises:
            NotLoaded: when such a key is not loaded.
            KeyError: for a type or version this book does not know; the data were written by a newer release.
        """
        return self.folds[effect.type, effect.version](effect.data, state)

    def fold(self, effects: Iterable[Effect], state: StateView) -> dict[str, JSON]:
        """The writes of several effects in order, each seeing those before it."""
        overlay = Overlay(state)
        for effect in effects:
            overlay.writes.update(self.apply(effect, overlay))
        return overlay.writes

    def _rule(self, statement: Statement) -> Rule:
        rule = self.rules.get(statement.kind)
        if rule is None:
            raise refused("unknown_kind", "/kind")
        return rule
