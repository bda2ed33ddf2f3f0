"""Raw limits of files: encrypting, sending, fetching and decrypting one, each step by itself."""

import asyncio
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from pyrage import x25519

from bench.processes import free_port, stopped, wait_for_port

__all__ = ["Plain", "filled", "plainly_moved"]

_PIECE = 1 << 20

SERVER = """
import sys
from pathlib import Path
from aiohttp import web
folder = Path(sys.argv[2])
async def put(request):
    with (folder / "stored").open("wb") as target:
        async for piece in request.content.iter_chunked(1 << 18):
            target.write(piece)
    return web.Response(status=204)
async def get(request):
    return web.FileResponse(folder / "stored")
app = web.Application(client_max_size=1 << 40)
app.router.add_put("/", put)
app.router.add_get("/", get)
web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None, access_log=None)
"""

PYRAGE = """
import sys
from pyrage import decrypt_file, encrypt_file, x25519
task, source, target, key = sys.argv[1:]
if task == "encrypt":
    encrypt_file(source, target, [x25519.Recipient.from_str(key)])
else:
    decrypt_file(source, target, [x25519.Identity.from_str(key)])
"""


@dataclass(frozen=True, slots=True)
class Plain:
    """Seconds of each step on the way of one file, nothing of which waits for the disk, and what encrypted it."""

    program: str
    encrypt: float
    upload: float
    download: float
    decrypt: float

    @property
    def seconds(self) -> float:
        """All steps, one after the other."""
        return self.encrypt + self.upload + self.download + self.decrypt


def filled(path: Path, size: int) -> str:
    """Write ``size`` random octets to ``path``; returns their SHA-256."""
    digest = hashlib.sha256()
    with path.open("wb") as target:
        while size:
            piece = os.urandom(min(size, _PIECE))
            digest.update(piece)
            target.write(piece)
            size -= len(piece)
    return digest.hexdigest()


def plainly_moved(source: Path, folder: Path) -> Plain:
    """Encrypt with age, upload to and download from a plain aiohttp server (sendfile), decrypt."""
    sealed, fetched, opened = (folder / name for name in ("sealed.age", "fetched.age", "opened"))
    program, encrypt, decrypt = _age(folder / "key.txt")
    encrypted = _timed(encrypt(source, sealed))
    port = free_port()
    with stopped(subprocess.Popen([sys.executable, "-W", "ignore", "-c", SERVER, str(port), str(folder)])):
        wait_for_port(port)
        uploaded, downloaded = asyncio.run(_there_and_back(f"http://127.0.0.1:{port}/", sealed, fetched))
    decrypted = _timed(decrypt(fetched, opened))
    assert opened.stat().st_size == source.stat().st_size
    for path in (sealed, fetched, opened, folder / "stored"):
        path.unlink()
    return Plain(program, encrypted, uploaded, downloaded, decrypted)


_Command = Callable[[Path, Path], list[str]]


def _age(key: Path) -> tuple[str, _Command, _Command]:
    """What encrypts here, and its two commands from one file to another."""
    if shutil.which("age") and shutil.which("age-keygen"):
        subprocess.run(["age-keygen", "-o", str(key)], check=True, capture_output=True)
        derived = subprocess.run(["age-keygen", "-y", str(key)], check=True, capture_output=True, text=True)
        public = derived.stdout.strip()
        return (
            "age",
            lambda source, target: ["age", "-e", "-r", public, "-o", str(target), str(source)],
            lambda source, target: ["age", "-d", "-i", str(key), "-o", str(target), str(source)],
        )
    identity = x25519.Identity.generate()
    python = [sys.executable, "-c", PYRAGE]
    return (
        "pyrage",
        lambda source, target: [*python, "encrypt", str(source), str(target), str(identity.to_public())],
        lambda source, target: [*python, "decrypt", str(source), str(target), str(identity)],
    )


def _timed(command: list[str]) -> float:
    began = time.perf_counter()
    subprocess.run(command, check=True)
    return time.perf_counter() - began


async def _there_and_back(url: str, source: Path, target: Path) -> tuple[float, float]:
    """Seconds of sending a file and of fetching it."""
    timeout = aiohttp.ClientTimeout(total=None)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        began = time.perf_counter()
        with source.open("rb") as body:
            async with session.put(url, data=body) as response:
                assert response.status == 204, response.status
        half = time.perf_counter()
        async with session.get(url) as response:
            with target.open("wb") as file:
                async for piece in response.content.iter_chunked(_PIECE):
                    file.write(piece)
        return half - began, time.perf_counter() - half
