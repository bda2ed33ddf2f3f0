"""Row 2: one whole ``odr-verify`` process, from the shell's point of view."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench import limits
from bench.table import Row
from tests.fakes.world import World

ROOT = Path(__file__).parents[1]
RUNS = 15


def rows() -> list[Row]:
    """The median of several runs over a genuine bundle."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        world = World()
        provider = world.add_provider()
        award = world.admit(world.award(provider, world.add_neutral(provider)))
        (folder / "bundle.zip").write_bytes(world.bundle(award))
        (folder / "policy.txt").write_bytes(world.trust_file())
        command = [
            sys.executable,
            "-m",
            "signing.cli",
            str(folder / "bundle.zip"),
            "--policy",
            str(folder / "policy.txt"),
        ]
        times = sorted(_timed(command) for _ in range(RUNS))
    median, start = times[RUNS // 2], limits.interpreter_start()
    figures = f"{median * 1000:.0f} ms (slowest {times[-1] * 1000:.0f} ms)"
    limit = f"Python with the crypto library alone {start * 1000:.0f} ms"
    return [Row("offline verification, whole process", figures, limit, f"{median / start:.1f} x")]


def _timed(command: list[str]) -> float:
    began = time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - began
    assert done.stdout.startswith("Genuine: yes"), done.stdout + done.stderr
    return seconds
