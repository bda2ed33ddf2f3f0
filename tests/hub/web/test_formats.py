"""Times, numbers, amounts and names in the reader's language."""

import pytest

from hub.web import formats
from hub.web.languages import language

EN, ZH, ES, FR = (language(tag) for tag in ("en", "zh-Hans", "es", "fr"))
TIME = 1_795_000_000


def test_times() -> None:
    assert formats.when(EN, TIME) == "18 November 2026, 11:06 UTC"
    assert formats.when(ZH, TIME) == "2026年11月18日 11:06 UTC"
    assert formats.day(ES, TIME) == "18 de noviembre de 2026"
    assert formats.day(FR, "2026-01-31") == "31 janvier 2026"
    assert formats.day(FR, "2026-01-01") == "1er janvier 2026"
    assert formats.day(EN, "2026-01-31T23:59:59Z") == "31 January 2026"
    assert formats.iso(TIME) == "2026-11-18T11:06:40Z"
    assert (formats.day(EN, None), formats.when(EN, None), formats.iso(None)) == ("", "", "")


def test_numbers_and_amounts() -> None:
    assert formats.number(EN, 1234567) == "1,234,567"
    assert formats.number(ES, 1234567) == "1.234.567"
    assert formats.amount(EN, "250000.00", "USD") == "250,000 USD"
    assert formats.amount(FR, "100.5", "EUR").endswith("100,50 EUR")
    assert formats.amount(ES, "1250.25", "EUR") == "1.250,25 EUR"


@pytest.mark.parametrize(
    ("tag", "told", "name"),
    [
        ("en", "zh-Hans", "Chinese (Simplified)"), ("fr", "es-419", "espagnol (Amérique latine)"),
        ("es", "qu", "quechua"), ("zh-Hans", "en", "英语"), ("en", "xx-Zzzz", "xx-Zzzz"),
    ],
)  # fmt: skip
def test_languages(tag: str, told: str, name: str) -> None:
    assert formats.tongue(language(tag), told) == name


def test_economies_currencies_and_legal_systems() -> None:
    assert formats.economy(ES, "PE") == "Perú"
    assert formats.economy(EN, "XX") == "XX"
    assert formats.currency(FR, "USD") == "dollar des États-Unis"
    assert formats.legal_system(ZH, "common_law") == "普通法"
    assert formats.legal_system(EN, "NG") == "Nigeria"


def test_lists() -> None:
    assert formats.listed(EN, ["a", "b", "c"]) == "a, b and c"
    assert formats.listed(ZH, ["甲", "乙"]) == "甲和乙"
    assert formats.listed(EN, []) == ""


def test_code_in_a_text() -> None:
    assert formats.with_code("a `b<c` & `d`") == "a <code>b&lt;c</code> &amp; <code>d</code>"
    assert formats.with_code("one ` alone <b>") == "one ` alone &lt;b&gt;", "nothing is guessed"
