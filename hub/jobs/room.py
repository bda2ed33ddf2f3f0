"""Room on disk: the hub stops taking in before the disk is full, and begins again by itself."""

import os
from collections.abc import Collection
from pathlib import Path

from hub.gate import Gate

__all__ = ["DISK_FLOOR", "MIB", "RoomWatch", "shortage"]

DISK_FLOOR = "disk_floor"
MIB = 1 << 20


def shortage(free: int, floor: int, *, lasting: bool) -> str | None:
    """What is to be said of so much free room, None if there is enough.

    Args:
        free: octets.
        floor: octets that must stay free.
        lasting: whether there was a shortage before; it ends only when an eighth more than the floor is free, so that
            the hub does not open and shut with every statement.
    """
    if free >= (floor + floor // 8 if lasting else floor):
        return None
    return (
        f"Only {free // MIB} MiB are free on the hub's disk; statements and uploads are taken again when its operator"
        f" has made room for {(floor + floor // 8) // MIB} MiB."
    )


class RoomWatch:
    """Looks how much room there is.

    Args:
        folders: on the file systems that matter; the least room counts.
        floor: octets that must stay free; 0 watches nothing.
        gate: is shut while there is too little.
    """

    def __init__(self, folders: Collection[Path], floor: int, gate: Gate) -> None:
        self._folders = folders
        self._floor = floor
        self._gate = gate

    async def look(self) -> None:
        """Look once."""
        lasting = DISK_FLOOR in self._gate.states
        self._gate.watch(DISK_FLOOR, shortage(self._free(), self._floor, lasting=lasting))

    def _free(self) -> int:
        found = [os.statvfs(folder) for folder in self._folders]
        return min(one.f_bavail * one.f_frsize for one in found)
