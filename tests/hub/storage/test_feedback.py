"""Slots and answers in both kinds of database: one answer of each source, tokens that go, rows in order."""

from collections.abc import AsyncIterator
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from sqlalchemy import insert, update

from hub.storage.feedback import Claimed, FeedbackStore, Met, Slot
from hub.storage.feedbackmodels import FeedbackAnswerRow
from hub.storage.models import CaseEventRow
from hub.storage.seals import seal_of
from hub.storage.transfers import Transfers
from hub.storage.values import Answered, Followed
from tests.fakes.databases import BACKENDS, open_database
from tests.hub.tables import make_tables

TOKEN, OTHER = "ab" * 32, "cd" * 32
SLOT = Slot("acme", "C" * 22, "claimant", TOKEN, 1000, 2000)
ANSWER = Answered("acme", "C" * 22, "claimant", "party", "won", {"overall": 4, "cost": 1}, 20_000)


@pytest.fixture(params=BACKENDS)
async def store(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[FeedbackStore]:
    async with open_database(tmp_path, request.param) as database:
        await make_tables(database)
        yield FeedbackStore(database)


def anyway(_: Met) -> None:
    """Nobody minds."""


async def test_what_goes_in_comes_out_and_what_is_refused_does_not_go_in(store: FeedbackStore) -> None:
    respondent = replace(SLOT, role="respondent", token=OTHER)

    def refuse(met: Met) -> None:
        if met.slot is not None:
            raise ValueError

    await store.issue([SLOT], anyway)
    with pytest.raises(ValueError):  # noqa: PT011  # ours, just above
        await store.issue([respondent, replace(SLOT, token=OTHER)], refuse)
    assert await store.slots() == [SLOT]
    await store.issue([respondent, replace(SLOT, issued=1001)], anyway)
    assert await store.slots("acme") == [replace(SLOT, issued=1001), respondent]
    assert await store.slots("brio") == []
    assert await store.find(TOKEN) == Met(replace(SLOT, issued=1001), (), None)
    assert await store.find("00" * 32) == Met(None, (), None)


async def test_an_answer_is_kept_once_beside_a_relayed_one(store: FeedbackStore) -> None:
    relayed = replace(ANSWER, source="relayed", outcome_side="lost")
    await store.issue([SLOT], anyway)
    assert await store.answer(TOKEN, lambda _: ANSWER) == (ANSWER, True)
    assert await store.answer(TOKEN, lambda met: met.answers[0]) == (ANSWER, False)
    assert await store.relay("acme", SLOT.case, "claimant", lambda _: relayed) == (relayed, True)
    assert await store.answers() == [ANSWER, relayed]
    assert await store.answers("brio") == []
    assert await store.counted() == (1, 2)
    assert (await store.find(TOKEN)).of_source("relayed") == relayed
    assert await store.known_slots([("acme", SLOT.case, "claimant"), ("acme", SLOT.case, "respondent")]) == {
        ("acme", SLOT.case, "claimant")
    }


async def test_tokens_go_and_rows_are_sealed_anew(store: FeedbackStore) -> None:
    slots = [Slot("acme", f"{number:022}", "claimant", f"{number:064x}", 1000, 2000 + number) for number in range(5)]
    await store.issue(slots, anyway)
    assert await store.forget_tokens(2003) == 3
    assert await store.forget_tokens(2003) == 0
    found, after = list[Slot](), tuple[str, ...]()
    while piece := await store.sealed_slots(after, 2):
        assert all(seal == seal_of(asdict(one)) for one, seal in piece)
        found += [one for one, _ in piece]
        after = (found[-1].provider, found[-1].case, found[-1].role)
    assert found == [replace(one, token=one.token if one.expires >= 2003 else None) for one in slots]


async def test_rows_of_answers_come_in_pieces_by_key(store: FeedbackStore) -> None:
    await store.issue([SLOT], anyway)
    relayed = replace(ANSWER, source="relayed")
    await store.relay("acme", SLOT.case, "claimant", lambda _: relayed)
    await store.relay("acme", SLOT.case, "claimant", lambda _: ANSWER)
    ((first, seal),) = await store.sealed_answers((), 1)
    assert (first["source"], seal) == ("party", seal_of(first))
    key = (first["provider"], first["case"], first["role"], first["source"])
    assert [row["source"] for row, _ in await store.sealed_answers(key, 9)] == ["relayed"]


async def test_what_an_entry_holds_stands_in_place_of_what_waited(store: FeedbackStore) -> None:
    """Also where nothing waited, because the slot was lost; after rewinding it waits again, and is no other answer."""
    tables, lost = Transfers(store._database), replace(ANSWER, case="D" * 22)
    await store.issue([SLOT], anyway)
    await store.answer(TOKEN, lambda _: replace(ANSWER, outcome_side="lost"))
    relayed = replace(ANSWER, source="relayed")
    await store.relay("acme", SLOT.case, "claimant", lambda _: relayed)
    assert await store.waiting("party", 20_000) == []
    assert await store.waiting("party", 20_001) == [replace(ANSWER, outcome_side="lost")]
    await tables.follow(Followed(8, answers=((7, ANSWER), (7, lost))), 0)
    assert await store.waiting("party", 20_001) == []
    assert await store.registered(7) == [ANSWER, lost]
    assert await store.registered(6) == []
    assert await store.answers() == [ANSWER, relayed, lost]
    assert (await store.find(TOKEN)).of_source("party") == ANSWER
    assert [row["source"] for row, _ in await store.sealed_answers((), 9)] == ["relayed"]
    await tables.rewind()
    assert await store.waiting("party", 20_001) == [ANSWER, lost]
    await tables.follow(Followed(8, answers=((7, ANSWER), (7, lost))), 0)
    assert await store.registered(7) == [ANSWER, lost]


async def test_a_row_that_is_not_the_one_that_was_sealed_is_no_answer_to_register(store: FeedbackStore) -> None:
    await store.issue([SLOT], anyway)
    await store.answer(TOKEN, lambda _: ANSWER)
    damage = update(FeedbackAnswerRow).values(scores='{"overall":5}')
    await store._database.write(lambda connection: connection.execute(damage))
    assert await store.waiting("party", 20_001) == []
    await store._database.write(lambda connection: connection.execute(update(FeedbackAnswerRow).values(index=7)))
    assert await store.registered(7) == []


async def test_what_case_events_claim(store: FeedbackStore) -> None:
    told = f'{{"slots":[{{"role":"claimant","token":"{OTHER}"}}]}}'
    events = [("commenced", told), ("closed", "{}"), ("commenced", "{}")]
    rows = [
        {"provider": "acme", "case": SLOT.case, "sequence": number, "type": kind, "at": 1, "recorded_at": 1,
         "attributes": attributes}
        for number, (kind, attributes) in enumerate(events)
    ]  # fmt: skip
    await store._database.write(lambda connection: connection.execute(insert(CaseEventRow), rows))
    await store.issue([SLOT, replace(SLOT, role="respondent", token="ef" * 32)], anyway)
    assert await store.claimed("acme") == [Claimed("acme", SLOT.case, "claimant", OTHER)]
    assert (await store.find(TOKEN)).claimed == OTHER
    assert (await store.find("ef" * 32)).claimed is None
