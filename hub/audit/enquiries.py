"""Enquiries against their seals, and against what an enquiry can be."""

import json
from typing import Any

from hub.audit.findings import Findings
from hub.storage.enquiries import EnquiryStore
from hub.storage.seals import sealed_row

__all__ = ["check_enquiries"]

_PIECE = 500


async def check_enquiries(store: EnquiryStore, findings: Findings) -> None:
    """Check every row; nothing but its seal repeats what it says, because it is not logged."""
    after = ""
    while piece := await store.rows(after, _PIECE):
        for row in piece:
            where = f"enquiry {row['id']}"
            if row != sealed_row(row):
                findings.add("row_differs", "The row is not the one that was sealed.", where)
            elif not _holds(row):
                findings.add("row_differs", "The row contradicts itself.", where)
        after = piece[-1]["id"]


def _holds(row: dict[str, Any]) -> bool:
    try:
        evidence = json.loads(row["evidence"])
    except ValueError:
        return False
    told = (row["comment"] is None) == (row["commented_at"] is None)
    return isinstance(evidence, dict) and told and row["asked_at"] < row["due"]
