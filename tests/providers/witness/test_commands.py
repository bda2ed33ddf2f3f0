"""``odr-gateway witness`` as it is typed."""

import re
import shlex
from pathlib import Path

from click.testing import CliRunner

from providers.witness.commands import witness
from providers.witness.config import add_log, confirm_clock, confirmed_clock, init_witness, source_of
from tests.architecture.tree import ROOT
from tests.fakes.memorylog import MemoryLog


def test_a_clock_is_confirmed_by_a_person_who_says_yes(tmp_path: Path) -> None:
    init_witness(tmp_path, "w")
    confirm_clock(tmp_path, 5)
    for answer, code, kept in (("n\n", 1, True), ("y\n", 0, False)):
        result = CliRunner().invoke(witness, ["confirm-clock", "--dir", str(tmp_path)], input=answer)
        assert (result.exit_code, confirmed_clock(tmp_path) == 5) == (code, kept), result.output
        assert "A signature under a wrong time can't be taken back." in result.output


def test_a_mirror_watches_the_next_log_by_the_command_that_its_operator_is_told(tmp_path: Path) -> None:
    """Word for word from the page, but for the directory and the key."""
    page = (ROOT / "docs/how-to/rotate-the-log.md").read_text("utf-8")
    told = re.search(r"\$ odr-gateway witness (add-log .*)", page)
    assert told is not None
    init_witness(tmp_path, "w", mirror=True)
    add_log(tmp_path, MemoryLog("hub.example/log/1").vkey, "https://hub.example/log")
    after = MemoryLog("hub.example/log/2")
    words = {"WITNESS": str(tmp_path)}
    typed = [after.vkey if one.startswith(f"{after.origin}+") else words.get(one, one) for one in shlex.split(told[1])]
    result = CliRunner().invoke(witness, typed)
    assert (result.exit_code, result.output) == (0, f"The witness now watches {after.origin}.\n")
    assert source_of(tmp_path, after.origin) == "https://hub.example/log"
