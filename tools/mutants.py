"""The mutation run: turn each check into ``pass``, one at a time, and see the tests fail.

    python -m tools.mutants [--only MODULE …] [--clauses] [--jobs N] [--seconds N]

For each check of the modules in ``MODULES`` a forked process imports the module without that check, from memory:
no file is changed. It runs the module's own tests first; a mutant that survives these meets its neighbours' (the
folder of the tests of its package, however deep), then those of the whole package, and of the verification where it
can notice. Prints one line for each mutant and exits 1 if any survived.
The processes are forked from one that has the libraries loaded, so that a mutant takes about a second.
"""

import argparse
import gc
import importlib.abc
import importlib.util
import io
import os
import signal
import sys
import time
from collections import deque
from collections.abc import Collection, Sequence
from contextlib import redirect_stderr, redirect_stdout, suppress
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import CodeType, ModuleType
from typing import Final, TypeAlias

import pytest

from tools.mutation import Mutant, mutants_of, mutated_code

__all__ = ["MODULES", "main"]

ROOT: Final = Path(__file__).resolve().parent.parent
MODULES: Final = (
    *(
        f"signing.{name}"
        for name in (
            "verification", "replay", "authority", "keyring", "statement", "bundle", "trust", "notes", "merkle",
            "policychain", "consistency", "entryform", "encoding", "keys", "httpsig", "agefile", "agestream", "agekeys",
        )
    ),
    "registry",
)  # fmt: skip
"""Modules whose checks must all be noticed; a package stands for all its modules."""

LIBRARIES: Final = (
    "aiohttp.test_utils", "cryptography.hazmat.primitives.asymmetric.ed25519", "http_message_signatures",
    "http_sf", "hypothesis.core", "hypothesis.strategies", "joserfc.jws", "jsonschema", "jsonschema_rs",
    "nacl.bindings", "rfc8785", "yaml",
)  # fmt: skip
PLUGINS: Final = ("_hypothesis_pytestplugin", "pytest_asyncio.plugin", "pytest_aiohttp.plugin")
PYTEST: Final = ("-x", "-q", "--tb=no", "--no-header", "-W", "ignore::pytest.PytestAssertRewriteWarning")
PASSED: Final = 0
NOTICING: Final = {"signing": ("signing", "registry"), "registry": ("registry", "signing")}
"""Packages whose tests can notice a mutant of a package; of any other package, its own."""


Stages: TypeAlias = tuple[tuple[str, ...], ...]
"""Test files by stage: a mutant that survives one stage meets the next."""


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports one module from given code, whatever its file says."""

    def __init__(self, mutant: Mutant, code: CodeType) -> None:
        self.mutant, self.code = mutant, code

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        del path, target
        if fullname != self.mutant.module:
            return None
        return importlib.util.spec_from_file_location(fullname, self.mutant.path, loader=self)

    def exec_module(self, module: ModuleType) -> None:
        exec(self.code, module.__dict__)  # noqa: S102 - that is what importing is


def main(arguments: list[str] | None = None) -> int:
    """Run; returns 0 when every mutant was killed, 1 when one survived, 2 when tests fail without any mutant."""
    parser = _parser()
    options = parser.parse_args(arguments)
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    for name in (*LIBRARIES, *PLUGINS):
        with suppress(ImportError):
            __import__(name)
    gc.freeze()  # the children share these objects and never collect them
    started = time.monotonic()
    try:
        targets = _targets(options.only or MODULES)
    except FileNotFoundError as error:
        parser.error(str(error))
    lines = {line for name in options.only or () for line in name.split(":")[1:]}
    mutants = [one for name, path in targets.items() for one in mutants_of(name, path, clauses=options.clauses)]
    mutants = [one for one in mutants if not lines or str(one.line) in lines]
    survivors, undecided, broken = _judged(mutants, options)
    for one in survivors:
        sys.stdout.write(f"SURVIVED   {_where(one)}  {one.text}\n")
    for one in undecided:
        sys.stdout.write(f"UNDECIDED  {_where(one)}  {one.text}\n")
    for file in sorted(broken):
        sys.stdout.write(f"left out, because it fails without any mutant: {file}\n")
    killed, taken = len(mutants) - len(survivors) - len(undecided), time.monotonic() - started
    counts = f"{killed} killed, {len(survivors)} survived, {len(undecided)} ran out of time"
    sys.stdout.write(f"{len(mutants)} mutants: {counts}, in {taken:.0f} s\n")
    return 1 if survivors or undecided else 2 if broken else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tools.mutants", description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument(
        "--only", nargs="+", metavar="MODULE", help="signing.merkle, registry, signing.keys:54, hub.log"
    )
    parser.add_argument("--clauses", action="store_true", help="also drop each clause of conditions joined by or")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes at a time")
    parser.add_argument("--seconds", type=int, default=120, help="processor time for one test run")
    return parser


def _targets(names: Sequence[str]) -> dict[str, Path]:
    found = {}
    for name in names:
        path = ROOT / name.partition(":")[0].replace(".", "/")
        if not path.is_dir() and not path.with_suffix(".py").is_file():
            raise FileNotFoundError(f"There is no module {name.partition(':')[0]}.")
        for file in sorted(path.glob("*.py")) if path.is_dir() else [path.with_suffix(".py")]:
            found[".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")] = file
    return found


def _stages(module: str) -> Stages:
    """The module's own tests, those beside them, then all tests of the packages that can notice.

    The tests of ``a.b.c`` lie in ``tests/a/b``; its own are ``test_c.py`` and ``test_c_*.py``, there or anywhere else
    under ``tests/a``.
    """
    *packages, name = module.split(".")
    folders = NOTICING.get(module.partition(".")[0], (module.partition(".")[0],))
    files = [path for folder in folders for path in sorted(Path("tests", folder).rglob("test_*.py"))]
    home, there = Path("tests", *packages[:1]), Path("tests", *packages)

    def stage(path: Path) -> int:
        if path.is_relative_to(home) and (path.stem == f"test_{name}" or path.stem.startswith(f"test_{name}_")):
            return 0
        return 1 if path.parent == there else 2

    stages = (tuple(str(path) for path in files if stage(path) == number) for number in range(3))
    return tuple(one for one in stages if one)


def _judged(mutants: list[Mutant], options: argparse.Namespace) -> tuple[list[Mutant], list[Mutant], set[str]]:
    """Survivors, mutants that no test run decided, and the test files that fail without any mutant.

    All mutants meet their first stage before any meets its second: files of a stage that nobody reaches are not run.
    """
    stages, tried, broken = {one.module: _stages(one.module) for one in mutants}, set[str](), set[str]()
    alive, undecided = mutants, list[Mutant]()
    for number in range(max(map(len, stages.values()), default=0)):
        jobs = {one: stages[one.module][number] for one in alive if len(stages[one.module]) > number}
        files = {file for stage in jobs.values() for file in stage}
        broken |= _failing_anyway(files - tried, options)
        tried |= files
        killed, stuck = _run({one: tuple(f for f in stage if f not in broken) for one, stage in jobs.items()}, options)
        alive = [one for one in alive if one not in killed and one not in stuck]
        undecided += stuck
    return alive, undecided, broken


def _failing_anyway(files: Collection[str], options: argparse.Namespace) -> set[str]:
    waiting, running, failing = deque(sorted(files)), dict[int, str](), set[str]()
    while waiting or running:
        while waiting and len(running) < options.jobs:
            file = waiting.popleft()
            running[_fork(None, (file,), options)] = file
        child, status = os.wait()
        file = running.pop(child)
        if status != PASSED:
            failing.add(file)
    return failing


def _run(jobs: dict[Mutant, tuple[str, ...]], options: argparse.Namespace) -> tuple[list[Mutant], list[Mutant]]:
    """Mutants that a test killed, and those whose tests did not end in time, which shows nothing."""
    waiting, running = deque(jobs.items()), dict[int, Mutant]()
    killed, undecided = list[Mutant](), list[Mutant]()
    while waiting or running:
        while waiting and len(running) < options.jobs:
            mutant, files = waiting.popleft()
            running[_fork(mutant, files, options)] = mutant
        child, status = os.wait()
        mutant = running.pop(child)
        if os.WIFSIGNALED(status):
            undecided.append(mutant)
        elif status != PASSED:
            sys.stdout.write(f"killed     {_where(mutant)}  {mutant.text}\n")
            killed.append(mutant)
    return killed, undecided


def _where(mutant: Mutant) -> str:
    return f"{mutant.path.relative_to(ROOT)}:{mutant.line}"


def _fork(mutant: Mutant | None, files: tuple[str, ...], options: argparse.Namespace) -> int:
    """Start a process that runs the tests in ``files`` on the mutant; it exits 0 when all of them pass."""
    sys.stdout.flush()
    child = os.fork()
    if child:
        return child
    status = 3
    try:
        signal.setitimer(signal.ITIMER_PROF, options.seconds)  # time of this process, not of a busy machine
        signal.alarm(20 * options.seconds)
        if mutant is not None:
            sys.meta_path.insert(0, _Finder(mutant, mutated_code(mutant, clauses=options.clauses)))
        status = _test(files) if files else PASSED
    finally:
        os._exit(status)


def _test(files: tuple[str, ...]) -> int:
    from hypothesis import HealthCheck, Phase, settings  # noqa: PLC0415 - in the child, beside the tests that use it

    checks, phases = list(HealthCheck), (Phase.explicit, Phase.generate)  # whatever fails first is enough
    settings.register_profile(
        "mutants", max_examples=25, deadline=None, database=None, suppress_health_check=checks, phases=phases
    )
    settings.load_profile("mutants")
    plugins = [part for name in PLUGINS for part in ("-p", name)]
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        return int(pytest.main([*plugins, *PYTEST, *files]))


if __name__ == "__main__":
    sys.exit(main())
