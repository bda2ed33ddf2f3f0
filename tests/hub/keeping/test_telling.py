"""What ``odr-hub complete`` says at its end: nothing is missing only where nobody is known to have seen more."""

from pathlib import Path

import pytest

from hub.keeping.commands import _tell_completed
from hub.keeping.completing import Awaited, Completed, Seen


def told(capsys: pytest.CaptureFixture[str], *seen: Seen) -> str:
    _tell_completed(Completed("hub.example/log/1", 7, 7, 2, (), (), seen), Path("D"))
    return capsys.readouterr().out.partition("\n")[2]


def test_what_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys) == "Nothing is missing. Next: odr-hub fsck --data D; odr-hub serve --data D\n"
    assert told(capsys, Seen(9, ("w1", "w2")), Seen(8, ())) == (
        "w1 and w2 have seen 9 entries of this log; the source does not bring them all.\n"
        "A head that is kept here, published or stored by a mirror has 8 entries of this log;"
        " the source does not bring them all.\n"
        "Take them from a mirror that has them: odr-hub complete --data D --from URL\n"
    )
    assert told(capsys, Seen(6, ("w1",), differs=True)) == (
        "w1 has seen another log of 6 entries under this name: the hub will read only.\n"
        "Next: odr-hub serve --data D; its alarm store_differs names what proves it, and the way.\n"
    )
    assert told(capsys, Seen(6, (), differs=True)).startswith(
        "A head that is kept here, published or stored by a mirror is of another log of 6 entries under this name: the"
    )


def test_nothing_in_an_entry_is_obeyed_by_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever has the entries may have made them: what a log holds is looked at before it is believed."""
    evil = "\x1b[2J\x9b1;1H\rNothing is missing.\u202e"
    _tell_completed(Completed("hub.example/log/1", 7, 8, 2, (Awaited(7, evil, evil, "ab"),), ()), Path("D"))
    lines = capsys.readouterr().out.split("\n")
    assert lines[2].endswith("ab")
    assert all(line.isprintable() for line in lines)
