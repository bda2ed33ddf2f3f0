"""The rulebook that this hub decides and rebuilds by: the register's, of the exchange, of reporting, of feedback."""

from hub.exchange.book import EXCHANGE
from hub.feedback.book import FEEDBACK
from hub.reporting.book import REPORTING
from registry.rules import REGISTRY

__all__ = ["RULEBOOK"]

RULEBOOK = REGISTRY.joined(EXCHANGE).joined(REPORTING).joined(FEEDBACK)
