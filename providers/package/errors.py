"""Errors of this package.

ProvidersError
├── PackageRefusedError   a case, brief or package may not travel or may not be accepted, and why
└── WorkerFailedError     the process that packs or unpacks ended without an answer
"""

from providers.errors import ProvidersError
from schemas.errors import SchemasError
from signing.errors import SigningError

__all__ = ["REASONS", "PackageRefusedError", "WorkerFailedError", "refusal_of"]

REASONS = {
    "age_truncated": "truncated",
    "ciphertext_differs": "hash_mismatch",
    "ciphertext_size_differs": "truncated",
    "class_not_offered": "consent_defect",
    "consent_missing": "consent_defect",
    "consent_unfounded": "consent_defect",
    "item_consent_missing": "consent_defect",
    "manifest_differs": "manifest_mismatch",
    "no_matching_key": "wrong_key",
    "parties_differ": "consent_defect",
}
"""Code of a refusal -> ``reason`` in the recipient's evidence; every other code is ``package_invalid``."""


class PackageRefusedError(ProvidersError):
    """A case, brief or package may not travel, or what arrived must not be accepted."""

    @property
    def reason(self) -> str:
        """The word for it in the recipient's ``evidence`` statement."""
        return REASONS.get(self.code, "package_invalid")


class WorkerFailedError(ProvidersError):
    """The process that packs or unpacks ended without an answer."""


def refusal_of(error: SigningError | SchemasError, within: str = "") -> PackageRefusedError:
    """The same refusal as an error of this package; ``within`` is the file whose content it is about."""
    return PackageRefusedError(error.code, error.message, f"{within}{error.where}")
