"""Waits: jittered, soon at first, doubling, capped."""

from hypothesis import given
from hypothesis import strategies as st

from providers.gateway.exchange.retry import Backoff


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_a_wait_is_within_its_bound(attempts: int, chance: float) -> None:
    wait = Backoff(60, 3600, lambda: chance).after(attempts)
    assert 0 <= wait <= min(3600, 60 * 2 ** min(attempts - 1, 20))


def test_the_first_comes_within_a_minute_and_none_is_further_than_an_hour() -> None:
    worst = Backoff(60, 3600, lambda: 1.0)
    assert [worst.after(one) for one in (1, 2, 3, 6, 7, 100)] == [60, 120, 240, 1920, 3600, 3600]
