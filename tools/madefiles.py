"""Files of the repository that a program writes: what is current, and the command that writes or checks them."""

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

__all__ = ["ROOT", "run"]

ROOT = Path(__file__).resolve().parent.parent
Make = Callable[[], Mapping[str, str]]
"""Path of each file, from the root, and its text as it should be."""


def run(arguments: Sequence[str] | None, program: str, about: str, make: Make, mend: str) -> int:
    """Write every file, or with ``--check`` none; the exit code.

    Args:
        arguments: of the command line.
        program: name of the module.
        about: its docstring; the first line is shown.
        make: makes the texts.
        mend: what to run when a file is not current.
    """
    parser = argparse.ArgumentParser(prog=f"python -m {program}", description=about.split("\n", 1)[0])
    parser.add_argument("--check", action="store_true", help="write nothing, fail when a file is not current")
    if parser.parse_args(arguments).check:
        old = [name for name, text in make().items() if _current(name) != text]
        for name in old:
            sys.stderr.write(f"{name} is not current: run {mend}\n")
        return 1 if old else 0
    for name, text in make().items():
        (ROOT / name).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / name).write_text(text, encoding="utf-8")
    return 0


def _current(name: str) -> str:
    path = ROOT / name
    return path.read_text(encoding="utf-8") if path.exists() else ""
