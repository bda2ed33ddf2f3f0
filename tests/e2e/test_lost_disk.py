"""A hub loses its disk: real processes, a real witness, a backup from yesterday, an export, and what members have.

The backup is restored; the witness makes the hub read-only; entries come from the export and statements from those who
made them; then the hub goes on as if nothing had been, and the witness cosigns.
"""

import asyncio
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from hub.keeping.deletions import format_deletions
from hub.storage.deleted import Deleted
from providers.witness.config import add_log
from signing.encoding import sha256_hex
from signing.statement import parse_statement
from tests.fakes.exchangehouse import ROOT, House, house
from tests.hub.world import Actor

LOST = 5
"""Index of an award that a list names among what was deleted: the hub that wrote it had lost the text, nobody else."""


@pytest.fixture
def here(tmp_path: Path) -> Iterator[House]:
    with house(tmp_path) as one:
        yield one


def run(*arguments: object) -> tuple[int, str]:
    """A command of the operator's program, as a process of its own; exit code, and output with errors."""
    command = [sys.executable, "-m", "hub.cli", *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    return done.returncode, done.stdout + done.stderr


async def post(here: House, document: bytes, status: int = 201) -> dict[str, Any]:
    headers = {"Content-Type": "application/jose+json", "Prefer": "wait=10"}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{here.url}/v1/statements", data=document, headers=headers) as response,
    ):
        answer: dict[str, Any] = await response.json(content_type=None)
    assert response.status == status, answer
    return answer


async def becomes_a_mirror(here: House, log_key: str) -> None:
    """The witness stores every entry from now on, before it cosigns."""
    here.witness.stop()
    await asyncio.to_thread(add_log, here.directory / "witness", log_key, f"{here.url}/log")
    here.witness.command.append("--mirror")
    await asyncio.to_thread(here.witness.start)


def mirrored(here: House, origin: str, size: int) -> Path:
    """The folder in which the witness keeps the log. What it cosigned is stored; what was published comes later."""
    folder = here.directory / "witness" / "mirror" / sha256_hex(origin.encode())
    assert f"\n{size}\n" in (folder / "stored").read_text()
    return folder


async def known_while_the_witness_is_silent(here: House, older: Path) -> None:
    """The alarm keeps what the witness showed: nothing is whole below that. The source has only what is stored."""
    assert (here.hub.stop(), here.witness.stop()) == (0, 0)
    assert run("export", "--data", here.hub_data, older)[0] == 0
    code, out = run("complete", "--data", here.hub_data, "--from", older)
    assert (code, "has seen 7 entries of this log; the source does not bring them all." in out) == (1, True), out
    await asyncio.to_thread(here.witness.start)


@pytest.mark.parametrize("source", ["export", "mirror"])
async def test_a_lost_disk_loses_nothing(here: House, tmp_path: Path, source: str) -> None:
    speaker, provider, neutral = here.speaker, Actor("acme", "provider"), Actor("noor", "neutral")
    assert speaker is not None
    if source == "mirror":
        await becomes_a_mirror(here, speaker.genesis.body["log_key"])
    for document in (speaker.member(provider), speaker.accreditation(provider)):
        await post(here, document)

    recipient = run("backup-key", "--out", tmp_path / "backup.key")[1].strip()
    backup, public = tmp_path / "yesterday.age", tmp_path / "public"
    assert run("backup", "--data", here.hub_data, "--to", backup, "--recipient", recipient)[0] == 0
    shutil.copytree(here.hub_data / "keys", tmp_path / "safe")

    later = [speaker.neutral(neutral, provider), *(speaker.award(provider, neutral, b"award %d" % n) for n in range(3))]
    receipts = [await post(here, document) for document in later]
    assert [one["state"] for one in receipts] == ["witnessed"] * 4
    if source == "export":
        code, out = run("export", "--data", here.hub_data, public)
        assert (code, "7 entries" in out) == (0, True)
    else:
        public = mirrored(here, speaker.genesis.body["origin"], 7)
    here.hub.kill()  # at once: a mirror asks the log a second later what it has published
    shutil.rmtree(here.hub_data)

    code, out = run("restore", "--from", backup, "--identity", tmp_path / "backup.key", "--data", here.hub_data)
    assert (code, "3 entries" in out) == (0, True), out
    shutil.copytree(tmp_path / "safe", here.hub_data / "keys")
    began = here.hub.log.stat().st_size
    await asyncio.to_thread(here.hub.start)
    said = here.hub.log.read_text()[began:]
    assert "has seen 7 entries of this log; only 3 are stored here" in said
    assert re.search(r"odr-hub complete --data \S+ --from URL \(docs", said)
    assert (await post(here, later[0], 503))["code"] == "read_only"
    assert run("complete", "--data", here.hub_data, "--from", public)[1].startswith("Another process uses")
    await known_while_the_witness_is_silent(here, tmp_path / "older")
    offered = tmp_path / "offered"
    offered.mkdir()
    for document in later[1:]:
        (offered / f"{parse_statement(document).digest}.json").write_bytes(document)
    code, out = run("complete", "--data", here.hub_data, "--from", public, "--statements", offered)
    assert code == 1, out
    assert out.startswith("0 entries appended; ")
    assert f"  entry 3: neutral noor {parse_statement(later[0]).digest}\n" in out
    (tmp_path / "neutral.json").write_text(json.dumps({"entries": [{"statement": json.loads(later[0])}]}))
    deleted = tmp_path / "deletions.json"
    deleted.write_bytes(format_deletions(Deleted((), (LOST,)), speaker.network, 7, 0))
    more = ("--statements", tmp_path / "neutral.json", "--deletions", deleted)
    code, out = run("complete", "--data", here.hub_data, *more)
    assert (code, "has 7 of 7 entries here.\nNothing is missing." in out) == (0, True), out
    assert run("fsck", "--data", here.hub_data)[1].endswith("sound\n")

    await asyncio.to_thread(here.hub.start)
    for document, receipt in zip(later, receipts, strict=True):
        again = await post(here, document, 200)
        assert (again["index"], again["digest"]) == (receipt["index"], receipt["digest"])
        assert "statement" in again, "the text of an award is never deleted, whatever a list says"
    new = await post(here, speaker.award(provider, neutral, b"after all"))
    assert (new["index"], new["state"]) == (7, "witnessed")
