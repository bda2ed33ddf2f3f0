"""The program around the commands: quick help, plain errors, exit codes."""

import subprocess
import sys

import pytest

from providers.cli import COMMANDS, explained, main


def test_every_listed_command_exists(capsys: pytest.CaptureFixture[str]) -> None:
    for name in COMMANDS:
        assert main([name, "--help"]) == 0
    assert "Usage: odr-gateway witness" in capsys.readouterr().out


def test_help_loads_no_command() -> None:
    script = (
        "import sys; from providers.cli import main; main(['--help']);"
        "sys.exit(any(name.startswith(('providers.gateway', 'providers.witness', 'aiohttp')) for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, check=False).returncode == 0


def test_signing_a_draft_loads_no_http_client() -> None:
    script = "import sys; import providers.gateway.commands; sys.exit('aiohttp' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, check=False).returncode == 0


def test_an_unknown_command_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["frobnicate"]) == 2
    assert "No such command 'frobnicate'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("retryable", "ending"), [(True, "to act: hub; the same again may succeed"), (False, "to act: hub")]
)
def test_an_error_names_sentence_code_and_actor(retryable: bool, ending: str) -> None:  # noqa: FBT001
    text = explained("hub_timeout", "The hub did not answer in time.", "hub", retryable=retryable)
    assert text == f"Error: The hub did not answer in time.\n  code hub_timeout; {ending}"
