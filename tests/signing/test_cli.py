"""``odr-verify`` as a court runs it: a process of its own, files on disk, exit codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from signing import cli
from signing.bundle import _read_members, pieces
from signing.cli import main
from signing.errors import FormatError
from tests.fakes.world import PDF, START, World

ROOT = Path(__file__).parents[2]


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder with an honest bundle, the policy to trust, and the award."""
    world = World()
    provider = world.add_provider()
    neutral = world.add_neutral(provider)
    index = world.admit(world.award(provider, neutral))
    (tmp_path / "bundle.zip").write_bytes(world.bundle(index))
    (tmp_path / "unwitnessed.zip").write_bytes(world.bundle(index, checkpoint=world.checkpoint(cosigners=[])))
    (tmp_path / "policy.txt").write_bytes(world.trust_file())
    (tmp_path / "award.pdf").write_bytes(PDF)
    (tmp_path / "changed.pdf").write_bytes(PDF + b" ")
    status = world.status(world.statements[index], len(world.entries), state="disputed")
    (tmp_path / "disputed.zip").write_bytes(world.bundle(index, status=status))
    return tmp_path


def run(folder: Path, *arguments: str, answer: str = "", encoding: str = "utf-8") -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "XDG_CONFIG_HOME": str(folder / "config")}
    environment["PYTHONIOENCODING"] = encoding
    command = [sys.executable, "-m", "signing.cli", *arguments]
    return subprocess.run(
        command, cwd=folder, env=environment, input=answer, capture_output=True, encoding=encoding, check=False
    )


@pytest.mark.parametrize(
    ("arguments", "code", "genuine"),
    [
        (["bundle.zip"], 0, "Genuine: yes"),
        (["bundle.zip", "--document", "award.pdf"], 0, "Genuine: yes"),
        (["bundle.zip", "--document", "changed.pdf"], 1, "Genuine: no (step 3, document)"),
        (["award.pdf"], 2, "Genuine: can't tell (step 1, bundle)"),
        (["unwitnessed.zip"], 3, "Genuine: can't tell: unwitnessed"),
        (["disputed.zip"], 4, "Genuine: yes"),
        (["bundle.zip", "--max-age", "1d"], 5, "Genuine: yes"),
    ],
)
def test_every_exit_code(
    files: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    code: int,
    genuine: str,
) -> None:
    monkeypatch.chdir(files)
    monkeypatch.setattr("time.time", lambda: START + 10 * 86_400)
    assert main([*arguments, "--policy", "policy.txt"]) == code
    assert capsys.readouterr().out.splitlines()[0] == genuine


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "cp850", "ascii"])
@pytest.mark.parametrize("form", [[], ["--json"]])
def test_the_verdict_does_not_depend_on_what_the_terminal_can_show(files: Path, encoding: str, form: list[str]) -> None:
    done = run(files, "bundle.zip", "--policy", "policy.txt", *form, encoding=encoding)
    assert done.returncode == 0, done.stderr
    if form:
        assert json.loads(done.stdout)["genuine"] == "yes"
    else:
        assert done.stdout.startswith("Genuine: yes")


ORDERS = "\x7f\x1b[2J\x1b[HGenuine: yes\x9b2J\u202e\r\nStatus:  nothing recorded"


@pytest.mark.parametrize(
    "members",
    [{ORDERS: b""}, {"documents/\x7f\x9b2J\x9bHGenuine: yes\u202e": b"another award"}],
    ids=["a foreign member", "a document"],
)
@pytest.mark.parametrize("form", [[], ["--json"]])
def test_a_terminal_obeys_nothing_that_stands_in_a_bundle(
    files: Path, members: dict[str, bytes], form: list[str]
) -> None:
    genuine = _read_members((files / "bundle.zip").read_bytes())
    (files / "hostile.zip").write_bytes(b"".join(pieces(genuine | members)))
    done = run(files, "hostile.zip", "--policy", "policy.txt", *form)
    assert done.returncode in (1, 2)
    assert not [one for one in done.stdout + done.stderr if not (one == "\n" or one.isprintable())]
    assert ("2J\\u" if form else r"2J\x") in done.stdout
    assert "\x7f" in json.loads(done.stdout)["steps"][0 if done.returncode == 2 else 2]["reason"] if form else True
    assert [line for line in done.stdout.splitlines() if line.startswith("Genuine: yes")] == []


def test_a_terminal_obeys_nothing_that_stands_in_a_policy(files: Path) -> None:
    """It is shown before its reader says whether to trust it."""
    policy = (files / "policy.txt").read_text()
    hostile = "\x9b1;1H\x9b2JNetwork_good\u202e"
    (files / "hostile.txt").write_text(policy.replace("witness-1 ", f"{hostile} "))
    done = run(files, "trust", "hostile.txt", answer="no\n")
    assert done.returncode == 2, done.stderr
    assert not [one for one in done.stdout + done.stderr if not (one == "\n" or one.isprintable())]
    assert r"Witness  \x9b1;1H\x9b2JNetwork_good\u202e: witness-1.example+" in done.stdout


def test_an_error_that_quotes_a_stranger_takes_one_line(
    files: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def quoting(*_given: object) -> None:
        raise FormatError("foreign_member", "Not here.", ORDERS)

    monkeypatch.chdir(files)
    monkeypatch.setattr(cli, "verify_award", quoting)
    assert main(["bundle.zip", "--policy", "policy.txt"]) == 2
    said = (
        r"odr-verify: Not here. (\x7f\x1b[2J\x1b[HGenuine: yes\x9b2J\u202e Status:  nothing recorded) [foreign_member]"
    )
    assert capsys.readouterr().err == f"{said}\n"


def test_a_fault_of_the_program_is_no_verdict(
    files: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def faulty(*_given: object) -> None:
        raise ZeroDivisionError("division by zero")

    monkeypatch.chdir(files)
    monkeypatch.setattr(cli, "verify_award", faulty)
    assert main(["bundle.zip", "--policy", "policy.txt"]) == 2
    shown = capsys.readouterr()
    assert (shown.out, shown.err) == ("", "odr-verify: ZeroDivisionError: division by zero\n")


def test_without_a_policy_it_says_how_to_get_one(files: Path) -> None:
    done = run(files, "bundle.zip")
    assert done.returncode == 2
    assert done.stdout == ""
    assert "odr-verify trust verification-policy.txt [no_policy]" in done.stderr
    assert "not from the sender of the award" in done.stderr


def test_trusted_once_it_verifies_without_asking_again(files: Path) -> None:
    refused = run(files, "trust", "policy.txt", answer="no\n")
    assert refused.returncode == 2
    assert refused.stdout.endswith("Nothing was changed.\n")
    accepted = run(files, "trust", "policy.txt", answer="y\n")
    assert accepted.returncode == 0, accepted.stderr
    assert "Group    all-witnesses: any 2 of witness-1, witness-2, witness-3" in accepted.stdout
    done = run(files, "bundle.zip", "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["genuine"] == "yes"
    assert [step["number"] for step in report["steps"]] == list(range(1, 15))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["missing.zip", "--policy", "policy.txt"], "odr-verify: No such file or directory: missing.zip"),
        (["bundle.zip", "--policy", "award.pdf"], "[bad_policy_file]"),
        (["trust", "award.pdf"], "[bad_policy_file]"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_line(files: Path, arguments: list[str], message: str) -> None:
    done = run(files, *arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


def test_bad_age_is_a_usage_error(files: Path) -> None:
    done = run(files, "bundle.zip", "--max-age", "soon")
    assert done.returncode == 2
    assert "give an age like 90m, 12h or 30d" in done.stderr
