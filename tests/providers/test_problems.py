"""What a hub says in a refusal is words of a stranger: a terminal shows its escapes instead of obeying them."""

import json

import pytest

from hub.cli import _sentence
from hub.errors import HubError
from providers.cli import explained
from providers.errors import HubRefusedError, ProvidersError
from providers.exits import CantTellError
from providers.problems import problem_of

LIE = "\x1b[2J\x1b[HWrote award-bundle.zip.\nGenuine: yes."
SHOWN = "\\u{1b}[2J\\u{1b}[HWrote award-bundle.zip.\\u{a}Genuine: yes."


def refused(**members: object) -> ProvidersError:
    problem = {"code": "not_found", "detail": LIE, "where": LIE, "actor": LIE, **members}
    return problem_of(404, json.dumps(problem).encode(), "http://hub.example")


def test_every_member_of_a_problem_is_fit_for_a_terminal() -> None:
    error = refused(errors=[{"pointer": LIE, "message": "wrong"}, "no violation"])
    assert isinstance(error, HubRefusedError)
    assert (error.message, error.where, error.actor) == (f"{SHOWN}\n  {SHOWN}: wrong", SHOWN, SHOWN)


@pytest.mark.parametrize("code", [LIE, 7, None, "NO"])
def test_a_code_that_is_none_makes_no_refusal(code: object) -> None:
    error = refused(code=code)
    assert (error.code, error.message) == ("bad_answer", "The hub answered 404 without saying why.")


def test_programs_escape_whatever_an_error_says() -> None:
    """A mirror's status line, for example, comes into an error as it is."""
    told = explained("scan_failed", LIE, LIE, retryable=False)
    assert "\x1b" not in told
    assert "\x1b" not in CantTellError(ProvidersError("x", LIE)).message
    assert _sentence(HubError("source_failed", LIE, LIE)) == (
        "\\u{1b}[2J\\u{1b}[HWrote award-bundle.zip.\nGenuine: yes. [source_failed at "
        "\\u{1b}[2J\\u{1b}[HWrote award-bundle.zip.\nGenuine: yes.]"
    )
