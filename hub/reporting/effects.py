"""The effect of a quality report: from now on it is the one that stands for its period."""

from collections.abc import Mapping

from hub.reporting import spaces
from registry.effects import Effect
from registry.rulebook import Fold
from registry.state import StateView
from registry.statements import At
from signing.encoding import JSON
from signing.statement import Statement

__all__ = ["FOLDS", "report_recorded"]


def report_recorded(statement: Statement, at: At) -> Effect:
    """The report stands; holds no figure and no text."""
    told = statement.body["period"]
    data = {
        "provider": statement.issuer,
        "period": spaces.period(told["from"], told["to"]),
        "digest": statement.digest,
        "corrects": statement.body.get("corrects"),
        "index": at.index,
        "time": at.time,
    }
    return Effect("quality-report.recorded", 1, data)


def _fold_report(data: Mapping[str, JSON], state: StateView) -> dict[str, JSON]:
    key = spaces.reports(data["provider"])
    standing = {name: data[name] for name in ("digest", "index", "time")}
    return {key: {**(state.get(key) or {}), data["period"]: standing}}


FOLDS: dict[tuple[str, int], Fold] = {("quality-report.recorded", 1): _fold_report}
