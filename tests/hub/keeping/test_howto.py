"""The how-to pages show commands and options that exist."""

import re
from pathlib import Path

import click
import pytest

from hub.cli import program

PAGES = ("publish-the-log", "back-up-and-restore")


def shown(page: str) -> list[str]:
    """Every command of ours in the console blocks of a page, continued lines joined."""
    text = Path(f"docs/how-to/{page}.md").read_text(encoding="utf-8").replace("\\\n", " ")
    blocks = re.findall(r"^```console\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return [line[2:] for block in blocks for line in block.splitlines() if line.startswith("$ odr-hub")]


@pytest.mark.parametrize("page", PAGES)
def test_its_commands_exist(page: str) -> None:
    commands = shown(page)
    assert commands
    for line in commands:
        _, name, *arguments = line.split()
        command = program.commands[name]
        if isinstance(command, click.Group):
            command = command.commands[arguments.pop(0)]
        known = {option for one in command.params if isinstance(one, click.Option) for option in one.opts}
        assert {one for one in arguments if one.startswith("--")} <= known, line


def test_every_command_of_keeping_is_shown() -> None:
    named = {line.split()[1] for page in PAGES for line in shown(page)}
    assert {"export", "backup", "backup-key", "complete", "deletions", "own-statements", "restore"} <= named
