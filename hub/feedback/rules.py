"""Feedback on the log: the hub speaks for parties that answered it, a provider for what it took down (ADR 0042).

Checked: who speaks, that each slot has one answer of each source, that days are over, that answers of parties come
several together and in an order that tells nothing.
Not checked: whether a slot was issued, for slots and their tokens lie beside the log; and which of two answers to a
slot counts. That is for whoever reads them: a refusal here would tell a provider that the party itself had answered.
"""

from collections.abc import Mapping, Sequence

from hub.exchange.rules import check_speaker
from hub.feedback import spaces
from hub.feedback.effects import feedback_recorded
from hub.feedback.refusals import refused
from hub.feedback.standing import DAY, GROUP, PARTY
from hub.feedback.statements import day_of
from registry import state as registry_spaces
from registry.state import StateView, get_all
from registry.statements import At, Decision, registered, salt_tag, seal
from signing.encoding import JSON
from signing.statement import Statement

__all__ = ["decide_feedback", "needs", "slots"]

_Slot = tuple[str, str, str]


def needs(statement: Statement) -> set[str]:
    """State that feedback reads: a key for each slot, and whoever it is about."""
    issuer = statement.issuer
    keys = {registry_spaces.keyring(issuer), registry_spaces.salt(salt_tag(statement))}
    for slot in slots(statement):
        keys |= {spaces.answered(statement.body["source"], *slot), registry_spaces.actor(slot[0])}
    return keys


def decide_feedback(statement: Statement, state: StateView, at: At) -> Decision:
    """Register the answers of one statement, all or none."""
    by_hub = statement.body["source"] == PARTY
    check_speaker(statement, state, at, by_hub=by_hub)
    answers, told = statement.body["answers"], slots(statement)
    if sorted(set(told)) != told:
        raise refused("feedback_order", "/body/answers")
    if by_hub and len(told) < GROUP:
        raise refused("feedback_too_few", "/body/answers", least=GROUP)
    _check_days(answers, at.time // DAY + (0 if by_hub else 1))
    _check_providers(statement, told, state, by_hub=by_hub)
    stored = get_all(state, [spaces.answered(statement.body["source"], *slot) for slot in told])
    for number, one in enumerate(stored):
        if one is not None:
            raise refused("feedback_registered", f"/body/answers/{number}")
    sealed = seal(statement, state, at)
    return Decision((registered(statement, at, sealed), feedback_recorded(statement, at, told)), sealed.monitor)


def slots(statement: Statement) -> list[_Slot]:
    """Provider, case and role of each answer, as they stand."""
    return [(one["provider"], one["case"], one["role"]) for one in statement.body["answers"]]


def _check_days(answers: Sequence[Mapping[str, JSON]], end: int) -> None:
    """Every day is before the day ``end``."""
    for number, one in enumerate(answers):
        try:
            over = day_of(one["day"]) < end
        except ValueError:  # such as 31 April
            over = False
        if not over:
            raise refused("feedback_day", f"/body/answers/{number}/day")


def _check_providers(statement: Statement, told: Sequence[_Slot], state: StateView, *, by_hub: bool) -> None:
    for number, (provider, _, _) in enumerate(told):
        where = f"/body/answers/{number}/provider"
        if not by_hub and provider != statement.issuer:
            raise refused("feedback_of_other_provider", where)
        actor = state.get(registry_spaces.actor(provider))
        if actor is None or actor["role"] != "provider":
            raise refused("feedback_on_no_provider", where)
