"""What a court must trust: the modules that ``odr-verify BUNDLE`` loads are few, short and ours alone."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.architecture.tree import PACKAGES, ROOT
from tests.fakes.world import World

READING_SET = (
    "errors", "encoding", "keys", "statement", "entry", "keyring", "authority", "merkle", "notes", "checkpoints",
    "witnesspolicy", "tlogproof", "trust", "bundle", "replay", "verification", "report", "cli",
)  # fmt: skip
MAX_LINES = 1_200
FOREIGN = {"nacl", "_sodium", "_cffi_backend"}

RUN = """
import json, sys
before = set(sys.modules)
from signing.cli import main
code = main(sys.argv[1:])
loaded = {name: getattr(module, "__file__", None) for name, module in list(sys.modules.items()) if name not in before}
print(json.dumps({"code": code, "loaded": loaded}))
"""


@pytest.fixture(scope="module")
def verified(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A genuine award verified by a fresh interpreter, and the modules that this loaded."""
    folder = tmp_path_factory.mktemp("court")
    world = World()
    provider = world.add_provider()
    award = world.admit(world.award(provider, world.add_neutral(provider)))
    (folder / "bundle.zip").write_bytes(world.bundle(award))
    (folder / "policy.txt").write_bytes(world.trust_file())
    done = subprocess.run(
        [sys.executable, "-c", RUN, str(folder / "bundle.zip"), "--policy", str(folder / "policy.txt")],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Genuine: yes" in done.stdout, done.stdout
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_the_award_is_genuine(verified: dict[str, Any]) -> None:
    assert verified["code"] == 0


def test_exactly_the_reading_set_is_loaded(verified: dict[str, Any]) -> None:
    ours = {name for name in verified["loaded"] if name.partition(".")[0] in PACKAGES}
    assert ours == {"signing", *(f"signing.{name}" for name in READING_SET)}


def test_the_reading_set_is_read_in_one_sitting(verified: dict[str, Any]) -> None:
    files = {Path(path) for name, path in verified["loaded"].items() if name.partition(".")[0] in PACKAGES}
    lines = {path.name: path.read_text(encoding="utf-8").count("\n") for path in files}
    assert sum(lines.values()) <= MAX_LINES, lines


def test_nothing_foreign_but_pynacl_is_loaded(verified: dict[str, Any]) -> None:
    roots = {name.partition(".")[0] for name in verified["loaded"]}
    assert roots - set(sys.stdlib_module_names) - {"signing"} <= FOREIGN


def test_the_map_in_the_package_names_the_reading_set() -> None:
    text = (ROOT / "signing/__init__.py").read_text(encoding="utf-8")
    assert [name for name in READING_SET if f"``{name}``" not in text] == []
