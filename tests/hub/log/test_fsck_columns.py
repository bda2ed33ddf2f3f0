"""One bit flipped in any column of any table, a tile or a package's file included, is found by fsck.

The columns are those of the models, so that a new one can't be forgotten: either its flip is found, or it stands in
``UNTOLD`` with the reason why nothing else tells. The reference is ``docs/operations/fsck.md``.
"""

import asyncio
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from hub import maintenance
from hub.log.fsck import FsckReport
from hub.storage.tables import Base
from hub.web.catalogue import CATALOGUE
from tests.hub.log.everything import build

COLUMNS = [f"{table.name}.{column.name}" for table in Base.metadata.sorted_tables for column in table.columns]
UNTOLD = {
    "nonces.keyid": "a nonce is a random value that nothing else repeats; it is kept for a minute",
    "nonces.nonce": "as above",
    "nonces.expires": "as above",
    "uploads.created": "only the hub's clock told when an upload began; the row is gone within days",
    "uploads.expires": "as above",
    "packages.stored_at": "of a stored package only this row tells; of a deleted one the signed record does too",
    "packages.held_at": "only the operator told when a package was held; that it is held, is told by the reason too",
    "packages.hold_reason": "only the operator told the reason",
    "packages.released_at": "only the operator told when a hold ended",
    "drafts.register": "only its poster told whether the hub is to register it",
    "drafts.expires_at": "only its poster told when it is to end; the row is gone within weeks",
    "drafts.ended_at": "only the hub's clock told when a draft ended; the row is gone within weeks",
    "drafts.decline_reason": "only the signer told the reason",
    "drafts.problem": "only the rules of that moment told why it was refused",
    "draft_signers.secret_hash": "a random value that nothing else repeats; a flipped one opens nothing",
    "inbox_read.member": "only the members told how far they have fetched their inboxes",
    "inbox_read.index": "as above; a wrong one deletes or keeps texts at another time",
    "transfers.cleared": "only the hub's clock told when texts were deleted; that they were, the texts tell",
}
PAGE = Path("docs/operations/fsck.md").read_text("utf-8")
CODES = set(re.findall(r"^\| `([a-z_]+)` \| [A-Z]", PAGE, re.MULTILINE))
ROWS = {
    # of all rows, those whose flip can be told
    "cursors.size": "name = 'exchange'",  # where the directory is behind, the same versions are made again
    "checkpoints.witnessed": "witnessed = 0",  # late lines may meet a quorum without the mark
    "packages.deleted_at": "deleted_at IS NOT NULL",
    "feedback_answers.index": '"index" IS NOT NULL',
    **{f"drafts.{name}": "payload IS NOT NULL OR invitation IS NOT NULL" for name in ("kind", "issuer", "digest")},
    "draft_signers.kid": "draft IN (SELECT id FROM drafts WHERE payload IS NOT NULL)",
    "draft_signers.role": "draft IN (SELECT id FROM drafts WHERE payload IS NOT NULL)",
    "draft_signers.signed": "draft IN (SELECT id FROM drafts WHERE payload IS NOT NULL)",
    "uploads.id": "complete = 0",  # names the file; of a complete one nobody but its sender knows the name
    "uploads.transfer": "complete = 1",
    "uploads.offset": "complete = 1",  # of one that goes on, more octets may have come than were acknowledged
    "uploads.recipient": "complete = 1",  # the others were announced and nothing else tells
    "uploads.sha256": "complete = 1",
    "uploads.size": "complete = 1",
    "uploads.purpose": "complete = 1",
}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A hub's data directory, closed, with at least one value in every column."""
    data = tmp_path_factory.mktemp("everything") / "data"
    asyncio.run(build(data))
    return data


@pytest.fixture
def data(template: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(template, tmp_path / "data"))


def test_the_page_lists_every_finding_and_every_column_that_is_not_told() -> None:
    sources = [Path("hub/log/fsck.py"), *Path("hub/audit").glob("*.py")]
    found = {
        code for path in sources for code in re.findall(r'(?:add|Finding)\(\s*"([a-z_]+)"', path.read_text("utf-8"))
    }
    assert found == CODES
    (table,) = re.findall(r"\| column \| why \|\n(.*?)\n\n", PAGE, re.DOTALL)
    assert set(re.findall(r"`([a-z_]+\.[a-z_]+)`", table)) == UNTOLD.keys()


def opened(data: Path) -> Any:
    return closing(sqlite3.connect(data / "hub.sqlite3", isolation_level=None))


def check(data: Path) -> FsckReport:
    return asyncio.run(maintenance.check(data, quiet=True))


def test_undamaged_it_is_sound(data: Path) -> None:
    report = check(data)
    assert report.sound, report.findings


def test_every_column_has_a_value_and_every_reason_a_column(template: Path) -> None:
    with opened(template) as connection:
        for name in COLUMNS:
            table, column = name.split(".")
            query = f'SELECT count("{column}") FROM "{table}" WHERE {ROWS.get(name, "1")}'  # noqa: S608
            assert connection.execute(query).fetchone()[0] > 0, f"nothing stands in {name}"
    assert UNTOLD.keys() | ROWS.keys() <= set(COLUMNS)
    assert not UNTOLD.keys() & ROWS.keys()


@pytest.mark.parametrize("name", [name for name in COLUMNS if name not in UNTOLD])
def test_a_flipped_bit_is_found(data: Path, name: str) -> None:
    with opened(data) as connection:
        before = flip(connection, name)
    report = check(data)
    assert not report.sound, f"{before} in {name}"
    assert all(one.code in CODES | CATALOGUE.keys() and one.message and one.where for one in report.findings), (
        report.findings
    )


@pytest.mark.parametrize("name", UNTOLD)
def test_what_is_listed_can_not_be_told(data: Path, name: str) -> None:
    """Otherwise it is to be struck off the list."""
    where = {"packages.stored_at": "deleted_at IS NULL"}.get(name, "1")
    with opened(data) as connection:
        flip(connection, name, where)
    assert check(data).sound


def test_text_that_is_no_text_is_found(data: Path) -> None:
    with opened(data) as connection:
        connection.execute("UPDATE effects SET data = CAST(X'7BFF7D' AS TEXT) WHERE \"index\" = 3")
    report = check(data)
    assert ("unreadable", "walk") in {(one.code, one.where) for one in report.findings}


def test_a_flipped_bit_in_a_file_is_found(data: Path) -> None:
    (path, *_) = sorted(data.glob("packages/??/*"))
    octets = bytearray(path.read_bytes())
    octets[7] ^= 1
    path.write_bytes(octets)
    assert [one.code for one in check(data).findings] == ["file_differs"]
    path.unlink()
    assert [one.code for one in check(data).findings] == ["file_differs"]


def test_octets_of_an_upload_that_are_missing_are_found(data: Path) -> None:
    (path,) = data.glob("uploads/*")
    path.write_bytes(path.read_bytes()[:-1])
    assert [one.code for one in check(data).findings] == ["file_missing"]


def flip(connection: sqlite3.Connection, name: str, where: str | None = None) -> Any:
    """Flip one bit of one value, whatever the database would say to it; returns the value from before."""
    table, column = name.split(".")
    connection.execute("PRAGMA foreign_keys = OFF")
    keys = [row[1] for row in connection.execute(f'PRAGMA table_info("{table}")') if row[5]]
    query = f'SELECT "{column}", {", ".join(map(quoted, keys))} FROM "{table}" WHERE {where or ROWS.get(name, "1")}'  # noqa: S608
    for value, *key in connection.execute(query).fetchall():
        if value is None or value in (b"", ""):
            continue
        same = " AND ".join(f'"{one}" = ?' for one in keys)
        for flipped in flips(value):
            try:
                done = connection.execute(f'UPDATE "{table}" SET "{column}" = ? WHERE {same}', (flipped, *key))  # noqa: S608
            except sqlite3.IntegrityError:  # this very key is taken
                continue
            assert done.rowcount == 1
            return value
    raise AssertionError(f"nothing can be flipped in {name}")


def quoted(name: str) -> str:
    return f'"{name}"'


def flips(value: Any) -> Iterator[Any]:
    if isinstance(value, int):
        yield from (value ^ 1 << bit for bit in range(8))
    elif isinstance(value, bytes):
        yield from (value[:place] + bytes([value[place] ^ 1]) + value[place + 1 :] for place in (len(value) // 2, -1)
                    if place != -1)  # fmt: skip
    else:
        octets = bytearray(value.encode())
        for place in (len(octets) // 2, 0):
            octets[place] ^= 1
            yield octets.decode()
            octets[place] ^= 1
