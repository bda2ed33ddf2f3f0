"""Which differences of a release are flags, and which of them may be public.

All comparisons of a release are looked at together: among 60 providers and 30 indicators a few lie outside the 99.8 %
limits by chance alone. Those that stood on the same side in the period before are one group and all others another,
since the public may see differences of the first group alone and the two periods share nothing that is counted.
"""

from collections.abc import Iterable, Sequence

from metrics.comparison.flags import DISCOVERIES, QUALITY, Comment, Flag
from metrics.comparison.judgements import Comparison, Judgement
from metrics.comparison.multiplicity import benjamini_hochberg, within
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
    again = [_again(each, before.get(one.indicator)) for one, each in judged]
    discovery = within(again, [each.p for _, each in judged], benjamini_hochberg).tolist()
    found = []
    for (one, each), repeated, q in zip(judged, again, discovery, strict=True):
        if each.level == "enquiry":
            seen = (one.period, 1)
            if repeated:
                last = before[one.indicator].period
                flag = known.get((one.indicator, each.subject, last, each.side))
                seen = (flag.since, flag.periods + 1) if flag else (last, 2)
            comment = asked.get((one.indicator, each.subject, one.period))
            found.append(_flag(one, each, (q, again.count(repeated)), seen, (comment, now)))
    return tuple(found)


def _by_indicator(comparisons: Iterable[Comparison]) -> dict[str, Comparison]:
    found: dict[str, Comparison] = {}
    for one in comparisons:
        if one.indicator in found:
            raise BadComparisonError("indicator_twice", "A release compares an indicator once.", one.indicator)
        found[one.indicator] = one
    return dict(sorted(found.items()))


def _again(each: Judgement, last: Comparison | None) -> bool:
    """Whether the provider lay outside the 95 % limits of the period before, on the same side."""
    judged = last.of(each.subject) if last else None
    return judged is not None and judged.level != "none" and judged.side == each.side


def _flag(
    one: Comparison,
    each: Judgement,
    discovery: tuple[float, int],
    seen: tuple[Period, int],
    answer: tuple[Comment | None, int],
) -> Flag:
    (q, comparisons), (since, periods), (comment, now) = discovery, seen, answer
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
        comparisons=comparisons,
        missing=tuple(code for code, holds in met.items() if not holds),
        comment=comment,
    )
