"""``odr-verify trust``: shown, asked, and only then kept."""

import io
import re
import sys
from pathlib import Path

import pytest

from signing.errors import FormatError
from signing.trust import parse_trust
from signing.trustcli import describe, install
from tests.fakes.refusals import refused
from tests.fakes.world import World

WORLD = World()


@pytest.fixture
def given(tmp_path: Path) -> Path:
    path = tmp_path / "given" / "verification-policy.txt"
    path.parent.mkdir()
    path.write_bytes(WORLD.trust_file())
    return path


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "config" / "odr-verify" / "verification-policy.txt"


def answer(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))


def test_the_description_names_everything_one_would_trust() -> None:
    shown = describe(WORLD.trust())
    assert f"Network  {WORLD.network}\n" in shown
    assert f"Policy   {WORLD.network} (log index 0)\n" in shown
    vkeys = re.findall(r"^(?:log|witness \S+) (\S+)", WORLD.witness_policy, re.MULTILINE)
    assert len(vkeys) == 4
    assert all(vkey in shown for vkey in vkeys)
    assert "Group    all-witnesses: any 2 of witness-1, witness-2, witness-3\n" in shown
    assert shown.endswith("Quorum   all-witnesses\n")


def test_a_policy_without_witnesses_is_called_what_it_is() -> None:
    shown = describe(World(quorum=None).trust())
    assert shown.endswith("Quorum   none: no witness is asked for, and every award will count as unwitnessed\n")


@pytest.mark.parametrize("text", ["y\n", "yes\n", " YES \n"])
def test_a_confirmed_policy_is_kept_byte_for_byte(
    given: Path, target: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    answer(monkeypatch, text)
    assert install([str(given)], target, sys.stdout.write) == 0
    assert target.read_bytes() == given.read_bytes()
    assert [path.name for path in target.parent.iterdir()] == [target.name]
    shown = capsys.readouterr().out
    assert shown.startswith(describe(WORLD.trust()))
    assert "Compare the network digest with one obtained another way. Trust this policy? [y/N] " in shown
    assert shown.endswith(f"Trusted from now on: {target}\n")


@pytest.mark.parametrize("text", ["", "\n", "n\n", "no\n", "yy\n", "j\n"])
def test_anything_but_yes_changes_nothing(
    given: Path, target: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    target.parent.mkdir(parents=True)
    target.write_text("before")
    answer(monkeypatch, text)
    assert install([str(given)], target, sys.stdout.write) == 2
    assert target.read_text() == "before"
    assert capsys.readouterr().out.endswith("Nothing was changed.\n")


def test_yes_on_the_command_line_asks_nothing(
    given: Path, target: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answer(monkeypatch, "n\n")
    assert install([str(given), "--yes"], target, sys.stdout.write) == 0
    assert parse_trust(target.read_bytes()) == WORLD.trust()
    assert "[y/N]" not in capsys.readouterr().out


def test_a_later_policy_replaces_the_earlier_one(given: Path, target: Path) -> None:
    assert install([str(given), "--yes"], target, sys.stdout.write) == 0
    other = World(seed="other").trust_file()
    given.write_bytes(other)
    assert install([str(given), "--yes"], target, sys.stdout.write) == 0
    assert target.read_bytes() == other


def test_a_malformed_policy_is_refused_and_not_kept(given: Path, target: Path) -> None:
    given.write_bytes(b"odr-policy/2\n")
    with refused(FormatError, "bad_policy_file", "begins with odr-policy/1", "line 1"):
        install([str(given), "--yes"], target, sys.stdout.write)
    assert not target.exists()


def test_a_missing_file_is_named(given: Path, target: Path) -> None:
    with pytest.raises(FileNotFoundError, match=re.escape("nowhere.txt")):
        install([str(given.parent / "nowhere.txt"), "--yes"], target, sys.stdout.write)


def test_wrong_usage_says_so(target: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        install([], target, sys.stdout.write)
    assert caught.value.code == 2
    assert "odr-verify trust" in capsys.readouterr().err
