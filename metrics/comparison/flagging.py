"""Which differences of a release are flags, and which of them may be public.

All comparisons of a release are looked at together: among 60 providers and 30 indicators a few lie outside the 99.8 %
limits by chance alone.
"""

from collections.abc import Iterable, Sequence

from metrics.comparison.flags import DISCOVERIES, QUALITY, Comment, Flag
from metrics.comparison.judgements import Comparison, Judgement
from metrics.comparison.multiplicity import benjamini_hochberg
from metrics.definitions import definition
from metrics.errors import BadComparisonError
from metrics.figures import Period

__all__ = ["flags"]


def flags(
    comparisons: Sequence[Comparison],
    previous: Iterable[Comparison] = (),
    comments: Iterable[Comment] = (),
    earlier: Iterable[Flag] = (),
    *,
    now: int,
) -> tuple[Flag, ...]:
    """The flags of a release, by indicator and then by name.

    Args:
        comparisons: all of the release, one for each indicator.
        previous: those of the period right before.
        comments: what providers were asked about this period, and said.
        earlier: flags of the period before; they say since when a difference is seen.
        now: in POSIX seconds; whether 28 days have passed.

    Raises:
        BadComparisonError: an indicator occurs twice, or its periods don't follow each other.
    """
    release, before = _by_indicator(comparisons), _by_indicator(previous)
    for name, one in release.items():
        if name in before and before[name].period.end != one.period.start:
            raise BadComparisonError(
                "not_consecutive", "The period before ends where this one begins.", f"{name} {before[name].period}"
            )
    asked = {(one.indicator, one.subject, one.period): one for one in comments}
    known = {(one.indicator, one.subject, one.period, one.judgement.side): one for one in earlier}
    judged = [(one, each) for one in release.values() for each in one.judgements if not each.withheld]
    discovery = benjamini_hochberg([each.p for _, each in judged]).tolist()
    found = []
    for (one, each), q in zip(judged, discovery, strict=True):
        if each.level == "enquiry":
            last = before.get(one.indicator)
            flag = known.get((one.indicator, each.subject, last.period, each.side)) if last else None
            seen = _seen(each, one.period, last, flag)
            comment = asked.get((one.indicator, each.subject, one.period))
            found.append(_flag(one, each, q, seen, (comment, now)))
    return tuple(found)


def _by_indicator(comparisons: Iterable[Comparison]) -> dict[str, Comparison]:
    found: dict[str, Comparison] = {}
    for one in comparisons:
        if one.indicator in found:
            raise BadComparisonError("indicator_twice", "A release compares an indicator once.", one.indicator)
        found[one.indicator] = one
    return dict(sorted(found.items()))


def _seen(each: Judgement, period: Period, last: Comparison | None, flag: Flag | None) -> tuple[Period, int]:
    """Since when, and in how many consecutive periods, the difference is seen on this side."""
    judged = last.of(each.subject) if last else None
    if last is None or judged is None or judged.level == "none" or judged.side != each.side:
        return period, 1
    return (flag.since, flag.periods + 1) if flag else (last.period, 2)


def _flag(
    one: Comparison, each: Judgement, q: float, seen: tuple[Period, int], answer: tuple[Comment | None, int]
) -> Flag:
    (since, periods), (comment, now) = seen, answer
    met = {
        "too_few": each.n >= each.minimum,
        "quality_low": each.quality >= QUALITY,
        "many_looks": q < DISCOVERIES,
        "one_period": periods >= 2,
        "not_public": definition(one.indicator).view == "public",
        "comment_open": comment is not None and comment.settled(now),
    }
    return Flag(
        indicator=one.indicator,
        subject=each.subject,
        period=one.period,
        since=since,
        periods=periods,
        judgement=each,
        q=q,
        missing=tuple(code for code, holds in met.items() if not holds),
        comment=comment,
    )
