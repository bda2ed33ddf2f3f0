from decimal import Decimal

from metrics.events import Slot
from metrics.facts import Attributes
from metrics.money import Money
from tests.metrics.stories import codes, fact


def test_of_each_term_the_value_stated_last_counts() -> None:
    found = fact(
        "filed 0 hs2=84 language=zh claim=12000USD fee=240USD declared_languages=zh,en respondent=R1",
        "commenced 1 language=en",
        "settled 9 stage=mediation fee=310USD fee_final=yes declared_languages=en",
    )
    assert found.attributes == Attributes(hs2="84", language="en")
    assert (found.claim, found.fee, found.fee_final) == (
        Money(Decimal(12000), "USD"), Money(Decimal(310), "USD"), True,
    )  # fmt: skip
    assert (found.declared_languages, found.respondent) == (("en",), "R1")


def test_a_fee_quoted_anew_is_not_final_any_more() -> None:
    found = fact("filed 0 fee=240USD fee_final=yes", "commenced 1 fee=300USD")
    assert (found.fee, found.fee_final) == (Money(Decimal(300), "USD"), False)


def test_what_is_set_aside_states_nothing() -> None:
    assert fact("filed 0", "refused 2", "settled 3 stage=mediation fee=240USD").fee is None


def test_slots_are_registered_once_at_commencement() -> None:
    lines = ("filed 0", "commenced 1 slots=claimant:aa,respondent:bb")
    assert fact(*lines).slots == (Slot("claimant", "aa"), Slot("respondent", "bb"))
    again = fact(*lines, "commenced 2 slots=claimant:cc")
    assert [one.token for one in again.slots] == ["aa", "bb"]
    assert codes(*lines, "response 2 slots=claimant:cc") == {"slot_refused": 1}
    assert codes("filed 0", "commenced 1 slots=claimant:aa,respondent:aa") == {"slot_refused": 1}
