"""Rates between currencies, as the officers published them: the newest reference of the type ``currency_rates``.

Officers sign rates as they sign criteria, so whoever doubts a figure finds on the log by which rates it was made.
"""

from collections.abc import Mapping

from hub.storage.directory import Directory
from hub.storage.values import StoredStatement
from hub.web.presenting import parsed
from metrics.rates import Rates, from_data
from signing.encoding import JSON

__all__ = ["TYPE", "ExchangeRates", "published_rates", "rates_of"]

TYPE = "currency_rates"
"""The type of such a reference."""
_MOST = 1000
"""References that are looked through."""


class ExchangeRates:
    """The rates that figures are made with.

    Args:
        directory: where references are read.
    """

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._known: tuple[str, Rates] | None = None
        self._looked: tuple[int, Rates | None] = (0, None)

    async def newest(self, size: int) -> Rates | None:
        """Of the rates published below log size ``size``, those published last; None if there are none.

        The same rates are the same object.
        """
        if size != self._looked[0]:
            self._looked = size, await self._read(size)
        return self._looked[1]

    async def _read(self, size: int) -> Rates | None:
        published = await published_rates(self._directory, size)
        if not published:
            return None
        newest = published[0]
        if self._known is None or self._known[0] != newest.digest:
            self._known = newest.digest, rates_of(parsed(newest).body)
        return self._known[1]


async def published_rates(directory: Directory, size: int) -> list[StoredStatement]:
    """The newest version of every reference that is rates, below log size ``size``; the first one is in force."""
    found = [one for one in await directory.references(size, limit=_MOST) if parsed(one).body["type"] == TYPE]
    return sorted(found, key=lambda one: one.index, reverse=True)


def rates_of(body: Mapping[str, JSON]) -> Rates:
    """The rates of a registered reference, whose form was checked when it was registered."""
    rates = {one["currency"]: one["rate"] for one in body["rates"]}
    source = f"{body['source']['publisher']}: {body['source']['title']}"
    return from_data({"date": body["date"], "base": body["base"], "rates": rates, "source": source})
