"""``--scan``, ``--consistency`` and ``--proof`` beside each other, as a court gives them."""

import json
from pathlib import Path

import pytest

from signing.cli import main
from tests.fakes.servedlog import serving
from tests.fakes.world import World
from tests.signing.test_scan import case_of, http_server, not_found, ok


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    case = case_of(World())
    other = case.world.admit(case.world.award(case.provider, case.neutral, b"%PDF-1.7 another\n"))
    case.world.add_provider("provider-b")
    files = {
        "bundle.zip": case.world.bundle(case.index),
        "policy.txt": case.world.trust_file(),
        "registration": case.world.checkpoint(case.index + 1),
        "between": case.world.checkpoint(other + 1),
        "other.tlog-proof": case.world.proof(other, b"any note"),
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    monkeypatch.chdir(tmp_path)
    return case.world


def run(*arguments: str) -> int:
    return main(["bundle.zip", "--policy", "policy.txt", *arguments])


def steps(capsys: pytest.CaptureFixture[str]) -> list[tuple[int, str]]:
    return [(one["number"], one["outcome"]) for one in json.loads(capsys.readouterr().out)["steps"][14:]]


@pytest.mark.usefixtures("world")
def test_a_kept_checkpoint_without_any_network(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--consistency", "registration") == 0
    assert "16  pass  Continuity" in capsys.readouterr().out
    assert run("--consistency", "between") == 2
    told = capsys.readouterr().out
    assert told.startswith("Genuine: can't tell (step 16, continuity)\n")
    assert "16  ----  Continuity" in told
    assert run("--consistency", "between", "--proof", "other.tlog-proof", "--json") == 0
    assert steps(capsys) == [(16, "pass")]


def test_scan_and_continuity_are_two_steps(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    fetch = serving(world.entries, world.checkpoint())

    def answer(request):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        ok(fetch(request.path.removeprefix("/log/")))(request)

    with http_server(answer) as url:
        assert run("--scan", url, "--consistency", "between", "--json") == 0
    assert steps(capsys) == [(15, "pass"), (16, "pass")]


@pytest.mark.usefixtures("world")
def test_a_proof_belongs_to_a_checkpoint(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--proof", "other.tlog-proof") == 2
    assert capsys.readouterr().err == "odr-verify: --proof belongs to --consistency. [proof_of_nothing]\n"
    assert run("--consistency", "missing") == 2
    assert "No such file or directory: missing" in capsys.readouterr().err


@pytest.mark.usefixtures("world")
def test_where_no_log_is_nothing_is_called_proven(capsys: pytest.CaptureFixture[str]) -> None:
    """The hub's address in the place of the log's, as people give it."""
    with http_server(not_found) as url:
        hub = url.removesuffix("/log")
        assert run("--scan", hub, "--consistency", "between") == 2
        told = capsys.readouterr().out
        assert run("--scan", hub, "--consistency", "between", "--json") == 2
    found = [(one["outcome"], one["label"]) for one in json.loads(capsys.readouterr().out)["steps"][14:]]
    assert found == [("not checkable", "information")] * 2
    scan = " ".join(told.partition("15  ----  Scan")[2].split())
    assert scan.startswith(f"The log could not be read: {hub}/checkpoint answered with HTTP status 404 (Not Found).")
    assert "FAIL" not in told
