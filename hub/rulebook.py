"""The rulebook that this hub decides and rebuilds by: the register's, that of the exchange, that of reporting."""

from hub.exchange.book import EXCHANGE
from hub.reporting.book import REPORTING
from registry.rules import REGISTRY

__all__ = ["RULEBOOK"]

RULEBOOK = REGISTRY.joined(EXCHANGE).joined(REPORTING)
