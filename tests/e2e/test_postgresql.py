"""A hub on PostgreSQL, by its real commands: made, refused without a standby, served, ended with its server."""

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest

from tests.fakes.postgres import Cluster, shared_cluster

ROOT = Path(__file__).parents[2]
URL = "http://127.0.0.1:8600"
RECIPIENT = "age1fyzymspj70j8t6sqvw5caj4jx9jvxjk92mpwd626ug98604sy4jqkfmma3"


def run(*arguments: object, code: int = 0) -> str:
    """One command of ``odr-hub``; returns what it printed, on standard error where it failed with 1."""
    command = [sys.executable, "-m", "hub.cli", *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == code, (done.stdout, done.stderr)
    return done.stdout if code != 1 else done.stderr


@contextmanager
def served(data: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    """A hub that is ready; ended with the block."""
    command = [sys.executable, "-m", "hub.cli", "serve", "--data", str(data), "--port", "0", *options]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert "is ready at" in process.stdout.readline(), process.communicate(timeout=10)
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=20)


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    """A server of the test's own, which it may halt."""
    one = Cluster()
    yield one
    one.stop()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A hub's data directory, with the log on a server that others use too."""
    return founded(tmp_path / "hub", shared_cluster().create(f"hub_{uuid4().hex}"))


def founded(data: Path, url: str) -> Path:
    """A hub's data directory, with the log in an empty database."""
    assert "is created" in run("init", "--data", data, "--url", URL, "--storage-url", url)
    return data


def test_every_command_works_on_the_server(data: Path) -> None:
    assert not (data / "hub.sqlite3").exists()
    status = json.loads(run("status", "--data", data, "--json", code=2))
    assert (status["size"], status["database_bytes"], status["problem"]) == (1, 0, "")
    assert re.match(r"postgresql://odr@/hub_\w+\?host=", status["database"])
    assert "1 entries, 1 checkpoints: sound" in run("fsck", "--data", data, "--quiet")
    assert "1 entries folded; rule state: 0 added, 0 changed, 0 removed." in run("rebuild", "--data", data, "--quiet")
    assert "of this program's version" in run("upgrade", "--data", data)
    backup = run("backup", "--data", data, "--to", data / "b.age", "--recipient", RECIPIENT, "--quiet")
    assert backup.startswith("1 entries of 127.0.0.1:8600/log/1, 0 packages: ")
    assert "[not_found at " in run("release", "--data", data, "0" * 64, code=1)


def test_without_a_standby_it_serves_only_when_that_is_said(data: Path) -> None:
    refused = run("serve", "--data", data, "--port", 0, code=1)
    assert refused.count("\n") == 1
    assert refused.startswith("Without a synchronous standby a lost server takes signed entries with it;")
    assert "[no_standby at storage.url]" in refused
    with served(data, "--allow-async"):
        assert "sound" in run("fsck", "--data", data, "--quiet")


@contextmanager
def synchronous(cluster: Cluster) -> Iterator[Cluster]:
    """A standby of the server, made as the how-to page says, for which every commit waits."""
    page = (ROOT / "docs/how-to/run-on-postgresql.md").read_text(encoding="utf-8")
    roles, names, state = (
        [one.strip() for one in block.split(";") if one.strip()]
        for block in re.findall(r"^```sql\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    )
    assert "application_name=standby_1" in page
    cluster.execute(*roles)
    standby = Cluster(copied=cluster, name="standby_1", user="odr_standby")
    try:
        cluster.execute(*names)
        cluster.wait_for(f"{state[0]} AND sync_state = 'sync'")
        yield standby
    finally:
        cluster.execute("ALTER SYSTEM RESET synchronous_standby_names", "SELECT pg_reload_conf()")
        standby.stop()


def test_the_how_to_page_leads_to_a_hub_with_a_synchronous_standby(tmp_path: Path, cluster: Cluster) -> None:
    data = tmp_path / "hub"
    with synchronous(cluster):
        run("init", "--data", data, "--url", URL, "--storage-url", cluster.url("odr_hub", "odr_hub"))
        with served(data):
            assert "sound" in run("fsck", "--data", data, "--quiet")


def test_it_ends_when_it_is_told_to_though_its_standby_is_away(tmp_path: Path, cluster: Cluster) -> None:
    data = tmp_path / "hub"
    with synchronous(cluster) as standby:
        run("init", "--data", data, "--url", URL, "--storage-url", cluster.url("odr_hub", "odr_hub"))
        more = "[jobs]\nhousekeeping_seconds = 1\n[server]\nshutdown_seconds = 0\n"
        (data / "hub.toml").write_text((data / "hub.toml").read_text() + more)
        with served(data) as process:
            standby.halt(signal.SIGQUIT)
            cluster.wait_for("SELECT 1 FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
            process.send_signal(signal.SIGTERM)
            _, errors = process.communicate(timeout=40)
        assert process.returncode == 1
        assert "the database did not answer for 10 seconds; ended without waiting for it" in errors
        standby.start()
        with served(data):
            assert "sound" in run("fsck", "--data", data, "--quiet")


def test_a_second_hub_on_the_same_database_is_refused(data: Path, tmp_path: Path) -> None:
    def refused(command: str, *options: str) -> str:
        other = tmp_path / f"other-{command}"
        other.mkdir()
        (other / "hub.toml").write_text((data / "hub.toml").read_text())
        (other / "keys").symlink_to(data / "keys")
        return run(command, "--data", other, *options, code=1)

    commands = (("serve", "--allow-async", "--port", "0"), ("rebuild",), ("upgrade",))
    with served(data, "--allow-async"):
        with ThreadPoolExecutor() as pool:  # each waits some seconds for the other hub to end
            told = set(pool.map(lambda one: refused(*one), commands))
        assert told == {"Another hub uses this database: end it first. [locked at storage.url]\n"}
        assert "sound" in run("fsck", "--data", data, "--quiet")


def test_it_ends_when_its_server_is_lost_and_starts_again_with_it(tmp_path: Path, cluster: Cluster) -> None:
    data = founded(tmp_path / "hub", cluster.create("hub"))
    (data / "hub.toml").write_text((data / "hub.toml").read_text() + "[jobs]\nhousekeeping_seconds = 1\n")
    with served(data, "--allow-async") as process:
        cluster.halt(signal.SIGQUIT)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "sequencing ended, the process ends with it" in errors
    assert "[database_unreachable at storage.url]" in run("serve", "--data", data, "--allow-async", code=1)
    cluster.start()
    with served(data, "--allow-async"):
        assert "sound" in run("fsck", "--data", data, "--quiet")


def test_nothing_is_made_where_the_server_can_not_be_used(tmp_path: Path) -> None:
    data = tmp_path / "hub"
    nowhere = f"postgresql://odr@/hub?host={tmp_path}"
    told = run("init", "--data", data, "--url", URL, "--storage-url", nowhere, code=1)
    assert "The database can't be reached: " in told
    told = run("init", "--data", data, "--url", URL, "--storage-url", "postgresql://odr:hunter2@h/hub", code=1)
    assert "A password has no place in this file" in told
    assert "hunter2" not in told
    assert not data.exists()
