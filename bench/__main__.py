"""``python -m bench [NAME …] [OPTIONS]``: measure, and print each figure beside its limit."""

import argparse
import os
import platform
import sys
from collections.abc import Callable, Sequence
from functools import partial

from bench import (
    directory,
    events,
    flags,
    growth,
    indicators,
    keystrokes,
    packages,
    pages,
    recovery,
    registration,
    revocation,
    transfers,
    verifying,
)
from bench.table import Row, show


def main(arguments: Sequence[str]) -> int:
    """Run the named rows, or all; returns the exit code."""
    asked = _read(arguments)
    rows: dict[str, Callable[[], list[Row]]] = {
        "registration": registration.rows,
        "verifying": verifying.rows,
        "packages": partial(packages.rows, asked.package_mib * packages.MIB),
        "transfers": partial(transfers.rows, asked.transfers, asked.concurrent),
        "events": partial(events.rows, asked.events),
        "indicators": partial(indicators.rows, asked.cases),
        "directory": partial(directory.rows, asked.neutrals),
        "pages": partial(pages.rows, asked.neutrals),
        "recovery": recovery.rows,
        "flags": partial(flags.rows, asked.federations),
        "revocation": revocation.rows,
        "keystrokes": keystrokes.rows,
        "growth": partial(growth.rows, asked.entries),
    }
    if unknown := set(asked.names) - set(rows):
        print(f"no such row: {', '.join(sorted(unknown))}; there are {', '.join(rows)}", file=sys.stderr)
        return 2
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the start")
    for name in asked.names or rows:
        for row in rows[name]():
            print(show(row), flush=True)
    return 0


def _read(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m bench")
    parser.add_argument("names", nargs="*", metavar="NAME", help="rows to measure; all of them if none is named")
    for option, default, what in (
        ("--package-mib", packages.SIZE // packages.MIB, "size of the large package"),
        ("--transfers", transfers.COUNT, "how many small transfers"),
        ("--concurrent", transfers.CONCURRENT, "how many of them at a time"),
        ("--events", events.COUNT, "how many case events"),
        ("--cases", indicators.CASES, "how many cases the indicators are computed of"),
        ("--neutrals", directory.NEUTRALS, "how many neutrals the directory has"),
        ("--federations", flags.FEDERATIONS, "how many federations are simulated"),
        ("--entries", growth.LONG, "length of the long log; each million takes about 3 GB of disk while it runs"),
    ):
        parser.add_argument(option, type=int, default=default, help=f"{what} (%(default)s)")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
