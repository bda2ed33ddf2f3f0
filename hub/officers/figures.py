"""What an officer asks of a hub's figures: every provider's, with what the data are worth."""

from collections.abc import Callable, Collection, Mapping
from typing import Any
from urllib.parse import urlencode

from hub.errors import OfficerError
from metrics.defects import DEFECTS
from metrics.definitions import definitions
from metrics.errors import MetricsError
from metrics.figures import Figure
from metrics.pairing import DIFFERENCES
from metrics.report import from_data, lines
from providers.client import connect, http_signer
from providers.printable import printable
from signing.secretkeys import SigningKey

__all__ = ["fetch_figures", "figure_lines"]


async def fetch_figures(
    url: str, key: SigningKey, clock: Callable[[], int], period: tuple[str, str] | None
) -> Mapping[str, Any]:
    """The supervised view of a period (two days like 2026-01-31), or of the last 365 whole days.

    As the hub tells it: figures are recomputed from the log's case events by whoever doubts them.

    Raises:
        HubRefusedError, HubUnavailableError: as the client says.
    """
    query = {"view": "supervised"} | ({} if period is None else {"from": period[0], "to": period[1]})
    async with connect(url, sign=http_signer(key, clock)) as hub:
        return await hub.indicators(urlencode(query))


def figure_lines(answer: Mapping[str, Any], subject: str | None = None, chosen: Collection[str] = ()) -> list[str]:
    """The answer as text: of one subject or of all, the ``chosen`` indicators (by id) or all.

    Raises:
        OfficerError: ``unknown_provider`` or ``unknown_indicator``, the answer has no figure of that; ``bad_answer``,
            it is not in the form of figures.
    """
    try:
        every = from_data(answer["figures"])
        figures = [one for one in every if subject in (None, one.subject)]
        told = lines([one for one in figures if not chosen or one.indicator in chosen], supervised=True)
        defects = [f"  {count} x {DEFECTS[code]}" for code, count in answer["defects"].items()]
        differing = [f"  {count} x {DIFFERENCES[code]}" for code, count in answer.get("disagreements", {}).items()]
        events, unlinked = answer["events"], answer["unlinked"]
    except (KeyError, TypeError, ValueError, AttributeError, MetricsError) as error:
        raise OfficerError("bad_answer", "The hub's answer is not in the form of figures.", "/v1/indicators") from error
    _check_names(every, subject, chosen)
    head = f"From {events} reported events; {unlinked} received cases whose sender is unknown."
    transfers = ["Transfers whose two records disagree:", *differing] if differing else []
    last = ["Defects of the data:", *defects] if defects else ["No defects of the data."]
    return [printable(line) for line in (head, *transfers, *told, *last)]


def _check_names(figures: Collection[Figure], subject: str | None, chosen: Collection[str]) -> None:
    """Whether there are figures of what was asked for: nothing printed would read as nothing to be said."""
    if subject is not None and subject not in {one.subject for one in figures}:
        message = "The hub has no figures of it: no provider of this id is registered, and none has reported."
        raise OfficerError("unknown_provider", message, subject)
    if missing := sorted({*chosen} - {one.id for one in definitions()}):
        raise OfficerError("unknown_indicator", "There is no indicator of this id; see /v1/indicators.", missing[0])
