import os
import stat
import time
from pathlib import Path

import pytest

from providers.cli import main
from providers.witness.config import (
    CLOCK_FILE,
    KEY_FILE,
    STATE_FILE,
    add_log,
    confirm_clock,
    confirmed_clock,
    init_witness,
    open_witness,
    source_of,
)
from providers.witness.errors import UnknownLogError, WitnessError
from providers.witness.submission import Submission, format_submission
from signing.notes import COSIGNATURE, VerifierKey
from signing.secretkeys import SigningKey
from signing.signnotes import witness_signer
from tests.fakes.memorylog import MemoryLog


def test_a_new_witness_tells_its_key_and_keeps_the_secret_to_itself(tmp_path: Path) -> None:
    key = VerifierKey.parse(init_witness(tmp_path / "new" / "w", "witness.example/w1"))
    assert (key.name, key.type) == ("witness.example/w1", COSIGNATURE)
    secret = tmp_path / "new" / "w" / KEY_FILE
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert stat.S_IMODE(secret.parent.stat().st_mode) == 0o700
    witness = open_witness(secret.parent)
    assert witness.verifier == key
    witness.close()


def test_an_existing_witness_is_never_overwritten(tmp_path: Path) -> None:
    init_witness(tmp_path, "w")
    before = (tmp_path / KEY_FILE).read_bytes()
    with pytest.raises(WitnessError, match="holds a witness already") as whole:
        init_witness(tmp_path, "w")
    (tmp_path / STATE_FILE).unlink()
    with pytest.raises(WitnessError, match="holds a witness's key already") as key_only:
        init_witness(tmp_path, "w")
    assert whole.value.code == key_only.value.code == "witness_exists"
    assert (tmp_path / KEY_FILE).read_bytes() == before


@pytest.mark.parametrize("name", ["", "two words", "a+b", "line\n"])
def test_a_name_that_no_signature_line_can_carry_is_refused_and_nothing_is_made(tmp_path: Path, name: str) -> None:
    with pytest.raises(WitnessError) as refusal:
        init_witness(tmp_path / "w", name)
    assert refusal.value.code == "bad_name"
    assert not (tmp_path / "w").exists()


def test_a_witness_that_lost_its_state_does_not_start(tmp_path: Path) -> None:
    init_witness(tmp_path, "w")
    (tmp_path / STATE_FILE).unlink()
    with pytest.raises(WitnessError, match="without it the key must be retired") as refusal:
        open_witness(tmp_path)
    assert refusal.value.code == "no_state"
    assert not (tmp_path / STATE_FILE).exists()


def test_a_state_with_another_key_does_not_start(tmp_path: Path) -> None:
    init_witness(tmp_path / "a", "w")
    init_witness(tmp_path / "b", "w")
    (tmp_path / "a" / KEY_FILE).replace(tmp_path / "b" / KEY_FILE)
    with pytest.raises(WitnessError, match="belongs to another key") as refusal:
        open_witness(tmp_path / "b")
    assert refusal.value.code == "wrong_key"


@pytest.mark.parametrize(
    ("content", "mode", "code"),
    [
        (None, 0o600, "no_key"),
        ("not base64\n", 0o600, "no_key"),
        ("AAAA\n", 0o600, "no_key"),
        ("é\n", 0o600, "no_key"),
        ("A" * 43 + "=\n", 0o640, "key_exposed"),
        ("A" * 43 + "=\n", 0o604, "key_exposed"),
    ],
)
def test_a_key_that_is_missing_spoilt_or_open_to_others_is_refused(
    tmp_path: Path, content: str | None, mode: int, code: str
) -> None:
    init_witness(tmp_path, "w")
    (tmp_path / KEY_FILE).unlink()
    if content is not None:
        (tmp_path / KEY_FILE).write_text(content, "utf-8")
        (tmp_path / KEY_FILE).chmod(mode)
    with pytest.raises(WitnessError) as refusal:
        open_witness(tmp_path)
    assert (refusal.value.code, refusal.value.where) == (code, str(tmp_path / KEY_FILE))


def test_a_log_is_watched_once_and_with_one_key(tmp_path: Path) -> None:
    init_witness(tmp_path, "w")
    log = MemoryLog(entries=[b"one"])
    add_log(tmp_path, log.vkey)
    witness = open_witness(tmp_path)
    witness.add_checkpoint(format_submission(Submission(0, (), log.checkpoint())), 5)
    add_log(tmp_path, log.vkey)
    assert witness.published("0" * 64) is None
    witness.add_checkpoint(format_submission(Submission(1, (), log.checkpoint())), 6)
    with pytest.raises(WitnessError, match="knows this origin with another key") as refusal:
        add_log(tmp_path, MemoryLog(seed=b"S" * 32).vkey)
    assert refusal.value.code == "other_key"
    witness.close()


def test_a_log_may_be_added_while_the_witness_runs(tmp_path: Path) -> None:
    init_witness(tmp_path, "w")
    witness = open_witness(tmp_path)
    log = MemoryLog(entries=[b"one"])
    add_log(tmp_path, log.vkey)
    assert witness.add_checkpoint(format_submission(Submission(0, (), log.checkpoint())), 5).startswith("— w ")
    witness.close()


@pytest.mark.parametrize("vkey", ["", "nonsense", witness_signer("w", SigningKey(b"w" * 32)).verifier.format()])
def test_what_is_no_key_of_a_log_is_not_watched(tmp_path: Path, vkey: str) -> None:
    init_witness(tmp_path, "w")
    with pytest.raises(WitnessError) as refusal:
        add_log(tmp_path, vkey)
    assert refusal.value.code == "bad_vkey"


def test_logs_are_not_added_where_there_is_no_witness(tmp_path: Path) -> None:
    with pytest.raises(WitnessError) as refusal:
        add_log(tmp_path, MemoryLog().vkey)
    assert refusal.value.code == "no_state"


@pytest.mark.parametrize("url", ["ftp://x/log", "hub.example/log", "http://x/log?a=1", "http://x/l og", "http:///log"])
def test_an_address_that_is_none_is_refused(tmp_path: Path, url: str) -> None:
    init_witness(tmp_path, "w", mirror=True)
    with pytest.raises(WitnessError) as refusal:
        add_log(tmp_path, MemoryLog().vkey, url)
    assert refusal.value.code == "bad_log_url"


def test_a_mirror_watches_no_log_whose_entries_it_can_not_find(tmp_path: Path) -> None:
    directory, log = tmp_path / "w", MemoryLog(entries=[b"one"])
    init_witness(directory, "w", mirror=True)
    with pytest.raises(WitnessError, match="say so with `--url URL`") as refusal:
        add_log(directory, log.vkey)
    assert (refusal.value.code, refusal.value.where) == ("no_source", log.origin)
    witness = open_witness(directory)
    offered = format_submission(Submission(0, (), log.checkpoint()))
    with pytest.raises(UnknownLogError):
        witness.examine(offered)
    add_log(directory, log.vkey, "http://a.example/log")
    add_log(directory, log.vkey)  # it is known by now
    assert source_of(directory, log.origin) == "http://a.example/log"
    assert witness.examine(offered).key.name == log.origin
    witness.close()


def test_whoever_confirms_the_clock_the_witness_can_read_it(tmp_path: Path) -> None:
    init_witness(tmp_path / "w", "w.example", now=1_795_000_000)
    before = os.umask(0o077)  # as an administrator may have it
    try:
        confirm_clock(tmp_path / "w", 1_796_000_000)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "w" / CLOCK_FILE).stat().st_mode) == 0o644


def test_whoever_adds_a_log_the_witness_can_read_its_address(tmp_path: Path) -> None:
    init_witness(tmp_path / "w", "w.example")
    before = os.umask(0o077)  # as an administrator may have it
    try:
        for url in ("http://a.example/log", "http://b.example/log"):  # the second replaces the first
            add_log(tmp_path / "w", MemoryLog().vkey, url)
        (file,) = (tmp_path / "w" / "sources").iterdir()
        file.chmod(0o600)  # as a version before did
        file.parent.chmod(0o700)
        add_log(tmp_path / "w", MemoryLog().vkey, "http://b.example/log")
    finally:
        os.umask(before)
    assert (stat.S_IMODE(file.stat().st_mode), stat.S_IMODE(file.parent.stat().st_mode)) == (0o644, 0o755)


def test_an_address_that_can_not_be_read_is_not_taken_for_none(tmp_path: Path) -> None:
    log = MemoryLog()
    init_witness(tmp_path, "w.example")
    assert source_of(tmp_path, log.origin) is None
    add_log(tmp_path, log.vkey, "http://a.example/log/")
    assert source_of(tmp_path, log.origin) == "http://a.example/log"
    (file,) = (tmp_path / "sources").iterdir()
    file.write_bytes(b"http://\xff")
    with pytest.raises(WitnessError, match="can't be read: it is not ASCII"):
        source_of(tmp_path, log.origin)
    file.unlink()
    file.mkdir()  # for want of another user
    with pytest.raises(WitnessError, match="can't be read: Is a directory") as refusal:
        source_of(tmp_path, log.origin)
    assert (refusal.value.code, refusal.value.actor, refusal.value.retryable) == ("source_unreadable", "operator", True)
    assert refusal.value.where == str(file)
    said = (
        "as the user who owns this file, runs `add-log VKEY --url URL` again, or `chmod 755` on its folder and `chmod"
    )
    assert said in refusal.value.message


def test_an_address_that_can_not_be_written_is_told(tmp_path: Path) -> None:
    log = MemoryLog()
    init_witness(tmp_path, "w.example")
    (tmp_path / "sources").write_bytes(b"")  # for want of another user
    with pytest.raises(WitnessError, match="The log was added, its address was not") as refusal:
        add_log(tmp_path, log.vkey, "http://a.example/log")
    assert (refusal.value.code, refusal.value.actor, refusal.value.retryable) == ("source_unwritable", "operator", True)
    (tmp_path / "sources").unlink()
    add_log(tmp_path, log.vkey, "http://a.example/log")
    assert source_of(tmp_path, log.origin) == "http://a.example/log"


def test_a_confirmation_that_can_not_be_read_is_not_taken_for_none(tmp_path: Path) -> None:
    init_witness(tmp_path / "w", "w.example", now=1_795_000_000)
    (tmp_path / "w" / CLOCK_FILE).unlink()
    assert confirmed_clock(tmp_path / "w") == 0
    (tmp_path / "w" / CLOCK_FILE).mkdir()  # for want of another user
    log = MemoryLog()
    log.grow_to(3)
    add_log(tmp_path / "w", log.vkey)
    witness = open_witness(tmp_path / "w")
    offered = format_submission(Submission(0, (), log.checkpoint(3)))
    with pytest.raises(WitnessError, match="The confirmation of the clock can't be read: Is a directory") as refusal:
        witness.add_checkpoint(offered, 4_070_908_800)
    assert (refusal.value.code, refusal.value.actor, refusal.value.retryable) == ("clock_unreadable", "operator", True)
    assert refusal.value.where == str(tmp_path / "w" / CLOCK_FILE)
    (tmp_path / "w" / CLOCK_FILE).rmdir()
    confirm_clock(tmp_path / "w", 1_795_000_000)
    assert witness.add_checkpoint(offered, 1_795_000_500)
    (tmp_path / "w" / CLOCK_FILE).unlink()
    (tmp_path / "w" / CLOCK_FILE).mkdir()
    log.grow_to(4)
    offered = format_submission(Submission(3, tuple(log.tree.consistency(3, 4)), log.checkpoint(4)))
    assert witness.add_checkpoint(offered, 1_795_000_600), "its last signature settles the time"
    witness.close()


def test_the_operator_says_that_the_clock_is_right(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    directory = str(tmp_path / "w")
    assert main(["witness", "init", "--dir", directory, "--name", "w.example"]) == 0
    made = confirmed_clock(tmp_path / "w")
    assert abs(made - time.time()) < 60, "when it is made the clock is taken to be right"
    confirm_clock(tmp_path / "w", 5)
    capsys.readouterr()
    assert main(["witness", "confirm-clock", "--dir", directory, "--yes"]) == 0
    assert "This machine's clock says 20" in capsys.readouterr().out
    assert confirmed_clock(tmp_path / "w") >= made
    for damaged in (b"", b"soon", b"\xff"):
        (tmp_path / "w" / CLOCK_FILE).write_bytes(damaged)
        assert confirmed_clock(tmp_path / "w") == 0
    assert main(["witness", "confirm-clock", "--dir", str(tmp_path / "none"), "--yes"]) == 1
    assert "code no_state" in capsys.readouterr().err
