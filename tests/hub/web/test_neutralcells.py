"""Active neutrals by field and language on pages: a few are on none, and empty cells are for officers."""

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from hub.web.languages import language
from hub.web.neutralcells import neutral_cells
from metrics.events import DAY_SECONDS, Event
from metrics.neutraltable import NeutralTable
from metrics.samples import as_reported
from tests.fakes.consolescene import Browser, told
from tests.hub.running import Hub, Running
from tests.hub.world import Actor, example

OFFICERS = [Actor("officer-1", "officer"), Actor("officer-2", "officer")]
ACME = Actor("acme", "provider")
GROUPS = ((11, ["sale_of_goods"], ["en", "zh-Hans"]), (2, ["logistics"], ["es"]))
NOT_SHOWN = "not shown"
pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Hub]:
    """Thirteen neutrals of two kinds, each appointed once."""
    async with Running(tmp_path_factory.mktemp("hub"), OFFICERS) as running:
        await running.registered(running.speaker.member(ACME))
        await running.registered(running.speaker.accreditation(ACME))
        profile, events = example("neutral", "valid-active")["body"]["profile"], list[Event]()
        for count, fields, languages in GROUPS:
            for _ in range(count):
                neutral = Actor(f"neutral-{len(events) // 3}", "neutral")
                said = profile | {"practice_fields": fields, "languages": languages}
                await running.registered(running.speaker.neutral(neutral, ACME, body={"profile": said}))
                events += case(running, neutral.id)
        await running.report(ACME, [as_reported(one) for one in events])
        yield running


def case(hub: Hub, neutral: str) -> list[Event]:
    """A case in which the neutral is appointed."""
    at, name = hub.clock.now - 30 * DAY_SECONDS, neutral.ljust(22, "_")
    return [
        Event("acme", name, 0, "filed", at, at),
        Event("acme", name, 1, "commenced", at + 60, at + 60),
        Event("acme", name, 2, "appointed", at + 120, at + 120, neutral=neutral),
    ]


def table(text: str) -> list[list[str]]:
    """The cells of the table, head first."""
    found = re.findall(r"<caption>Neutrals appointed, by field.*?</table>", text, re.DOTALL)
    assert len(found) == 1
    rows = re.findall(r"<tr>(.*?)</tr>", found[0], re.DOTALL)
    return [[told(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)] for row in rows]


async def test_officers_see_who_is_many_and_what_is_empty_and_not_who_is_few(hub: Hub) -> None:
    browser = await Browser(hub).enter(OFFICERS[0])
    status, text = await browser.get("/console/oversight")
    assert status == 200
    assert "Nothing can be compared yet" in told(text), "the table needs no quarter"
    assert "13 neutrals were appointed at least once." in told(text)
    assert table(text) == [
        ["Field", "Chinese", "English", "Spanish"],
        ["Carriage and logistics", "0", "0", NOT_SHOWN],
        ["Sale of goods", "11", "11", "0"],
    ]
    _, text = await browser.get("/console/oversight?lang=zh-Hans")
    assert "至少被指定过一次的中立人共 13 名" in told(text)
    assert "货物" in told(text.split("按专业领域和语言分列")[1])


async def test_anybody_sees_neither_whom_two_lack_nor_that_a_cell_is_empty(hub: Hub) -> None:
    text = (await hub.get("/oversight"))[1].decode()
    assert table(text)[1:] == [["Carriage and logistics", *[NOT_SHOWN] * 3], ["Sale of goods", *[NOT_SHOWN] * 3]]
    assert "For " not in told(text.split("by field of practice and language")[0].split("Appointments of neutrals")[-1])


async def test_heads_are_in_order_of_their_names_in_the_readers_language() -> None:
    made = NeutralTable(
        40, ("energy", "services"), ("de", "en"),
        {("energy", "de"): 12, ("energy", "en"): None, ("services", "de"): 0, ("services", "en"): 31}, 11,
    )  # fmt: skip
    assert neutral_cells(language("en"), made) == {
        "count": 40, "languages": ["English", "German"], "rows": [("Energy", [None, 12]), ("Services", [31, 0])],
        "more": 11,
    }  # fmt: skip
    shown = neutral_cells(language("es"), made)
    assert shown is not None
    assert shown["languages"] == ["alemán", "inglés"]
    assert neutral_cells(language("en"), None) is None
