"""What may not leave: privileged items without everybody's consent, bank details, tax numbers."""

import random
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.package.accountfields import LENGTHS
from providers.package.disclosure import Terms, check_item, has_iban, privileged_texts, refuse_financial_details
from providers.package.errors import PackageRefusedError
from tests.providers.package.samples import (
    CASE_ID,
    NOW,
    RECIPIENT,
    TRANSFER_ID,
    case_file,
    consent,
    offer,
    refused,
    sha256,
)

ITEM = sha256(b"caucus note")


def check(*consents: Mapping[str, Any], data_class: str = "C3", **changes: Any) -> None:
    terms = Terms.of_offer(offer(**changes) | {"consents": list(consents)})
    check_item(data_class, ITEM, terms, RECIPIENT, NOW, "note.pdf")


def test_everybodys_consent_suffices() -> None:
    check(consent("claimant", ITEM), consent("respondent", "ab" * 32, ITEM))


def test_what_is_not_privileged_needs_none() -> None:
    check(data_class="C2")
    check(data_class="C1")


def test_a_class_must_be_announced() -> None:
    with refused("class_not_offered", "does not announce class C3", "note.pdf"):
        check(consent("claimant", ITEM), consent("respondent", ITEM), data_classes=["C1", "C2"])


@pytest.mark.parametrize(
    "changes",
    [
        {"items": ["ab" * 32]},
        {"recipient": "provider-c"},
        {"purpose": "transfer", "items": []},
        {"given_at": "2026-09-30T00:00:00Z"},
        {"expires_at": "2026-09-01T00:00:00Z"},
        {"party": {"role": "claimant", "number": 1}},
        {"party": {"role": "respondent", "number": 2}},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_a_consent_that_does_not_count(changes: dict[str, Any]) -> None:
    with refused("item_consent_missing", "respondent 1 has not given it", "note.pdf"):
        check(consent("claimant", ITEM), consent("respondent", ITEM) | changes)


def test_every_party_is_asked() -> None:
    parties = {"claimants": 2, "respondents": 1, "joined": 1}
    given_by_some = [consent("claimant", ITEM), consent("respondent", ITEM), consent("joined", ITEM)]
    with refused("item_consent_missing", "claimant 2", "note.pdf"):
        check(*given_by_some, parties=parties)
    check(*given_by_some, consent("claimant", ITEM, party={"role": "claimant", "number": 2}), parties=parties)


def test_a_consent_ends_in_the_second_that_it_names() -> None:
    given = [consent("claimant", ITEM), consent("respondent", ITEM, expires_at="2026-09-21T13:33:20Z")]
    terms = Terms.of_offer(offer(*given))
    check_item("C3", ITEM, terms, RECIPIENT, 1_789_997_599, "x")
    with refused("item_consent_missing", "respondent 1", "x"):
        check_item("C3", ITEM, terms, RECIPIENT, 1_789_997_600, "x")


def test_privileged_texts_of_a_case_are_found_by_what_they_say() -> None:
    case = case_file({})
    said = {"class": "C3", "content_sha256": ITEM}
    case["communications"] = [said | {"body": "an offer"}, said, said | {"class": "C2", "body": "a notice"}]
    case["claims"][0]["solutions_proposed"] = "half the price"
    assert list(privileged_texts(case)) == [
        ("/communications/0", sha256(b"an offer")),
        ("/claims/0/solutions_proposed", sha256(b"half the price")),
    ]
    assert len(list(privileged_texts(case | {"stage": "before_commencement"}))) == 1


# Bank details and tax numbers


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("iban", "bank_details"),
        ("seller_iban", "bank_details"),
        ("bankAccount", "bank_details"),
        ("bank", "bank_details"),
        ("BIC", "bank_details"),
        ("swift", "bank_details"),
        ("sort-code", "bank_details"),
        ("accountNumber", "bank_details"),
        ("account_holder_name", "bank_details"),
        ("card_number", "bank_details"),
        ("tax_id", "tax_number"),
        ("taxNumber", "tax_number"),
        ("taxpayer", "tax_number"),
        ("vat_no", "tax_number"),
        ("buyer_tin", "tax_number"),
        ("gstin", "tax_number"),
    ],
)
def test_members_that_ask_for_them(name: str, code: str) -> None:
    where = f"case.json/parties/0/{name}"
    with refused(code, "which no transfer carries", where):
        refuse_financial_details({"parties": [{"name": "A", name: None}]}, "case.json")


def test_a_pointer_escapes_what_it_must() -> None:
    with refused("bank_details", "which no transfer carries", "brief/a~1b~0c/iban"):
        refuse_financial_details({"a/b~c": {"iban": 1}}, "brief")


@pytest.mark.parametrize(
    "name",
    ["banknote_photo", "account", "taxonomy", "custodian", "meeting", "rfc3161", "cubic", "vatican", "bicycle_count"],
)
def test_members_that_only_look_like_it(name: str) -> None:
    refuse_financial_details({name: "x"}, "case.json")


def iban(country: str, rest: str) -> str:
    digits = "".join(str(int(one, 36)) for one in f"{rest}{country}00")
    return f"{country}{98 - int(digits) % 97:02}{rest}"


GERMAN = iban("DE", "370400440532013000")
GAPS = (
    "\t",
    "\n",
    "   ",
    " " * 50,
    " \u2013 ",
    *"|\\\u00b7\u2022\u2027\u2044\u2215\u2219\u22c5\u30fb\uff65\uff5c\uff3c",
    *"\u2003\u2009\u2010\u2011\u2012\u2013\u2014\u2212\u3000\ufe63\uff0d\u2028",
)
DIVIDERS = (
    "\u3002\uff61\u2500\u2502\u2571\u2014\u30fc\uff70\u00a6\uffe4\u2223\u29f8\u29f5\u2e31\u2e33\u2043\u02d7\u2053\u223c\u00b0"
    "\u25e6\u25cf\u2024\u2025\u2026\ufe52\u3161\u1801~"
)
MALTESE = iban("MT", "MALT011000012345MTLCAST001S")
NORWEGIAN = "NO9386011117947"
ARTICLE = "4006381000178"
"""Of an article (EAN-13); with the country NO before it the check digits of an IBAN hold, Norway's own does not."""


@pytest.mark.parametrize(
    "text",
    [
        GERMAN,
        MALTESE,
        f"Pay to {GERMAN}.",
        f"IBAN:{GERMAN}",
        f"IBAN{GERMAN}",
        GERMAN.lower(),
        f"请汇款至{GERMAN}\uff0c谢谢",
        " ".join(GERMAN[at : at + 4] for at in range(0, 22, 4)),
        *(gap.join((GERMAN[:2], GERMAN[2:4], GERMAN[4:])) for gap in (" ", "-", "\u00a0", "\u2013")),
        f"mt {MALTESE[2:]}",
        "-".join(GERMAN[at : at + 4] for at in range(0, 22, 4)),
        ". ".join(GERMAN[at : at + 4] for at in range(0, 22, 4)),
        f"Please pay to {GERMAN[:12]}\n{GERMAN[12:]}",
        f"{GERMAN[:12]} -\r\n    {GERMAN[12:]}",
        *(gap.join(GERMAN[at : at + 4] for at in range(0, 22, 4)) for gap in (*GAPS, *DIVIDERS)),
        *(gap.join(GERMAN) for gap in (" ", "-", ". ", "\t", "\u2022")),
        f"Send it to a {' '.join(MALTESE)} a day",
        " ".join((GERMAN[:3], GERMAN[3:8], GERMAN[8:])),
        " ".join((NORWEGIAN[:4], NORWEGIAN[4:8], NORWEGIAN[8:])),
        f"NO {NORWEGIAN[2:]}",
        f"no. {NORWEGIAN[2:4]} {NORWEGIAN[4:]}",
        f"De-{GERMAN[2:4]}-{GERMAN[4:]}",
        NORWEGIAN.lower(),
        *(iban("NO", account) for account in ("00001234567", "86010017947")),
        iban("HN", "CABF00000000000250005469"),
        "\u00a0".join(GERMAN[at : at + 4] for at in range(0, 22, 4)),
        "\u200b".join(GERMAN),
        "".join(chr(ord(one) + 0xFEE0) for one in GERMAN),
        f"to {GERMAN} or to nobody",
        f"DE12 {GERMAN}",
    ],
)
def test_an_iban_is_found_in_any_spelling(text: str) -> None:
    assert has_iban(text)
    where = "case.json/claims/0/facts"
    with refused("bank_details", "bank account number (IBAN)", where):
        refuse_financial_details({"claims": [{"facts": text}]}, "case.json")


@pytest.mark.parametrize(
    "text",
    [
        "",
        GERMAN[:-1] + str((int(GERMAN[-1]) + 1) % 10),
        GERMAN[:-1],
        GERMAN + "1",
        "X" + GERMAN,
        "XX" + GERMAN[2:],
        "DE89 is a road",
        f"{GERMAN[:12]}, {GERMAN[12:]}",
        f"{GERMAN[:12]}\n\n1. {GERMAN[12:]}",
        GERMAN.replace("DE", "DE\n"),
        GERMAN.replace("DE", "DE\u2028"),
        iban("IT", "wordsfollowthatendheres").replace("IT", "it ", 1),
        iban("SE", "8XRLONDONDEARSIRORMA").replace("SE", "SE ", 1),
        iban("SE", "8XRLONDONDEARSIRORMA"),
        "Container MSCU 123456 7",
        *(f"Item {no} {ARTICLE}: 214 of 600 lamps are cracked." for no in ("no.", "No.", "no", "No", "NO.", "NO")),
        f"Item no. {ARTICLE[:4]} {ARTICLE[4:8]} {ARTICLE[8:]}",
        f"Item no. {ARTICLE[0]} {ARTICLE[1:7]} {ARTICLE[7:]}",
        f"at {iban('AT', '1904300234573201')[2:]}",
        iban("NO", "86011117948"),
        "DE00" + next(rest for at in range(97) if int((rest := f"3704004405320{at:05}") + "131400") % 97 == 1),
        " ".join(iban("IT", "WORDSFOLLOWTHATENDHERES")),
        CASE_ID,
        TRANSFER_ID,
        sha256(b"x"),
    ],
)
def test_what_is_no_iban_is_left_alone(text: str) -> None:
    assert not has_iban(text)


def grouped(number: str, *sizes: int, gap: str = " ") -> str:
    """A number with its country apart, and then in groups of these sizes; the rest is the last."""
    groups, rest = [number[:2]], number[2:]
    for size in sizes:
        groups.append(rest[:size])
        rest = rest[size:]
    return gap.join([*groups, rest] if rest else groups)


FRENCH = iban("FR", "20041010050500013M02606")
ITALIAN = iban("IT", "X0542811101000000123456")
SPANISH = iban("ES", "21000418450200051332")
DUTCH = iban("NL", "ABNA0417164300")
BRITISH = iban("GB", "NWBK60161331926819")
HUNGARIAN = iban("HU", "117730161111101800000000")
COSTA_RICAN = "CR05015202001026284066"
APART = [
    *(grouped(one) for one in (GERMAN, FRENCH, DUTCH, NORWEGIAN, COSTA_RICAN)),
    *(grouped(GERMAN, 2, gap=gap) for gap in (" ", "\t", " | ", "-", "\u2502")),
    *(grouped(GERMAN, 4, 4, 4, 4, 4, gap=gap) for gap in (" ", "\t", " | ", "  ", "-")),
    *(grouped(GERMAN, 2, 4, 4, 4, 4, 2, gap=gap) for gap in (" ", "\t", " | ", "  ", "\u2502")),
    *(f"DE 89 3704 0044{end}0532 0130 00" for end in ("\n", "\r\n    ", " -\n")),
    "DE 89 3704 0044 05-\n32 0130 00",
    "DE 89 37040044\n0532013000",
    f"DE {GERMAN[2:9]}\n{GERMAN[9:]}",
    grouped(GERMAN, *([1] * 20)),
    grouped(GERMAN, *([2] * 10)),
    grouped(GERMAN, *([3] * 7)),
    grouped(GERMAN, 2, 5, 5, 5, 3),
    grouped(GERMAN, 2, 8, 10),
    grouped(GERMAN, 10, 10),
    grouped(GERMAN, 2, 3, 3, 2, 10),
    grouped(FRENCH, 2, 5, 5, 11, 2),
    grouped(ITALIAN, 2, 1, 5, 5, 12),
    grouped(SPANISH, 2, 4, 4, 2, 10),
    grouped(DUTCH, 2, 4, 10),
    grouped(DUTCH, 2, 4, 4, 4, 2),
    grouped(BRITISH, 2, 4, 2, 2, 2, 8, gap="-"),
    grouped(BRITISH, 2, 4, 6, 8),
    grouped(HUNGARIAN, 2, 8, 8, 8),
    grouped(NORWEGIAN, 2, 4, 2, 5),
    grouped(NORWEGIAN, 2, 4, 2, 5, gap="."),
    grouped(iban("BE", "539007547034"), 2, 3, 7, 2),
    grouped(MALTESE, 2, 4, 5, 18),
]


@pytest.mark.parametrize("text", APART)
def test_an_iban_is_found_whose_country_stands_apart(text: str) -> None:
    assert has_iban(text)
    assert has_iban(f"Pay to {text}, please.")


COLUMNS = ("\t", " | ", "  ", " ", "\u2502", " \u2014 ")


@pytest.mark.parametrize("gap", COLUMNS)
@pytest.mark.parametrize(
    ("number", "sizes"),
    [
        (GERMAN, (4, 3, 5, 2, 6)),
        (GERMAN, (2, 3, 4, 3, 5, 3)),
        (GERMAN, (5, 3, 4, 4, 4)),
        (SPANISH, (4, 4, 3, 3, 4, 4)),
        (NORWEGIAN, (3, 3, 4, 3)),
        (iban("NL", "38009777470920"), (2, 2, 4, 3, 2, 3)),
    ],
)
def test_a_row_of_a_table_by_country_is_no_account(number: str, sizes: tuple[int, ...], gap: str) -> None:
    row = grouped(number, *sizes, gap=gap)
    assert not has_iban(row)
    assert not has_iban(f"Cases by country\n{row}\n{row}{gap}123")


@pytest.mark.parametrize("gap", ["\t", " | ", "  "])
def test_shares_in_per_cent_by_country_are_no_account(gap: str) -> None:
    assert not has_iban(grouped(GERMAN, *([2] * 10), gap=gap))


@pytest.mark.parametrize("gap", ["\t", " | ", "  "])
def test_years_by_country_are_no_account(gap: str) -> None:
    row = grouped(GERMAN, 4, 4, 4, 4, 4, gap=gap)
    assert has_iban(row)
    assert has_iban(f"{row}{gap}EUR")
    assert has_iban(f"{grouped(GERMAN, 4, 4, 4, 4, 4)}{gap}2026"), "an account in one column of a table"
    assert not has_iban(f"{row}{gap}2026")


@pytest.mark.parametrize("country", ["NL", "GB", "IE", "BG", "RO", "LV", "IT", "MT"])
def test_digits_alone_are_no_account_where_banks_have_letters(country: str) -> None:
    number = iban(country, "1" * (LENGTHS[country] - 4))
    assert not any(map(has_iban, (number, grouped(number), grouped(number, 2))))


EUROPE = (
    "AT", "BE", "BG", "HR", "CY", "CZ", "DK", "EE", "FI", "FR", "DE", "GR", "HU", "IE", "IT",
    "LV", "LT", "LU", "MT", "NL", "PL", "PT", "RO", "SK", "SI", "ES", "SE", "NO", "CH", "GB",
)  # fmt: skip


@pytest.mark.parametrize("gap", ["\t", " | ", "  ", " "])
def test_ordinary_tables_by_country_are_left_alone(gap: str) -> None:
    """Numbers of two to five digits in eight columns; without heed to the groups 8 % of such tables were refused."""
    chance = random.Random(7)

    def row(country: str) -> str:
        return gap.join([country, *(str(chance.randint(1, 10 ** chance.randint(2, 5))) for _ in range(8))])

    tables = ["\n".join(map(row, EUROPE)) for _ in range(1_000)]
    assert sum(map(has_iban, tables)) <= 1


def test_an_article_number_after_no_is_no_account() -> None:
    assert not any(has_iban(f"Item no. {at}") for at in range(4006381000000, 4006381002000))
    assert sum(has_iban(f"ITEM NO {at}") for at in range(4006381000000, 4006381020000)) < 40, "one in 97 and in 11"


def ids() -> Iterator[str]:
    yield from (f"urn:odr:provider-a:0197b1a0-ad12-7{at:03x}-8000-000000000001" for at in range(1_000))
    yield from (sha256(str(at).encode()) for at in range(1_000))


def test_ids_are_never_taken_for_one() -> None:
    assert not any(has_iban(one) for one in ids())


@given(st.text(max_size=200))
def test_it_is_found_after_any_text(text: str) -> None:
    assert has_iban(f"{text} {GERMAN}")


def test_a_long_text_is_searched_in_time() -> None:
    assert not has_iban("DE12 " * 200_000)
    assert not has_iban(("DE12" + " -\n" * 10_000) * 40)


def test_the_sample_case_is_clean() -> None:
    refuse_financial_details(case_file({"a": b""}), "case.json")
    with pytest.raises(PackageRefusedError):
        refuse_financial_details(case_file({GERMAN: b""}), "case.json")
