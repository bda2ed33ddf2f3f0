"""Which tests a mutant meets, and in which order."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT
from tools import mutants

HERE = "tests/providers/gateway/exchange"


def test_a_module_of_a_nested_package_meets_the_tests_of_its_own_folder() -> None:
    own, beside, others = mutants._stages("providers.gateway.exchange.plan")
    assert own == (f"{HERE}/test_plan.py",)
    assert f"{HERE}/test_engine.py" in beside
    assert {str(Path(one).parent) for one in beside} == {HERE}
    assert "tests/providers/gateway/test_desk.py" in others
    assert "tests/providers/test_client.py" in others
    assert all(one.startswith("tests/providers/") for one in others)


def test_own_tests_may_have_a_longer_name_or_lie_elsewhere_in_the_package() -> None:
    own = mutants._stages("signing.notes")[0]
    assert own == ("tests/signing/test_notes.py", "tests/signing/test_notes_checkpoints.py",
                   "tests/signing/test_notes_proofs.py")  # fmt: skip
    assert mutants._stages("hub.log.committing")[0][0].startswith("tests/hub/log/")


def test_a_module_without_tests_of_its_own_meets_those_beside_it_first() -> None:
    beside, _ = mutants._stages("providers.gateway.exchange.queries")
    assert f"{HERE}/test_app.py" in beside


@pytest.mark.parametrize("module", ["signing.merkle", "registry.members"])
def test_what_the_court_relies_on_meets_rules_and_verification(module: str) -> None:
    met = [one for stage in mutants._stages(module) for one in stage]
    assert {"tests/signing/test_verification.py", "tests/registry/test_members.py"} <= set(met)
    assert len(met) == len(set(met)), "no file is run twice"


def test_no_test_of_the_package_is_forgotten() -> None:
    for package in ("hub", "metrics", "providers", "schemas"):
        met = {one for stage in mutants._stages(f"{package}.some.thing") for one in stage}
        assert met == {str(path.relative_to(ROOT)) for path in (ROOT / "tests" / package).rglob("test_*.py")}


def test_a_module_that_is_not_there_is_wrong_usage() -> None:
    command = [sys.executable, "-m", "tools.mutants", "--only", "signing.nothing"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, "There is no module signing.nothing." in done.stderr) == (2, True)


def test_the_checks_of_a_nested_module_are_noticed() -> None:
    command = [sys.executable, "-m", "tools.mutants", "--jobs", "1", "--only", "providers.gateway.exchange.settings"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "killed     providers/gateway/exchange/settings.py:" in done.stdout
    assert " 0 survived, 0 ran out of time" in done.stdout
