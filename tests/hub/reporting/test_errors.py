"""The reference page prints what is refused, and what came of comparing, as the code has it."""

import re
from pathlib import Path

from hub.reporting.errors import REFUSALS
from metrics.recomputed import STATUSES

TEXT = Path("docs/reference/quality.md").read_text(encoding="utf-8")


def test_the_reference_lists_the_refusals() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \| (\w+) \| (yes|no) \|$", TEXT, re.MULTILINE)
    assert [(code, sentence, actor, again == "yes") for code, sentence, actor, again in rows] == [
        (code, sentence.replace("{", "⟨").replace("}", "⟩"), actor, retryable)
        for code, (sentence, actor, retryable) in REFUSALS.items()
    ]


def test_the_reference_lists_what_came_of_comparing() -> None:
    assert dict(re.findall(r"^\| `(\w+)` \| ([^|]+) \|$", TEXT, re.MULTILINE)) == STATUSES
