"""Packing and unpacking from an event loop: starts ``worker``, reports progress, cleans up when cancelled.

A job that says that it is ``small`` is done in a thread instead: to start a process costs a hundred times more than
to encrypt a few kilobytes, and the interpreter is not held up by them.
"""

import asyncio
import json
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from providers.package.archive import Limits
from providers.package.errors import PackageRefusedError, WorkerFailedError
from providers.package.manifest import Route
from providers.package.packing import Document
from providers.package.unpacking import discard, partial_folder
from providers.package.worker import VALIDATOR, partial_file, perform
from signing.encoding import JSON, b64u_decode, b64u_encode
from signing.keys import PublicKey
from signing.secretkeys import AgreementKey

__all__ = ["SMALL", "PackJob", "Sealed", "UnpackJob", "discard_package", "pack_apart", "unpack_apart"]

SMALL = 1 << 20
"""Octets of documents, or of a package, up to which a job is small."""

_LINE = 1 << 20
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class PackJob:
    """What to pack, for whom and where to; ``offer`` is the offer's body, ``at`` the POSIX second."""

    case: Mapping[str, JSON]
    documents: tuple[Document, ...]
    route: Route
    offer: Mapping[str, JSON]
    at: int
    recipients: tuple[PublicKey, ...]
    target: Path
    limits: Limits | None = None
    small: bool = False


@dataclass(frozen=True, slots=True)
class UnpackJob:
    """Which package to unpack, what the log says of it, and where to; see ``unpacking.Expected``."""

    ciphertext: Path
    identity: AgreementKey
    route: Route
    offer: Mapping[str, JSON]
    at: int
    manifest_root: str
    sha256: str
    size: int
    sender_keys: tuple[PublicKey, ...]
    target: Path
    escrow: int = 0
    limits: Limits | None = None
    small: bool = False


@dataclass(frozen=True, slots=True)
class Sealed:
    """What the dispatch says of a package."""

    manifest_root: str
    sha256: str
    size: int


def discard_package(target: Path) -> None:
    """Remove what a killed worker left of the package ``target``."""
    with suppress(FileNotFoundError):
        partial_file(target).unlink()


async def pack_apart(
    job: PackJob, sign: Callable[[bytes], bytes], progress: Progress | None = None, *, validator: str = VALIDATOR
) -> Sealed:
    """Pack in a process of its own; ``sign`` is called here, so the statement key stays here.

    ``sign`` and ``progress`` of a small job are called in its thread.

    Raises:
        PackageRefusedError: as ``packing.pack``.
        FileExistsError: the target or the partial file of another run is there.
        WorkerFailedError: the process ended without an answer.
    """
    run = _run_beside if job.small else _run
    request: dict[str, JSON] = {
        "task": "pack",
        "case": dict(job.case),
        "documents": [
            {"name": one.name, "path": str(one.path), "media_type": one.media_type, "class": one.data_class}
            for one in job.documents
        ],
        "recipients": [one.jwk() for one in job.recipients],
        "target": str(job.target),
    }
    _refuse_taken(job.target, partial_file(job.target))
    try:
        result = await run({**request, **_shared(job)}, sign, progress, validator)
    finally:
        discard_package(job.target)
    return Sealed(result["manifest_root"], result["sha256"], result["size"])


async def unpack_apart(job: UnpackJob, progress: Progress | None = None, *, validator: str = VALIDATOR) -> Path:
    """Unpack in a process of its own; returns the folder, which appears whole or not at all.

    Raises:
        PackageRefusedError: as ``unpacking.unpack``.
        FileExistsError: the target or the partial folder of another run is there.
        WorkerFailedError: the process ended without an answer.
    """
    _refuse_taken(job.target, partial_folder(job.target))
    run = _run_beside if job.small else _run
    request: dict[str, JSON] = {
        "task": "unpack",
        "ciphertext": str(job.ciphertext),
        "identity": b64u_encode(job.identity.secret),
        "manifest_root": job.manifest_root,
        "sha256": job.sha256,
        "size": job.size,
        "sender_keys": [one.jwk() for one in job.sender_keys],
        "escrow": job.escrow,
        "target": str(job.target),
    }
    try:
        await run({**request, **_shared(job)}, None, progress, validator)
    finally:
        await asyncio.to_thread(discard, job.target)
    return job.target


def _refuse_taken(*paths: Path) -> None:
    for path in paths:
        if path.exists():
            raise FileExistsError(f"{path} is there already")


def _shared(job: PackJob | UnpackJob) -> dict[str, JSON]:
    return {
        "transfer_id": job.route.transfer_id,
        "sender": job.route.sender,
        "recipient": job.route.recipient,
        "offer": dict(job.offer),
        "at": job.at,
        "limits": asdict(job.limits or Limits()),
    }


@dataclass(frozen=True, slots=True)
class _Beside:
    """Stands where the worker's caller would, for a job that is done in a thread."""

    signer: Callable[[bytes], bytes] | None
    tell: Progress | None

    def progress(self, done: int, total: int) -> None:
        if self.tell is not None:
            self.tell(done, total)

    def sign(self, payload: bytes) -> bytes:
        if self.signer is None:
            raise WorkerFailedError("worker_failed", "There is nobody to sign.")
        return self.signer(payload)


async def _run_beside(
    request: dict[str, JSON], sign: Callable[[bytes], bytes] | None, progress: Progress | None, validator: str
) -> dict[str, Any]:
    """The same in a thread, which can't be stopped: it has ended when this returns, cancelled or not."""
    working = asyncio.ensure_future(asyncio.to_thread(perform, request, _Beside(sign, progress), validator))
    try:
        return await asyncio.shield(working)
    except asyncio.CancelledError:
        await asyncio.gather(working, return_exceptions=True)
        raise


async def _run(
    request: dict[str, JSON], sign: Callable[[bytes], bytes] | None, progress: Progress | None, validator: str
) -> dict[str, Any]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "providers.package.worker",
        validator,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        limit=_LINE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(one for one in sys.path if one)},
    )
    trouble = asyncio.create_task(_last_line(_pipe(process.stderr)))
    try:
        result = await _converse(process, request, sign, progress)
        if result is None:
            code = await process.wait()
            message = f"The process that packs and unpacks ended ({code}): {await trouble}"
            raise WorkerFailedError("worker_failed", message, actor="operator", retryable=True)
        return result
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        await trouble


async def _converse(
    process: asyncio.subprocess.Process,
    request: dict[str, JSON],
    sign: Callable[[bytes], bytes] | None,
    progress: Progress | None,
) -> dict[str, Any] | None:
    """Send the request and serve the worker until its answer; None when it ended without one."""
    source, target = _pipe(process.stdout), process.stdin
    if target is None:
        raise WorkerFailedError("worker_failed", "The process has no input.")
    target.write(json.dumps(request).encode("ascii") + b"\n")
    while line := await source.readline():
        said = json.loads(line)
        if said["event"] == "progress" and progress is not None:
            progress(said["done"], said["total"])
        elif said["event"] == "sign" and sign is not None:
            index = sign(b64u_decode(said["payload"]))
            target.write(json.dumps({"index": b64u_encode(index)}).encode("ascii") + b"\n")
        elif said["event"] == "refused":
            raise PackageRefusedError(said["code"], said["message"], said["where"], actor=said["actor"])
        elif said["event"] == "done":
            result: dict[str, Any] = said["result"]
            return result
    return None


async def _last_line(source: asyncio.StreamReader) -> str:
    """Read everything, so that the worker never waits, and keep the last line."""
    tail = b""
    while piece := await source.read(_LINE):
        tail = (tail + piece)[-2_000:]
    return tail.rstrip().rpartition(b"\n")[2].decode("utf-8", "replace")


def _pipe(stream: asyncio.StreamReader | None) -> asyncio.StreamReader:
    if stream is None:
        raise WorkerFailedError("worker_failed", "The process has no output.")
    return stream
