"""Findings as they are printed."""

from hub.audit.findings import Finding


def test_a_damaged_row_is_told_on_one_line_and_obeyed_by_no_terminal() -> None:
    evil = "\x1b[2J\x9b1;1H\rsound\n\u202e"
    line = Finding("row_damaged", f"It says {evil}.", f"draft {evil}").line
    assert line.isprintable()
    assert line.startswith("draft \\u{1b}[2J")
    assert line.endswith(" [row_damaged]")
    assert Finding("a", "B.", "c").line == "c: B. [a]"
