"""``odr-hub status`` and ``odr-hub alarms``: beside a running hub, without one, and after one was killed."""

import json
import signal
from pathlib import Path

import pytest

from hub.alarms.register import Alarms
from tests.hub.test_cli import Run, Served, quick, run, served

__all__ = ["quick", "run", "served"]  # fixtures


def test_status_of_a_running_hub_of_a_stopped_and_of_a_killed_one(run: Run, served: tuple[Served, Path]) -> None:
    one, data = served
    code, out, err = run("status", "--data", data)
    assert (code, err) == (0, "")
    assert "  RUNNING  http://127.0.0.1:8600  since " in out.splitlines()[0]
    assert "Head        1 entries, " in out
    assert "Queue       0 of 4,096 statements" in out
    assert "Alarms      none" in out
    assert "Verifiers   " in out
    code, out, _ = run("status", "--data", data, "--json")
    facts = json.loads(out)
    assert (code, facts["process"], facts["signed_size"], facts["alarms"]) == (0, "running", 1, [])
    assert (facts["running"]["url"], facts["running"]["pid"]) == (one.url, one.process.pid)
    one.process.send_signal(signal.SIGSTOP)
    assert run("status", "--data", data)[1].startswith("ODR Hub 0.1.0  DOES NOT ANSWER")
    one.process.send_signal(signal.SIGCONT)
    one.stop(signal.SIGKILL)
    code, out, _ = run("status", "--data", data)
    assert (code, out.splitlines()[0]) == (2, "ODR Hub 0.1.0  NOT RUNNING  http://127.0.0.1:8600")
    again = Served(data)
    running = run("status", "--data", data)
    again.stop()
    assert running[0] == 0
    assert not (data / "running.json").exists()
    assert run("status", "--data", data)[0] == 2


def test_an_alarm_is_shown_listed_and_cleared_beside_a_running_hub(run: Run, served: tuple[Served, Path]) -> None:
    _, data = served
    Alarms(data / "alarms", lambda: 1_795_000_000).sound("clock_stepped", "By 3600 s.", evidence=b"{}")
    code, out, _ = run("status", "--data", data)
    assert code == 1
    assert "ALARMS      clock_stepped since 2026-11-18T11:06:40Z: By 3600 s.\n" in out
    code, out, _ = run("alarms", "list", "--data", data)
    assert code == 1
    assert out.startswith("warning: clock_stepped, since 2026-11-18T")
    assert f"  Evidence: {data}/alarms/evidence/1795000000-clock_stepped.json\n" in out
    assert f'  Do: odr-hub alarms clear clock_stepped --data {data} --reason "…"\n' in out
    assert "  Read: docs/operations/alarms/clock_stepped.md\n" in out
    (told,) = json.loads(run("alarms", "list", "--data", data, "--json")[1])
    assert (told["code"], told["severity"], told["since"]) == ("clock_stepped", "warning", 1_795_000_000)
    assert run("alarms", "clear", "clock_stepped", "--data", data)[0] == 2, "a reason is needed"
    code, out, _ = run("alarms", "clear", "clock_stepped", "--data", data, "--reason", "time service restarted")
    assert (code, out) == (0, "Cleared: clock_stepped.\n")
    code, _, err = run("alarms", "clear", "clock_stepped", "--data", data, "--reason", "again")
    assert (code, err) == (1, "No alarm of this code is on. [no_alarm at clock_stepped]\n")
    assert run("alarms", "list", "--data", data) == (0, "No alarm is on.\n", "")
    assert run("status", "--data", data)[0] == 0


@pytest.mark.usefixtures("quick")
def test_every_piece_of_evidence_is_named_to_people_and_to_machines(run: Run, tmp_path: Path) -> None:
    (tmp_path / "hub.toml").write_text('[hub]\nurl = "http://hub.example"\n')
    alarms = Alarms(tmp_path / "alarms", lambda: 1_795_000_000)
    alarms.sound("clock_stepped", "By 3600 s.")
    for number in range(3):
        alarms.sound("witness_ahead", "It is ahead.", subject="w", evidence=b"%d" % number)
    first = min((tmp_path / "alarms/evidence").iterdir(), key=lambda path: len(path.name))
    files = [str(first), *(str(first.with_suffix(f".{number}.json")) for number in (2, 3))]
    out = run("alarms", "list", "--data", tmp_path)[1]
    assert [line.removeprefix("  Evidence: ") for line in out.splitlines() if "Evidence: " in line] == files
    ahead, stepped = json.loads(run("alarms", "list", "--data", tmp_path, "--json")[1])
    assert (ahead["code"], ahead["evidence_files"]) == ("witness_ahead", files)
    assert ahead["evidence"] == f"evidence/{first.name}"
    assert (stepped["code"], stepped["evidence_files"]) == ("clock_stepped", [])


@pytest.mark.usefixtures("quick")
def test_an_unknown_code_is_wrong_usage(run: Run, tmp_path: Path) -> None:
    assert run("alarms", "clear", "nonsense", "--data", tmp_path, "--reason", "x")[0] == 2
