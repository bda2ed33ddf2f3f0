"""Active neutrals by field and language: crossed as the register says, and silent about a few."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from metrics.columns import Columns
from metrics.context import Context, NeutralFact
from metrics.errors import BadFigureError
from metrics.facts import Appointment
from metrics.names import Names
from metrics.neutraltable import NeutralTable, neutral_table
from tests.metrics.computed import many
from tests.metrics.stories import PERIOD, days

SALE, TRADE = "sale_of_goods", "electronic_commerce"


def told(*groups: tuple[int, Sequence[str], Sequence[str]], day: int = 2, strangers: int = 0) -> NeutralTable | None:
    """The table of groups of neutrals, each appointed twice: how many, in which fields, in which languages."""
    neutrals: dict[str, NeutralFact] = {}
    for count, fields, languages in groups:
        for _ in range(count):
            neutrals[f"neutral-{len(neutrals)}"] = NeutralFact(frozenset(languages), frozenset(fields))
    names = [*neutrals, *(f"stranger-{number}" for number in range(strangers))] * 2
    cases = [
        replace(one, appointments=(Appointment(name, 1, days(day)),))
        for one, name in zip(many(len(names), "filed 1"), names, strict=True)
    ]
    return neutral_table(Columns.of(cases, Names()), Context(neutrals=neutrals), PERIOD)


def cells(table: NeutralTable | None) -> Mapping[tuple[str, str], int | None]:
    assert table is not None
    return table.cells


def test_each_neutral_is_counted_once_in_every_pair_of_its_fields_and_languages() -> None:
    table = told((12, [SALE, TRADE], ["en", "zh-Hans", "zh-Hant"]), (11, [SALE], ["en"]))
    assert table is not None
    assert (table.neutrals, table.fields, table.languages) == (23, (TRADE, SALE), ("en", "zh"))
    assert dict(table.cells) == {(SALE, "en"): 23, (SALE, "zh"): 12, (TRADE, "en"): 12, (TRADE, "zh"): 12}


def test_a_cell_about_one_to_nine_is_not_told_and_an_empty_one_is() -> None:
    found = cells(told((10, [SALE], ["en"]), (9, [TRADE], ["es"]), (1, [SALE], ["es"])))
    assert dict(found) == {(SALE, "en"): 10, (SALE, "es"): None, (TRADE, "en"): 0, (TRADE, "es"): None}


def test_of_fewer_than_ten_neutrals_or_of_strangers_alone_there_is_no_table() -> None:
    assert told((9, [SALE], ["en"])) is None
    assert told((10, [SALE], ["en"])) is not None
    assert told((12, [], ["en"])) is None
    assert told(strangers=12) is None
    assert told((12, [SALE], ["en"]), day=4000) is None, "appointed in another period"


def test_who_has_no_field_or_is_not_registered_is_counted_beside_where_they_are_ten() -> None:
    beside = [told((20, [SALE], ["en"]), (fieldless, [], ["en"]), strangers=5) for fieldless in (4, 5)]
    assert [one and one.elsewhere for one in beside] == [None, 10]
    assert [one and one.neutrals for one in beside] == [29, 30]


def test_the_public_does_not_see_what_a_few_lack() -> None:
    """Nine of 31 work in no English; ten of 32 do not."""
    for lacking, shown in ((9, None), (10, 22)):
        table = told((22, [SALE], ["en"]), (lacking, [SALE], ["es"]))
        assert table is not None
        assert table.cells[SALE, "en"] == 22
        assert table.public().cells[SALE, "en"] == shown
    assert cells(told((10, [SALE], ["en"])))[SALE, "en"] == 10, "where nobody lacks it, nobody is told of"


@pytest.mark.parametrize(("others", "empty"), [(17, None), (18, 0)])
def test_the_public_sees_an_empty_cell_among_thirty_neutrals(others: int, empty: int | None) -> None:
    table = told((12, [SALE], ["en"]), (others, [TRADE], ["es"]))
    assert table is not None
    assert table.cells[SALE, "es"] == 0
    assert table.public().cells[SALE, "es"] == empty


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"cells": {(SALE, "en"): 9}}, "about a few neutrals is not told"),
        ({"elsewhere": 1}, "about a few neutrals is not told"),
        ({"neutrals": 9}, "about a few neutrals is not told"),
        ({"cells": {}}, "Each field and language has one cell"),
        ({"languages": ("en", "es")}, "Each field and language has one cell"),
    ],
)
def test_a_table_that_tells_of_a_few_can_not_be_built(changed: dict[str, Any], message: str) -> None:
    sound = NeutralTable(12, (SALE,), ("en",), {(SALE, "en"): 12}, None)
    with pytest.raises(BadFigureError, match=message):
        replace(sound, **changed)
