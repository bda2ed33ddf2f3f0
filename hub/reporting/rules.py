"""Quality reports on the log: a provider speaks for itself, once for each period unless it corrects itself.

Not checked: whether the figures are right. They are recomputed from the events when the report is read
(``hub.reporting.recomputing``), and the difference is shown; refusing it would hide it.
"""

from datetime import date

from hub.exchange.rules import check_speaker
from hub.reporting import spaces
from hub.reporting.effects import report_recorded
from hub.reporting.errors import refused
from registry import state as registry_spaces
from registry.state import StateView
from registry.statements import AHEAD_SECONDS, At, Decision, registered, salt_tag, seal
from signing.statement import Statement, seconds

__all__ = ["MOST_DAYS", "decide_report", "needs"]

MOST_DAYS = 366
_DAY = 86_400
_EPOCH = date(1970, 1, 1)


def needs(statement: Statement) -> set[str]:
    """State that a report reads."""
    issuer = statement.issuer
    return {registry_spaces.keyring(issuer), registry_spaces.salt(salt_tag(statement)), spaces.reports(issuer)}


def decide_report(statement: Statement, state: StateView, at: At) -> Decision:
    """Register the report, or its correction."""
    check_speaker(statement, state, at)
    told = statement.body["period"]
    first, end = _midnight(told["from"], "/body/period/from"), _midnight(told["to"], "/body/period/to") + _DAY
    if not first < end <= min(first + MOST_DAYS * _DAY, at.time):
        raise refused("report_period", "/body/period", most=MOST_DAYS)
    until = seconds(statement.body["source"]["recorded_until"], "/body/source/recorded_until")
    if not end <= until <= at.time + AHEAD_SECONDS:
        raise refused("report_source", "/body/source/recorded_until")
    _check_standing(statement, state)
    sealed = seal(statement, state, at)
    return Decision((registered(statement, at, sealed), report_recorded(statement, at)), sealed.monitor)


def _check_standing(statement: Statement, state: StateView) -> None:
    told, corrects = statement.body["period"], statement.body.get("corrects")
    standing = (state.get(spaces.reports(statement.issuer)) or {}).get(spaces.period(told["from"], told["to"]))
    if corrects is None and standing is not None:
        raise refused("report_stands", "/body/corrects", standing=standing["digest"])
    if corrects is not None and (standing is None or standing["digest"] != corrects):
        raise refused("report_unknown", "/body/corrects")


def _midnight(day: str, where: str) -> int:
    try:
        return (date.fromisoformat(day) - _EPOCH).days * _DAY
    except ValueError:  # such as 31 April
        raise refused("report_period", where, most=MOST_DAYS) from None
