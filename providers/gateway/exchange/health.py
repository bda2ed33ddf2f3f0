"""What is wrong with this gateway, in plain words; empty when nothing is."""

import shutil
from pathlib import Path

from providers.gateway.exchange.engine import Contact
from providers.gateway.exchange.settings import ServeSettings
from providers.gateway.exchange.values import Problem, Sending
from signing.encoding import JSON

__all__ = ["troubles"]

SKEW_SECONDS = 5
STUCK_SECONDS = 3600


def troubles(
    contact: Contact, settings: ServeSettings, directory: Path, waiting: list[Sending], now: int
) -> list[dict[str, JSON]]:
    """Every reason why health is red, each with a code, a sentence and who must act."""
    found: list[dict[str, JSON]] = []
    if contact.failing is not None:
        found.append(_no_news(contact.failing, refused=contact.refused))
    if abs(contact.skew) > SKEW_SECONDS:
        message = f"This machine's clock and the hub's differ by {abs(contact.skew)} s."
        found.append(_trouble("clock_off", message, "operator"))
    free = shutil.disk_usage(directory).free
    if free < settings.min_free_bytes:
        found.append(_trouble("disk_low", f"Only {free} bytes are free on the disk.", "operator"))
    stuck = [one for one in waiting if now - one.created > STUCK_SECONDS and one.attempts > 2]
    if stuck:
        why = "" if stuck[0].problem is None else f": {stuck[0].problem.detail}"
        message = f"{len(stuck)} messages have waited for more than an hour{why}"
        found.append(_trouble("outbox_stuck", message, "operator"))
    return found


def _no_news(failing: Problem, *, refused: bool) -> dict[str, JSON]:
    """There is no news: the hub does not answer, or it refuses to tell; then most often its keys or clock are wrong."""
    if not refused:
        return _trouble("hub_unreachable", f"The hub does not answer: {failing.detail}", "hub")
    actor = "hub" if failing.actor == "hub" else "operator"
    return _trouble("hub_refuses", f"The hub refuses what this gateway asks ({failing.code}): {failing.detail}", actor)


def _trouble(code: str, detail: str, actor: str) -> dict[str, JSON]:
    return {"code": code, "detail": detail, "actor": actor}
