"""Times read by looking up their parts are those that are read at once, and refused in the same words."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.instants import instant
from signing.errors import FormatError
from signing.statement import seconds

START = datetime(2026, 2, 27, 23, 59, 58, tzinfo=UTC)
TIMES = st.integers(-60_000_000_000, 240_000_000_000).map(lambda step: written(START + timedelta(seconds=step)))
"""From the second century to the ninety-seventh."""


def written(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}".zfill(20)


def outcome(read: Callable[[str, str], int], text: str) -> int | tuple[str, str, str]:
    """The time, or the words in which the text is refused."""
    try:
        return read(text, "/at")
    except FormatError as error:
        return error.code, error.message, error.where


@given(TIMES)
def test_a_time_is_the_one_that_is_read_at_once(text: str) -> None:
    assert instant(text) == seconds(text)


@given(TIMES, st.integers(0, 20), st.integers(0, 20), st.text("0123456789-:TZ+. \u0663z", max_size=3))
def test_a_changed_text_is_read_or_refused_alike(text: str, start: int, length: int, other: str) -> None:
    changed = text[:start] + other + text[start + length :]
    assert outcome(instant, changed) == outcome(seconds, changed)


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-30T00:00:00Z", "2026-01-31T24:00:00Z", "2026-01-31T23:60:00Z", "2026-12-31T23:59:60Z",
        "2026-01-31T12:00:00", "2026-01-31T12:00:00+00:00", "2026-01-31T12:00:00.0Z", "2026-01-31 12:00:00Z",
        "20260131T120000Z", "2026-W05-6T12:00:00Z", "2026-01-31T12:00:00Z\n", "0000-01-01T00:00:00Z",
        "\uff12026-01-31T12:00:00Z", "", "Z",
    ],
)  # fmt: skip
def test_what_other_readers_of_times_may_take_is_refused(text: str) -> None:
    with pytest.raises(FormatError, match="is not a time like 2026-01-31T12:00:00Z") as refusal:
        instant(text, "/body/events/0/at")
    assert (refusal.value.code, refusal.value.where) == ("bad_time", "/body/events/0/at")


def test_hours_and_days_follow_one_another() -> None:
    first = int(START.timestamp())
    read = [instant(written(START + timedelta(seconds=step * 3601))) for step in range(100)]
    assert read == [first + step * 3601 for step in range(100)]
