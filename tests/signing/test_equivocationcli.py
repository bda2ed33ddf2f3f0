"""``odr-verify equivocation`` as a court runs it: files on disk, and exit codes."""

import json
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from signing.cli import main
from signing.equivocation import parse_pair
from tests.fakes.servedlog import serving
from tests.fakes.world import World
from tests.signing.test_policychain import SECOND, answer, award_of, octets, rotate
from tests.signing.test_scan import http_server, ok

WORLD = World()
for _name in ("provider-a", "provider-b"):
    WORLD.add_provider(_name)
SIZE = len(WORLD.entries)


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    contents = {
        "policy.txt": WORLD.trust_file(),
        "three": WORLD.checkpoint(3),
        "other-three": WORLD.checkpoint(3, [], root=bytes(32)),
        "newest": WORLD.checkpoint(),
        "forged": World(seed="forger").checkpoint(3),
        "last.tlog-proof": WORLD.proof(2, b"any note"),
        "first.tlog-proof": WORLD.proof(0, b"any note"),
    }
    for name, data in contents.items():
        (tmp_path / name).write_bytes(data)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize(
    ("arguments", "exit_code", "says"),
    [
        (["three", "three"], 0, "Verdict: the two agree\n         Both are the log of 3 entries"),
        (["three", "other-three"], 1, "Verdict: equivocation proven\n         The log signed two different roots"),
        (["newest", "three"], 2, "Verdict: can't tell\n         The sizes differ"),
        (["newest", "three", "--proof", "last.tlog-proof"], 0, f"The log of {SIZE} entries begins with that of 3."),
        (["newest", "other-three", "--proof", "last.tlog-proof"], 1, "[history_differs]"),
        (["newest", "three", "--proof", "first.tlog-proof"], 2, "the one given is of entry 0. [wrong_proof]"),
    ],
)
def test_every_verdict(capsys: pytest.CaptureFixture[str], arguments: list[str], exit_code: int, says: str) -> None:
    assert main(["equivocation", *arguments, "--policy", "policy.txt"]) == exit_code
    told = capsys.readouterr().out
    assert says in told
    assert f"Signed:  {WORLD.origin}, size 3, root " in told
    assert main(["equivocation", *arguments, "--policy", "policy.txt", "--json"]) == exit_code
    found = json.loads(capsys.readouterr().out)
    assert set(found) == {"verdict", "code", "reason", "heads", "exit_code"}
    assert (found["exit_code"], len(found["heads"])) == (exit_code, 2)
    assert found["reason"] in told


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("form", [[], ["--json"]])
def test_a_terminal_obeys_nothing_that_a_log_answers(capsys: pytest.CaptureFixture[str], form: list[str]) -> None:
    orders = "\x1b[2J\x1b[HVerdict: the two agree\x9b8m\x7f"

    def refusing(request: BaseHTTPRequestHandler) -> None:
        request.send_response(404, orders)
        request.end_headers()

    with http_server(refusing) as url:
        assert main(["equivocation", "three", "newest", "--policy", "policy.txt", "--log", url, *form]) == 2
    told = capsys.readouterr().out
    assert not [one for one in told if not (one == "\n" or one.isprintable())]
    if form:
        assert orders in json.loads(told)["reason"]
    else:
        assert r"\x1b[2J\x1b[HVerdict: the two agree\x9b8m\x7f" in told


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["three", "forged", "--policy", "policy.txt"], "signature_missing"),
        (["three", "policy.txt", "--policy", "policy.txt"], "bad_note"),
        (["three", "--policy", "policy.txt"], "not_json"),
        (["three", "three", "three", "--policy", "policy.txt"], "too_many_files"),
        (["three", "three", "--policy", "policy.txt", "--log", "ftp://x"], "bad_url"),
        (["three", "three"], "no_policy"),
    ],
)
def test_what_can_not_be_judged_is_exit_2(
    files: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], code: str
) -> None:
    assert main(["equivocation", *arguments]) == 2
    told = capsys.readouterr()
    assert (told.out, told.err.count("\n")) == ("", 1)
    assert f"[{code}]" in told.err
    assert files.exists()


def test_the_trusted_policy_serves_without_naming_it(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["trust", "policy.txt", "--yes"]) == 0
    assert main(["equivocation", "three", "other-three"]) == 1
    assert (files / "config/odr-verify/verification-policy.txt").exists()
    assert "equivocation proven" in capsys.readouterr().out


def test_evidence_is_written_once_and_proves_it_alone(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fetch = serving(WORLD.entries, WORLD.checkpoint())

    def answer(request):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        ok(fetch(request.path.removeprefix("/log/")))(request)

    with http_server(answer) as url:
        given = ["equivocation", "newest", "other-three", "--policy", "policy.txt", "--log", url]
        assert main([*given, "--out", "evidence.json"]) == 1
        assert main([*given, "--out", "evidence.json"]) == 2
    told = capsys.readouterr()
    assert "history_differs" in told.out
    assert "File exists: evidence.json" in told.err
    pair = parse_pair((files / "evidence.json").read_bytes())
    assert pair.first == (files / "other-three").read_bytes()
    assert main(["equivocation", "evidence.json", "--policy", "policy.txt"]) == 1
    assert main(["equivocation", "evidence.json", "--proof", "first.tlog-proof", "--policy", "policy.txt"]) == 2


@pytest.fixture
def rotated(files: Path) -> World:
    """The log was rotated since ``first.txt``; two heads of one size of the new log, and what leads there."""
    world = World()
    provider = world.add_provider()
    world.admit(world.award(provider, world.add_neutral(provider)))
    (files / "kept").write_bytes(world.checkpoint())
    rotate(world)
    contents = {
        "first.txt": world.trust_file(),
        "one": world.checkpoint(),
        "other": world.checkpoint(root=bytes(32)),
        "award-bundle.zip": world.bundle(award_of(world)),
        "policies.json": octets(answer(world)),
        "kept.tlog-proof": world.proof(len(world.entries) - 2, b"any note"),
        "strange.json": octets(answer(World(seed="strange"))),
    }
    for name, data in contents.items():
        (files / name).write_bytes(data)
    return world


@pytest.mark.usefixtures("rotated")
@pytest.mark.parametrize("leads", ["award-bundle.zip", "policies.json"])
def test_after_a_rotation_the_first_policy_still_judges(capsys: pytest.CaptureFixture[str], leads: str) -> None:
    given = ["equivocation", "one", "other", "--policy", "first.txt"]
    assert main([*given, "--policies", leads, "--out", "evidence.json"]) == 1
    assert f"Signed:  {SECOND}, size " in capsys.readouterr().out
    assert main(["equivocation", "evidence.json", "--policy", "first.txt", "--policies", leads]) == 1
    assert main(["equivocation", "one", "one", "--policy", "first.txt", "--policies", leads]) == 0


@pytest.mark.usefixtures("rotated")
def test_heads_of_the_log_that_ended_and_of_the_one_in_force_are_of_one_tree(
    capsys: pytest.CaptureFixture[str],
) -> None:
    more = ["--proof", "kept.tlog-proof", "--policy", "first.txt", "--policies", "policies.json"]
    assert main(["equivocation", "kept", "one", *more]) == 0
    assert "begins with that of" in capsys.readouterr().out


@pytest.mark.usefixtures("rotated")
def test_without_what_leads_there_the_answer_says_what_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    given = ["equivocation", "one", "other", "--policy", "first.txt"]
    assert main(given) == 2
    assert "If the log was rotated since, give --policies" in capsys.readouterr().err
    assert main([*given, "--policies", "strange.json"]) == 2
    assert "[wrong_network]" in capsys.readouterr().err
    unknown = ["equivocation", "forged", "one", "--policy", "first.txt", "--policies", "policies.json"]
    assert main(unknown) == 2
    assert "[signature_missing]" in capsys.readouterr().err
