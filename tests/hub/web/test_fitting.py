"""Whether a provider fits: each condition alone, both ways, and what is said of it in each language."""

from decimal import Decimal
from typing import Any

import pytest

from hub.web.fitting import Need, Point, fits, met_text, missed_text, points, where_text
from hub.web.languages import TAGS, language
from tests.hub.world import example

PROFILE: dict[str, Any] = example("member", "valid-provider")["body"]["profile"]
EN, ZH = language("en"), language("zh-Hans")


def of(need: Need, accredited: bool = True, **changed: Any) -> dict[str, bool | None]:  # noqa: FBT001, FBT002
    return {one.name: one.met for one in points(PROFILE | changed, accredited, need)}


def test_what_is_not_asked_for_is_no_condition() -> None:
    assert of(Need()) == {"accredited": True}
    assert of(Need(economies=("PE", "CN"))) == {"accredited": True}


@pytest.mark.parametrize(
    ("need", "changed", "found"),
    [
        (Need(dispute_type="non_delivery"), {}, {"dispute_type": True}),
        (Need(dispute_type="ip_branding"), {}, {"dispute_type": False}),
        (Need(stage="mediation"), {}, {"stage": True}),
        (Need(stage="mediation"), {"stages_offered": ["negotiation"]}, {"stage": False}),
        (Need(stage="arbitration"), {}, {"stage": True, "binding": True}),
        (Need(stage="arbitration"), {"binding": False}, {"stage": True, "binding": False}),
        (Need(stage="arbitration"), {"stages_offered": ["mediation"]}, {"stage": False}),
        (Need(language="zh"), {}, {"language": True}),
        (Need(language="zh-Hans"), {}, {"language": True}),
        (Need(language="z"), {}, {"language": False}),
        (Need(language="es"), {}, {"language": False}),
        (Need(amount=Decimal(100), currency="USD"), {}, {"amount": True}),
        (Need(amount=Decimal("99.99"), currency="USD"), {}, {"amount": False}),
        (Need(amount=Decimal(250000), currency="USD"), {}, {"amount": True}),
        (Need(amount=Decimal(250001), currency="USD"), {}, {"amount": False}),
        (Need(amount=Decimal(500), currency="EUR"), {}, {"amount": None}),
        (Need(amount=Decimal(500), currency="USD"), {"value_threshold": None}, {"amount": None}),
        (Need(amount=Decimal(500), currency="EUR"), {"value_threshold": {"currency": "USD"}}, {"amount": True}),
    ],
)
def test_each_condition(need: Need, changed: dict[str, Any], found: dict[str, bool | None]) -> None:
    assert of(need, **changed) == {"accredited": True} | found


def test_who_is_not_accredited_does_not_fit() -> None:
    assert not fits(points(PROFILE, False, Need()))  # noqa: FBT003
    assert fits([Point("amount", None)]), "what can't be told is for the reader to ask"


NEED = Need("non_delivery", "arbitration", "en", ("PE", "CN"), Decimal(500), "USD")


def test_why_it_fits() -> None:
    found = points(PROFILE, True, NEED)  # noqa: FBT003
    assert met_text(EN, found, NEED, PROFILE) == (
        "Fits: is accredited, takes this kind of dispute, conducts arbitrations, its award binds the parties, "
        "works in English and accepts this amount."
    )
    assert "其裁决对当事人有约束力" in met_text(ZH, found, NEED, PROFILE)


def test_why_it_does_not_quite_fit() -> None:
    need = Need("ip_branding", "arbitration", "es", (), Decimal(5), "USD")
    changed = PROFILE | {"binding": False}
    text = missed_text(EN, points(changed, False, need), need, changed)  # noqa: FBT003
    for part in (
        "it is not accredited now", "it does not take this kind of dispute", "its award does not bind the parties",
        "it works in English, Chinese (Simplified) and Chinese (Traditional) only",
        "it accepts amounts from 100 USD to 250,000 USD only",
    ):  # fmt: skip
        assert part in text
    changed |= {"stages_offered": ["negotiation"]}
    assert "it conducts no arbitrations" in missed_text(EN, points(changed, True, need), need, changed)  # noqa: FBT003


def test_what_cannot_be_told_is_said() -> None:
    need = Need(amount=Decimal(5), currency="EUR")
    assert met_text(EN, points(PROFILE, True, need), need, PROFILE).endswith(  # noqa: FBT003
        "It accepts amounts from 100 USD to 250,000 USD: compare, the currency is another."
    )
    silent = {name: value for name, value in PROFILE.items() if name != "value_threshold"}
    assert met_text(EN, points(silent, True, need), need, silent).endswith("It names no limits on amounts: ask.")  # noqa: FBT003


@pytest.mark.parametrize(
    ("limits", "text"),
    [({"max": "10"}, "up to 10 EUR"), ({"min": "10"}, "from 10 EUR"), ({}, "of any size")],
)
def test_limits_on_one_side(limits: dict[str, str], text: str) -> None:
    profile = PROFILE | {"value_threshold": {"currency": "EUR"} | limits}
    need = Need(amount=Decimal(10), currency="USD")
    found = [Point("amount", met=False)]
    assert text in missed_text(EN, found, need, profile)


@pytest.mark.parametrize(
    ("economies", "text"),
    [
        ((), "Established in Hong Kong SAR China."),
        (("PE", "CN"), "Established in Hong Kong SAR China, where neither side is."),
        (("PE", "HK"), "Established in Hong Kong SAR China, the place of one side."),
        (("HK", "HK"), "Established in Hong Kong SAR China, as both sides."),
        (("HK",), "Established in Hong Kong SAR China, the place of the side that you named."),
        (("PE",), "Established in Hong Kong SAR China."),
    ],
)
def test_where(economies: tuple[str, ...], text: str) -> None:
    assert where_text(EN, PROFILE, Need(economies=economies)) == text


@pytest.mark.parametrize("tag", TAGS)
def test_every_language_says_all_of_it(tag: str) -> None:
    spoken, found = language(tag), points(PROFILE, True, NEED)  # noqa: FBT003
    text = met_text(spoken, found, NEED, PROFILE) + where_text(spoken, PROFILE, NEED)
    assert "%" not in text
    assert len(text) > 50
