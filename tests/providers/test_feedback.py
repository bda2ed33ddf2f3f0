"""Counts of feedback in words."""

from typing import Any

import pytest

from providers.errors import HubUnavailableError
from providers.feedback import standing_lines

COUNTS = {"1": 0, "2": 1, "3": 0, "4": 4, "5": 0}
MONTH = {"slots": 7, "answered": 4, "relayed": 1, "unused": 2}
OWN: dict[str, Any] = {
    "provider": "acme", "view": "own", "group": 5, "issued": 12,
    "ended": [{"first_month": "2026-01", "last_month": "2026-03", **MONTH},
              {"first_month": "2026-04", "last_month": "2026-04", **MONTH}],
    "scores": [{"role": "claimant", "question": "overall", "n": 5, "counts": COUNTS}],
}  # fmt: skip


def test_what_a_provider_reads() -> None:
    assert standing_lines(OWN) == [
        "12 slots were issued.",
        "  2026-01 to 2026-03: 7 ran out: 4 answered, 1 relayed, 2 unused",
        "  2026-04: 7 ran out: 4 answered, 1 relayed, 2 unused",
        "  claimant, overall: 1:0 2:1 3:0 4:4 5:0 (of 5)",
    ]


def test_what_an_officer_reads_where_there_is_little() -> None:
    told = {
        **OWN,
        "view": "supervised",
        "group": 1,
        "ended": [],
        "scores": [],
        "open": 3,
        "unregistered": 2,
        "unknown": 1,
    }
    assert standing_lines(told) == [
        "12 slots were issued.",
        "  3 can still be answered.",
        "  2 stand in no case event; case events name 1 unknown ones.",
        "  No month in which 1 slots or more ran out is over yet.",
        "  No question has 1 answers or more by parties of one role yet.",
    ]


@pytest.mark.parametrize("wrong", [{}, {**OWN, "ended": 7}, {**OWN, "scores": [{}]}, {**OWN, "ended": [7]}])
def test_what_is_no_such_answer(wrong: dict[str, Any]) -> None:
    with pytest.raises(HubUnavailableError) as caught:
        standing_lines(wrong)
    assert (caught.value.code, caught.value.actor) == ("bad_answer", "hub")
