"""``odr-gateway monitor`` as it is typed: exit codes, lines, JSON, and what the documentation says of it."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import click
import pytest

from providers.cli import main
from providers.gateway.home import create_home
from providers.gateway.keystore import save_keys
from providers.monitor.alerts import MEANINGS
from providers.monitor.commands import acknowledge, monitor
from providers.witness.commands import witness
from tests.fakes.world import Actor, World
from tests.providers.monitor.lyinghub import LyingHub, made_by, sealed

ROOT = Path(__file__).parents[3]
PASSPHRASE = "a sample passphrase"


@dataclass
class Place:
    world: World
    hub: LyingHub
    actor: Actor
    home: Path

    def run(self, *arguments: str) -> int:
        common = ["--home", str(self.home), "--passphrase-file", str(self.home / "passphrase"), "--once"]
        return main(["monitor", *common, *arguments])


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The key files of provider-a; sealing them takes its time."""
    world, folder = World(), tmp_path_factory.mktemp("keys")
    actor = world.actor("provider-a", "provider")
    monitor_file, statement_file = folder / "monitor.key.json", folder / "statement.key.json"
    save_keys({monitor_file: actor.monitor, statement_file: actor.statement}, PASSPHRASE)
    return folder


@pytest.fixture
def place(tmp_path: Path, keys: Path) -> Iterator[Place]:
    world = World()
    actor = world.add_provider()
    world.add_neutral(actor)
    with LyingHub(world) as hub:
        home = tmp_path / "gateway"
        create_home(home, actor=actor.id, member_type="provider", hub=hub.url, policy=world.trust_file())
        (home / "keys").symlink_to(keys)
        (home / "passphrase").write_text(f"{PASSPHRASE}\n")
        yield Place(world, hub, actor, home)


def test_a_member_looks_acknowledges_and_looks_again(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    place.world.register(sealed(place.world, place.actor))
    stale = ["--stale-after", "31536000"]  # the world's clock is not ours
    assert place.run(*stale) == 1
    told = capsys.readouterr().out
    assert "Not well: 2 things need your attention since " in told
    assert "(entry 5, since " in told
    assert "[entry_under_our_tag]" in told
    digest = place.world.statements[5].digest
    for secret in (digest, sha256(bytes.fromhex(digest)).hexdigest(), PASSPHRASE):
        assert secret not in told, "a sealed statement is named by its place alone"
    known = place.home / "known"
    known.write_text("\n".join(made_by(place.world, place.actor)))
    assert place.run(*stale, "--known", str(known), "--json") == 0
    assert json.loads(capsys.readouterr().out)["state"] == "well"
    assert main(["monitor", "--home", str(place.home), "acknowledge", "5"]) == 0
    assert main(["monitor", "acknowledge", "5", "--home", str(place.home)]) == 1, "it stands no more"
    assert main(["monitor", "acknowledge", "--all", "--dir", str(place.home)]) == 0
    assert place.run(*stale) == 0
    assert "All is well since " in capsys.readouterr().out


def test_what_is_wrong_with_the_monitor_itself_is_no_alert(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["monitor", "--once"]) == 2
    assert "code option_missing" in capsys.readouterr().err
    (place.home / "passphrase").write_text("another\n")
    assert place.run() == 2
    assert "code wrong_passphrase" in capsys.readouterr().err
    (place.home / "passphrase").write_text(f"{PASSPHRASE}\n")
    place.hub.break_off("/v1/policy")
    assert place.run() == 2
    assert "can't tell: The hub answered 502" in capsys.readouterr().out
    assert main(["monitor", "acknowledge", "--home", str(place.home)]) == 2


def options(*commands: click.Command) -> set[str]:
    return {name for one in commands for param in one.params for name in param.opts if name.startswith("--")}


def test_the_documentation_names_options_that_exist() -> None:
    page = (ROOT / "docs/how-to/watch-the-log.md").read_text("utf-8")
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", page))
    assert named - {"--proof", "--policies"} <= options(monitor, acknowledge), "those two are odr-verify's"
    page = (ROOT / "docs/how-to/run-a-witness-that-mirrors.md").read_text("utf-8")
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", page))
    assert named <= options(*witness.commands.values())


def test_the_reference_lists_every_option_and_every_code() -> None:
    page = (ROOT / "docs/reference/gateway.md").read_text("utf-8").partition("## The monitor")[2]
    listed = {one.split()[0] for one in re.findall(r"^\| `(--[^`]+)`", page, re.MULTILINE)}
    assert listed == options(monitor) - {"--home", "--dir", "--passphrase-file"}
    table = page.partition("| code of an alert")[2].partition("\n\n")[0]
    firsts = "".join(re.findall(r"^\| (`[^|]+)\|", table, re.MULTILINE))
    assert set(re.findall(r"`([a-z_]+)`", firsts)) == set(MEANINGS)
