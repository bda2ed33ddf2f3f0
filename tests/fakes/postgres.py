"""PostgreSQL for tests: private clusters of Debian's binaries, each in a directory of its own, gone at the end.

They listen on a Unix socket alone and write durably. Text is sorted by language, as on many real servers, so that
whatever relies on the order of octets has to say so. As root the server runs as the user ``postgres``.
"""

import atexit
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
import pytest

__all__ = ["SECRET_USER", "Cluster", "shared_cluster"]

USER = "odr"
SECRET_USER = "odr_secret"
_HBA = f"local all {SECRET_USER} scram-sha-256\nlocal all all trust\nlocal replication all trust\n"
_SETTINGS = {
    "listen_addresses": "",
    "fsync": "on",
    "shared_buffers": "32MB",
    "max_connections": "60",
    "wal_level": "replica",
    "max_wal_senders": "4",
    "log_min_messages": "warning",
}
_READY_SECONDS = 30


def binaries() -> Path:
    """Where the newest PostgreSQL of this machine has its programs; without one the test is skipped, on CI it fails."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    if not found:
        (pytest.fail if os.environ.get("ODR_REQUIRE_ALL") == "1" else pytest.skip)("PostgreSQL is not installed")
    return found[-1].parent


class Cluster:
    """One server; ``stop`` ends it and removes its files.

    Args:
        settings: of the server, beside those that all have.
        copied: the server whose copy this one is to be, and to follow; None for a new one.
        name: what it calls itself as a standby.
        user: as whom it follows.
    """

    def __init__(
        self,
        settings: dict[str, str] | None = None,
        copied: "Cluster | None" = None,
        name: str = "standby",
        user: str = USER,
    ) -> None:
        self._bin = binaries()
        self._as: dict[str, Any] = _identity()
        self.folder = Path(tempfile.mkdtemp(prefix="odr-pg-"))
        self._data = self.folder / "data"
        self._process: subprocess.Popen[bytes] | None = None
        self._settings = _SETTINGS | {"unix_socket_directories": str(self.folder)} | (settings or {})
        self.adopt(self.folder)
        if copied is None:
            self._create()
        else:
            self._copy(copied, name, user)
        self.start()

    def url(self, database: str = "postgres", user: str = USER) -> str:
        """The address of a database, as the setting ``storage.url`` takes it."""
        return f"postgresql://{user}@/{database}?host={self.folder}"

    def execute(self, *statements: str, database: str = "postgres") -> None:
        """Run statements, each by itself."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def ask(self, query: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        """The rows of a query."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            return connection.execute(query.encode()).fetchall()

    def wait_for(self, query: str) -> None:
        """Wait until a query has a row."""
        until = time.monotonic() + _READY_SECONDS
        while not self.ask(query):
            assert time.monotonic() < until, query
            time.sleep(0.05)

    def create(self, database: str) -> str:
        """Make an empty database; returns its address."""
        self.execute(f'CREATE DATABASE "{database}"')
        return self.url(database)

    def drop(self, database: str) -> None:
        """Remove a database, whoever is connected."""
        self.execute(f'DROP DATABASE "{database}" WITH (FORCE)')

    def adopt(self, folder: Path) -> None:
        """Give a folder to whom the server runs as."""
        if self._as:
            shutil.chown(folder, self._as["user"], self._as["group"])

    def start(self) -> None:
        """Start the server and wait until it answers."""
        options = [part for name, value in self._settings.items() for part in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("ab") as log:
            command = [str(self._bin / "postgres"), "-D", str(self._data), *options]
            process: subprocess.Popen[bytes] = subprocess.Popen(
                command, stdout=log, stderr=log, cwd=self.folder, **self._as
            )
        self._process = process
        until = time.monotonic() + _READY_SECONDS
        while not self._answers():
            assert process.poll() is None, (self.folder / "log").read_text()
            assert time.monotonic() < until, (self.folder / "log").read_text()
            time.sleep(0.05)

    def halt(self, number: signal.Signals = signal.SIGINT) -> None:
        """End the server, without waiting for its clients; SIGQUIT lets it no time to write anything."""
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait(_READY_SECONDS)
            self._process = None

    def stop(self) -> None:
        """End the server and remove its files."""
        self.halt()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _create(self) -> None:
        locale = ["--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en-US", "--encoding=UTF8"]
        self._run("initdb", "-D", self._data, "-U", USER, "-A", "trust", "--no-sync", *locale)
        (self._data / "pg_hba.conf").write_text(_HBA, encoding="ascii")

    def _copy(self, copied: "Cluster", name: str, user: str) -> None:
        source = f"host={copied.folder} user={user} application_name={name}"
        self._run("pg_basebackup", "-D", self._data, "-d", source, "--write-recovery-conf", "--checkpoint=fast")

    def _run(self, program: str, *arguments: object) -> None:
        command = [str(self._bin / program), *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=self.folder, **self._as)
        assert done.returncode == 0, done.stderr

    def _answers(self) -> bool:
        try:
            self.ask("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True


@cache
def shared_cluster() -> Cluster:
    """The server that the tests of this process share; started when it is first asked for."""
    cluster = Cluster()
    atexit.register(cluster.stop)
    return cluster


def _identity() -> dict[str, Any]:
    """Whom the server runs as: PostgreSQL refuses root."""
    if os.geteuid() != 0:
        return {}
    try:
        entry = pwd.getpwnam("postgres")
    except KeyError:
        pytest.fail("as root, PostgreSQL needs a user named postgres")
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
