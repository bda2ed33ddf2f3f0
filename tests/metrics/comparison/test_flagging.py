from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from metrics.comparison.flagging import flags
from metrics.comparison.flags import Comment, Flag
from metrics.comparison.judgements import Comparison
from metrics.comparison.policy import compare
from metrics.errors import BadComparisonError
from metrics.events import DAY_SECONDS
from metrics.figures import Period
from tests.metrics.comparison.observations import FIRST, LATER, SECOND, observed, plain

THIRD = Period.of(date(2026, 7, 1), date(2026, 9, 30))


def release(period: Period, far: int = 20, **told: float) -> Comparison:
    return compare([*plain(40, period=period), observed("far", far, 200, period=period, **told)])  # type: ignore[arg-type]


def asked(period: Period, at: int = LATER - 28 * DAY_SECONDS, text: str | None = None) -> Comment:
    return Comment("resolved_in_time", "far", period, at, text)


def test_a_flag_that_meets_every_condition_is_public_and_carries_the_comment() -> None:
    (flag,) = flags([release(SECOND)], [release(FIRST)], [asked(SECOND, text="We moved.")], now=LATER)
    assert (flag.subject, flag.indicator, flag.missing, flag.public) == ("far", "resolved_in_time", (), True)
    assert (flag.since, flag.periods) == (FIRST, 2)
    assert flag.comment is not None
    assert flag.comment.text == "We moved."
    assert flag.q < 0.05


def without(condition: str) -> tuple[Sequence[Comparison], Sequence[Comparison], Sequence[Comment]]:
    """A release whose flag lacks one condition alone."""
    this, before, comments = [release(SECOND)], [release(FIRST)], [asked(SECOND)]
    if condition == "quality_low":
        this = [release(SECOND, quality=0.79)]
    elif condition == "one_period":
        before = [release(FIRST, far=100)]
    elif condition == "comment_open":
        comments = [asked(SECOND, at=LATER - 28 * DAY_SECONDS + 1)]
    elif condition == "many_looks":
        this, before = [crowd(this[0])], [crowd(before[0])]
    return this, before, comments


def crowd(one: Comparison) -> Comparison:
    """The same among so many providers outside the 95 % limits that somebody lies so far away by chance."""
    far = one.of("far")
    assert far is not None
    like = replace(one.judgements[1], level="note", p=1.0)
    near = [replace(like, subject=f"q{place:03}") for place in range(400)]
    return replace(one, judgements=(replace(far, p=0.0015), *near))


@pytest.mark.parametrize("condition", ["quality_low", "one_period", "comment_open", "many_looks"])
def test_without_one_condition_it_is_for_supervision_alone_and_says_which(condition: str) -> None:
    this, before, comments = without(condition)
    (flag,) = flags(this, before, comments, now=LATER)
    assert (flag.missing, flag.public) == ((condition,), False)


def test_who_was_as_expected_in_the_period_before_makes_nobody_harder_to_believe() -> None:
    (flag,) = flags([crowd(release(SECOND))], [release(FIRST)], [asked(SECOND)], now=LATER)
    assert (flag.public, flag.comparisons) == (True, 1)
    (flag,) = flags([crowd(release(SECOND))], now=LATER)
    assert (flag.missing, flag.comparisons) == (("many_looks", "one_period", "comment_open"), 401)


def test_a_provider_that_was_never_asked_is_not_shown_publicly() -> None:
    (flag,) = flags([release(SECOND)], [release(FIRST)], now=LATER)
    assert (flag.missing, flag.comment) == (("comment_open",), None)


def test_a_comment_that_came_at_once_ends_the_waiting() -> None:
    (flag,) = flags([release(SECOND)], [release(FIRST)], [asked(SECOND, at=LATER, text="Yes.")], now=LATER)
    assert flag.public


def test_the_other_side_in_the_period_before_does_not_count() -> None:
    (flag,) = flags([release(SECOND)], [release(FIRST, far=185)], [asked(SECOND)], now=LATER)
    assert (flag.missing, flag.since, flag.periods) == (("one_period",), SECOND, 1)


def test_a_difference_is_known_since_its_first_period() -> None:
    before = flags([release(SECOND)], [release(FIRST)], [asked(SECOND)], now=LATER)
    (flag,) = flags([release(THIRD)], [release(SECOND)], earlier=before, now=LATER)
    assert (flag.since, flag.periods) == (FIRST, 3)


def test_notes_and_withheld_judgements_are_no_flags() -> None:
    few = compare([*plain(8, period=SECOND), observed("far", 2, 200, period=SECOND)])
    assert flags([few], now=LATER) == ()
    assert flags([compare(plain(40, period=SECOND))], now=LATER) == ()


def test_releases_that_do_not_follow_each_other_are_refused() -> None:
    with pytest.raises(BadComparisonError, match=r"The period before ends where this one begins. \(resolved_in_time"):
        flags([release(THIRD)], [release(FIRST)], now=LATER)
    with pytest.raises(BadComparisonError, match=r"A release compares an indicator once. \(resolved_in_time\)"):
        flags([release(SECOND), release(SECOND)], now=LATER)


def test_a_flag_that_hides_the_comment_or_the_evidence_can_not_be_built() -> None:
    (flag,) = flags([release(SECOND)], [release(FIRST)], [asked(SECOND)], now=LATER)
    with pytest.raises(BadComparisonError, match="A public flag stands beside the provider's comment"):
        replace(flag, comment=None)
    with pytest.raises(BadComparisonError, match=r"A flag is about a result outside the 99\.8 % limits"):
        replace(flag, judgement=replace(flag.judgement, level="note"))
    with pytest.raises(BadComparisonError, match="A flag has its periods, and known conditions"):
        replace(flag, missing=("mood",))
    with pytest.raises(BadComparisonError, match="A flag has its periods, and known conditions"):
        replace(flag, periods=0)


def test_publicity_follows_from_the_conditions_and_can_not_be_set() -> None:
    assert "public" not in Flag.__dataclass_fields__


def test_what_the_public_may_not_see_of_single_providers_is_never_public() -> None:
    for indicator, missing in (("resolved_in_time", ()), ("time_to_award", ("not_public",))):
        first, second = (
            compare(
                [
                    replace(one, indicator=indicator)
                    for one in [*plain(40, period=each), observed("far", 20, 200, period=each)]
                ]
            )
            for each in (FIRST, SECOND)
        )
        comment = replace(asked(SECOND), indicator=indicator)
        (flag,) = [
            one
            for one in flags([second], [first], [replace(comment, subject="far")], now=LATER)
            if one.subject == "far"
        ]
        assert flag.missing == missing
