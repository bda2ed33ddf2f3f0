"""Errors of this package.

GatewayError
└── CaseRefusedError   a case file or its documents can't be taken in; every fault is listed
"""

from collections.abc import Sequence

from providers.errors import GatewayError
from schemas.errors import Violation

__all__ = ["CaseRefusedError"]


class CaseRefusedError(GatewayError):
    """A case file or its documents can't be taken in."""

    def __init__(self, violations: Sequence[Violation]) -> None:
        many = f"{len(violations)} faults" if len(violations) != 1 else "one fault"
        super().__init__("case_refused", f"The case has {many}; nothing was stored.")
        self.violations = tuple(violations)
