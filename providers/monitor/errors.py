"""Errors of the monitor.

ProvidersError
├── KeysClosedError        the member's own keys can't be opened: the monitor can't tell
└── LogFaultError          the log is not as it must be; becomes an alert
    └── ContradictionError the log has signed what contradicts itself; becomes an incident, with evidence

That the hub can't be reached, or answers nonsense, is ``HubUnavailableError``: then the monitor can't tell.
"""

from collections.abc import Mapping

from providers.errors import ProvidersError

__all__ = ["ContradictionError", "KeysClosedError", "LogFaultError"]


class KeysClosedError(ProvidersError):
    """The member's own keys can't be opened, so that the monitor can't tell what stands under them."""


class LogFaultError(ProvidersError):
    """The log is not as it must be; ``code`` is one of ``alerts.MEANINGS``."""

    def __init__(self, code: str, message: str, where: str = "") -> None:
        super().__init__(code, message, where, actor="hub")


class ContradictionError(LogFaultError):
    """The log has signed what contradicts itself.

    ``evidence`` maps file names to octets that show it to anybody; ``key`` tells one contradiction from another.
    """

    def __init__(self, code: str, message: str, *, key: str, evidence: Mapping[str, bytes]) -> None:
        super().__init__(code, message)
        self.key = key
        self.evidence = evidence
