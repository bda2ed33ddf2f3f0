"""``python -m bench [registration] [verifying] [recovery]``: measure, and print each figure beside its limit."""

from __future__ import annotations

import os
import platform
import sys

from bench import recovery, registration, verifying
from bench.table import show

ROWS = {"registration": registration.rows, "verifying": verifying.rows, "recovery": recovery.rows}


def main(names: list[str]) -> int:
    """Run the named rows, or all; returns the exit code."""
    if unknown := set(names) - set(ROWS):
        print(f"no such row: {', '.join(sorted(unknown))}; there are {', '.join(ROWS)}", file=sys.stderr)
        return 2
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the start")
    for name in names or ROWS:
        for row in ROWS[name]():
            print(show(row), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
