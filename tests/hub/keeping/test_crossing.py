"""A backup from before a rotation is completed over it, with the ended key and an export of the old log's end."""

import asyncio
import shutil
from pathlib import Path

import pytest

from hub import cli
from providers.witness.config import add_log
from tests.hub.test_evidence import NEUTRAL, PROVIDER
from tests.hub.test_rotating import FIRST, SECOND, House, house

__all__ = ["house"]


async def run(capfd: pytest.CaptureFixture[str], *words: object) -> tuple[int, str]:
    capfd.readouterr()
    code = await asyncio.to_thread(cli.main, [str(one) for one in words])
    said = capfd.readouterr()
    return code, said.out + said.err


async def test_a_backup_from_before_a_rotation(house: House, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    data, offered, new = house.hub.data, tmp_path / "offered", tmp_path / "new"
    recipient = (await run(capfd, "backup-key", "--out", tmp_path / "backup.key"))[1].strip()
    await run(capfd, "backup", "--data", data, "--to", tmp_path / "old.age", "--recipient", recipient)
    rotation = await house.prepared()
    await house.decide(rotation)
    policy = await house.policy()
    await house.witnessed()
    assert (await run(capfd, "export", "--data", data, tmp_path / "log-1"))[0] == 0
    add_log(house.witness, rotation.log_key)
    await house.running.client.close()
    code, said = await run(capfd, "rotate", "finish", "--data", data)
    assert (code, "make a new backup and try it" in said, said.endswith("destroy the key.\n")) == (0, True, True)
    await house.reopen()
    award = house.hub.speaker.award(PROVIDER, NEUTRAL, b"after")
    await house.hub.registered(award)
    await house.witnessed()
    assert (await run(capfd, "export", "--data", data, tmp_path / "log-2"))[0] == 0
    await house.running.client.close()

    offered.mkdir()
    (offered / "policy.json").write_bytes(policy.document)
    (offered / "award.json").write_bytes(award)
    await run(capfd, "restore", "--from", tmp_path / "old.age", "--identity", tmp_path / "backup.key", "--data", new)
    shutil.copytree(house.keys, new / "keys", dirs_exist_ok=True)
    complete = ("complete", "--data", new, "--statements", offered, "--from")
    assert "[wrong_log_key]" in (await run(capfd, *complete, tmp_path / "log-1"))[1]
    (ended,) = (new / "keys").glob("ended-*.pem")
    (new / "keys" / "log.pem").rename(new / "keys" / "next-log.pem")
    ended.rename(new / "keys" / "log.pem")
    assert "[not_this_log at checkpoint]" in (await run(capfd, *complete, tmp_path / "log-2"))[1]
    code, said = await run(capfd, *complete, tmp_path / "log-1")
    assert (code, f"{FIRST} has 8 of 8 entries here.\nNothing is missing." in said) == (0, True), said
    assert (await run(capfd, "rotate", "finish", "--data", new))[0] == 0
    code, said = await run(capfd, *complete, tmp_path / "log-2")
    assert (code, f"{SECOND} has 9 of 9 entries here.\nNothing is missing." in said) == (0, True), said
    code, said = await run(capfd, "fsck", "--data", new)
    assert (code, said.endswith("sound\n")) == (0, True), said
