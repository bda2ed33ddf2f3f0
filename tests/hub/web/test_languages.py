"""Which language a reader gets; that every catalogue is whole and fits the texts."""

import re
from collections import Counter

import pytest
from babel.messages.catalog import Message
from hypothesis import given
from hypothesis import strategies as st

from hub.web.languages import CONSOLE, TAGS, choose, language
from hub.web.wording import coded
from tests.hub.running import Hub
from tools.messages import catalogues, extracted, read, stale

PLACEHOLDER = re.compile(r"%(?:\((?P<name>\w+)\)s|%|.)")
TAG = re.compile(r"</?[a-z]+[^>]*>")


@pytest.mark.parametrize(
    ("asked", "accepted", "tag", "kept"),
    [
        (None, "", "en", False),
        (None, "fr", "fr", False),
        (None, "fr-CA, en;q=0.9", "fr", False),
        (None, "de, es;q=0.5, fr;q=0.7", "fr", False),
        (None, "de-DE, ja", "en", False),
        (None, "ES-mx", "es", False),
        (None, "zh-TW", "zh-Hans", False),
        (None, "fr;q=0, es;q=0.1", "es", False),
        (None, "*", "en", False),
        (None, "fr;q=nonsense, es", "es", False),
        (None, ";;;,,,", "en", False),
        ("es", "fr", "es", True),
        ("zh-hans", "fr", "zh-Hans", True),
        ("zh", "", "zh-Hans", True),
        ("de", "fr", "fr", False),
        ("", "fr", "fr", False),
        ("<script>", "", "en", False),
    ],
)
def test_the_reader_decides(asked: str | None, accepted: str, tag: str, kept: bool) -> None:  # noqa: FBT001
    choice = choose(asked, accepted)
    assert (choice.language.tag, choice.asked) == (tag, kept)


def test_consoles_are_in_two_languages() -> None:
    assert choose("fr", "es, zh", CONSOLE).language.tag == "zh-Hans"
    assert choose("fr", "es", CONSOLE).language.tag == "en"
    assert choose("fr", "es", CONSOLE).among == ("en", "zh-Hans")


@given(asked=st.none() | st.text(max_size=20), accepted=st.text(max_size=2000))
def test_whatever_is_sent_some_language_is_found(asked: str | None, accepted: str) -> None:
    assert choose(asked, accepted).language.tag in TAGS


def test_the_catalogues_are_in_step_with_the_pages() -> None:
    assert stale() == [], "run python -m tools.messages, and translate what is new"


@pytest.mark.parametrize(("tag", "name"), catalogues())
def test_nothing_is_missing_or_fuzzy(tag: str, name: str) -> None:
    catalogue = read(tag, name)
    assert [one.id for one in catalogue if one.id and not all(_forms(one.string))] == []
    assert [one.id for one in catalogue if one.fuzzy and one.id] == []
    assert len(catalogue) == len(extracted(name)) > 250


@pytest.mark.parametrize(("tag", "name"), catalogues())
def test_placeholders_and_markup_are_those_of_the_text(tag: str, name: str) -> None:
    wrong = [
        (one.id, string)
        for one in read(tag, name)
        if one.id
        for string in _forms(one.string)
        if _marks(string) not in [_marks(form) for form in _forms(one.id)]
    ]
    assert wrong == []


def test_a_lost_placeholder_would_be_noticed() -> None:
    assert _marks("%(count)s of 5 %%") != _marks("von 5 %%")
    assert _marks("<strong>a</strong>") != _marks("<strong>a")
    assert not all(_forms(Message(("a", "b"), ("x", "")).string))


def test_every_translation_is_used_by_the_language() -> None:
    assert coded(language("zh-Hans"), "neutral_roles", "arbitrator") == "仲裁员"
    assert coded(language("es"), "neutral_roles", "arbitrator") == "Árbitro"
    assert coded(language("fr"), "accreditation_statuses", "listed") == "accrédité"
    assert coded(language("en"), "accreditation_statuses", "listed") == "accredited"
    assert coded(language("fr"), "practice_fields", "space_law") == "space law", "a code without a name is shown"


async def test_a_page_says_its_language_and_keeps_what_was_asked_for(hub: Hub) -> None:
    asked = await hub.client.get("/oversight?from=2025-01-01&to=2025-12-31&lang=fr", headers={"Accept-Language": "es"})
    text = await asked.text()
    assert asked.headers["Content-Language"] == "fr"
    assert '<html lang="fr">' in text
    assert '<a href="/directory?lang=fr"' in text
    assert 'hreflang="es" href="/oversight?from=2025-01-01&amp;to=2025-12-31&amp;lang=es"' in text
    negotiated = await hub.client.get("/", headers={"Accept-Language": "es-MX, en;q=0.5"})
    text = await negotiated.text()
    assert negotiated.headers["Content-Language"] == "es"
    assert negotiated.headers["Vary"] == "Accept-Language"
    assert '<a href="/directory"' in text, "no parameter that the reader did not ask for"
    assert "Set-Cookie" not in negotiated.headers


def _forms(text: str | tuple[str, ...] | list[str] | None) -> list[str]:
    return [text or ""] if isinstance(text, str) or text is None else list(text)


def _marks(text: str) -> Counter[str]:
    return Counter([match[0] for match in PLACEHOLDER.finditer(text)] + TAG.findall(text))
