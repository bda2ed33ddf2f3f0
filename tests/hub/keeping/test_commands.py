"""The commands that keep the log, as an operator runs them beside a running hub."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from hub import cli
from hub.web.appkeys import DATABASE
from signing.scan import http_fetch, scanned
from signing.trust import parse_trust
from signing.verification import verify_award
from tests.hub.running import Hub
from tests.hub.test_evidence import bundle
from tests.hub.world import PDF, Actor

Run = Callable[..., Awaitable[tuple[int, str, str]]]


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Run:
    """Runs a command in a thread, so that the hub goes on; returns exit code, output and errors."""

    async def call(*arguments: object) -> tuple[int, str, str]:
        code = await asyncio.to_thread(cli.main, [str(one) for one in arguments])
        output = capfd.readouterr()
        return code, output.out, output.err

    return call


async def test_a_running_hub_is_exported_and_the_files_are_scanned(
    hub: Hub, run: Run, serve: Callable[[Path], str], tmp_path: Path
) -> None:
    provider, neutral = Actor("acme", "provider"), Actor("noor", "neutral")
    for document in (
        hub.speaker.member(provider), hub.speaker.accreditation(provider), hub.speaker.neutral(neutral, provider)
    ):  # fmt: skip
        await hub.registered(document)
    receipt = await hub.registered(hub.speaker.award(provider, neutral))
    target = tmp_path / "public" / "log"
    code, out, err = await run("export", "--data", hub.data, target)
    assert (code, err) == (0, "")
    assert out == (
        "5 entries of hub.example:8600/log/1 lie there, 5 of them new.\n"
        "2 objects written, 0 were there already; read back, they give the root.\n"
    )
    code, out, err = await run("export", "--data", hub.data, target, "--json", "--quiet")
    assert (code, err) == (0, "")
    assert json.loads(out) == {
        "origin": "hub.example:8600/log/1", "before": 5, "size": 5, "written": 0, "present": 0,
    }  # fmt: skip
    data = bundle((await hub.get(f"/v1/awards/{receipt['digest']}"))[1])
    trust = parse_trust((hub.data / "verification-policy.txt").read_bytes())
    report = verify_award(data, trust, PDF, hub.clock())
    step = await asyncio.to_thread(lambda: scanned(report, data, trust, http_fetch(serve(target))).steps[-1])
    assert (step.outcome, step.reason) == (
        "pass", "All 5 entries read; 0 concern this award, all of them shown."
    )  # fmt: skip


async def test_a_refusal_is_one_sentence(hub: Hub, run: Run, tmp_path: Path) -> None:
    (tmp_path / "log").mkdir()
    (tmp_path / "log" / "checkpoint").write_bytes(b"something else\n")
    code, out, err = await run("export", "--data", hub.data, tmp_path / "log")
    assert (code, out) == (1, "")
    assert err.startswith("What lies there is no checkpoint of this log, so nothing is written: ")
    assert err.endswith(" [target_foreign at checkpoint]\n")


async def test_a_backup_is_made_tried_and_restored(hub: Hub, run: Run, tmp_path: Path) -> None:
    await hub.registered(hub.speaker.member(Actor("acme", "provider")))
    identity, target, data = tmp_path / "backup.key", tmp_path / "one.age", tmp_path / "new"
    code, recipient, _ = await run("backup-key", "--out", identity)
    assert (code, recipient[:4], identity.stat().st_mode & 0o777) == (0, "age1", 0o600)
    assert f"# recipient: {recipient}" in identity.read_text()
    arguments = ("backup", "--data", hub.data, "--to", target, "--recipient", recipient.strip(), "--with-keys")
    code, out, err = await run(*arguments)
    assert (code, err) == (0, "")
    size = target.stat().st_size
    assert out == (
        f"2 entries of hub.example:8600/log/1, 0 packages: {size} bytes.\n"
        f"Try it: odr-hub restore --test --from {target} --identity FILE\n"
    )
    code, _, err = await run(*arguments)
    assert (code, err) == (
        1,
        "There is a file of this name; a backup never overwrites one. [backup_exists at one.age]\n",
    )
    code, out, err = await run("restore", "--test", "--from", target, "--identity", identity)
    assert (code, err) == (0, "")
    assert out.startswith(f"network {hub.speaker.network}, made at 20")
    assert out.endswith(
        "2 entries of hub.example:8600/log/1, 0 packages; 0 deleted again\nRestored and checked: sound\n"
    )
    code, out, err = await run("restore", "--data", data, "--from", target, "--identity", identity)
    assert (code, err) == (0, "")
    assert out.endswith(f"Next: odr-hub fsck --data {data}; odr-hub serve --data {data}\n")
    assert "Put the hub's keys" not in out
    assert (await run("fsck", "--data", data))[1] == "2 entries, 2 checkpoints: sound\n"


async def test_a_backup_for_machines_and_without_keys(hub: Hub, run: Run, tmp_path: Path) -> None:
    recipient = (await run("backup-key", "--out", tmp_path / "key"))[1].strip()
    arguments = ("backup", "--data", hub.data, "--to", tmp_path / "one.age", "--recipient", recipient)
    code, out, _ = await run(*arguments, "--json", "--quiet")
    facts = json.loads(out)
    assert (code, facts["size"], facts["network"], facts["damaged"]) == (0, 1, hub.speaker.network, [])
    assert (await run("deletions", "--data", hub.data, "--out", tmp_path / "gone.json")) == (
        0, "0 packages and the texts of 0 statements were deleted so far.\n", "",
    )  # fmt: skip
    assert (await run("deletions", "--data", hub.data, "--out", tmp_path / "gone.json"))[0] == 0
    more = ("--from", tmp_path / "one.age", "--identity", tmp_path / "key", "--deletions", tmp_path / "gone.json")
    code, out, _ = await run("restore", "--test", "--json", *more)
    facts = json.loads(out)
    assert (code, facts["size"], facts["with_keys"], facts["findings"]) == (0, 1, False, [])
    code, out, _ = await run("restore", "--data", tmp_path / "new", *more)
    assert f"Put the hub's keys into {tmp_path / 'new' / 'keys'}: they are not in the backup.\n" in out


async def test_what_is_not_sound_ends_with_one(hub: Hub, run: Run, tmp_path: Path) -> None:
    await hub.registered(hub.speaker.member(Actor("acme", "provider")))
    damage = "UPDATE bodies SET document = x'7b7d' WHERE \"index\" = 1"
    await hub.client.app[DATABASE].write(lambda one: one.exec_driver_sql(damage))
    recipient = (await run("backup-key", "--out", tmp_path / "key"))[1].strip()
    await run("backup", "--data", hub.data, "--to", tmp_path / "one.age", "--recipient", recipient)
    code, out, _ = await run("restore", "--test", "--from", tmp_path / "one.age", "--identity", tmp_path / "key")
    assert (code, out.splitlines()[0][:9]) == (1, "entry 1: ")
    assert out.endswith("Restored and checked: NOT SOUND\n")


async def test_wrong_usage_of_restore(hub: Hub, run: Run, tmp_path: Path) -> None:
    (tmp_path / "one.age").write_bytes(b"no backup")
    (tmp_path / "key").write_bytes(b"no key\n")
    arguments = ("restore", "--from", tmp_path / "one.age", "--identity", tmp_path / "key")
    assert (await run(*arguments))[0] == 2
    assert (await run(*arguments, "--test", "--data", tmp_path / "new"))[0] == 2
    code, _, err = await run(*arguments, "--test")
    assert (code, err) == (1, "The file holds not exactly one age identity. [bad_identity at key]\n")
    (tmp_path / "key").unlink()
    await run("backup-key", "--out", tmp_path / "key")
    code, _, err = await run(*arguments, "--test")
    assert (code, err) == (1, "This is not a binary age file of version 1. [not_an_age_file]\n")
    code, _, err = await run("backup-key", "--out", tmp_path / "key")
    assert (code, err) == (1, "There is a file already; it is not overwritten. [backup_exists at key]\n")
    code, _, err = await run("backup", "--data", hub.data, "--to", tmp_path / "two.age", "--recipient", "age1wrong")
    assert (code, "[bad_age_key]" in err) == (1, True)
