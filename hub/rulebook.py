"""The rulebook that this hub decides and rebuilds by: the register's, and that of the exchange."""

from hub.exchange.book import EXCHANGE
from registry.rules import REGISTRY

__all__ = ["RULEBOOK"]

RULEBOOK = REGISTRY.joined(EXCHANGE)
