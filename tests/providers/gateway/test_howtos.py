"""What how-tos say about the options of all the commands that they show."""

import re

import click
import pytest

from hub.cli import program as hub
from providers.cli import program as gateway
from tests.fakes.pages import ROOT

CHANGES = {"key add", "key retire", "key revoke", "key confirm"}


def paragraph(page: str) -> str:
    """The paragraph of a how-to about running without a terminal."""
    text = (ROOT / "docs/how-to" / page).read_text(encoding="utf-8")
    return next(line for line in text.splitlines() if "without a terminal" in line)


def shown(page: str) -> dict[str, set[str]]:
    """Every command that a how-to names, with its options; those of the hub's program begin with ``officer``."""
    text = (ROOT / "docs/how-to" / page).read_text(encoding="utf-8")
    names = set(re.findall(r"\b(odr-(?:gateway|hub) [a-z]+(?: [a-z]+)*)", text))
    names |= {f"odr-{'hub' if one.startswith('officer ') else 'gateway'} {one}" for one in named(paragraph(page))}
    return dict(filter(None, map(command, names)))


def named(text: str) -> set[str]:
    """Commands in a sentence, such as `key add`."""
    return set(re.findall(r"`([a-z]+(?: [a-z]+)*)`", text))


def command(name: str) -> tuple[str, set[str]] | None:
    """A command by the longest beginning of a line that names one."""
    program, *words = name.split()
    one: click.Command | None = hub if program == "odr-hub" else gateway
    used = []
    for word in words:
        if not isinstance(one, click.Group) or (one := one.get_command(click.Context(one), word)) is None:
            break
        used.append(word)
    if one is None or isinstance(one, click.Group):
        return None
    return " ".join(used), {option for each in one.params for option in each.opts}


def having(page: str, option: str) -> set[str]:
    """The commands of a how-to that take an option."""
    return {name for name, options in shown(page).items() if option in options}


@pytest.mark.parametrize("page", ["register-an-award.md", "replace-a-key.md"])
def test_commands_are_read_from_the_page(page: str) -> None:
    assert len(shown(page)) > 8


def test_registering_says_which_commands_take_neither_passphrase_nor_yes() -> None:
    page = "register-an-award.md"
    asking, without = paragraph(page).split("Without a key")
    assert named(without) == set(shown(page)) - having(page, "--passphrase-file")
    assert named(asking) == having(page, "--yes")


def test_replacing_says_which_commands_take_which_option() -> None:
    page = "replace-a-key.md"
    secret, rest = paragraph(page).split("Whichever asks before it signs")
    asking, unwitnessed = rest.split("In a network without witnesses")
    assert named(secret) == set(shown(page)) - having(page, "--passphrase-file")
    assert named(asking) == having(page, "--yes")
    assert named(unwitnessed) - {"no_witnesses"} == having(page, "--accept-unwitnessed")
    assert having(page, "--yes") >= CHANGES


def test_sentences_begin_with_a_capital() -> None:
    """In the pages for people who read no other: where a full stop ends a sentence, the next begins."""
    text = (ROOT / "docs/how-to/sign-in-a-browser.md").read_text(encoding="utf-8")
    assert re.findall(r"[a-z]{3,}\. [a-z]\w*", text) == []
