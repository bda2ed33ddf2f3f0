"""A member's monitor as a process: beside a real hub, a real witness and a real gateway; and its page."""

import json
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from providers.gateway.home import load_home
from providers.gateway.made import made_digests
from providers.monitor.alerts import State
from tests.fakes.exchangehouse import ROOT, House, Process, house
from tests.providers.gateway.exchange.house import sample_case, terms

A, B = "provider-a", "provider-b"
SECONDS = 60.0


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(tmp_path_factory.mktemp("monitor"), A, B) as one:
        yield one


def command(here: House, *arguments: str, name: str = A) -> list[str]:
    secret = here.platforms[name].directory / "passphrase"
    home = ["--home", str(here.platforms[name].directory), "--passphrase-file", str(secret)]
    return ["-m", "providers.cli", "monitor", *home, *arguments]


def once(here: House, *arguments: str, name: str = A) -> tuple[int, dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, *command(here, "--once", "--json", *arguments, name=name)],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=SECONDS,
    )  # fmt: skip
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def acknowledge(here: House, *arguments: str) -> subprocess.CompletedProcess[str]:
    home = str(here.platforms[A].directory)
    return subprocess.run(
        [sys.executable, "-m", "providers.cli", "monitor", "acknowledge", *arguments, "--home", home],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=SECONDS,
    )  # fmt: skip


async def test_a_member_watches_an_honest_hub(here: House) -> None:
    """The admission was made elsewhere, so it is listed once; what the gateway itself says is never an alert."""
    code, first = once(here)
    assert (code, first["state"]) == (1, "alert")
    assert [one["code"] for one in first["alerts"]] == ["entry_in_our_name"]
    index = first["alerts"][0]["index"]
    assert acknowledge(here, "999").returncode == 1
    done = acknowledge(here, str(index))
    assert (done.returncode, done.stdout) == (0, "Acknowledged: 1.\n"), done.stderr
    code, second = once(here)
    assert (code, second["state"], second["alerts"]) == (0, "well", [])

    case, documents = sample_case(int(time.time()))
    ours = here.platforms[A]
    case_id = await ours.add_case(case, documents)
    made = await ours.ask("POST", f"/cases/{case_id}/offers", json=terms())
    await here.platforms[B].until(str(made["transfer_id"]), "offered", to_act="you")
    code, third = once(here)
    assert (code, third["state"]) == (0, "well"), third
    assert third["checkpoint"]["size"] > second["checkpoint"]["size"]

    # The same log before a gateway that has forgotten what it said: the offer is a stranger's.
    store = ours.directory / "exchange" / "gateway.sqlite3"
    before = made_digests(load_home(ours.directory))
    hidden = store.with_name("hidden.sqlite3")
    store.rename(hidden)
    try:
        code, fourth = once(here)
    finally:
        hidden.rename(store)
    assert (code, [one["code"] for one in fourth["alerts"]]) == (1, ["entry_under_our_tag"])
    assert before - made_digests(load_home(ours.directory)) == set()
    assert once(here)[0] == 0


def test_the_page_and_the_lines_of_a_monitor(here: House, tmp_path: Path) -> None:
    process = Process(command(here, "--port", "0", "--interval", "1", name=B), "listening on", tmp_path / "monitor.log")
    process.start()
    try:
        found = re.search(r"listening on (http://127\.0\.0\.1:\d+)", process.log.read_text())
        assert found is not None
        alerts = until(found[1], lambda one: one["state"] == "alert")
        assert [one["code"] for one in alerts["alerts"]] == ["entry_in_our_name"]
        page, headers = read(f"{found[1]}/")
        assert re.search(r"<h1 class=\"alert\">Not well: 1 thing needs your attention since .+ UTC\.</h1>", page)
        assert "monitor acknowledge" in page
        assert "<script" not in page
        assert headers["Content-Security-Policy"].startswith("default-src 'none'")
        with pytest.raises(urllib.error.HTTPError) as refusal:
            read(f"{found[1]}/", Host="evil.example")
        refusal.value.close()
        assert refusal.value.code == 403
        # A second monitor would write the same files.
        second = subprocess.run(
            [sys.executable, *command(here, "--once", name=B)],
            cwd=ROOT, capture_output=True, text=True, check=False, timeout=SECONDS,
        )  # fmt: skip
        assert (second.returncode, "code monitor_running" in second.stderr) == (2, True)
    finally:
        assert process.stop() == 0
    lines = process.log.read_text().splitlines()
    assert re.fullmatch(r"\S+Z ready: monitor of provider-b listening on http://127\.0\.0\.1:\d+", lines[0])
    assert re.fullmatch(r"\S+Z entry_in_our_name: ALERT Entry \d+, public, stands in the name of .+", lines[1])
    assert re.fullmatch(r"\S+Z alert: Not well: 1 thing needs your attention since .+", lines[2])
    assert len(lines) == 3, "what stands is told once"


def read(address: str, **headers: str) -> tuple[str, Any]:
    request = urllib.request.Request(address, headers=headers)  # noqa: S310 - of this test
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        return answer.read().decode(), answer.headers


def until(address: str, holds: Any) -> dict[str, Any]:
    limit = time.monotonic() + SECONDS
    while time.monotonic() < limit:
        found: dict[str, Any] = json.loads(read(f"{address}/alerts.json")[0])
        if holds(found):
            return found
        time.sleep(0.05)
    raise AssertionError(found)


def test_a_hub_that_is_down_is_not_known_and_a_wrong_directory_is_no_alert(here: House, tmp_path: Path) -> None:
    here.hub.kill()
    code, found = once(here)
    assert (code, found["state"]) == (2, State.UNKNOWN)
    assert found["problem"]["code"] == "hub_unreachable"
    assert found["checkpoint"]["size"] > 0, "what was verified before is still there"
    done = subprocess.run(
        [sys.executable, "-m", "providers.cli", "monitor", "--once", "--home", str(tmp_path)],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=SECONDS,
    )  # fmt: skip
    assert done.returncode == 2
    assert "code no_gateway; to act: you" in done.stderr
