"""How much one member, or one address, may ask for at a time: a token bucket for each.

A bucket holds so many tokens, gets new ones at a steady rate, and each request takes one. Time is an argument, in
seconds of any clock that never goes back. Names that were not heard of for longest are forgotten when there are too
many: their buckets are full again by then.

    >>> buckets = TokenBuckets(rate=2.0, burst=1.0)
    >>> buckets.take("acme", 0.0), buckets.take("acme", 0.0), buckets.take("acme", 0.5)
    (0.0, 0.5, 0.0)
"""

import math
import time
from collections import OrderedDict
from collections.abc import Callable

from hub.errors import HubError
from hub.settings import LimitsSection

__all__ = ["QuotaError", "Quotas", "TokenBuckets"]


_DUST = 1e-6
"""Seconds that are rounding and no waiting."""

_HALF_AN_HOUR = 1800
"""What is allowed in so many seconds may come at once where a rate is for an hour."""


class QuotaError(HubError):
    """A member or an address has asked for as much as it may; it may go on after ``retry_after`` seconds."""

    def __init__(self, code: str, message: str, retry_after: float = 1.0, where: str = "") -> None:
        self.retry_after = max(1, math.ceil(retry_after))
        super().__init__(code, f"{message} Go on in {self.retry_after} s.", where)


class TokenBuckets:
    """One bucket for each name.

    Args:
        rate: tokens a second.
        burst: tokens that a bucket holds.
        capacity: names that are remembered.
    """

    def __init__(self, rate: float, burst: float, capacity: int = 10_000) -> None:
        self._rate = rate
        self._burst = burst
        self._capacity = capacity
        self._full_at: OrderedDict[str, float] = OrderedDict()

    def take(self, name: str, now: float) -> float:
        """Take a token of ``name``; returns 0, or the seconds until there is one, and then none was taken."""
        full_at = max(self._full_at.pop(name, now), now)  # of a bucket, only when it would be full is kept
        wait = full_at - now - (self._burst - 1) / self._rate
        taken = wait < _DUST
        if taken:
            full_at += 1 / self._rate
        self._full_at[name] = full_at
        if len(self._full_at) > self._capacity:
            self._full_at.popitem(last=False)
        return 0.0 if taken else wait

    def low(self, name: str, now: float) -> bool:
        """Whether the bucket of ``name`` would be less than half full after one more token."""
        left = self._burst - max(0.0, self._full_at.get(name, now) - now) * self._rate
        return left - 1 < self._burst / 2


class Quotas:
    """The quotas of the settings; what is set to 0 is not limited.

    Args:
        limits: the settings.
        clock: seconds of a clock that never goes back.
    """

    def __init__(self, limits: LimitsSection, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        seconds = limits.burst_seconds
        self._posts = _buckets(limits.member_posts_per_second, seconds)
        self._addresses = _buckets(limits.address_posts_per_second, seconds)
        self._applications = _buckets(limits.address_applications_per_hour / 3600, _HALF_AN_HOUR)
        self._uploads = _buckets(limits.member_uploads_per_minute / 60, seconds)

    def posts_from(self, address: str | None) -> None:
        """Count a post from an address, before anything is made of it; raises ``QuotaError`` address_quota."""
        if self._addresses is not None and (wait := self._addresses.take(address or "", self._clock())):
            raise QuotaError("address_quota", "Too many statements come from your address.", wait)

    def posts_of(self, owner: str) -> None:
        """Count what an owner of keys has signed; raises ``QuotaError`` member_quota."""
        if self._posts is not None and (wait := self._posts.take(owner, self._clock())):
            raise QuotaError("member_quota", "This member posts more than it may.", wait, owner)

    def scarce(self, owner: str) -> bool:
        """Whether less than half of what an owner may post at a time is left; never where that is not limited."""
        return self._posts is not None and self._posts.low(owner, self._clock())

    def applications_from(self, address: str | None) -> None:
        """Count an application that is new and holds; raises ``QuotaError`` application_quota.

        What does not hold is not counted: behind a proxy everybody has one address, and nonsense costs nothing to send.
        """
        if self._applications is not None and (wait := self._applications.take(address or "", self._clock())):
            raise QuotaError("application_quota", "Too many applications come from your address.", wait)

    def uploads_of(self, owner: str) -> None:
        """Count an upload that is to begin; raises ``QuotaError`` member_quota."""
        if self._uploads is not None and (wait := self._uploads.take(owner, self._clock())):
            raise QuotaError("member_quota", "This member begins more uploads than it may.", wait, owner)


def _buckets(rate: float, seconds: int) -> TokenBuckets | None:
    return None if rate <= 0 else TokenBuckets(rate, max(1.0, rate * seconds))
