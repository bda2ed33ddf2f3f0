"""What the model of a person at the page counts: each line once, as what it is, and only what is to be seen."""

import pytest

from bench.keystrokes import LIMIT_SECONDS, WORDS_PER_SECOND, Pace, Person, way
from tests.browser.chromium import chromium

MAIN = """
<main><h1>An entry</h1><p>Explained in four words.</p>
<dl class="facts"><div><dt>Name</dt><dd>Ann Sample</dd></div></dl>
<ul class="signers"><li>Officer one</li></ul><fieldset><div class="tick"><label>It is mine</label></div></fieldset>
<div><label>A field</label></div><div><button>Sign and send</button></div>
<details><summary>More</summary><p>Folded words are not read.</p></details></main>
"""


@pytest.mark.asyncio
async def test_every_line_is_counted_once_as_what_it_is() -> None:
    async with chromium() as browser:
        person = Person(await browser.new_page())
        await person.page.set_content(MAIN)
        await person.read_new()
        assert (person.pace.names, person.pace.signed, person.pace.explained) == (8, 8, 4)
        await person.read_new()
        assert person.pace.names == 8, "a line that was read is recognised"
        await person.page.evaluate("document.querySelector('details').open = true")
        await person.read_new()
        assert (person.pace.names, person.pace.explained) == (8, 9), "what is unfolded is read"


def test_the_times_are_of_who_reads_what() -> None:
    pace = Pace(30, 1, 10, 20, 40) + Pace(20, 1, 10, 20, 40)
    assert pace.unread == 52
    assert pace.signing == 52 + 40 / WORDS_PER_SECOND
    assert pace.needed == 52 + 60 / WORDS_PER_SECOND
    assert pace.whole == 52 + 140 / WORDS_PER_SECOND
    assert "words: 20 of names, 40 of what is signed, 80 of explanations" in pace.figures()
    assert pace.unread < LIMIT_SECONDS


def test_two_minutes_are_enough_for_a_neutral_who_reads_what_is_signed() -> None:
    """Of the real page, by the model; without what the machine takes, which no test may time."""
    entry, award = way()
    whole = entry + award
    assert whole.signed > 100, "a whole entry and a whole award were read"
    assert whole.handling + whole.signed / WORDS_PER_SECOND < LIMIT_SECONDS
