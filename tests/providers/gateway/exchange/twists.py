"""Packers that make a package which its recipient must refuse; each stands where ``sender.pack_apart`` would."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from providers.package import running
from providers.package.running import PackJob, Sealed
from signing.secretkeys import AgreementKey

OTHER_KEY = AgreementKey(bytes(range(32))).public


def twisted(change: Callable[[PackJob], PackJob], after: Callable[[Path, Sealed], Sealed] | None = None) -> Any:
    """Packs another job than asked for, or changes the package and what is said of it afterwards."""

    async def pack(job: PackJob, sign: Any, progress: Any = None) -> Sealed:
        sealed = await running.pack_apart(change(job), sign, progress)
        return sealed if after is None else after(job.target, sealed)

    return pack


def same(job: PackJob) -> PackJob:
    return job


def cut_off(path: Path, sealed: Sealed) -> Sealed:
    return _replaced(path, sealed, path.read_bytes()[:-40])


def extended(path: Path, sealed: Sealed) -> Sealed:
    return _replaced(path, sealed, path.read_bytes() + bytes(40))


def _replaced(path: Path, sealed: Sealed, data: bytes) -> Sealed:
    path.write_bytes(data)
    return replace(sealed, sha256=hashlib.sha256(data).hexdigest(), size=len(data))


def other_id(transfer_id: str) -> str:
    """Another transfer's id: ids are drawn at random, so a fixed last digit would now and then change nothing."""
    return transfer_id[:-1] + ("1" if transfer_id.endswith("0") else "0")
