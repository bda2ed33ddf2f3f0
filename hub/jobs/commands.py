"""``odr-hub register-answers``."""

from pathlib import Path

import click

from hub.jobs.refusedanswers import FILE, RefusedAnswers

__all__ = ["register_answers"]


@click.command("register-answers")
@click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    required=True,
    help="The hub's data directory.",
)
def register_answers(*, data: Path) -> None:
    """Have answers of parties that the rules refused tried again; the hub may be running.

    The hub tries by itself when their number, a member, a key, the policy or the program has changed. This asks for it
    all the same: a running hub tries at its next look (jobs.retention_seconds), a stopped one when it starts.
    """
    count = RefusedAnswers(data / FILE).ask()
    click.echo(f"Refused statements that are tried again: {count}.")
