"""Errors of this package.

SigningError
├── FormatError        bytes or text are not in the one accepted form
├── KeyRefusedError    a key is not acceptable, or not current at that place in the log
├── SignatureError     a signature does not verify, or a signer is missing, extra or unknown
├── AuthorityError     the signers may not say what the statement says
├── ProofError         a Merkle proof or a log entry does not match
└── TrustError         the trusted policy does not cover what is to be verified
"""


class SigningError(ValueError):
    """Root: a stable ``code``, a plain sentence, and ``where`` (JSON pointer, line or file name)."""

    def __init__(self, code: str, message: str, where: str = "") -> None:
        super().__init__(f"{message} ({where})" if where else message)
        self.code = code
        self.message = message
        self.where = where


class FormatError(SigningError):
    """Bytes or text are not in the one accepted form."""


class KeyRefusedError(SigningError):
    """A key is not acceptable, or not current at that place in the log."""


class SignatureError(SigningError):
    """A signature does not verify, or the set of signers is not the announced one."""


class AuthorityError(SigningError):
    """The signers may not say what the statement says."""


class ProofError(SigningError):
    """A Merkle proof or a log entry does not match."""


class TrustError(SigningError):
    """The trusted policy does not cover what is to be verified."""
