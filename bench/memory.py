"""Resident memory of a running process with all its children, sampled while something happens."""

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["Memory", "resident", "watched"]

_EVERY_SECONDS = 0.05


@dataclass(slots=True)
class Memory:
    """Of each process by name: resident octets before, and the most that were seen since."""

    before: dict[str, int]
    peak: dict[str, int] = field(default_factory=dict)

    def above(self, name: str) -> float:
        """By how many MiB the process and its children were above their state before, at most."""
        return max(0, self.peak.get(name, 0) - self.before[name]) / 2**20


def resident(process: int) -> int:
    """Resident octets of a process and all its descendants; pages that they share count for each of them."""
    try:
        status = Path(f"/proc/{process}/status").read_text("ascii")
        children = [
            int(child)
            for task in Path(f"/proc/{process}/task").iterdir()
            for child in (task / "children").read_text("ascii").split()
        ]
    except OSError:  # it ended meanwhile
        return 0
    own = next((int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmRSS:")), 0)
    return own + sum(map(resident, children))


@contextmanager
def watched(processes: Mapping[str, int]) -> Iterator[Memory]:
    """Sample the memory of these processes (name -> process id) until the block ends."""
    memory = Memory({name: resident(process) for name, process in processes.items()})
    ended = threading.Event()

    def sample() -> None:
        while not ended.is_set():
            for name, process in processes.items():
                memory.peak[name] = max(memory.peak.get(name, 0), resident(process))
            time.sleep(_EVERY_SECONDS)

    thread = threading.Thread(target=sample, name="memory", daemon=True)
    thread.start()
    try:
        yield memory
    finally:
        ended.set()
        thread.join()
