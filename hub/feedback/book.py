"""The rulebook of feedback."""

from hub.feedback import rules
from hub.feedback.effects import FOLDS
from registry.rulebook import Rule, Rulebook

__all__ = ["FEEDBACK"]

FEEDBACK = Rulebook({"feedback": Rule(rules.needs, rules.decide_feedback)}, FOLDS)
