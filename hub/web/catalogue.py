"""The closed list of problem codes: for each its status, who can mend it, whether to retry, and one sentence.

A test collects every code that ``signing``, ``schemas``, ``registry`` and ``hub`` raise and holds it
against this list; ``docs/reference/problems.md`` is generated from it (``python -m hub.web.catalogue``).
Refusals by rules keep the sentence, the actor and the verdict on retrying of ``registry.errors``,
``hub.exchange.errors``, ``hub.reporting.errors`` and ``hub.feedback.refusals``; this module adds their status. Codes
without a status are printed by programs and never sent.

Actors: *sender* (who made this request), *issuer*, *signer*, *provider*, *neutral*, *officers*,
*hub* (its operator), *reader* (who verifies, or runs the program), *nobody* (nothing needs mending).
"""

from dataclasses import dataclass

from hub.exchange.errors import REFUSALS as EXCHANGE_REFUSALS
from hub.feedback.refusals import REFUSALS as FEEDBACK_REFUSALS
from hub.reporting.errors import REFUSALS as REPORTING_REFUSALS
from hub.web import codes
from registry.errors import REFUSALS

__all__ = ["ACTORS", "CATALOGUE", "INTERNAL", "Entry", "reference_page"]

ACTORS = ("sender", "issuer", "signer", "provider", "neutral", "officers", "hub", "reader", "nobody")


@dataclass(frozen=True, slots=True)
class Entry:
    """One code; ``group`` is its heading in the documentation, ``status`` None when it is never sent."""

    code: str
    status: int | None
    actor: str
    retryable: bool
    title: str
    group: str


_REFUSALS = {
    "What rules refuse": REFUSALS,
    "What the exchange refuses": EXCHANGE_REFUSALS,
    "What is refused of quality reports": REPORTING_REFUSALS,
    "What is refused of registered feedback": FEEDBACK_REFUSALS,
}


def _entries() -> dict[str, Entry]:
    """Every code once; what this package lists goes before the registry's list."""
    own = [
        Entry(code, status, group.actor, group.retryable, title, group.heading)
        for group in codes.GROUPS
        for status, code, title in group.rows
    ]
    refusals = [
        Entry(code, codes.RULE_STATUS.get(code, 422), actor, retryable, _plain(title), heading)
        for heading, table in _REFUSALS.items()
        for code, (title, actor, retryable) in table.items()
    ]
    found: dict[str, Entry] = {}
    for entry in own + refusals:
        found.setdefault(entry.code, entry)
    return found


def _plain(sentence: str) -> str:
    """The sentence with its facts named instead of filled in."""
    return sentence.replace("{", "⟨").replace("}", "⟩")


CATALOGUE = _entries()
INTERNAL = CATALOGUE["internal_error"]


def reference_page() -> str:
    """The page ``docs/reference/problems.md``."""
    lines = ["# Problems", "", _HEAD, ""]
    for heading in dict.fromkeys(entry.group for entry in CATALOGUE.values()):
        lines += [f"## {heading}", "", *_TABLE_HEAD]
        lines += [_row(entry) for entry in CATALOGUE.values() if entry.group == heading]
        lines.append("")
    return "\n".join(lines)


_TABLE_HEAD = ("| code | status | who can mend it | retry | what it says |", "|---|---|---|---|---|")
_HEAD = (
    "Every refusal of the hub is an RFC 9457 problem with one of these codes; the programs print the same codes.\n"
    "*Retry* says whether the very same request can succeed later. A code never changes its meaning. Codes\n"
    "without a status are printed by programs and never sent over HTTP. Whoever opens a wrong link in a browser\n"
    "(`Accept: text/html`) gets a page in their language with the same code.\n\n"
    "Generated from `hub/web/catalogue.py`: `python -m hub.web.catalogue` prints it."
)


def _row(entry: Entry) -> str:
    retry, status = "yes" if entry.retryable else "no", entry.status or "-"
    name = f'<a id="{entry.code}"></a>`{entry.code}`'
    return f"| {name} | {status} | {entry.actor} | {retry} | {entry.title} |"


if __name__ == "__main__":  # regenerates the reference page
    import sys

    sys.stdout.write(reference_page())
