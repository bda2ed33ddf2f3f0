"""The demonstration runs, says what it must, and leaves what a reader needs."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hub.demo.__main__ import main
from hub.demo.attacks import changed_byte
from hub.demo.forgeries import FORGERIES
from hub.demo.stage import DemoError, Stage, free_port, port_is_free
from signing.trust import parse_trust
from signing.verification import verify_award
from tests.fakes.pages import console, shape
from tests.interop.programs import require

ROOT = Path(__file__).parents[2]
LIMIT_SECONDS = 300
"""Generous: the machine may be busy. The demonstration itself says how long it took."""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """Output and results of one run, into a directory that has results of an earlier one."""
    output = tmp_path_factory.mktemp("demo-output")
    (output / "award.pdf").write_bytes(b"left by an earlier run")
    command = [sys.executable, "-m", "hub.demo", "--once", "--port", str(free_port()), "--output", str(output)]
    environment = {**os.environ, "TMPDIR": str(tmp_path_factory.mktemp("stage"))}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=LIMIT_SECONDS, check=False
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr
    assert list(Path(environment["TMPDIR"]).iterdir()) == [], "the stage was not cleared"
    return done.stdout, output


def test_the_court_finds_the_award_genuine(told: tuple[str, Path]) -> None:
    story, _ = told
    verdict = story.partition("$ odr-verify award-bundle.zip --policy verification-policy.txt\n")[2]
    assert verdict.lstrip().startswith("Genuine: yes\n    Status:  nothing recorded")
    assert "cosigned by witness-" in story


def test_every_forgery_ends_as_it_must(told: tuple[str, Path]) -> None:
    story, _ = told
    chapter = story.partition("9. The forgeries\n")[2]
    answers = re.split(r"\n {0,1}\d+\. ", chapter)[1:]
    assert len(answers) == len(FORGERIES)
    for one, answer in zip(FORGERIES, answers, strict=True):
        assert one.verdict in answer
        assert one.reason in answer
        assert answer.count("\nAs it must be.") == 1
    assert "NOT AS EXPECTED" not in chapter
    assert f"All {len(FORGERIES)} ended as they must." in chapter


def test_the_readme_shows_the_true_output(told: tuple[str, Path]) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"<!-- demo output: begin -->\n```text\n(.*?)```\n<!-- demo output: end -->", readme, re.DOTALL)
    assert len(blocks) == 3
    for shown in blocks:
        assert shape(shown)
        assert shape(shown) in shape(told[0])


def test_below_a_verifier_stands_what_it_printed(told: tuple[str, Path]) -> None:
    """Both of its results are handed over, so that the last of the forgeries' commands can be run again."""
    story, output = told
    (output / "changed.pdf").write_bytes(changed_byte((output / "award.pdf").read_bytes()))
    command = "odr-verify award-bundle.zip --policy verification-policy.txt --document changed.pdf"
    try:
        printed = as_pasted(command, output)
    finally:
        (output / "changed.pdf").unlink()
    shown = story.partition(f"$ {command}\n")[2].partition("As it must be.")[0]
    kept = [line.removeprefix("    ") for line in shown.splitlines() if line != "    …"]
    assert len(kept) == 3
    assert [line for line in kept if line not in printed.splitlines()] == []
    assert printed.splitlines()[0] == kept[0]


def test_the_last_line_and_the_readme_verify_the_award_when_they_are_pasted(told: tuple[str, Path]) -> None:
    story, output = told
    last = next(line for line in reversed(story.splitlines()) if "award-bundle.zip --policy" in line)
    assert as_pasted(last, ROOT).startswith("Genuine: yes\n")
    readme = (ROOT / "README.md").read_text(encoding="utf-8").partition("\n## Verify an award\n")[2]
    lines = re.findall(r"^\$ (.*)$", readme.partition("\n## ")[0], re.MULTILINE)
    assert len(lines) == 2
    for line in lines:
        assert line.startswith(".venv/bin/odr-verify demo-output/")
        pasted = line.replace("demo-output/", f"{output}/").removeprefix(".venv/bin/")
        assert as_pasted(pasted, ROOT).startswith("Genuine: yes\n")


def test_a_court_can_do_it_by_hand(told: tuple[str, Path], tmp_path: Path) -> None:
    for program in ("openssl", "jq", "xxd", "unzip"):
        require(program)
    for name in ("award-bundle.zip", "verification-policy.txt"):
        shutil.copy(told[1] / name, tmp_path)
    guide = (ROOT / "docs/court/verify-by-hand.md").read_text(encoding="utf-8")
    printed = as_pasted("set -eu\n" + "\n".join(console(guide)), tmp_path)
    assert printed.count("Signature Verified Successfully") == 3


def as_pasted(line: str, place: Path) -> str:
    """What a shell in ``place`` prints; a program that the line names without its place is taken from this tree."""
    line = re.sub(r"^odr-verify\b", f"{sys.executable} -m signing.cli", line.strip())
    done = subprocess.run(
        ["bash", "-c", line], cwd=place, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True,
        check=False, timeout=60,
    )  # fmt: skip
    assert not done.stderr, done.stderr
    return done.stdout


def test_the_case_changed_hands_after_a_decline_and_an_expiry(told: tuple[str, Path]) -> None:
    chapter = told[0].partition("5. A case changes hands\n")[2].partition("6. An award is made")[0]
    ends = [chapter.find(state) for state in ("State     declined", "State     expired", "State     completed")]
    assert -1 not in ends
    assert ends == sorted(ends)
    assert "documents arrived byte for byte" in chapter
    award = told[0].partition("6. An award is made")[2]
    assert "case_id                urn:odr:sample-mediation:" in award


def test_the_figures_stand_beside_what_went_in(told: tuple[str, Path]) -> None:
    chapter = told[0].partition("7. The coordinator reads the first figures\n")[2].partition("8. A court")[0]
    assert "Input: 169 cases, mean 23 days, 63 % in mediation." in chapter
    assert "Incoming cases: 169 cases" in chapter
    assert "mediation of resolved: 62.7 %" in chapter


@pytest.mark.parametrize(
    "verdict",
    [
        "(document_changed)",
        "(signature_missing)",
        "(signature_extra)",
        "The hub refuses: signer_missing",
        "The hub refuses: key_revoked",
        "provider-three: suspended since",
        "The hub refuses: small_order_key",
        "(foreign_member)",
        "(wrong_network)",
        "The hub refuses: read_only",
    ],
)
def test_each_refusal_names_its_step_or_code(told: tuple[str, Path], verdict: str) -> None:
    assert verdict in told[0]


def test_the_results_verify_by_themselves(told: tuple[str, Path]) -> None:
    _, output = told
    assert sorted(one.name for one in output.iterdir()) == ["award-bundle.zip", "award.pdf", "verification-policy.txt"]
    pdf = (output / "award.pdf").read_bytes()
    trust = parse_trust((output / "verification-policy.txt").read_bytes())
    report = verify_award((output / "award-bundle.zip").read_bytes(), trust, pdf, int(time.time()))
    assert pdf.startswith(b"%PDF-")
    assert (report.genuine, report.exit_code) == ("yes", 0)


def test_a_taken_port_is_named(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert main(["--once", "--port", str(port), "--output", str(tmp_path / "out")]) == 1
        assert not port_is_free(port)
    error = capsys.readouterr().err
    assert error.startswith(f"Port {port} on 127.0.0.1 is in use")
    assert error.endswith(f": make demo PORT={port + 1} ONCE=1\n"), "python alone does not find the modules"
    command = ["make", "--dry-run", "--no-print-directory", "demo", f"PORT={port + 1}", "ONCE=1"]
    make = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    assert make.stdout.splitlines()[-1].endswith(f"-m hub.demo --port {port + 1} --once")
    assert not (tmp_path / "out").exists()


def test_whatever_happens_on_the_stage_its_processes_end() -> None:
    waiting = "import time; print('ready', flush=True); time.sleep(600)"
    with Stage(sys.stdout) as stage:
        process = stage.start_process([sys.executable, "-c", waiting])
        stage.wait_for_line(process, "ready")
        assert process.poll() is None
    assert process.returncode is not None
    assert not stage.path.exists()


def test_a_process_that_does_not_start_is_reported_with_its_output() -> None:
    with Stage(sys.stdout) as stage:
        process = stage.start_process([sys.executable, "-c", "raise SystemExit('no luck')"])
        with pytest.raises(DemoError, match="no luck"):
            stage.wait_for_line(process, "never said")


def test_a_command_that_fails_ends_the_story_with_its_output() -> None:
    with Stage(sys.stdout) as stage, pytest.raises(DemoError, match=r"(?s)ended with 2 instead of 0.*no-such-command"):
        stage.run("odr-gateway", "no-such-command")
