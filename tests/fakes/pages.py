"""Pages of the documentation that are run as they are printed.

A block of ``sh`` is a step: its commands are run. A block of ``text`` right below it is what the step prints, but for
what differs from run to run; a line ``…`` in it stands for any number of lines.
"""

import contextlib
import os
import re
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Step", "console", "run", "shape", "shows", "steps"]

ROOT = Path(__file__).parents[2]
_STEP = re.compile(r"^```sh\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?", re.MULTILINE | re.DOTALL)
_BETWEEN_STEPS = "\x1e"
_CHANGING = (
    r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",  # the UUID of an id
    r"[0-9a-f]{64}",  # a digest
    r"[0-9a-f]{16}…",
    r"[\w-]{43}",  # a kid
    r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d",
    r"\d+(\.\d+)?",  # sizes, ports, parts of a time
)

_WRAPPED = re.compile(r"\((?=(?:\s*[\w-]){43}\))(?:[\w-]|(?<=-)\s+)+\)")
"""A kid in brackets, also where a line breaks after a hyphen in it."""


@dataclass(frozen=True, slots=True)
class Step:
    """Commands of a page, the line on which they begin, and what the page shows below them ("" if nothing)."""

    line: int
    commands: str
    shown: str


def steps(page: str) -> list[Step]:
    """The steps of a page's text, in order."""
    return [Step(page.count("\n", 0, one.start(1)) + 1, one[1], one[2] or "") for one in _STEP.finditer(page)]


def console(page: str) -> list[str]:
    """The commands of each console block, in order, without prompts and what they print.

    A command begins with ``$``; its further lines are indented, and nothing that a page shows as printed is.
    """
    blocks = re.findall(r"^```console\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    return ["\n".join(line.removeprefix("$ ") for line in one.splitlines() if line.startswith(("$ ", "    ")))
            for one in blocks]  # fmt: skip


def run(page: Sequence[Step], directory: Path, seconds: float = 180) -> list[str]:
    """Run the steps in one bash, as one person in one terminal would, and return what each printed.

    Ends when a command fails. Whatever a page leaves running is ended too.
    """
    script = "set -euo pipefail\n" + "".join(f"printf '\\036'\n{one.commands}" for one in page)
    bash = subprocess.Popen(
        ["bash", "-c", script], cwd=directory, env={**os.environ, "NO_COLOR": "1"}, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip
    try:
        told = bash.communicate(timeout=seconds)[0]
    except subprocess.TimeoutExpired:
        _end(bash)
        told = f"{bash.communicate()[0]}\n(not finished after {seconds} s)"
    finally:
        _end(bash)
    printed = told.split(_BETWEEN_STEPS)[1:]
    last = page[len(printed) - 1]
    assert bash.returncode == 0, f"line {last.line} of the page ended with {bash.returncode}:\n{printed[-1][-3000:]}"
    return printed


def shape(text: str) -> str:
    """What does not change from run to run: no digests, ids, kids, times, sizes and ports, and no line breaks."""
    text = _WRAPPED.sub(lambda found: "".join(found[0].split()), text)
    text = re.sub(r"witness-\d(, witness-\d)*", "WITNESSES", text)
    for pattern in _CHANGING:
        text = re.sub(pattern, "#", text)
    return re.sub(r"-?\s+", " ", text)


def shows(shown: str, printed: str) -> bool:
    """Whether a step printed what the page shows, from its first line to its last."""
    pieces = re.split(r"^…\n", shown, flags=re.MULTILINE)
    pattern = ".*".join(re.escape(shape(one).strip()) for one in pieces)
    return re.fullmatch(pattern, shape(printed).strip(), re.DOTALL) is not None


def _end(bash: subprocess.Popen[str]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(bash.pid, signal.SIGKILL)
