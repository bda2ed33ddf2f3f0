from dataclasses import replace
from decimal import Decimal

import pytest

from metrics.compute import compute
from metrics.definitions import definition
from metrics.figures import Figure
from metrics.recomputed import STATUSES, Stated, compare, without
from metrics.tasks import Request
from tests.metrics.stories import FREEZE, PERIOD, fact

REQUEST = Request(PERIOD, FREEZE, minimum=1)
FACTS = [fact("filed 0", "settled 9 stage=mediation"), fact("filed 3", case="two"), fact("filed 4", case="three")]
INCOMING = compute(definition("incoming"), "alpha", FACTS, REQUEST)[0]


def figure(value: float | None, **more: object) -> Figure:
    status = "value" if value is not None else "too_few"
    return replace(INCOMING, value=value, status=status, **more)  # type: ignore[arg-type]


def stated(value: str, **more: object) -> Stated:
    return replace(Stated("incoming", "", 1, Decimal(value)), **more)  # type: ignore[arg-type]


def test_a_figure_of_ones_own_events_is_the_same() -> None:
    (found,) = compare([stated("3")], [INCOMING])
    assert (found.status, found.difference, found.computed) == ("same", Decimal(0), INCOMING)


@pytest.mark.parametrize(
    ("value", "computed", "status"),
    [
        ("0.33", 1 / 3, "same"),
        ("0.34", 1 / 3, "differs"),
        ("0.3333", 1 / 3, "same"),
        ("0.3334", 1 / 3, "differs"),
        ("0.335", 0.3355, "same"),
        ("23", 23.4, "same"),
        ("23", 23.6, "differs"),
        ("-1", 1, "differs"),
        ("120", 123, "differs"),
    ],
)
def test_a_value_is_held_against_the_decimals_that_it_has(value: str, computed: float, status: str) -> None:
    (found,) = compare([stated(value)], [figure(computed)])
    assert found.status == status
    assert found.difference == Decimal(value) - Decimal(repr(computed))


@pytest.mark.parametrize(
    ("value", "computed", "status"),
    [("1", 0.51, "differs"), ("0.5", 0.506, "differs"), ("0.5", 0.504, "same"), ("1", 0.996, "same")],
)
@pytest.mark.parametrize("unit", ["share", "ratio", "of_claim", "points", "index"])
def test_of_a_share_two_decimals_count_at_least(unit: str, value: str, computed: float, status: str) -> None:
    (found,) = compare([stated(value)], [figure(computed, unit=unit, numerator=1, denominator=2)])
    assert found.status == status


def test_counts_are_compared_where_both_tell_them() -> None:
    shares = [figure(0.5, numerator=4, denominator=8)]
    assert compare([stated("0.5", numerator=4, denominator=8)], shares)[0].status == "same"
    assert compare([stated("0.5", denominator=8)], shares)[0].status == "same"
    assert compare([stated("0.5", numerator=5, denominator=10)], shares)[0].status == "counts_differ"


def test_another_version_may_be_why() -> None:
    assert compare([stated("9", version=2)], [INCOMING])[0].status == "version_differs"
    assert compare([stated("3", version=2)], [INCOMING])[0].status == "same"


def test_what_the_events_do_not_give_is_said() -> None:
    assert compare([stated("9")], [figure(None)])[0].status == "no_value"
    assert compare([stated("9", indicator="luck")], [INCOMING])[0].status == "not_defined"
    assert compare([stated("9", part="luck")], [INCOMING])[0].status == "not_defined"


def test_a_figure_that_is_left_out_is_seen() -> None:
    assert [(one.status, one.stated) for one in compare([], [INCOMING])] == [("not_stated", None)]
    assert compare([], [figure(None)]) == ()


def test_every_status_has_a_sentence() -> None:
    assert all(text.endswith(".") for text in STATUSES.values())


def test_what_a_reader_must_not_learn_is_not_compared_before_it() -> None:
    """Guessed right or wrong, with a value or without one, stated or not: the same is shown."""
    told = stated("3")
    shown = [without(compare([told], [one]), {"incoming"}) for one in (figure(3), figure(4), figure(None))]
    assert shown[0] == shown[1] == shown[2]
    assert [(one.status, one.stated, one.computed, one.difference) for one in shown[0]] == [
        ("for_officers", told, None, None)
    ]
    assert without(compare([], [INCOMING]), {"incoming"}) == ()
    assert without(compare([told], [INCOMING]), {"resolved"}) == compare([told], [INCOMING])
