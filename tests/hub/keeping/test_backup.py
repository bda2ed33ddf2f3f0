"""A backup of a running hub becomes a hub again; what was deleted stays deleted; nothing false is restored."""

import io
import sqlite3
import subprocess
import tarfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyrage
import pytest
from sqlalchemy import update

from hub import maintenance
from hub.errors import HubError
from hub.keeping import backup
from hub.keeping.archive import DATABASE
from hub.keeping.backup import BackedUp, Order, back_up
from hub.keeping.deletions import format_deletions, parse_deletions
from hub.keeping.errors import BackupError, RestoreError
from hub.keeping.manifest import MANIFEST, BackedUpFile, Manifest, parse_manifest
from hub.keeping.restore import Restored, Source, restore, try_restore
from hub.log.errors import CorruptionError, RecoveryError
from hub.log.recovery import DataLock
from hub.settings import load_settings
from hub.storage.copying import copy_database
from hub.storage.deleted import Deleted, DeletedPackage, DeletionTables
from hub.storage.engine import Database, sqlite_url
from hub.storage.errors import StorageError
from hub.storage.models import BodyRow
from hub.web.appkeys import DATABASE as DATABASE_KEY
from hub.web.appkeys import FOLLOWER, JOBS
from signing.agekeys import format_identity
from signing.encoding import canonical, sha256_hex
from signing.errors import SigningError
from signing.statement import parse_jws
from tests.hub.exchange.providers import ACME, BRIO, DAY, Exchange, sha256
from tests.hub.running import Hub, Running
from tests.hub.world import Actor, agreement_key

IDENTITY = agreement_key("operator/backup")


@pytest.fixture
async def exchange(hub: Hub) -> Exchange:
    """A hub with a dispatched transfer: brief and package are stored."""
    found = Exchange(hub)
    await found.admit()
    await found.come_to("dispatched")
    await hub.client.app[FOLLOWER].catch_up()
    return found


def order(hub: Hub, target: Path, **changes: Any) -> Order:
    asked = Order(hub.data, load_settings(hub.data), target, (IDENTITY.public,), hub.clock())
    return replace(asked, **changes)


async def backed_up(hub: Hub, target: Path, **changes: Any) -> BackedUp:
    return await back_up(order(hub, target, **changes), hub.client.app[DATABASE_KEY])


async def restored(hub: Hub, target: Path, data: Path, **more: Any) -> Restored:
    return await restore(Source(target, IDENTITY, hub.clock(), **more), data)


@asynccontextmanager
async def served(hub: Hub, data: Path) -> AsyncIterator[Exchange]:
    """A hub on the restored directory, with the clock and the people of ``hub``."""
    running = Running(data, hub.speaker.officers)
    try:
        yield Exchange(await running._serve(hub.speaker))
    finally:
        await running.client.close()


def opened(target: Path) -> dict[str, bytes]:
    """The members of a backup, by programs that are not ours."""
    plain = pyrage.decrypt(target.read_bytes(), [pyrage.x25519.Identity.from_str(format_identity(IDENTITY))])
    with tarfile.open(fileobj=io.BytesIO(plain)) as tar:
        return {one.name: tar.extractfile(one).read() for one in tar}  # type: ignore[union-attr]


def packed(members: dict[str, bytes], target: Path, manifest: bytes | None = None, **facts: Any) -> None:
    """A backup of ``members`` as somebody else might make it, with a manifest that fits unless one is given."""
    files = tuple(BackedUpFile(name, len(data), sha256_hex(data)) for name, data in members.items())
    told = Manifest("0", 0, "ab" * 32, "hub.example/log/1", 1, "cd" * 32, "0001", with_keys=False, files=files)
    octets = replace(told, **facts).to_bytes() if manifest is None else manifest
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as tar:
        for name, data in (*members.items(), (MANIFEST, octets)):
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    recipient = pyrage.x25519.Identity.from_str(format_identity(IDENTITY)).to_public()
    target.write_bytes(pyrage.encrypt(plain.getvalue(), [recipient]))


async def test_a_hub_goes_on_from_its_backup(exchange: Exchange, tmp_path: Path) -> None:
    hub, target, data = exchange.hub, tmp_path / "one.age", tmp_path / "new" / "data"
    seen: list[int] = []
    done = await back_up(order(hub, target, with_keys=True), hub.client.app[DATABASE_KEY], seen.append)
    assert (done.damaged, done.size, target.stat().st_mode & 0o777) == ((), target.stat().st_size, 0o600)
    assert seen == sorted(seen)
    assert seen[-1] == sum(one.size for one in done.manifest.files)
    found = await restored(hub, target, data)
    assert found == Restored(done.manifest, 2, 0, ())
    assert {path.stat().st_mode & 0o077 for path in (data, data / "keys", *(data / "keys").iterdir())} == {0}
    report = await maintenance.check(data)
    assert (report.sound, report.entries) == (True, done.manifest.size)
    async with served(hub, data) as again:
        again.said, again.transfer = exchange.said, exchange.transfer
        response = await again.read(f"/v1/packages/{sha256(exchange.package)}", BRIO)
        assert (response.status, await response.read()) == (200, exchange.package)
        receipt = await again.hub.registered(hub.speaker.member(Actor("later", "court")))
        assert receipt["index"] == done.manifest.size


async def test_other_programs_open_it(exchange: Exchange, tmp_path: Path) -> None:
    hub = exchange.hub
    done = await backed_up(hub, tmp_path / "one.age")
    found = opened(tmp_path / "one.age")
    packages = [f"packages/{sha256(data)[:2]}/{sha256(data)}" for data in (exchange.brief, exchange.package)]
    assert list(found) == ["hub.toml", "verification-policy.txt", DATABASE, *sorted(packages), MANIFEST]
    assert parse_manifest(found[MANIFEST]) == done.manifest
    assert {one.name: one.sha256 for one in done.manifest.files} == {
        name: sha256_hex(data) for name, data in found.items() if name != MANIFEST
    }
    assert found["hub.toml"] == (hub.data / "hub.toml").read_bytes()
    told = done.manifest
    assert (told.network, told.origin, told.made_at) == (hub.speaker.network, "hub.example:8600/log/1", hub.clock())
    head = hub.client.app[DATABASE_KEY]
    assert isinstance(head, Database)
    (tmp_path / "copy").write_bytes(found[DATABASE])
    with closing(sqlite3.connect(tmp_path / "copy")) as copy:
        assert copy.execute("SELECT size, hex(root) FROM head").fetchone() == (told.size, told.root.upper())


async def test_the_secrets_are_left_out_unless_asked_for(exchange: Exchange, tmp_path: Path) -> None:
    hub = exchange.hub
    await backed_up(hub, tmp_path / "without.age")
    await backed_up(hub, tmp_path / "with.age", with_keys=True)
    names = {"keys/log.pem", "keys/statement.pem", "keys/http.pem", "keys/monitor.pem", "keys/inbox.pem"}
    without, with_keys = opened(tmp_path / "without.age"), opened(tmp_path / "with.age")
    assert set(with_keys) - set(without) == names
    secret = (hub.data / "keys" / "log.pem").read_bytes().splitlines()[1]
    assert not any(secret in data for data in without.values())
    await restored(hub, tmp_path / "without.age", tmp_path / "data2")
    assert not (tmp_path / "data2" / "keys").exists()


async def test_nothing_is_overwritten_and_nothing_left_behind(exchange: Exchange, tmp_path: Path) -> None:
    hub = exchange.hub
    (hub.data / ".backup.sqlite3").write_bytes(b"what a backup that was killed has left")
    (tmp_path / ".one.age.new").write_bytes(b"the same")
    await backed_up(hub, tmp_path / "one.age")
    before = (tmp_path / "one.age").read_bytes()
    with pytest.raises(BackupError, match="There is a file of this name; a backup never overwrites one") as caught:
        await backed_up(hub, tmp_path / "one.age")
    assert caught.value.code == "backup_exists"
    assert (tmp_path / "one.age").read_bytes() == before
    with pytest.raises(BackupError, match=r"The backup can't be written: No such file or directory\. \(one\.age\)"):
        await backed_up(hub, tmp_path / "missing" / "one.age")
    assert [path.name for path in hub.data.glob(".backup*")] == [".backup.lock"]
    assert [path.name for path in tmp_path.glob(".*")] == []


async def test_one_backup_at_a_time(exchange: Exchange, tmp_path: Path) -> None:
    with DataLock(exchange.hub.data / ".backup.lock"), pytest.raises(RecoveryError, match="Another process uses"):
        await backed_up(exchange.hub, tmp_path / "one.age")


async def test_a_copy_holds_nothing_that_was_deleted(exchange: Exchange, tmp_path: Path) -> None:
    database: Database = exchange.hub.client.app[DATABASE_KEY]
    await copy_database(database, tmp_path / "before")
    index, document = next(iter(await _texts(database)))
    salt = parse_jws(document, "odr-statement+jws").payload["salt"].encode()
    assert document in (tmp_path / "before").read_bytes()
    await DeletionTables(database).apply(Deleted((), (index,)))
    await copy_database(database, tmp_path / "after")
    assert document not in (tmp_path / "after").read_bytes()
    assert salt not in (tmp_path / "after").read_bytes()
    assert (tmp_path / "after").stat().st_mode & 0o777 == 0o600


async def _texts(database: Database) -> list[tuple[int, bytes]]:
    def read(connection: Any) -> list[tuple[int, bytes]]:
        query = (
            'SELECT s."index", b.document FROM statements s JOIN bodies b ON b."index" = s."index" WHERE s.confidential'
        )
        return [(row[0], bytes(row[1])) for row in connection.exec_driver_sql(query)]

    return await database.read(read)


async def test_a_database_that_is_no_database_is_not_copied(tmp_path: Path) -> None:
    (tmp_path / "hub.sqlite3").write_bytes(b"no database at all" * 100)
    database = Database(sqlite_url(tmp_path / "hub.sqlite3"))
    with pytest.raises(StorageError, match="The database can't be copied: file is not a database") as caught:
        await copy_database(database, tmp_path / "copy")
    assert caught.value.code == "copy_failed"
    await database.close()


async def test_packages_that_are_due_are_left_out(exchange: Exchange, tmp_path: Path) -> None:
    done = await backed_up(exchange.hub, tmp_path / "one.age", now=exchange.hub.clock() + 181 * DAY)
    assert [one.name for one in done.manifest.files] == ["hub.toml", "verification-policy.txt", DATABASE]


async def test_a_package_that_vanishes_meanwhile_is_left_out(
    exchange: Exchange, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub, real = exchange.hub, backup._files
    path = hub.data / "packages" / sha256(exchange.brief)[:2] / sha256(exchange.brief)

    def vanishing(*arguments: Any) -> Any:
        for one in real(*arguments):
            path.unlink(missing_ok=True)
            yield one

    monkeypatch.setattr(backup, "_files", vanishing)
    await backed_up(hub, tmp_path / "one.age", with_keys=True)
    assert sha256(exchange.brief) not in " ".join(opened(tmp_path / "one.age"))
    assert (await restored(hub, tmp_path / "one.age", tmp_path / "data2")).packages == 1
    async with served(hub, tmp_path / "data2") as again:
        assert (await again.read(f"/v1/packages/{sha256(exchange.brief)}", BRIO)).status == 410


async def test_a_damaged_package_is_told_and_not_restored(exchange: Exchange, tmp_path: Path) -> None:
    name = sha256(exchange.package)
    (exchange.hub.data / "packages" / name[:2] / name).write_bytes(b"rotten")
    assert (await backed_up(exchange.hub, tmp_path / "one.age")).damaged == (name,)
    found = await restored(exchange.hub, tmp_path / "one.age", tmp_path / "data2")
    assert (found.packages, found.damaged) == (1, (name,))
    assert [path.name for path in (tmp_path / "data2" / "packages").glob("??/*")] == [sha256(exchange.brief)]


async def end_and_sweep(exchange: Exchange) -> None:
    """The transfer is completed, and a month later everything about it is deleted."""
    await exchange.hub.registered(exchange.evidence())
    await exchange.hub.registered(exchange.completion())
    await exchange.fetch(ACME, BRIO)
    exchange.hub.clock.now += 31 * DAY
    await exchange.hub.client.app[JOBS].run("retention")


async def test_what_was_deleted_since_is_deleted_again_by_the_list(exchange: Exchange, tmp_path: Path) -> None:
    hub = exchange.hub
    await backed_up(hub, tmp_path / "one.age", with_keys=True)
    texts = await _texts(hub.client.app[DATABASE_KEY])
    await end_and_sweep(exchange)
    deleted = await DeletionTables(hub.client.app[DATABASE_KEY]).read()
    assert {one.sha256 for one in deleted.packages} == {sha256(exchange.brief), sha256(exchange.package)}
    assert {index for index, _ in texts} < set(deleted.texts)
    listed = format_deletions(deleted, hub.speaker.network, 99, hub.clock())
    found = await restored(hub, tmp_path / "one.age", tmp_path / "data2", deletions=listed)
    assert (found.packages, found.deleted) == (0, 2 + len(texts))
    assert list((tmp_path / "data2" / "packages").glob("??/*")) == []
    raw = (tmp_path / "data2" / "hub.sqlite3").read_bytes()
    assert not any(document in raw for _, document in texts)
    async with served(hub, tmp_path / "data2") as again:
        assert (await again.read(f"/v1/packages/{sha256(exchange.package)}", BRIO)).status == 410
        record = await again.read(f"/v1/packages/{sha256(exchange.package)}/deletion", ACME)
        assert parse_jws(await record.read(), "odr-deletion+jws").payload["reason"] == "completed"
    assert (await maintenance.check(tmp_path / "data2")).sound


async def test_what_is_due_by_now_is_deleted_before_anything_is_served(exchange: Exchange, tmp_path: Path) -> None:
    hub = exchange.hub
    await backed_up(hub, tmp_path / "one.age", with_keys=True)
    await restored(hub, tmp_path / "one.age", tmp_path / "data2")
    assert len(list((tmp_path / "data2" / "packages").glob("??/*"))) == 2
    hub.clock.now += 181 * DAY
    async with served(hub, tmp_path / "data2") as again:
        assert list((tmp_path / "data2" / "packages").glob("??/*")) == []
        for data in (exchange.brief, exchange.package):
            assert (await again.read(f"/v1/packages/{sha256(data)}", BRIO)).status == 410


async def test_unfinished_uploads_are_forgotten(exchange: Exchange, tmp_path: Path) -> None:
    path = await exchange.begun(b"never finished" * 100)
    await backed_up(exchange.hub, tmp_path / "one.age", with_keys=True)
    await restored(exchange.hub, tmp_path / "one.age", tmp_path / "data2")
    async with served(exchange.hub, tmp_path / "data2") as again:
        assert (await again.send("HEAD", path, ACME)).status == 404


async def test_only_an_empty_directory_is_restored_into(exchange: Exchange, tmp_path: Path) -> None:
    await backed_up(exchange.hub, tmp_path / "one.age")
    (tmp_path / "data2").mkdir()
    await restored(exchange.hub, tmp_path / "one.age", tmp_path / "data2")
    before = sorted((tmp_path / "data2").iterdir())
    with pytest.raises(RestoreError, match=r"restored into an empty directory only\. \(data2\)") as caught:
        await restored(exchange.hub, tmp_path / "one.age", tmp_path / "data2")
    assert (caught.value.code, sorted((tmp_path / "data2").iterdir())) == ("not_empty", before)


@pytest.mark.parametrize("where", ["header", "first chunk", "last chunk", "cut", "cut at a chunk", "extended"])
async def test_a_changed_backup_leaves_nothing(exchange: Exchange, tmp_path: Path, where: str) -> None:
    await backed_up(exchange.hub, tmp_path / "one.age")
    octets = bytearray((tmp_path / "one.age").read_bytes())
    header = octets.index(b"\n--- ") + 49
    if where.startswith("cut"):
        del octets[-1 if where == "cut" else header + 16 + 65_552 :]
    elif where == "extended":
        octets += b"more"
    else:
        octets[{"header": 40, "first chunk": header + 100, "last chunk": len(octets) - 20}[where]] ^= 1
    (tmp_path / "one.age").write_bytes(octets)
    before = set(tmp_path.iterdir())
    with pytest.raises((SigningError, HubError)):
        await restored(exchange.hub, tmp_path / "one.age", tmp_path / "data2")
    assert set(tmp_path.iterdir()) == before


async def test_it_opens_for_its_recipients_alone(exchange: Exchange, tmp_path: Path) -> None:
    await backed_up(exchange.hub, tmp_path / "one.age")
    source = Source(tmp_path / "one.age", agreement_key("stranger"), 0)
    with pytest.raises(SigningError, match="The age file is not for this key"):
        await restore(source, tmp_path / "data2")


@pytest.mark.parametrize(
    "name", ["../outside", "/etc/outside", "packages/../hub.toml", "keys/../../x.pem", "hub.toml/"]
)
async def test_a_member_can_not_leave_the_directory(tmp_path: Path, name: str) -> None:
    packed({name: b"x"}, tmp_path / "one.age")
    with pytest.raises(RestoreError, match="A member does not belong in a backup") as caught:
        await restore(Source(tmp_path / "one.age", IDENTITY, 0), tmp_path / "data2")
    assert caught.value.code == "backup_unreadable"
    assert [path.name for path in tmp_path.iterdir()] == ["one.age"]


FALSE: dict[str, tuple[Any, str]] = {
    "a file that the manifest does not name": (lambda found: found | {"hub.toml": b"x"}, "backup_differs"),
    "a file that is missing": (lambda found: {k: v for k, v in found.items() if k != DATABASE}, "backup_differs"),
    "no manifest": (lambda found: {k: v for k, v in found.items() if k != MANIFEST}, "backup_unreadable"),
    "a manifest of something else": (lambda found: found | {MANIFEST: b'{"odr_backup":2}'}, "bad_manifest"),
    "a manifest that is no JSON": (lambda found: found | {MANIFEST: b"{"}, "bad_manifest"),
    "a manifest without files": (lambda found: found | {MANIFEST: b'{"odr_backup":1}'}, "bad_manifest"),
}


@pytest.mark.parametrize("what", FALSE)
async def test_what_its_manifest_does_not_say_is_not_restored(exchange: Exchange, tmp_path: Path, what: str) -> None:
    await backed_up(exchange.hub, tmp_path / "one.age")
    change, code = FALSE[what]
    members = change(opened(tmp_path / "one.age"))
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as tar:
        for name, data in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    recipient = pyrage.x25519.Identity.from_str(format_identity(IDENTITY)).to_public()
    (tmp_path / "two.age").write_bytes(pyrage.encrypt(plain.getvalue(), [recipient]))
    with pytest.raises(RestoreError) as caught:
        await restored(exchange.hub, tmp_path / "two.age", tmp_path / "data2")
    assert caught.value.code == code
    assert not (tmp_path / "data2").exists()


async def test_a_manifest_of_another_log_is_noticed(exchange: Exchange, tmp_path: Path) -> None:
    done = await backed_up(exchange.hub, tmp_path / "one.age")
    members = {name: data for name, data in opened(tmp_path / "one.age").items() if name != MANIFEST}
    packed(members, tmp_path / "two.age", replace(done.manifest, network="00" * 32).to_bytes())
    with pytest.raises(RestoreError, match="not of the log that its manifest names"):
        await restored(exchange.hub, tmp_path / "two.age", tmp_path / "data2")


@pytest.mark.parametrize(
    "text",
    ['[storage]\ndatabase = "/srv/other.sqlite3"\n', '[uploads]\ndirectory = ".."\n', '[keys]\ndirectory = "../k"\n'],
)
async def test_settings_do_not_lead_out_of_the_directory(exchange: Exchange, tmp_path: Path, text: str) -> None:
    hub = exchange.hub
    settings = load_settings(hub.data)
    with (hub.data / "hub.toml").open("a") as file:
        file.write(text)
    await backed_up(hub, tmp_path / "one.age", settings=settings)
    with pytest.raises(RestoreError, match="leads out of the new directory; give a settings file") as caught:
        await restored(hub, tmp_path / "one.age", tmp_path / "data2")
    assert caught.value.code == "setting_outside"
    own = b'[hub]\nurl = "http://hub.example:8600"\n[storage]\ndatabase = "tables/one.sqlite3"\n'
    own += b'[uploads]\ndirectory = "f"\n'
    await restored(hub, tmp_path / "one.age", tmp_path / "data2", settings=own)
    assert (tmp_path / "data2" / "tables" / "one.sqlite3").exists()
    assert len(list((tmp_path / "data2" / "f" / "packages").glob("??/*"))) == 2


async def test_a_test_restore_checks_everything_and_leaves_nothing(
    exchange: Exchange, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub, temporary = exchange.hub, tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    await backed_up(hub, tmp_path / "one.age")
    found = await try_restore(Source(tmp_path / "one.age", IDENTITY, hub.clock()))
    assert (found.findings, found.packages) == ((), 2)
    index = (await _texts(hub.client.app[DATABASE_KEY]))[0][0]
    damage = update(BodyRow).where(BodyRow.index == index).values(document=b"{}")
    await hub.client.app[DATABASE_KEY].write(lambda one: one.execute(damage))
    await backed_up(hub, tmp_path / "two.age")
    found = await try_restore(Source(tmp_path / "two.age", IDENTITY, hub.clock()))
    assert [one.where for one in found.findings] == [f"entry {index}"]
    assert list(temporary.iterdir()) == []


async def test_a_database_that_contradicts_itself_is_not_backed_up(exchange: Exchange, tmp_path: Path) -> None:
    database: Database = exchange.hub.client.app[DATABASE_KEY]
    await database.write(lambda one: one.exec_driver_sql("UPDATE entries SET octets = x'7b7d'"))
    with pytest.raises(CorruptionError):
        await backed_up(exchange.hub, tmp_path / "one.age")
    assert not (tmp_path / "one.age").exists()


def test_a_list_of_deletions_is_read_as_it_was_written() -> None:
    deleted = Deleted((DeletedPackage("ab" * 32, "a", "b", "urn:odr:a:1", 7, b'{"payload":""}'),), (3, 5))
    assert parse_deletions(format_deletions(deleted, "cd" * 32, 9, 8), "cd" * 32) == deleted


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"odr_deletions": 2}, "bad_deletions"),
        ({"network": "00" * 32}, "deletions_of_other"),
        ({"packages": [{"sha256": "x"}]}, "bad_deletions"),
        ({"packages": 5}, "bad_deletions"),
        ({"texts": ["1"]}, "bad_deletions"),
        ({"texts": [-1]}, "bad_deletions"),
        ({"texts": None}, "bad_deletions"),
    ],
)
def test_a_false_list_of_deletions_is_refused(change: dict[str, Any], code: str) -> None:
    members = {"odr_deletions": 1, "network": "cd" * 32, "size": 1, "made_at": 1, "packages": [], "texts": []}
    with pytest.raises(RestoreError) as caught:
        parse_deletions(canonical(members | change), "cd" * 32)
    assert caught.value.code == code


async def test_texts_of_public_statements_are_never_deleted(exchange: Exchange) -> None:
    tables = DeletionTables(exchange.hub.client.app[DATABASE_KEY])
    assert await tables.apply(Deleted((), (0, 1, 2, 10_000))) == 0
    assert (await maintenance.check(exchange.hub.data)).sound


def test_age_and_tar_are_enough(tmp_path: Path) -> None:
    """As the how-to says: after ``age -d`` any tar lists it."""
    packed({"hub.toml": b"x"}, tmp_path / "one.age")
    plain = pyrage.decrypt(
        (tmp_path / "one.age").read_bytes(), [pyrage.x25519.Identity.from_str(format_identity(IDENTITY))]
    )
    done = subprocess.run(["tar", "-t"], input=plain, capture_output=True, check=True)
    assert done.stdout.split() == [b"hub.toml", b"manifest.json"]
