"""Case events on the log: pseudonymous facts, from which quality is computed later.

Checked: a provider speaks for itself, the sequence of each case rises, nothing is dated ahead of the log.
Not checked: whether a story is possible. An award before the response is a defect of data, counted and
shown with the figures; refusing it would hide it.
"""

from hub.exchange import spaces
from hub.exchange.effects import case_events_recorded
from hub.exchange.errors import refused
from hub.exchange.rules import check_speaker
from hub.instants import instant
from registry import state as registry_spaces
from registry.state import StateView, get_all
from registry.statements import AHEAD_SECONDS, At, Decision, registered, salt_tag, seal
from signing.statement import Statement

__all__ = ["decide_events", "needs"]


def needs(statement: Statement) -> set[str]:
    """State that case events read: one key for each case that they touch."""
    issuer = statement.issuer
    cases = {spaces.events(issuer, event["case"]) for event in statement.body["events"]}
    return {registry_spaces.keyring(issuer), registry_spaces.salt(salt_tag(statement))} | cases


def decide_events(statement: Statement, state: StateView, at: At) -> Decision:
    """Record the events of one statement, all or none."""
    check_speaker(statement, state, at)
    last, latest = _last(statement, state), at.time + AHEAD_SECONDS
    for number, event in enumerate(statement.body["events"]):
        where = f"/body/events/{number}/at"
        if instant(event["at"], where) > latest:
            raise refused("event_in_future", where)
        case, sequence = event["case"], event["sequence"]
        if sequence <= last[case]:
            where = f"/body/events/{number}/sequence"
            raise refused("sequence_not_increasing", where, last=last[case], sequence=sequence)
        last[case] = sequence
    sealed = seal(statement, state, at)
    recorded = case_events_recorded(statement, at, len(statement.body["events"]), last)
    return Decision((registered(statement, at, sealed), recorded), sealed.monitor)


def _last(statement: Statement, state: StateView) -> dict[str, int]:
    """The last sequence recorded of each case that the statement touches; -1 for a new one."""
    cases = sorted({event["case"] for event in statement.body["events"]})
    stored = get_all(state, [spaces.events(statement.issuer, case) for case in cases])
    return {case: -1 if one is None else one["sequence"] for case, one in zip(cases, stored, strict=True)}
