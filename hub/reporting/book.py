"""The rulebook of quality reports."""

from hub.reporting import rules
from hub.reporting.effects import FOLDS
from registry.rulebook import Rule, Rulebook

__all__ = ["REPORTING"]

REPORTING = Rulebook({"quality-report": Rule(rules.needs, rules.decide_report)}, FOLDS)
