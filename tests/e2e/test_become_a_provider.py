"""The page that leads from key generation to *listed* is followed literally, with real processes, in six commands."""

import json
import re
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.onehub import environment, one_hub, program
from tests.fakes.pages import ROOT, run, shows, steps

PAGE = (ROOT / "docs/tutorial/become-a-provider.md").read_text(encoding="utf-8")
MOST_COMMANDS = 6
_PROGRAM = re.compile(r"^(odr-(?:gateway|hub) [a-z]+(?: [a-z]+)?)", re.MULTILINE)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """What the page says the reader has: a hub that runs, the policy, a passphrase, a profile; and an officer."""
    with one_hub(tmp_path) as url:
        yield tmp_path, url


def fetch(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - loopback
        return json.load(answer)


def test_six_commands_lead_from_keys_to_the_list() -> None:
    commands = [name for one in steps(PAGE) for name in _PROGRAM.findall(one.commands)]
    assert commands[0] == "odr-gateway init"
    assert "odr-hub officer accredit" in {name.strip() for name in re.findall(r"odr-hub officer \w+", PAGE)}
    assert len(commands) <= MOST_COMMANDS, commands
    others = [line for one in steps(PAGE) for line in one.commands.splitlines() if not line.startswith((" ", "odr-"))]
    assert others == [], "every other line belongs to one of them"


def test_the_page_is_true(place: tuple[Path, str], monkeypatch: pytest.MonkeyPatch) -> None:
    directory, url = place
    (directory / "bin").mkdir()
    for name in ("odr-hub", "odr-gateway"):
        path = directory / "bin" / name
        path.write_text(f'#!/bin/sh\nexec {" ".join(program(name))} "$@"\n')
        path.chmod(0o755)
    for name, value in environment(directory).items():
        monkeypatch.setenv(name, value)
    page = steps(PAGE.replace("http://127.0.0.1:8600", url))
    for one, printed in zip(page, run(page, directory), strict=True):
        told = f"line {one.line} of the page shows\n{one.shown}\nand not what it prints:\n{printed}"
        assert shows(one.shown, printed), told
    member = fetch(f"{url}/v1/members/my-centre")["member"]
    assert member["accreditation"]["status"] == "listed"
    assert member["profile"]["legal_name"] == "My Centre (sample)"
    assert [one["id"] for one in fetch(f"{url}/v1/members")["members"]] == ["my-centre"]
    with urllib.request.urlopen(f"{url}/directory", timeout=10) as answer:  # noqa: S310 - loopback
        assert "My Centre (sample)" in answer.read().decode()
