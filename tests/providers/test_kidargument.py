"""A kid that begins with a hyphen is a kid, whatever stands around it."""

import click
import pytest
from click.testing import CliRunner

from providers.kidargument import TakesKid

KID = "-hWZ0iu1ZcX1bPS8QbJVD9eQYU0jJMNaQFq_pNXfKY8"


@click.command(cls=TakesKid)
@click.argument("owner")
@click.argument("kid")
@click.option("--reason")
def revoke(owner: str, kid: str, reason: str | None) -> None:
    click.echo(f"{owner} {kid} {reason}")


@pytest.mark.parametrize(
    "arguments",
    [
        ["acme", KID, "--reason", "lost"],
        ["--reason", "lost", "acme", KID],
        ["acme", "--reason=lost", KID],
        ["--reason", "lost", "--", "acme", KID],
    ],
)
def test_a_kid_may_begin_with_a_hyphen(arguments: list[str]) -> None:
    done = CliRunner().invoke(revoke, arguments)
    assert (done.exit_code, done.output) == (0, f"acme {KID} lost\n")


def test_what_is_shorter_is_an_option_as_ever() -> None:
    done = CliRunner().invoke(revoke, ["acme", KID[:-1]])
    assert done.exit_code == 2
    assert "No such option" in done.output
