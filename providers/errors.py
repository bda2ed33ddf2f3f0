"""Errors of this package.

ProvidersError
├── HubRefusedError       the hub answered with a problem: it understood and refused
├── HubUnavailableError   no usable answer: unreachable, too slow, too long, or not in the agreed form
├── UntrustedAnswerError  the hub's answer does not verify against the trusted policy
├── InvitationError       an invitation is not of its form, or a draft is not what somebody was invited to sign
├── TransferRefused       a statement about a transfer may not be registered
└── GatewayError          the gateway's own files, options or state do not allow the step

Every error carries a stable ``code``, one plain ``message``, ``where`` (option, file, JSON pointer), the
``actor`` who must act, and whether trying the same again can help (``retryable``).
"""

__all__ = [
    "GatewayError",
    "HubRefusedError",
    "HubUnavailableError",
    "InvitationError",
    "ProvidersError",
    "TransferRefused",
    "UntrustedAnswerError",
]


class ProvidersError(Exception):
    """Root: a stable code, a sentence, where, who must act, and whether to try again."""

    def __init__(
        self, code: str, message: str, where: str = "", *, actor: str = "you", retryable: bool = False
    ) -> None:
        super().__init__(f"{message} ({where})" if where else message)
        self.code = code
        self.message = message
        self.where = where
        self.actor = actor
        self.retryable = retryable


class HubRefusedError(ProvidersError):
    """The hub refused; ``code``, ``actor`` and ``retryable`` are those of its problem document (RFC 9457)."""


class HubUnavailableError(ProvidersError):
    """The hub gave no usable answer."""


class UntrustedAnswerError(ProvidersError):
    """The hub's answer contradicts, or is not covered by, the trusted policy. Never act on it."""


class InvitationError(ProvidersError):
    """An invitation is not of its form, or a draft is not what somebody was invited to sign."""


class TransferRefused(ProvidersError):  # noqa: N818 - a judgement, named as the protocol names it
    """The transfer machine refuses; ``code`` is one of ``transfer.refusals``, ``where`` points into the payload."""


class GatewayError(ProvidersError):
    """The gateway's own files, options or state do not allow the step."""
