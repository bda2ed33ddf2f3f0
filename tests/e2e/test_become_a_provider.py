"""The page that leads from key generation to *listed* is followed literally, with real processes, in six commands."""

import json
import re
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from providers.gateway.keystore import open_signing_key, passphrase
from tests.fakes.onehub import environment, one_hub, program
from tests.fakes.pages import ROOT, console, run, shows, steps

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


def columns(text: str) -> list[str]:
    """The lines of a self-test's table that are the same in every run."""
    return [line for line in text.splitlines() if line.startswith("  pass  ") and not re.search(r"\d", line)]


def test_what_make_serve_leaves_is_what_the_page_asks_for(tmp_path: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "DATA ?= build/hub\n" in makefile
    assert "odr-hub init --data $(DATA) --url http://127.0.0.1:$(PORT)\n" in makefile
    (tmp_path / "build").mkdir()
    init = [*program("odr-hub"), "init", "--data", "build/hub", "--url", "http://127.0.0.1:8600"]
    subprocess.run(init, cwd=tmp_path, env=environment(tmp_path), check=True, capture_output=True)
    (lay_out,) = console(PAGE)
    subprocess.run(["bash", "-euc", lay_out], cwd=tmp_path, env=environment(tmp_path), check=True)
    place = tmp_path / "build/provider"
    assert sorted(one.name for one in place.iterdir()) == ["officer", "passphrase", "verification-policy.txt"]
    secret = passphrase(place / "officer/passphrase")
    assert (place / "officer/verification-policy.txt").read_bytes() == (place / "verification-policy.txt").read_bytes()
    for purpose in ("statement", "http"):
        open_signing_key(place / f"officer/officer.{purpose}.key", secret)


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
        assert columns(one.shown) in ([], columns(printed)), "columns as they are printed"
    member = fetch(f"{url}/v1/members/my-centre")["member"]
    assert member["accreditation"]["status"] == "listed"
    assert member["profile"]["legal_name"] == "My Centre (sample)"
    assert [one["id"] for one in fetch(f"{url}/v1/members")["members"]] == ["my-centre"]
    with urllib.request.urlopen(f"{url}/directory", timeout=10) as answer:  # noqa: S310 - loopback
        shown = answer.read().decode()
    assert "My Centre (sample)" in shown
    assert re.search(r'<span class="tag good">\s*accredited\s*</span>', shown)
    assert "shows your centre as *accredited*" in PAGE
