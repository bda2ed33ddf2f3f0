"""Packing and unpacking in a process of its own: results, progress, refusals, cancellation, memory."""

import asyncio
import hashlib
import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from providers.package.archive import Limits
from providers.package.errors import PackageRefusedError, WorkerFailedError
from providers.package.running import PackJob, Sealed, UnpackJob, discard_package, pack_apart, unpack_apart
from providers.package.unpacking import partial_folder
from providers.package.worker import partial_file
from tests.architecture.tree import ROOT
from tests.providers.package.samples import (
    ESCROW_KEY,
    FILES,
    NOW,
    OTHER_KEY,
    ROUTE,
    STATEMENT_KEY,
    TRANSFER_KEY,
    case_file,
    documents,
    members,
    offer,
    sealed,
    sha256,
    sign,
    zipped,
)

VALIDATE = "tests.providers.package.validators:validate"
SLOW = "tests.providers.package.validators:slow"
BRIEFLY = "tests.providers.package.validators:briefly"
BROKEN = "tests.providers.package.validators:broken"


def pack_job(folder: Path, files: dict[str, bytes] = FILES, **changes: Any) -> PackJob:
    found = tuple(documents(folder / "platform", files))
    case = case_file(files) | changes
    return PackJob(case, found, ROUTE, offer(), NOW, (TRANSFER_KEY.public, ESCROW_KEY.public), folder / "package.age")


def unpack_job(folder: Path, one: Sealed) -> UnpackJob:
    return UnpackJob(
        folder / "package.age",
        TRANSFER_KEY,
        ROUTE,
        offer(),
        NOW,
        one.manifest_root,
        one.sha256,
        one.size,
        (STATEMENT_KEY.public,),
        folder / "case",
        escrow=1,
    )


def left(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} - {"platform"}


async def test_a_case_goes_out_and_comes_in(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    one = await pack_apart(pack_job(tmp_path), sign, lambda done, total: told.append((done, total)), validator=VALIDATE)
    data = (tmp_path / "package.age").read_bytes()
    assert (one.sha256, one.size) == (sha256(data), len(data))
    assert told[-1][0] == told[-1][1] == sum(map(len, FILES.values()))
    told.clear()
    job = unpack_job(tmp_path, one)
    folder = await unpack_apart(job, lambda done, total: told.append((done, total)), validator=VALIDATE)
    assert {path.name: path.read_bytes() for path in (folder / "documents").iterdir()} == FILES
    assert told[-1] == (2 * len(data), 2 * len(data))
    assert left(tmp_path) == {"package.age", "case"}
    with pytest.raises(FileExistsError):
        await unpack_apart(job, validator=VALIDATE)
    with pytest.raises(FileExistsError):
        await pack_apart(pack_job(tmp_path), sign, validator=VALIDATE)


async def test_progress_of_a_large_package_is_told_in_few_lines(tmp_path: Path) -> None:
    told: list[int] = []
    files = {"large": bytes(30 << 20), "small": b"x"}
    await pack_apart(pack_job(tmp_path, files), sign, lambda done, _total: told.append(done), validator=VALIDATE)
    assert told == sorted(told)
    assert 10 < len(told) <= 202


async def test_a_refusal_arrives_as_it_was_made(tmp_path: Path) -> None:
    with pytest.raises(PackageRefusedError, match="another custodian") as caught:
        await pack_apart(pack_job(tmp_path, custodian="x"), sign, validator=VALIDATE)
    error = caught.value
    assert (error.code, error.where, error.actor) == ("other_custodian", "case.json/custodian", "you")
    assert left(tmp_path) == set()
    contents, manifest = members()
    data = sealed(zipped(contents))
    (tmp_path / "package.age").write_bytes(data)
    job = replace(unpack_job(tmp_path, Sealed(manifest.root, sha256(data), len(data))), escrow=0)
    for changed, code, reason in (
        (replace(job, identity=OTHER_KEY), "no_matching_key", "wrong_key"),
        (replace(job, limits=Limits(max_files=1)), "too_many_files", "package_invalid"),
        (replace(job, route=replace(ROUTE, recipient="x")), "other_recipient", "package_invalid"),
    ):
        with pytest.raises(PackageRefusedError) as refusal:
            await unpack_apart(changed, validator=VALIDATE)
        assert (refusal.value.code, refusal.value.reason, refusal.value.actor) == (code, reason, "sender")
        assert left(tmp_path) == {"package.age"}


async def test_an_unexpected_end_is_said_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(WorkerFailedError, match=r"ended \(1\): RuntimeError: the validator is broken") as caught:
        await pack_apart(pack_job(tmp_path), sign, validator=BROKEN)
    assert (caught.value.code, caught.value.actor, caught.value.retryable) == ("worker_failed", "operator", True)
    assert left(tmp_path) == set()


async def test_a_signature_that_is_declined_ends_the_work(tmp_path: Path) -> None:
    def declined(_payload: bytes) -> bytes:
        raise PermissionError("the officer said no")

    with pytest.raises(PermissionError, match="said no"):
        await pack_apart(pack_job(tmp_path), declined, validator=VALIDATE)
    assert left(tmp_path) == set()


@pytest.fixture
def started_pids(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The processes that are started during the test."""
    pids: list[int] = []
    start = asyncio.create_subprocess_exec

    async def recorded(*arguments: Any, **options: Any) -> asyncio.subprocess.Process:
        process = await start(*arguments, **options)
        pids.append(process.pid)
        return process

    monkeypatch.setattr(asyncio, "create_subprocess_exec", recorded)
    return pids


def assert_ended(pids: list[int]) -> None:
    assert len(pids) == 1
    with pytest.raises(ProcessLookupError):
        os.kill(pids[0], 0)


async def until(condition: Any) -> None:
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.01)


async def test_cancelling_ends_the_process_and_leaves_nothing(tmp_path: Path, started_pids: list[int]) -> None:
    job = pack_job(tmp_path, {"large": b""})
    with (tmp_path / "platform" / "stored-0").open("wb") as file:
        file.truncate(8 << 30)  # sparse: reading it takes seconds
    running = asyncio.create_task(pack_apart(job, sign, validator=VALIDATE))
    await until(lambda: partial_file(job.target).exists() and partial_file(job.target).stat().st_size)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert_ended(started_pids)
    assert left(tmp_path) == set()


async def test_cancelling_an_unpacking_leaves_nothing(tmp_path: Path, started_pids: list[int]) -> None:
    contents, manifest = members()
    data = sealed(zipped(contents))
    (tmp_path / "package.age").write_bytes(data)
    job = replace(unpack_job(tmp_path, Sealed(manifest.root, sha256(data), len(data))), escrow=0)
    running = asyncio.create_task(unpack_apart(job, validator=SLOW))
    await until(partial_folder(job.target).exists)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert_ended(started_pids)
    assert left(tmp_path) == {"package.age"}


async def test_a_small_job_needs_no_process(tmp_path: Path, started_pids: list[int]) -> None:
    told: list[tuple[int, int]] = []
    job = replace(pack_job(tmp_path), small=True)
    one = await pack_apart(job, sign, lambda done, total: told.append((done, total)), validator=VALIDATE)
    assert told[-1] == (sum(map(len, FILES.values())),) * 2
    opening = replace(unpack_job(tmp_path, one), small=True)
    folder = await unpack_apart(opening, validator=VALIDATE)
    assert {path.name: path.read_bytes() for path in (folder / "documents").iterdir()} == FILES
    assert started_pids == []
    with pytest.raises(FileExistsError, match="there already"):
        await unpack_apart(opening, validator=VALIDATE)


async def test_a_small_job_is_refused_like_any_other(tmp_path: Path) -> None:
    with pytest.raises(PackageRefusedError, match="another custodian"):
        await pack_apart(replace(pack_job(tmp_path, custodian="x"), small=True), sign, validator=VALIDATE)
    assert left(tmp_path) == set()
    contents, manifest = members()
    data = sealed(zipped(contents))
    (tmp_path / "package.age").write_bytes(data)
    job = replace(unpack_job(tmp_path, Sealed(manifest.root, sha256(data), len(data))), escrow=0, small=True)
    with pytest.raises(PackageRefusedError) as refusal:
        await unpack_apart(replace(job, identity=OTHER_KEY), validator=VALIDATE)
    assert (refusal.value.code, refusal.value.actor) == ("no_matching_key", "sender")
    assert left(tmp_path) == {"package.age"}


async def test_a_cancelled_small_job_has_ended(tmp_path: Path) -> None:
    contents, manifest = members()
    data = sealed(zipped(contents))
    (tmp_path / "package.age").write_bytes(data)
    job = replace(unpack_job(tmp_path, Sealed(manifest.root, sha256(data), len(data))), escrow=0, small=True)
    running = asyncio.create_task(unpack_apart(job, validator=BRIEFLY))
    await until(partial_folder(job.target).exists)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert left(tmp_path) == {"package.age", "case"}, "its thread was waited for, and nothing is half done"


def request_of(folder: Path) -> bytes:
    contents, manifest = members()
    data = sealed(zipped(contents))
    (folder / "package.age").write_bytes(data)
    request = {
        "task": "unpack",
        "ciphertext": str(folder / "package.age"),
        "identity": "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI",
        "manifest_root": manifest.root,
        "sha256": sha256(data),
        "size": len(data),
        "sender_keys": [STATEMENT_KEY.public.jwk()],
        "target": str(folder / "case"),
        "transfer_id": ROUTE.transfer_id,
        "sender": ROUTE.sender,
        "recipient": ROUTE.recipient,
        "offer": offer(),
        "at": NOW,
        "escrow": 0,
    }
    return json.dumps(request).encode() + b"\n"


def started(validator: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "providers.package.worker", validator],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def test_a_worker_whose_caller_is_gone_stops_and_cleans_up(tmp_path: Path) -> None:
    request = json.loads(request_of(tmp_path))
    found = documents(tmp_path / "platform", {"large": b""})[0]
    with found.path.open("wb") as file:
        file.truncate(60 << 30)  # sparse: reading it takes a minute
    request |= {
        "task": "pack",
        "case": case_file({"large": b""}),
        "documents": [{"name": "large", "path": str(found.path), "media_type": "a/b", "class": "C2"}],
        "recipients": [TRANSFER_KEY.public.jwk()],
        "target": str(tmp_path / "out.age"),
    }
    partial = partial_file(tmp_path / "out.age")
    with started(VALIDATE) as worker:
        assert worker.stdin is not None
        worker.stdin.write(json.dumps(request).encode() + b"\n")
        worker.stdin.flush()
        asyncio.run(until(lambda: partial.exists() and partial.stat().st_size))
        worker.stdin.close()
        assert worker.wait(timeout=60) == 130
    assert left(tmp_path) == {"package.age"}


def test_a_worker_without_a_request_ends(tmp_path: Path) -> None:
    with started(VALIDATE) as worker:
        assert worker.communicate(timeout=60) == (b"", b"")
        assert worker.returncode == 130
    assert left(tmp_path) == set()


def test_what_a_killed_worker_leaves_can_be_discarded(tmp_path: Path) -> None:
    with started(SLOW) as worker:
        assert worker.stdin is not None
        worker.stdin.write(request_of(tmp_path))
        worker.stdin.flush()
        asyncio.run(until(partial_folder(tmp_path / "case").exists))
        worker.send_signal(signal.SIGKILL)
        worker.wait(timeout=60)
    assert list(partial_folder(tmp_path / "case").iterdir()) == [], "the plaintext had no name"
    partial_file(tmp_path / "other.age").write_bytes(b"half")
    discard_package(tmp_path / "other.age")
    discard_package(tmp_path / "other.age")
    assert left(tmp_path) == {"package.age", ".case.part"}


MEASURE = """
import io, json, sys
from pathlib import Path
from providers.package.packing import pack
from providers.package.unpacking import unpack
from tests.providers.package import samples

def peak():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) // 1024

folder, size, digest = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
case = samples.case_file({"large": b""})
case["documents"][0] |= {"size": size, "sha256": digest}
terms = samples.Terms.of_offer(samples.offer())
document = samples.Document("large", folder / "large", "application/octet-stream", "C2")
parcel = samples.Parcel(case, [document], samples.ROUTE, terms, samples.NOW)
before = peak()
with (folder / "package.age").open("wb") as target:
    result = pack(parcel, target, [samples.TRANSFER_KEY.public], sign=samples.sign, validate=samples.validate)
packed = peak()
keys = {samples.STATEMENT_KEY.kid: samples.STATEMENT_KEY.public}
wanted = samples.Expected(
    samples.ROUTE, terms, samples.NOW, result.manifest_root, result.sha256, result.size, keys
)
unpack(folder / "package.age", samples.TRANSFER_KEY, wanted, folder / "case", validate=samples.validate)
print(json.dumps({"pack": packed - before, "unpack": peak() - before}))
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of memory is read from Linux's /proc")
def test_memory_stays_flat(tmp_path: Path) -> None:
    size, digest = 256 << 20, hashlib.sha256()
    for _ in range(256):
        digest.update(bytes(1 << 20))
    with (tmp_path / "large").open("wb") as file:
        file.truncate(size)
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(tmp_path), str(size), digest.hexdigest()],
        cwd=ROOT, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    grown = json.loads(done.stdout)
    assert (tmp_path / "case" / "documents" / "large").stat().st_size == size
    assert max(grown.values()) <= 64, f"MiB: {grown}"
