"""Errors of the witness.

ProvidersError
├── WitnessError               the witness's own directory, key or clock does not allow the step
└── SubmissionError            a submitted checkpoint is not cosigned
    ├── MalformedError         the request is not in the one accepted form
    ├── UnknownLogError        this witness does not watch a log of that origin
    ├── UntrustedLogError      the key known for the origin has not signed the checkpoint
    ├── ConflictError          the old size is not that of the tree cosigned last; ``size`` is
    └── InconsistentError      the checkpoint does not continue the tree cosigned last, or the one that is mirrored
"""

from providers.errors import ProvidersError

__all__ = [
    "ConflictError",
    "InconsistentError",
    "MalformedError",
    "SubmissionError",
    "UnknownLogError",
    "UntrustedLogError",
    "WitnessError",
]


class WitnessError(ProvidersError):
    """The witness's own directory, key or clock does not allow the step."""


class SubmissionError(ProvidersError):
    """A submitted checkpoint is not cosigned."""


class MalformedError(SubmissionError):
    """The request is not in the one accepted form."""


class UnknownLogError(SubmissionError):
    """This witness does not watch a log of that origin."""


class UntrustedLogError(SubmissionError):
    """The key known for the origin has not signed the checkpoint."""


class ConflictError(SubmissionError):
    """The old size is not that of the tree cosigned last; ``size`` is."""

    def __init__(self, size: int) -> None:
        super().__init__("old_size_differs", f"This witness has last cosigned the tree of size {size}.")
        self.size = size


class InconsistentError(SubmissionError):
    """The checkpoint does not continue the tree cosigned last."""
