"""What officers ask a provider, and how its own figures compare with those of the others, as the hub tells it.

Whatever the hub tells is printed with everything that is not plainly visible written as an escape.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from providers.client import connect, http_signer
from providers.errors import HubUnavailableError
from providers.gateway.asking import listed
from providers.printable import printable
from signing.encoding import JSON, canonical
from signing.secretkeys import SigningKey

__all__ = ["comment_on", "enquiry_lines", "fetch_comparison", "fetch_enquiries", "figure_lines"]

_LEVELS = {
    "none": "as expected: within what chance and the usual differences between providers explain",
    "note": "outside the 95 % limits; one in twenty is there by chance",
    "enquiry": "outside the 99.8 % limits: officers may ask you why",
}
_WITHHELD = {
    "too_few": "you have too few cases",
    "too_few_providers": "fewer than 10 providers have cases enough",
    "history_short": "there are too few quarters to learn from",
    "unknown_many": "of too many of your cases nobody knows the result",
    "strata_alone": "too many of your cases have nothing to be compared with",
}


async def fetch_enquiries(url: str, key: SigningKey, clock: Callable[[], int]) -> list[Mapping[str, Any]]:
    """The enquiries to the owner of an http key.

    Raises:
        HubRefusedError, HubUnavailableError: as the client says.
    """
    async with connect(url, sign=http_signer(key, clock)) as hub:
        return listed(await hub.exchange("GET", "/v1/enquiries"), "enquiries", "/v1/enquiries")


async def comment_on(url: str, key: SigningKey, clock: Callable[[], int], name: str, text: str) -> Mapping[str, Any]:
    """Comment on an enquiry; the enquiry as it then stands. Raises as ``fetch_enquiries``."""
    async with connect(url, sign=http_signer(key, clock)) as hub:
        return await hub.exchange("POST", f"/v1/enquiries/{name}/comment", canonical({"comment": text}))


async def fetch_comparison(url: str, key: SigningKey, clock: Callable[[], int]) -> Mapping[str, Any] | None:
    """How the owner of the key compares; None where nothing can be compared yet. Raises as ``fetch_enquiries``."""
    async with connect(url, sign=http_signer(key, clock)) as hub:
        found = (await hub.exchange("GET", "/v1/indicators?view=own")).get("comparison")
    if found is not None and not (isinstance(found, Mapping) and isinstance(found.get("indicators"), list)):
        message = "The hub's answer holds no comparison."
        raise HubUnavailableError("bad_answer", message, "/v1/indicators", actor="hub")
    return found if isinstance(found, Mapping) else None


def enquiry_lines(found: Sequence[Mapping[str, Any]]) -> list[str]:
    """Each enquiry with its words and what was said, as lines."""
    if not found:
        return ["Nobody has asked you anything."]
    lines: list[str] = []
    for one in found:
        period = one["period"]
        lines += [f"{one['id']}  {one['code']}, {period['from']} to {period['to']}"]
        lines += [f"  asked {one['asked_at'][:10]}, comment until {one['due'][:10]}"]
        lines += [f"  | {line}" for line in str(one["text"]).splitlines()]
        said = one["comment"]
        lines += ["  You have not commented."] if said is None else [f"  You said: {said}"]
        lines += [""]
    return [printable(line) for line in lines[:-1]]


def figure_lines(found: Mapping[str, Any] | None) -> list[str]:
    """The comparison as lines: your own result, what was expected, the limits, and where the others lie."""
    if found is None:
        return ["Nothing can be compared yet."]
    period = found["period"]
    lines = [f"Filed, begun or due from {period['from']} to {period['to']}, followed for 90 days at most"]
    for one in found["indicators"]:
        lines += ["", str(one["indicator"]).replace("_", " ")]
        counts, left_out = one["counts"], _left_out(one.get("left_out") or {}, one["counts"])
        nothing = ["  You have no cases that can be compared."] if left_out else ["  You have no cases in it."]
        lines += (_own(one["own"], counts) if one["own"] else nothing) + left_out + _peers(one["peers"])
    return [printable(line) for line in lines]


def _left_out(found: Mapping[str, Any], counts: str) -> list[str]:
    """What is in no share; hubs from before this say nothing of it."""
    alone, unknown = (int(found.get(name, 0)) for name in ("alone", "unknown"))
    lines = [f"  left out   {alone} of your {counts}: they have nothing to be compared with"] if alone else []
    return lines + ([f"  left out   {unknown} of your {counts}: the result is not known"] if unknown else [])


def _own(own: Mapping[str, Any], counts: str) -> list[str]:
    judged = [_WITHHELD.get(code, code) for code in own["withheld"]]
    that = f"  that is    {'not judged: ' + '; '.join(judged) if judged else _LEVELS.get(own['level'], own['level'])}"
    yours = f"  yours      {_percent(own['value'])} of {own['n']} {counts}"
    if own["expected"] is None:
        return [yours, "  expected   not shown: fewer than three others have cases enough", that]
    outer = own["limits"]["outer"]
    return [
        f"{yours}; {_percent(own['expected'])} were expected",
        f"  adjusted   {_percent(own['adjusted'])}, as with everybody's mix of cases",
        f"  limits     {_percent(outer['low'])} to {_percent(outer['high'])} (99.8 %)",
        that,
    ]


def _peers(peers: Sequence[Mapping[str, Any]] | None) -> list[str]:
    if peers is None:
        return ["  others     not shown: fewer than three have cases enough"]
    shown = ", ".join(f"{_percent(one['value'])} of {one['n']}" for one in peers)
    return [f"  others     {shown}"]


def _percent(share: JSON) -> str:
    return f"{100 * float(str(share)):.1f} %"
