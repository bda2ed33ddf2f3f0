"""``odr-gateway witness confirm-clock`` as it is typed."""

from pathlib import Path

from click.testing import CliRunner

from providers.witness.commands import witness
from providers.witness.config import confirm_clock, confirmed_clock, init_witness


def test_a_clock_is_confirmed_by_a_person_who_says_yes(tmp_path: Path) -> None:
    init_witness(tmp_path, "w")
    confirm_clock(tmp_path, 5)
    for answer, code, kept in (("n\n", 1, True), ("y\n", 0, False)):
        result = CliRunner().invoke(witness, ["confirm-clock", "--dir", str(tmp_path)], input=answer)
        assert (result.exit_code, confirmed_clock(tmp_path) == 5) == (code, kept), result.output
        assert "A signature under a wrong time can't be taken back." in result.output
