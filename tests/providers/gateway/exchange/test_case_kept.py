"""A case stays where its custodian is: no restart, no late news and no quick hand takes it from the disk."""

import asyncio
import logging
import shutil
from pathlib import Path

import pytest

from providers.errors import GatewayError, HubRefusedError
from providers.gateway.exchange import closing, outbox
from providers.gateway.exchange.casebook import CaseBook
from providers.gateway.exchange.serving import Gateway
from providers.gateway.exchange.values import Case
from tests.providers.gateway.exchange.house import (
    ACCEPT,
    A,
    B,
    House,
    add_case,
    briefed,
    offered,
    sample_case,
    state,
    terms,
    transferred,
    until,
)
from tests.providers.gateway.exchange.test_app import answered, platform

DAY = 86_400


async def taken_in(house: House) -> str:
    async with house.gateway(A) as ours:
        return await add_case(ours, *sample_case(house.world.now))


async def readable(gateway: Gateway, case_id: str) -> bool:
    """Whether the gateway still has the case whole."""
    case = await gateway.service.case(case_id)
    return bool(gateway.service.context.cases.load(case)) and case.state == "held"


async def test_the_directory_may_be_named_in_another_way(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(house.directory)
    absolute, house.directory = house.directory, Path()
    case_id = await taken_in(house)
    house.directory = absolute
    async with house.gateway(A) as ours:
        assert await readable(ours, case_id)


async def test_the_directory_may_be_moved(house: House, tmp_path: Path) -> None:
    case_id = await taken_in(house)
    moved = tmp_path / "elsewhere"
    (house.directory / A).rename(moved)
    house.directory = tmp_path / "new"
    house.directory.mkdir()
    shutil.copytree(moved, house.directory / A)
    async with house.gateway(A) as ours:
        assert await readable(ours, case_id)


async def test_a_row_of_an_older_program_holds_a_whole_path(house: House) -> None:
    case_id = await taken_in(house)
    async with house.gateway(A) as ours:
        case, context = await ours.service.case(case_id), ours.service.context
        path = str(context.cases.folder(case))
        await context.store.do(lambda book: book.change_case(case_id, folder=path))
    async with house.gateway(A) as ours:
        assert await readable(ours, case_id)


async def test_what_no_row_stands_for_is_put_aside_and_deleted_in_its_time(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    await taken_in(house)
    exchange = house.directory / A / "exchange"
    (name,) = [one.name for one in (exchange / "cases").iterdir()]
    for file in exchange.glob("gateway.sqlite3*"):
        file.unlink()
    (exchange / "cases" / ".new-half").mkdir()
    with caplog.at_level(logging.WARNING, "providers"):
        async with house.gateway(A) as ours:
            assert list((exchange / "cases").iterdir()) == [], "half a case is gone"
            kept = exchange / "cases-put-aside" / name
            assert (kept / "case.json").exists()
            assert name in caplog.text
            house.world.now += ours.service.context.settings.keep_days * DAY
            await closing.delete_due(ours.service.context)
            assert kept.exists()
            house.world.now += DAY
            await closing.delete_due(ours.service.context)
            assert not kept.exists()


async def test_two_of_one_name_are_both_put_aside(house: House) -> None:
    cases = house.directory / A / "exchange" / "cases"
    for _ in range(2):
        async with house.gateway(A):
            (cases / "case.received").mkdir()
            (cases / "case.received" / "case.json").write_bytes(b"{}")
    async with house.gateway(A):
        assert len(list(cases.with_name("cases-put-aside").iterdir())) == 2


async def handed_over(house: House, ours: Gateway, theirs: Gateway) -> str:
    """From A to B, where A does not hear of the completion."""
    house.hub.hidden = {"transfer-completion"}
    first = await offered(ours, house.world)
    await until(theirs, first, briefed)
    await theirs.service.accept(first, ACCEPT)
    await until(theirs, first, state("completed"))
    return first


async def handed_back(house: House, ours: Gateway, theirs: Gateway, case_id: str) -> str:
    case, documents = sample_case(house.world.now, recipient=A, custodian=B)
    await add_case(theirs, case | {"case_id": case_id}, documents)
    back = (await theirs.service.offer(case_id, terms(A))).transfer_id
    await until(ours, back, briefed)
    return back


async def completion_heard(house: House, ours: Gateway, transfer_id: str) -> None:
    """Now A hears that the transfer was completed."""
    statements = enumerate(house.world.statements)
    said = [(at, one) for at, one in statements if one.kind == "transfer-completion"]
    index = next(at for at, one in said if one.body["transfer_id"] == transfer_id)
    store = ours.service.context.store
    cursor = await store.do(lambda book: book.cursor())
    await store.do(lambda book: book.add_news({transfer_id: index}, cursor))
    ours.engine.wake(transfer_id)
    await until(ours, transfer_id, state("completed"))


async def test_late_news_takes_no_case_away_that_came_back(house: House) -> None:
    async with house.both() as (ours, theirs):
        first = await handed_over(house, ours, theirs)
        case_id = (await ours.service.dossier(first)).case_id
        back = await handed_back(house, ours, theirs, case_id)
        await ours.service.accept(back, ACCEPT)
        await until(ours, back, lambda one: one.closed)
        await completion_heard(house, ours, first)
        assert (await ours.service.case(case_id)).delete_by is None
        house.world.now += 31 * DAY
        await closing.delete_due(ours.service.context)
        assert await readable(ours, case_id)
        assert house.hub.cases[case_id].custodian == A


async def test_late_news_does_take_a_case_away_that_is_only_offered_back(house: House) -> None:
    async with house.both() as (ours, theirs):
        first = await handed_over(house, ours, theirs)
        case_id = (await ours.service.dossier(first)).case_id
        back = await handed_back(house, ours, theirs, case_id)
        await completion_heard(house, ours, first)
        assert (await ours.service.case(case_id)).state == "moved"
        await ours.service.decline(back, "capacity")
        await until(ours, back, state("declined"))
        assert (await ours.service.case(case_id)).state == "moved"


async def test_a_refusal_that_comes_late_frees_no_case_that_was_offered_anew(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate, reached = asyncio.Event(), asyncio.Event()

    async def send(*_given: object, **_named: object) -> None:
        if reached.is_set():
            await asyncio.Event().wait()  # the second upload takes long
        reached.set()
        await gate.wait()
        raise HubRefusedError("upload_refused", "The hub does not take it.")

    monkeypatch.setattr(outbox, "send", send)
    async with house.gateway(A) as ours:
        first = await offered(ours, house.world)
        await reached.wait()
        case_id = (await ours.service.dossier(first)).case_id
        await ours.service.withdraw(first, "settled")
        second = (await ours.service.offer(case_id, terms())).transfer_id
        gate.set()
        await until(ours, first, lambda one: one.closed)
        assert (await ours.service.dossier(first)).state == "cancelled"
        assert (await ours.service.case(case_id)).transfer == second
        with pytest.raises(GatewayError) as caught:
            await ours.service.offer(case_id, terms())
        assert caught.value.code == "transfer_open"


@pytest.mark.parametrize("when", ["while it is deleted", "before it is deleted"])
async def test_a_case_that_comes_back_when_its_old_copy_is_due_stays(
    house: House, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    async with house.both() as (ours, theirs):
        first = await transferred(house, ours, theirs)
        case_id = (await ours.service.dossier(first)).case_id
        house.world.now += 31 * DAY - 3600
        back = await handed_back(house, ours, theirs, case_id)
        due = await ours.service.case(case_id)
        loop, delete = asyncio.get_running_loop(), CaseBook.delete

        async def comes_back() -> None:
            await ours.service.accept(back, ACCEPT)
            await until(ours, back, lambda one: one.closed)

        def slow(book: CaseBook, case: Case) -> None:  # many documents: deleting takes its time
            if case == due:
                monkeypatch.undo()
                asyncio.run_coroutine_threadsafe(comes_back(), loop).result(30)
            delete(book, case)

        if when == "while it is deleted":
            monkeypatch.setattr(CaseBook, "delete", slow)
        else:
            await comes_back()
        await closing._delete_copy(ours.service.context, due)
        assert await readable(ours, case_id)


async def test_a_newer_version_that_comes_while_an_offer_is_prepared_is_not_offered_as_the_older_one(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, files = sample_case(house.world.now)
    async with house.gateway(A) as ours:
        case_id = await add_case(ours, case, files)
        newer = {**case, "case_id": case_id, "consents": case["consents"][:1]}
        loop, load = asyncio.get_running_loop(), CaseBook.load

        def slow(book: CaseBook, one: Case) -> object:
            text = load(book, one)
            monkeypatch.undo()
            asyncio.run_coroutine_threadsafe(add_case(ours, newer, files), loop).result(10)
            return text

        monkeypatch.setattr(CaseBook, "load", slow)
        with pytest.raises(GatewayError, match="newer version") as caught:
            await ours.service.offer(case_id, terms())
        assert (caught.value.code, caught.value.retryable) == ("case_changed", True)
        assert (await ours.service.case(case_id)).transfer is None


async def test_a_received_package_is_kept_as_it_came_until_the_case_has_left(house: House) -> None:
    async with house.both() as (ours, theirs):
        first = await transferred(house, ours, theirs)
        case_id = (await ours.service.dossier(first)).case_id
        back = await handed_back(house, ours, theirs, case_id)  # as a newer version
        package = theirs.service.context.received(first)
    async with house.both() as (ours, theirs), platform(theirs) as client:
        assert (package / "index.json").exists(), "the sender signed it"
        names = (await answered(await client.get(f"/transfers/{first}/package"), 200))["documents"]
        assert "agreement.pdf" in names
        assert (await client.get(f"/transfers/{first}/package/case.json")).status == 200
        await ours.service.accept(back, ACCEPT)
        await until(theirs, back, state("completed"))
        await until(ours, back, lambda one: one.closed)
        house.world.now += 31 * DAY
        await closing.delete_due(theirs.service.context)
        assert not package.exists()
        assert list(theirs.service.context.cases.root.iterdir()) == []
        for path in ("package", "package/case.json", "package/documents/agreement.pdf"):
            told = await answered(await client.get(f"/transfers/{first}/{path}"), 410)
            assert (told["code"], told["retryable"]) == ("package_deleted", False)
