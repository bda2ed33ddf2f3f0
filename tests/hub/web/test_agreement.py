"""The agreement text: which points stand in it, in each language, and what is left to fill in."""

import pytest

from hub.web.agreement import Terms, agreement
from hub.web.languages import TAGS, language

TERMS = Terms(
    provider=("Harbour ODR Centre", "harbour-odr"),
    rules=("Harbour ODR Rules", "2026-01"),
    stages=("negotiation", "mediation", "arbitration"),
    language="es-419",
    network="3009be769fb8f956e8413ee9f3e0836e34968bc40457d0a10c549d2edcf00cc1",
)


def text(tag: str, terms: Terms = TERMS) -> str:
    return "\n".join(agreement(language(tag), terms))


@pytest.mark.parametrize("tag", TAGS)
def test_it_names_provider_rules_network_and_leaves_blanks(tag: str) -> None:
    found = text(tag)
    for part in ("Harbour ODR Centre", "harbour-odr", "Harbour ODR Rules", "2026-01", "3009be769fb8f956…"):
        assert part in found
    assert found.count("[") == 3, "the addresses, the seat and the successor are for the parties to fill in"
    assert [line[:2] for line in found.split("\n")] == [f"{number}." for number in range(1, 7)]
    assert "%" not in found


def test_in_english() -> None:
    found = text("en")
    assert "shall be finally decided in arbitration by one arbitrator" in found
    assert "Whoever acted as mediator shall not act as arbitrator" in found
    assert "The seat of the arbitration is [city and country]. The language of the proceedings is Spanish (" in found
    assert "the parties consent now that [name of the successor provider] takes its place" in found
    assert "needs the consent of all parties" in found


def test_what_is_chosen_stands_in_it() -> None:
    terms = Terms(
        TERMS.provider, TERMS.rules, TERMS.stages, "en", TERMS.network, "Singapore", ("Andes ODR", "andes-odr")
    )
    found = text("en", terms)
    assert "The seat of the arbitration is Singapore." in found
    assert "the parties consent now that Andes ODR (identifier andes-odr) takes its place" in found
    assert "新加坡" not in found


def test_without_arbitration_there_is_no_seat_and_no_agreement_to_arbitrate() -> None:
    terms = Terms(TERMS.provider, TERMS.rules, ("negotiation", "mediation"), "en", TERMS.network)
    found = text("en", terms)
    assert "This is no agreement to arbitrate" in found
    assert "seat of the arbitration" not in found
    assert "arbitrator" not in found


def test_arbitration_alone_says_nothing_of_mediators() -> None:
    terms = Terms(TERMS.provider, TERMS.rules, ("arbitration",), "en", TERMS.network)
    assert "mediator" not in text("en", terms)
