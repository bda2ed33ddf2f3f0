"""The rulebook of the exchange: transfers, evidence, case events."""

from hub.exchange import events, rules
from hub.exchange.effects import FOLDS
from providers.transfer.commands import KINDS
from registry.rulebook import Rule, Rulebook

__all__ = ["EXCHANGE"]

EXCHANGE = Rulebook(
    {
        **dict.fromkeys(KINDS, Rule(rules.needs, rules.decide_transfer)),
        "case-events": Rule(events.needs, events.decide_events),
    },
    FOLDS,
)
