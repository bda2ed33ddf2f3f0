"""A verification report as a person reads it, and as a program does."""

import json
import textwrap
from dataclasses import asdict

from .verification import Report

_MARKS = {"pass": "pass", "fail": "FAIL", "information": "info", "not checkable": "----"}


def as_text(report: Report) -> str:
    """Verdict first, then the numbered steps with reasons and labels, at most 100 columns."""
    lines = [f"Genuine: {report.genuine}", f"Status:  {report.status}", ""]
    for step in report.steps:
        head = f"{step.number:>2}  {_MARKS[step.outcome]}  {step.title:<14}"
        label = "" if step.code == "earlier_step" else f" [{step.label}]"
        code = f" ({step.code})" if step.outcome == "fail" else ""
        told = f"{step.reason}{code}{label}"
        lines += textwrap.wrap(told, 100, initial_indent=head, subsequent_indent=" " * len(head))
    return "\n".join(lines) + "\n"


def as_json(report: Report) -> str:
    """The whole report as one JSON object; member names are those of ``Report`` and ``Step``."""
    return json.dumps(asdict(report), ensure_ascii=False, indent=2) + "\n"
