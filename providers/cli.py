"""``odr-gateway``: the program of providers, courts, neutrals, officers and witnesses.

Commands are loaded when they are called, so that signing a draft does not wait for the HTTP client.
Every refusal is one sentence with its code, where, and who must act; exit code 1, or 2 for wrong usage.
"""

import importlib
import sys
from collections.abc import Sequence

import click

from providers.errors import ProvidersError
from providers.memory import collect_seldom
from providers.printable import printable, printable_lines
from schemas.errors import SchemasError, SchemaViolationError
from signing.errors import SigningError

__all__ = ["main"]

COMMANDS = {
    "apply": ("providers.gateway.apply_commands", "apply", "Apply for membership, and run the self-test."),
    "award": ("providers.gateway.award_commands", "award", "Draft, sign, register and bundle awards."),
    "case": ("providers.gateway.case_commands", "case", "Offer, accept and follow cases between providers."),
    "draft": ("providers.gateway.draft_commands", "draft", "Follow drafts that wait for signatures on the hub."),
    "directory": ("providers.directory.commands", "directory", "Keep a verified copy of the hub's directory."),
    "enquiries": ("providers.gateway.oversight_commands", "enquiries", "Read enquiries of officers, and comment."),
    "feedback": ("providers.gateway.feedback_commands", "feedback", "Ask parties how their case was handled."),
    "figures": ("providers.gateway.oversight_commands", "figures", "See how your figures compare."),
    "init": ("providers.gateway.commands", "init", "Create a member's keys, settings and admission draft."),
    "keygen": ("providers.gateway.commands", "keygen", "Create a key file for a neutral or an officer."),
    "key": ("providers.gateway.key_commands", "key", "See and change the member's keys."),
    "monitor": ("providers.monitor.commands", "monitor", "Follow the hub's log as a member, and raise alerts."),
    "neutral": ("providers.gateway.neutral_commands", "neutral", "Nominate neutrals; read what is held of you."),
    "notices": ("providers.gateway.apply_commands", "notices", "Print what of yours will soon end."),
    "post": ("providers.gateway.commands", "post", "Post a complete draft and wait for a verified receipt."),
    "profile": ("providers.gateway.profile_commands", "profile", "Change the member's public profile."),
    "report": ("providers.gateway.report_commands", "report", "Report on your own work in a period."),
    "serve": ("providers.gateway.case_commands", "serve", "Run the gateway of a provider."),
    "sign": ("providers.gateway.sign_commands", "sign", "Show what a draft says, and sign it."),
    "witness": ("providers.witness.commands", "witness", "Run a witness of the hub's log."),
}
"""Command name -> module, attribute, one line of help."""


class LazyGroup(click.Group):
    """A group whose commands are imported when they are needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command name, without importing any."""
        del ctx
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return a command."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module, attribute, _ = COMMANDS[cmd_name]
        command = getattr(importlib.import_module(module), attribute)
        return command if isinstance(command, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, from the table, so that help stays quick."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, help_text) for name, (_, _, help_text) in sorted(COMMANDS.items())])


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def program() -> None:
    """Gateway of a provider, court, neutral, officer or witness to an ODR hub."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program and return its exit code; never raises for what a user can put right."""
    collect_seldom()
    try:
        result = program.main(arguments, prog_name="odr-gateway", standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("Nothing was signed or sent.", err=True)
        return 1
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except ProvidersError as error:
        click.echo(explained(error.code, str(error), error.actor, retryable=error.retryable), err=True)
        return 1
    except (SigningError, SchemasError) as error:
        click.echo(explained(error.code, str(error), "you", retryable=False), err=True)
        if isinstance(error, SchemaViolationError):
            for one in error.violations:
                click.echo(printable(f"  {one.pointer or '/'}: {one.message}"), err=True)
        return 1
    return result if isinstance(result, int) else 0


def explained(code: str, sentence: str, actor: str, *, retryable: bool) -> str:
    """The lines that tell a person what went wrong, its code, and who must act; strangers may have worded them."""
    again = "; the same again may succeed" if retryable else ""
    return f"Error: {printable_lines(sentence)}\n  code {printable(code)}; to act: {printable(actor)}{again}"


if __name__ == "__main__":
    sys.exit(main())
