"""Errors of this package.

MetricsError
├── BadDataError          an estimator was given data that it has no meaning for
├── BadFigureError        a figure would lack its n, or say two things at once
├── BadDefinitionError    indicators.toml says something that no indicator can be
├── BadComparisonError    a comparison would be unfair, or say more than is known
├── BadPeriodError        a period ends before it begins, or after the freeze, or begins before 1970
├── NotConvergedError     an estimate that is sought step by step was not reached
└── IdentityBrokenError   cases pending at the end are not those at the start plus what came minus what left

Wrong events are not errors: they are counted as defects (``metrics.defects``), because one provider's slip
must not stop everybody's figures.
"""

__all__ = [
    "BadComparisonError",
    "BadDataError",
    "BadDefinitionError",
    "BadFigureError",
    "BadPeriodError",
    "IdentityBrokenError",
    "MetricsError",
    "NotConvergedError",
]


class MetricsError(Exception):
    """Root of this package's errors.

    Attributes:
        code: stable, snake_case.
        message: a plain sentence.
        where: the indicator, provider or argument it is about, or empty.
    """

    def __init__(self, code: str, message: str, where: str = "") -> None:
        super().__init__(f"{message} ({where})" if where else message)
        self.code = code
        self.message = message
        self.where = where


class BadDataError(MetricsError):
    """An estimator was given data that it has no meaning for."""


class BadFigureError(MetricsError):
    """A figure would lack its n, or say two things at once."""


class BadDefinitionError(MetricsError):
    """A definition of an indicator is incomplete or contradicts itself."""


class BadComparisonError(MetricsError):
    """A comparison would be unfair, or say more than is known; the policy of comparison forbids it."""


class BadPeriodError(MetricsError):
    """A period ends before it begins, is not made of whole days, begins before 1970, or ends after the freeze."""


class NotConvergedError(MetricsError):
    """An estimate that is sought step by step was not reached; what was reached is no estimate."""


class IdentityBrokenError(MetricsError):
    """P1 = P0 + I - R does not hold; no figure of this provider may be released."""
