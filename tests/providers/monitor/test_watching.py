"""Lines that a monitor prints while it watches: words of whom it does not trust."""

import pytest

from providers.monitor.watching import Options, _line


@pytest.mark.parametrize("as_json", [False, True])
def test_no_terminal_obeys_a_line_of_it(*, as_json: bool) -> None:
    line = _line(Options(as_json=as_json), 1_800_000_000, "hub_refused", "\x1b[2J\x9b1;1Hall is well\u202e\r")
    assert "all is well" in line
    assert line.isascii()
    assert line.isprintable()
