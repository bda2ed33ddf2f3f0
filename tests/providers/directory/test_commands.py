"""``odr-gateway directory``: what it says, and its exit codes."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from hub.errors import HubError, NotFoundError
from hub.newest import NewestUnknownError
from hub.storage.search import BehindError
from hub.web.appkeys import SNAPSHOTS
from providers.cli import main
from providers.directory.commands import _described
from registry import rings
from signing.compose import timestamp
from tests.hub.running import Hub, Running
from tests.hub.world import Actor
from tests.providers.directory.house import ACME, address, filled, moved
from tests.registry.network import Network, populated, signing_key


@pytest.fixture
async def hub(tmp_path: Path) -> AsyncIterator[Hub]:
    """A hub whose clock is that of the command line."""
    officers = [Actor("officer-1", "officer"), Actor("officer-2", "officer")]
    async with Running(tmp_path / "data", officers, now=int(time.time())) as running:
        await filled(running)
        yield running


async def run(*arguments: str) -> int:
    return await asyncio.to_thread(main, ["directory", *arguments])


async def begun(hub: Hub, folder: Path, url: str = "") -> int:
    policy = str(hub.data / "verification-policy.txt")
    return await run("mirror", "--dir", str(folder), "--hub", url or address(hub), "--policy", policy)


async def test_mirror_and_show(hub: Hub, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "mirror"
    assert await begun(hub, folder) == 0
    told = capfd.readouterr().out
    assert "Verified 3 entries; fetched the whole directory: 3." in told
    assert f"Fresh until {timestamp(hub.clock.now + 3600)} (log size 5, signed {timestamp(hub.clock.now)})." in told
    assert await run("show", "--dir", str(folder), "acme") == 0
    told = capfd.readouterr().out
    assert told.startswith("Sample acme (provider acme)\nAccreditation: listed (")
    assert f"Key {ACME.statement.kid}: current" in told
    await moved(hub)
    assert await run("mirror", "--dir", str(folder)) == 0
    assert "fetched what changed: 2." in capfd.readouterr().out
    assert await run("show", "--dir", str(folder), "noor") == 0
    told = capfd.readouterr().out
    assert "Takes appointments: active; nominated by acme" in told
    assert "revoked at log index 6, in doubt from 6 on" in told
    assert await run("show", "--dir", str(folder), "acme", "--json") == 0
    shown = capfd.readouterr()
    assert json.loads(shown.out)["accreditation"]["status"] == "suspended"
    assert "Fresh until" in shown.err


async def test_a_hub_that_is_away_makes_the_copy_stale(
    hub: Hub, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "mirror"
    assert await begun(hub, folder) == 0
    await hub.client.close()
    capfd.readouterr()
    assert await run("mirror", "--dir", str(folder)) == 2
    shown = capfd.readouterr()
    assert f"STALE since {timestamp(hub.clock.now)} (log size 5" in shown.out
    assert "The hub gives no answer" in shown.err
    assert await run("show", "--dir", str(folder), "acme") == 0, "until it says itself that it counts no longer"


AWAY = (NewestUnknownError("Entries are missing here."), BehindError())


@pytest.mark.parametrize("said", AWAY, ids=lambda one: one.code)
async def test_a_hub_that_says_that_it_cant_answer_makes_the_copy_stale(
    hub: Hub, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, said: HubError
) -> None:
    folder = tmp_path / "mirror"
    assert await begun(hub, folder) == 0
    monkeypatch.setattr(hub.client.app[SNAPSHOTS], "_require_newest", refusing(said))
    capfd.readouterr()
    assert await run("mirror", "--dir", str(folder)) == 2
    shown = capfd.readouterr()
    assert f"STALE since {timestamp(hub.clock.now)} (log size 5" in shown.out
    assert f"The hub gives no answer: {said.message} (code {said.code})" in shown.err


async def test_a_hub_that_refuses_what_is_asked_has_answered(
    hub: Hub, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "mirror"
    assert await begun(hub, folder) == 0
    said = NotFoundError("not_found", "There is no directory here.")
    monkeypatch.setattr(hub.client.app[SNAPSHOTS], "_require_newest", refusing(said))
    capfd.readouterr()
    assert await run("mirror", "--dir", str(folder)) == 1
    shown = capfd.readouterr()
    assert "code not_found" in shown.err
    assert "STALE" not in shown.out


def refusing(said: HubError) -> Callable[[], None]:
    def refuse() -> None:
        raise said

    return refuse


async def test_a_copy_that_counts_no_longer_says_so(
    hub: Hub, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "mirror"
    assert await begun(hub, folder) == 0
    monkeypatch.setattr("time.time", lambda: hub.clock.now + 3600.0)
    capfd.readouterr()
    assert await run("show", "--dir", str(folder), "acme") == 2
    told = capfd.readouterr().out
    assert f"STALE since {timestamp(hub.clock.now + 3600)}" in told
    assert "Sample acme" in told


async def test_with_nothing_verified_nothing_is_said(
    hub: Hub, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "mirror"
    assert await run("show", "--dir", str(folder), "acme") == 1
    assert "code no_mirror" in capfd.readouterr().err
    nobody = "http://127.0.0.1:1"
    assert await begun(hub, folder, nobody) == 1
    told = capfd.readouterr().err
    assert told.index("The hub gives no answer: ") < told.index("code mirror_empty")
    assert await run("show", "--dir", str(folder), "acme") == 1
    assert "code mirror_empty" in capfd.readouterr().err
    assert await run("mirror", "--dir", str(folder), "--hub", nobody) == 2
    assert "together" in capfd.readouterr().err
    assert (await begun(hub, folder), (await run("show", "--dir", str(folder), "acme"))) == (0, 0), "it is corrected"
    assert await begun(hub, folder, nobody) == 1
    assert "code file_exists" in capfd.readouterr().err, "and a copy that was verified stays"
    assert await run("show", "--dir", str(folder), "acme") == 0


async def test_a_mirror_of_a_wrong_network_is_begun_again(
    hub: Hub, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder, wrong = tmp_path / "mirror", tmp_path / "wrong.txt"
    right = (hub.data / "verification-policy.txt").read_text()
    network = right.split()[2]
    wrong.write_text(right.replace(network, "0" * 64))
    assert await run("mirror", "--dir", str(folder), "--hub", address(hub), "--policy", str(wrong)) == 1
    assert "code wrong_network" in capfd.readouterr().err
    assert await begun(hub, folder) == 0


async def test_files_that_are_no_mirrors_are_left_alone(
    hub: Hub, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for number, name in enumerate(("policy.txt", "mirror.json")):
        (folder := tmp_path / str(number)).mkdir()
        (folder / name).write_text("mine")
        assert await begun(hub, folder) == 1
        assert "code " in capfd.readouterr().err
        assert (folder / name).read_text() == "mine"
        assert [one.name for one in folder.iterdir()] == [name]


async def test_nobody_of_this_id(hub: Hub, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "mirror"
    assert await begun(hub, folder) == 0
    assert await run("show", "--dir", str(folder), "zora") == 1
    assert "code not_found" in capfd.readouterr().err


def test_a_key_is_called_what_it_may_do() -> None:
    """What came in through a key that is revoked from before on signs nothing, nor does one whose overlap is over."""
    network = populated()
    start = network.index
    network.submit(network.add_key("acme", "thief", by="acme"))
    told = _of_acme(network, network.now)
    assert told["thief"] == told["acme"] == "current"
    network.submit(network.officers_key("acme", {"action": "revoke", "kid": kid("acme"), "invalid_from": start}))
    told = _of_acme(network, network.now)
    assert told["acme"].startswith("revoked at log index ")
    assert told["thief"] == f"suspended; it came in through the revoked key {kid('acme')} and nobody has confirmed it"


def test_an_overlap_ends() -> None:
    network = populated()
    network.submit(network.add_key("acme", "second", by="acme"))
    network.submit(network.key("acme", {"action": "retire", "kid": kid("acme")}, [(signing_key("second"), "provider")]))
    ends = next(one.retired_at for one in rings.ring(network.state, "acme").values() if one.kid == kid("acme"))
    assert ends is not None
    assert _of_acme(network, ends - 1)["acme"] == f"retired, still good until {timestamp(ends)}"
    assert _of_acme(network, ends)["acme"] == f"retired since {timestamp(ends)}"


def test_no_terminal_obeys_a_name_in_the_directory() -> None:
    profile = {"legal_name": "\x1b[2J\x9b1;1HAcme\u202e\r"}
    nothing: dict[str, object] = {"accreditation": None, "index": 1, "keys": []}
    lines = _described({"id": "acme", "role": "provider", "profile": profile, **nothing}, 0)
    assert lines[0] == "\\u{1b}[2J\\u{9b}1;1HAcme\\u{202e}\\u{d} (provider acme)"


def kid(name: str) -> str:
    return signing_key(name).kid


def _of_acme(network: Network, now: int) -> dict[str, str]:
    """What is said of each key, by the name that it has in the sample network."""
    keys = [rings.record_json(one) for one in rings.ring(network.state, "acme").values()]
    record = {
        "id": "acme", "role": "provider", "profile": {"legal_name": "Acme"}, "accreditation": None,
        "index": network.index - 1, "keys": keys,
    }  # fmt: skip
    lines = dict(
        line.removeprefix("Key ").split(": ", 1) for line in _described(record, now) if line.startswith("Key ")
    )
    names = {kid(name): name for name in ("acme", "second", "thief")}
    return {names.get(key, key): said for key, said in lines.items()}
