"""Lines don't break before a per-cent sign, nor in French before double punctuation."""

import re

import pytest

from hub.web.languages import TAGS, language
from hub.web.typesetting import Source, unbroken
from hub.web.wording import messages


@pytest.mark.parametrize(
    ("tag", "text", "typeset"),
    [
        ("en", "23 days (95 % interval)", "23 days (95\u00a0% interval)"),
        ("en", "%(part)s %% of %(whole)s", "%(part)s\u00a0%% of %(whole)s"),
        ("en", "%(count)s %(unit)s: yes ; no", "%(count)s %(unit)s: yes ; no"),
        ("es", "el 5 %", "el 5\u00a0%"),
        ("fr", "« une fois » ; deux : non ?", "«\u00a0une fois\u00a0»\u00a0; deux\u00a0: non\u00a0?"),
        ("fr", "un consentement manque-t-il ?", "un consentement manque\u2011t\u2011il\u00a0?"),
        ("fr", "les sentences sont-elles vues par vous-même", "les sentences sont\u2011elles vues par vous-même"),
        ("fr", "écrivez-le, posez-leur la question", "écrivez\u2011le, posez\u2011leur la question"),
        ("fr", "chez-nous, recevez-vous", "chez\u2011nous, recevez\u2011vous"),
        ("en", "all-on-one", "all-on-one"),
        ("fr", "https://odr.example/ : 5", "https://odr.example/\u00a0: 5"),
    ],
)
def test_where_a_line_must_not_break(tag: str, text: str, typeset: str) -> None:
    assert unbroken(tag, text) == typeset
    assert unbroken(tag, typeset) == typeset


def test_texts_of_one_and_of_many() -> None:
    source = Source()
    assert [source.ngettext("1 %", "%(n)s %", n) for n in (1, 2)] == ["1\u00a0%", "%(n)s\u00a0%"]
    assert [source.npgettext("of", "1 %", "%(n)s %", n) for n in (1, 2)] == ["1\u00a0%", "%(n)s\u00a0%"]


@pytest.mark.parametrize("tag", TAGS)
def test_every_text_of_the_pages_is_typeset(tag: str) -> None:
    said = [language(tag).translations.pgettext(context, text) for context, text in messages()]
    assert [text for text in said if re.search(r"\d %(?!\w)", text)] == []
    assert tag != "fr" or [text for text in said if re.search(r"\w [;:?!»]", text)] == []
    assert language(tag).translations.gettext("Problem codes")
