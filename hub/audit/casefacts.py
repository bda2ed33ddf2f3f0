"""The facts about cases, folded anew from the case events, which were held against the log before."""

from hub.audit.findings import Findings
from hub.following.refolding import refolded
from hub.storage.case_facts import CaseFacts

__all__ = ["check_facts"]


async def check_facts(facts: CaseFacts, findings: Findings) -> None:
    """Tell of each fact that is missing, too much, or not what its events give."""
    async for piece in refolded(facts):
        for provider, case in piece.differing:
            text = "The fact is missing, or not what its events give; rebuild it."
            findings.add("row_differs", text, f"case_facts {provider} {case}")
    if untold := await facts.untold():
        findings.add("row_count", f"{untold} facts are of cases that no event tells of.", "case_facts")
