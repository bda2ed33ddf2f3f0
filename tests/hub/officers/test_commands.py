"""Commands for officers: what the how-to says about all of them holds."""

import re
from collections.abc import Iterator

import click

from hub.cli import program
from tests.architecture.tree import ROOT

HOW_TO = ROOT / "docs" / "how-to" / "act-as-an-officer.md"


def commands(group: click.Group, before: str = "") -> Iterator[tuple[str, set[str]]]:
    """Every command under a group by its name, with its options."""
    for name, one in group.commands.items():
        if isinstance(one, click.Group):
            yield from commands(one, f"{name} ")
        else:
            yield before + name, {option for each in one.params for option in each.opts}


def test_the_how_to_names_the_commands_that_ask_the_hub_with_and_without_a_policy_file() -> None:
    officer = program.commands["officer"]
    assert isinstance(officer, click.Group)
    asking = {name: "--policy" in options for name, options in commands(officer) if "--hub" in options}
    paragraph = next(line for line in HOW_TO.read_text(encoding="utf-8").splitlines() if "(`no_policy`)" in line)
    needing, without = paragraph.split("(`no_policy`)")[1].split("The others need none:")
    assert set(re.findall(r"`([a-z ]+)`", needing)) == {name for name, policy in asking.items() if policy}
    assert set(re.findall(r"`([a-z ]+)`", without)) == {name for name, policy in asking.items() if not policy}
