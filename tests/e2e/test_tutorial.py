"""The tutorial is run as it is printed: every command works, and prints what the page shows."""

import re
import socket
import sys
from pathlib import Path

import pytest

from tests.fakes.exchangehouse import free_port
from tests.fakes.pages import ROOT, run, shape, shows, steps

PAGE = (ROOT / "docs/tutorial/first-transfer.md").read_text(encoding="utf-8")
HUB_PORT, WITNESS_PORT = "8600", "8601"


def on_free_ports(page: str) -> str:
    """The page with other ports: those that it names may be in use where tests run."""
    for port in (HUB_PORT, WITNESS_PORT):
        page = re.sub(rf"(?<=[: ]){port}\b", str(free_port()), page)
    return page


def test_the_tutorial_is_true(tmp_path: Path) -> None:
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "bin").symlink_to(Path(sys.executable).parent)  # as in a clone, after make
    page = steps(on_free_ports(PAGE))
    for one, printed in zip(page, run(page, tmp_path), strict=True):
        told = f"line {one.line} of the page shows\n{one.shown}\nand not what it prints:\n{printed}"
        assert shows(one.shown, printed), told
    here = tmp_path / "build" / "first-transfer"
    statements = (here / "statements.txt").read_text(encoding="utf-8")
    assert statements.count('"case_id"') == 1, "the statements were decoded before they were searched"
    assert (here / "received" / "documents" / "letter.txt").read_bytes()
    for port in re.findall(r"127\.0\.0\.1:(\d+)", "".join(log.read_text() for log in here.glob("*.log"))):
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", int(port))) != 0, f"something still listens at {port}"


@pytest.mark.parametrize(
    ("shown", "printed"),
    [
        ("Registered at index 1.\n", "Registered at index 4711.\n"),
        ("From\n…\nto.\n", "From\nhere\n\nto.\n"),
        ("", ""),
        ("urn:odr:a:01a21203-06ce-7c12-a8b9-24526faebb12\n", "urn:odr:a:01b4fa03-ffff-7c12-b8b9-a4526faebb12\n"),
    ],
)
def test_what_changes_from_run_to_run_may_differ(shown: str, printed: str) -> None:
    assert shows(shown, printed)


@pytest.mark.parametrize(
    ("shown", "printed"),
    [
        ("Registered at index 1.\n", "Registered at index 1: unwitnessed.\n"),
        ("", "Error: no.\n"),
        ("Nothing found.\n", ""),
        ("From\n…\nto.\n", "From\nhere\n"),
        (
            "urn:odr:north:01a21203-06ce-7c12-a8b9-24526faebb12\n",
            "urn:odr:south:01a21203-06ce-7c12-a8b9-24526faebb12\n",
        ),
    ],
)
def test_anything_else_may_not(shown: str, printed: str) -> None:
    assert not shows(shown, printed)


def test_a_command_that_fails_ends_the_page(tmp_path: Path) -> None:
    page = steps("# Page\n\n```sh\necho first\n```\n\n```text\nfirst\n```\n\n```sh\nfalse | cat\necho never\n```\n")
    assert [(one.line, one.shown) for one in page] == [(4, "first\n"), (12, "")]
    with pytest.raises(AssertionError, match="line 12 of the page ended with 1"):
        run(page, tmp_path)


def test_a_page_that_does_not_end_is_ended_with_what_it_started(tmp_path: Path) -> None:
    page = steps("```sh\nsleep 600 &\necho started; sleep 600\n```\n")
    with pytest.raises(AssertionError, match=r"(?s)line 2 of the page.*started.*not finished after 1 s"):
        run(page, tmp_path, seconds=1)


def test_the_shape_of_a_witness_list_is_that_of_another() -> None:
    assert shape("Cosigned by witness-1, witness-3.") == shape("Cosigned by witness-2.")
