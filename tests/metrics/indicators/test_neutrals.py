from dataclasses import replace

import numpy as np
import pytest

from metrics import intervals
from metrics.context import Context, NeutralFact
from metrics.facts import Appointment, CaseFact
from metrics.indicators.neutrals import concentration
from metrics.pairing import FEDERATION
from tests.metrics.computed import figures, limits, many, three
from tests.metrics.stories import days

ROSTER = Context(
    neutrals={
        "one": NeutralFact(frozenset({"en", "zh-Hans"}), frozenset({"services"}), frozenset({"alpha"})),
        "two": NeutralFact(frozenset({"en", "zh-Hant"}), frozenset(), frozenset({"alpha", "beta"})),
        "three": NeutralFact(frozenset({"es"}), frozenset(), frozenset({"alpha"})),
        "four": NeutralFact(frozenset({"es"}), frozenset(), frozenset({"beta"})),
    }
)


def speaking(count: int, first: int, language: str | None, *declared: str) -> list[CaseFact]:
    words = "commenced 2" if language is None else f"commenced 2 language={language}"
    return [replace(one, declared_languages=declared) for one in many(count, "filed 1", words, first=first)]


def test_two_neutrals_are_needed_for_a_language() -> None:
    facts = [*speaking(50, 0, "en"), *speaking(20, 100, "zh"), *speaking(30, 200, "es"), *speaking(9, 300, None)]
    own = figures("language_coverage", facts, context=ROSTER)["offered"]
    assert (three(own), own.interval) == ((0.7, 70, 100), None), "alpha has one neutral for Spanish"
    everybody = figures("language_coverage", facts, context=ROSTER, subject=FEDERATION)["offered"]
    assert three(everybody) == (1.0, 100, 100)
    assert figures("language_coverage", facts)["offered"].status == "not_reported"


def test_cases_in_a_language_of_both_parties() -> None:
    facts = [
        *speaking(30, 0, "zh-Hans", "zh", "en"),
        *speaking(10, 100, "en", "es", "fr"),
        *speaking(5, 200, "en"),
        *speaking(5, 300, None, "en"),
    ]
    found = figures("language_coverage", facts)["shared"]
    assert three(found) == (0.75, 30, 40)
    assert limits(found) == (*intervals.wilson(30, 40), "wilson")
    assert dict(found.counts) == {"not_declared": 5}
    assert figures("language_coverage", speaking(40, 0, "en"))["shared"].status == "not_reported"


def appointed(*times: int) -> list[CaseFact]:
    """Cases in which neutral number k was appointed times[k] times."""
    names = [f"neutral-{number}" for number, count in enumerate(times) for _ in range(count)]
    cases = many(len(names), "filed 1")
    return [replace(one, appointments=(Appointment(name, 1, days(2)),)) for one, name in zip(cases, names, strict=True)]


def test_how_evenly_neutrals_are_appointed() -> None:
    """Ten neutrals, one has 11 of 20 appointments: (11^2 + 9 x 1^2) / 20^2."""
    found = figures("appointments", appointed(11, *[1] * 9))
    assert (found["neutrals"].value, found["neutrals"].unit) == (10.0, "neutrals")
    assert found["concentration"].value == pytest.approx(130 / 400)
    assert limits(found["concentration"])[2] == "bootstrap"
    assert (three(found["top_tenth"]), found["top_tenth"].n) == ((0.55, 11, 20), 10)
    assert figures("appointments", appointed(11, *[1] * 8))["neutrals"].status == "too_few"
    assert figures("appointments", many(40, "filed 1"))["neutrals"].status == "not_reported"


def test_what_the_register_says_of_the_appointed_is_counted() -> None:
    facts = [
        replace(one, appointments=(Appointment(name, 1, days(2)), Appointment(None, 1, days(3))))
        for one, name in zip(many(4, "filed 1"), ["one", "two", "three", "stranger"], strict=True)
    ]
    found = figures("appointments", facts, context=ROSTER, minimum=1)["neutrals"]
    assert found.value == 4
    assert dict(found.counts) == {"en": 2, "es": 1, "services": 1, "zh-Hans": 1, "zh-Hant": 1}


def test_the_interval_of_the_concentration() -> None:
    index, span = concentration(np.array([11, *[1] * 9]))
    assert span is not None
    assert span[0] < index < span[1] <= 1
    assert concentration(np.array([11, *[1] * 9])) == (index, span), "the seed is fixed"
    even, none = concentration(np.full(10, 3))
    assert even == pytest.approx(0.1)
    assert none is None
    wide, narrow = (concentration(np.tile([5, 1], m))[1] for m in (5, 500))
    assert wide is not None
    assert narrow is not None
    assert wide[1] / wide[0] > narrow[1] / narrow[0]
