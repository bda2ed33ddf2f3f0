"""Files among the uploads that belong to no upload are told, and those of uploads that end meanwhile are not."""

import asyncio
from pathlib import Path

import pytest

from hub.audit.findings import Findings
from hub.audit.packages import PackageAudit
from hub.packages.files import PackageFiles
from hub.storage.auditbeside import AuditBeside
from hub.storage.engine import Database, sqlite_url
from hub.storage.packages import PackageStore
from hub.storage.transfers import Transfers
from tests.hub.tables import make_tables


async def found(files: PackageFiles, root: Path) -> list[tuple[str, str]]:
    database = Database(sqlite_url(root / "hub.sqlite3"))
    try:
        await make_tables(database)
        findings = Findings()
        stored, packages, transfers = AuditBeside(database), PackageStore(database), Transfers(database)
        await PackageAudit(stored, packages, transfers, findings, files=files, keys={}, network="ab" * 32).check()
    finally:
        await database.close()
    return [(one.code, one.where) for one in findings.all]


@pytest.mark.parametrize("name", ["abcdefgh", "abcdefgh.verified"])
async def test_a_file_without_a_row_is_told(tmp_path: Path, name: str) -> None:
    files = PackageFiles(tmp_path)
    (tmp_path / "uploads" / name).write_bytes(b"octets")
    assert await found(files, tmp_path) == [("file_left", "upload abcdef…")]


async def test_a_file_that_goes_a_moment_after_its_row_is_not(tmp_path: Path) -> None:
    files = PackageFiles(tmp_path)
    (tmp_path / "uploads" / "abcdefgh").write_bytes(b"octets")
    asyncio.get_running_loop().call_later(0.2, files.discard, ["abcdefgh"])
    assert await found(files, tmp_path) == []
