"""A flag: one provider differs in one indicator so much that it is asked why. A flag is a question, never a grade.

Every result outside the 99.8 % limits is a flag for supervision. It may be shown publicly only when nothing of
``CONDITIONS`` is missing; ``Flag.public`` follows from that and can't be set. The provider's comment is part of the
flag, so that no page can show the one without the other.
"""

from dataclasses import dataclass

from metrics.comparison.judgements import Judgement
from metrics.errors import BadComparisonError
from metrics.events import DAY_SECONDS
from metrics.figures import Period

__all__ = ["COMMENT_DAYS", "CONDITIONS", "DISCOVERIES", "QUALITY", "WORDS", "Comment", "Flag"]

WORDS = "Different from expected. The reason is not known."
"""What a public page says of a flag, and nothing more."""
COMMENT_DAYS = 28
QUALITY = 0.8
"""Score of data quality from which on a flag may be public."""
DISCOVERIES = 0.05
"""Share of false flags among all that are accepted (Benjamini and Hochberg)."""
CONDITIONS = {
    "too_few": "(a) The provider has as many cases as the indicator needs.",
    "quality_low": f"(b) What the provider reports is good enough: its score is {QUALITY} or higher.",
    "many_looks": f"(c) It stands out among all that were so in the period before too: q below {DISCOVERIES}.",
    "one_period": "(d) It was so in the period before too, on the same side (outside the 95 % limits at least).",
    "not_public": "(f) The definition lets anybody see the indicator of single providers.",
    "comment_open": f"(e) The provider has commented, or had {COMMENT_DAYS} days to.",
}
"""What a public flag needs, by the code that says it is missing."""


@dataclass(frozen=True, slots=True)
class Comment:
    """What the provider was asked, and said.

    Attributes:
        asked_at: when the provider was told of the difference and asked, in POSIX seconds.
        text: what it said; None while it has said nothing.
    """

    indicator: str
    subject: str
    period: Period
    asked_at: int
    text: str | None = None

    def settled(self, now: int) -> bool:
        """Whether the provider has commented, or has had its time."""
        return self.text is not None or now >= self.asked_at + COMMENT_DAYS * DAY_SECONDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """One difference for enquiry.

    Attributes:
        since: the first of the consecutive periods in which it was seen; ``periods`` how many there are.
        judgement: the evidence.
        q: its false discovery rate among all comparisons of the release that stood on the same side in the period
            before, or else among all others; ``comparisons`` how many those are.
        missing: codes of ``CONDITIONS`` that don't hold.
        comment: what the provider was asked and said; None while it has not been asked.
    """

    indicator: str
    subject: str
    period: Period
    since: Period
    periods: int
    judgement: Judgement
    q: float
    comparisons: int
    missing: tuple[str, ...]
    comment: Comment | None

    def __post_init__(self) -> None:
        where = f"{self.indicator} {self.subject}"
        if self.judgement.level != "enquiry" or self.judgement.subject != self.subject:
            raise BadComparisonError("no_flag", "A flag is about a result outside the 99.8 % limits.", where)
        if self.periods < 1 or self.since.start > self.period.start or not set(self.missing) <= set(CONDITIONS):
            raise BadComparisonError("no_flag", "A flag has its periods, and known conditions.", where)
        if not self.missing and self.comment is None:
            raise BadComparisonError("comment_missing", "A public flag stands beside the provider's comment.", where)

    @property
    def public(self) -> bool:
        """Whether a public page may show it."""
        return not self.missing
