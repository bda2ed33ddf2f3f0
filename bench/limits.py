"""Raw limits of this machine: signatures, HTTP, durable commits."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench import load
from bench.processes import free_port, stopped, wait_for_port
from signing.keys import verify_raw
from signing.secretkeys import SigningKey

ECHO = """
import sys
from aiohttp import web
async def echo(request):
    return web.Response(body=await request.read())
app = web.Application()
app.router.add_post("/", echo)
try:
    import uvloop
    uvloop.install()
except ImportError:
    print("no uvloop")
web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None, access_log=None)
"""


def verifications(size: int, seconds: float = 1.0) -> float:
    """Ed25519 verifications per second of messages of ``size`` bytes, one thread."""
    key = SigningKey(bytes(32))
    message = b"m" * size
    signature = key.sign(message)
    count, began = 0, time.perf_counter()
    while time.perf_counter() - began < seconds:
        verify_raw(key.public.x, message, signature)
        count += 1
    return count / (time.perf_counter() - began)


def echoes(body: bytes, count: int = 8000) -> load.Load:
    """An aiohttp server that only reads and returns ``body``, under the same load."""
    port = free_port()
    with stopped(subprocess.Popen([sys.executable, "-W", "ignore", "-c", ECHO, str(port)])):
        wait_for_port(port)
        return load.run(port, [load.post("/", body)] * count)


def grouped_commits(size: int, group: int, seconds: float = 1.0) -> float:
    """Rows of ``size`` bytes per second, durably committed ``group`` at a time (SQLite, WAL, synchronous=FULL)."""
    with tempfile.TemporaryDirectory() as folder:
        base = sqlite3.connect(Path(folder) / "limit.sqlite3", isolation_level=None)
        base.execute("PRAGMA journal_mode=WAL")
        base.execute("PRAGMA synchronous=FULL")
        base.execute("CREATE TABLE row (number INTEGER PRIMARY KEY, data BLOB)")
        count, began = 0, time.perf_counter()
        while time.perf_counter() - began < seconds:
            base.execute("BEGIN IMMEDIATE")
            base.executemany("INSERT INTO row VALUES (?, ?)", ((count + n, b"d" * size) for n in range(group)))
            base.execute("COMMIT")
            count += group
        rate = count / (time.perf_counter() - began)
        base.close()
        return rate


def interpreter_start(runs: int = 7) -> float:
    """Median seconds of a Python process that only imports the crypto library."""
    times = []
    for _ in range(runs):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-c", "import nacl.bindings"], check=True)
        times.append(time.perf_counter() - began)
    return sorted(times)[runs // 2]
