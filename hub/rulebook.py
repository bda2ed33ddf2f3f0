"""The rulebook that this hub decides and rebuilds by: that of the register."""

from registry.rules import REGISTRY

__all__ = ["RULEBOOK"]

RULEBOOK = REGISTRY
