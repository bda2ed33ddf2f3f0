"""Times read by looking up their parts are those that are read at once, and refused in the same words."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.instants import instant
from signing.errors import FormatError
from signing.statement import seconds

TIMES = st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31), timezones=st.just(UTC)).map(
    lambda at: at.strftime("%Y-%m-%dT%H:%M:%SZ").zfill(20)
)


@given(TIMES)
def test_a_time_is_the_one_that_is_read_at_once(text: str) -> None:
    assert instant(text) == seconds(text)


@given(TIMES, st.integers(0, 20), st.integers(0, 20), st.text("0123456789-:TZ+. ٣z", max_size=3))
def test_whatever_is_no_time_is_refused_in_the_same_words(text: str, start: int, length: int, other: str) -> None:
    changed = text[:start] + other + text[start + length :]
    try:
        expected = seconds(changed, "/at")
    except FormatError as error:
        with pytest.raises(FormatError) as refusal:
            instant(changed, "/at")
        assert (refusal.value.code, refusal.value.message, refusal.value.where) == (error.code, error.message, "/at")
    else:
        assert instant(changed, "/at") == expected


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-30T00:00:00Z", "2026-01-31T24:00:00Z", "2026-01-31T23:60:00Z", "2026-12-31T23:59:60Z",
        "2026-01-31T12:00:00", "2026-01-31T12:00:00+00:00", "2026-01-31T12:00:00.0Z", "2026-01-31 12:00:00Z",
        "20260131T120000Z", "2026-W05-6T12:00:00Z", "2026-01-31T12:00:00Z\n", "0000-01-01T00:00:00Z",
        "２026-01-31T12:00:00Z", "", "Z",
    ],
)  # fmt: skip
def test_what_other_readers_of_times_may_take_is_refused(text: str) -> None:
    with pytest.raises(FormatError, match="is not a time like 2026-01-31T12:00:00Z") as refusal:
        instant(text, "/body/events/0/at")
    assert (refusal.value.code, refusal.value.where) == ("bad_time", "/body/events/0/at")


def test_times_follow_one_another() -> None:
    start = datetime(2026, 2, 27, 23, 59, 58, tzinfo=UTC)
    times = [start + timedelta(seconds=step * 3601) for step in range(100)]
    read = [instant(at.strftime("%Y-%m-%dT%H:%M:%SZ")) for at in times]
    assert [late - early for early, late in zip(read, read[1:], strict=False)] == [3601] * 99
