"""Applications as an officer's program prints them."""

from hub.officers.applications import application_lines, queue_lines
from providers.application.client import Found, Seen
from providers.application.selftest import Outcome

EVIL = "\x1b[2J\x9b1;1H\rready\u202e"


def test_no_word_of_a_hub_or_an_applicant_is_obeyed_by_a_terminal() -> None:
    seen = Seen(EVIL, EVIL, EVIL, EVIL, EVIL, EVIL, EVIL, (Outcome(EVIL, EVIL, EVIL),))
    found = Found(seen, EVIL, (EVIL,))
    lines = [*queue_lines([found]), *application_lines(found)]
    assert len(lines) == 1 + 8
    assert [line for line in lines if not line.isprintable()] == []
