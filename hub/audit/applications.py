"""Applications: each row against its seal, and against the form of a row in its state."""

from hub.audit.findings import Findings
from hub.storage.applications import Application, ApplicationStore, seal_of

__all__ = ["check_applications"]

_PIECE = 200
_OPEN, _ENDED = ("received", "testing", "ready"), ("admitted", "declined", "expired", "withdrawn")


async def check_applications(store: ApplicationStore, findings: Findings) -> None:
    """Check every application; nothing but the seal repeats what a row says, because it is not logged."""
    after = ""
    while piece := await store.sealed(after, _PIECE):
        for one, seal in piece:
            where = f"application {one.id[:8]}…"
            if seal != seal_of(one):
                findings.add("row_differs", "The row is not the one that was sealed.", where)
            elif not _is_consistent(one):
                findings.add("row_differs", "The row contradicts itself.", where)
        after = piece[-1][0].id


def _is_consistent(one: Application) -> bool:
    texts = one.form is not None and one.challenge is not None
    if one.ended is None:
        return one.state in _OPEN and texts and one.reason is None
    return one.state in _ENDED and one.form is None and one.challenge is None
