"""Transfers between two gateways, from offer to custody, and every way in which they end otherwise."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web

from providers.errors import GatewayError
from providers.gateway.exchange import engine, sender
from providers.gateway.exchange.composing import brief_of
from providers.gateway.exchange.serving import Gateway
from tests.providers.gateway.exchange.house import (
    ACCEPT,
    FILES,
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
from tests.providers.gateway.exchange.twists import OTHER_KEY, cut_off, extended, other_id, same, twisted


async def assert_free(gateway: Gateway, transfer: str) -> None:
    """The case is still here and may be offered again; nothing of the transfer lies about."""
    dossier = await gateway.service.dossier(transfer)
    case = await gateway.service.case(dossier.case_id)
    assert (case.state, case.transfer) == ("held", None)
    assert list(gateway.service.context.transfers.iterdir()) == []
    sendings = await gateway.service.context.store.do(lambda book: book.sendings(transfer))
    assert {one.state for one in sendings} <= {"done", "refused", "cancelled"}


async def test_a_case_changes_hands(house: House) -> None:
    async with house.both() as (ours, theirs):
        transfer = await offered(ours, house.world)
        seen = await until(theirs, transfer, briefed)
        assert seen.brief is not None
        assert seen.brief["claim_summary"] == "214 of 600 lamps are cracked."
        await theirs.service.accept(transfer, ACCEPT)
        got = await until(theirs, transfer, state("completed"))
        await until(ours, transfer, state("completed"))
        mine = await theirs.service.case(got.case_id)
        assert (mine.state, mine.origin) == ("held", "received")
        for name, data in FILES.items():
            assert (theirs.service.context.cases.folder(mine) / "documents" / name).read_bytes() == data
        assert theirs.service.context.cases.load(mine)["custodian"] == B
        assert (await ours.service.case(got.case_id)).state == "moved"
        assert house.hub.cases[got.case_id].custodian == B
        for gateway in (ours, theirs):
            assert list(gateway.service.context.transfers.iterdir()) == []
            sendings = await gateway.service.context.store.do(lambda book: book.sendings(transfer))
            assert {one.state for one in sendings} == {"done"}


async def test_a_case_comes_back_with_the_work_done_on_it(house: House) -> None:
    async with house.both() as (ours, theirs):
        transfer = await transferred(house, ours, theirs)
        case_id = (await ours.service.dossier(transfer)).case_id
        case, documents = sample_case(house.world.now, recipient=A, custodian=B)
        await add_case(theirs, case | {"case_id": case_id}, documents)
        back = (await theirs.service.offer(case_id, terms(A))).transfer_id
        await until(ours, back, briefed)
        await ours.service.accept(back, ACCEPT)
        await until(ours, back, state("completed"))
        await until(theirs, back, state("completed"))
        assert (await ours.service.case(case_id)).state == "held"
        assert house.hub.cases[case_id].moves == 2


async def test_a_declined_case_stays(house: House) -> None:
    async with house.both() as (ours, theirs):
        transfer = await offered(ours, house.world)
        await until(theirs, transfer, briefed)
        await theirs.service.decline(transfer, "language")
        await until(ours, transfer, state("declined"))
        forgotten = await until(theirs, transfer, state("declined"))
        assert forgotten.brief is None
        await assert_free(ours, transfer)


async def test_an_offer_taken_back(house: House) -> None:
    async with house.both() as (ours, theirs):
        transfer = await offered(ours, house.world)
        await until(theirs, transfer, briefed)
        await ours.service.withdraw(transfer, "settled")
        await until(ours, transfer, state("withdrawn"))
        await until(theirs, transfer, state("withdrawn"))
        await assert_free(ours, transfer)


async def test_an_offer_that_nobody_answers_expires(house: House) -> None:
    async with house.both() as (ours, theirs):
        transfer = await offered(ours, house.world, expires_in_hours=1)
        await until(theirs, transfer, briefed)
        house.world.now += 3700
        house.hub.tick()
        await until(ours, transfer, state("expired"))
        await until(theirs, transfer, state("expired"))
        await assert_free(ours, transfer)
        assert list(theirs.service.context.cases.root.iterdir()) == []


async def test_a_completion_that_comes_too_late_leaves_the_case_with_its_sender(house: House) -> None:
    async with house.gateway(A) as ours:
        async with house.gateway(B) as theirs:
            transfer = await offered(ours, house.world, completion_hours=1)
            await until(theirs, transfer, briefed)
            await theirs.service.accept(transfer, ACCEPT)
            await until(theirs, transfer, state("accepted"))
        await until(ours, transfer, state("dispatched"))
        house.world.now += 3700
        async with house.gateway(B) as theirs:
            house.hub.tick()
            await until(theirs, transfer, state("expired"))
            await until(ours, transfer, state("expired"))
            await assert_free(ours, transfer)
            assert list(theirs.service.context.cases.root.iterdir()) == []


async def test_a_consent_without_evidence_is_declined_by_itself(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def without_evidence(*args: Any) -> dict[str, Any]:
        brief = brief_of(*args)
        return brief | {"documents": [one for one in brief["documents"] if one["name"] != "consent-claimant.json"]}

    monkeypatch.setattr(sender, "brief_of", without_evidence)
    async with house.both() as (ours, theirs):
        transfer = await offered(ours, house.world)
        await until(ours, transfer, state("declined"))
        declined = await until(theirs, transfer, state("declined"))
        assert declined.decision == {"answer": "decline", "reason": "consent_defect"}


@pytest.mark.parametrize(
    ("pack", "reason", "code"),
    [
        (twisted(lambda job: replace(job, recipients=(OTHER_KEY,))), "wrong_key", "no_matching_key"),
        (twisted(same, cut_off), "package_invalid", ""),
        (twisted(same, extended), "package_invalid", ""),
        (twisted(same, lambda _, sealed: replace(sealed, manifest_root="ab" * 32)), "manifest_mismatch", ""),
        (
            twisted(lambda job: replace(job, route=replace(job.route, transfer_id=other_id(job.route.transfer_id)))),
            "package_invalid",
            "other_transfer",
        ),
        (
            twisted(lambda job: replace(job, route=replace(job.route, recipient="provider-c"))),
            "package_invalid",
            "other_recipient",
        ),
    ],
    ids=["wrong-key", "truncated", "extended", "other-manifest", "other-transfer", "other-recipient"],
)
async def test_a_package_that_cannot_be_used_fails_and_the_sender_is_told(
    house: House, monkeypatch: pytest.MonkeyPatch, pack: Any, reason: str, code: str
) -> None:
    monkeypatch.setattr(sender, "pack_apart", pack)
    async with house.both() as (ours, theirs):
        transfer = await offered(ours, house.world)
        await until(theirs, transfer, briefed)
        await theirs.service.accept(transfer, ACCEPT)
        await until(ours, transfer, state("failed"))
        refused = await until(theirs, transfer, state("failed"))
        assert refused.failure is not None
        if code:
            assert refused.failure["code"] == code
        feed = await ours.service.context.store.do(lambda book: book.events(0, 100))
        (told,) = [one for one in feed if one.type == "non_retrieval"]
        assert told.data["reason"] in (reason, "truncated")
        await assert_free(ours, transfer)
        assert list(theirs.service.context.cases.root.iterdir()) == []


async def test_other_octets_from_the_hub_are_nothing_that_the_sender_did(house: House) -> None:
    async with house.both() as (ours, theirs):
        transfer = await offered(ours, house.world)
        await until(theirs, transfer, briefed)
        house.hub.altered = lambda _, data: bytes([data[0] ^ 1]) + data[1:]
        await theirs.service.accept(transfer, ACCEPT)
        failed = await until(theirs, transfer, state("failed"))
        assert failed.failure is not None
        assert failed.failure["reason"] == "unspecific"


async def test_a_brief_that_cannot_be_read_is_left_to_a_person(house: House) -> None:
    house.hub.altered = lambda _, data: data[:-1] + bytes([data[-1] ^ 1])
    async with house.both() as (ours, theirs):
        transfer = await offered(ours, house.world)
        seen = await until(theirs, transfer, lambda one: one.failure is not None)
        assert seen.failure is not None
        assert seen.failure["code"] == "ciphertext_differs"
        with pytest.raises(GatewayError, match="can't be read") as caught:
            await theirs.service.accept(transfer, ACCEPT)
        assert (caught.value.code, caught.value.retryable) == ("brief_unreadable", False)
        await theirs.service.decline(transfer, "capacity")
        await until(ours, transfer, state("declined"))


async def test_what_no_quorum_saw_is_not_acted_on(house: House) -> None:
    async with house.gateway(A) as ours:
        transfer = await offered(ours, house.world)
        await until(ours, transfer, state("offered"))
        house.hub.cosigners = ["witness-1"]
        async with house.gateway(B) as theirs:
            with pytest.raises(AssertionError):
                await until(theirs, transfer, lambda _: True, seconds=1.5)
            house.hub.cosigners = None
            await until(theirs, transfer, briefed)


async def test_a_refused_offer_is_final_and_says_why(house: House) -> None:
    async with house.both() as (ours, _):
        case, documents = sample_case(house.world.now)
        case_id = await add_case(ours, case, documents)
        house.hub.cases[case_id] = replace(_case(case_id), custodian="somebody-else")
        transfer = (await ours.service.offer(case_id, terms())).transfer_id
        refused = await until(ours, transfer, state("refused"))
        assert refused.problem is not None
        assert (refused.problem.code, refused.problem.detail) == (
            "not_custodian",
            "provider-a is not the custodian of the case.",
        )
        await assert_free(ours, transfer)


def _case(case_id: str) -> Any:
    from providers.transfer.values import Case

    return Case.first(case_id)


async def test_one_open_offer_for_a_case(house: House) -> None:
    async with house.both() as (ours, theirs):
        transfer = await offered(ours, house.world)
        await until(theirs, transfer, briefed)
        case_id = (await ours.service.dossier(transfer)).case_id
        with pytest.raises(Exception, match="open already") as caught:
            await ours.service.offer(case_id, terms())
        assert getattr(caught.value, "code", "") == "transfer_open"
        case, documents = sample_case(house.world.now)
        with pytest.raises(GatewayError, match="A transfer of this case is open"):
            await add_case(ours, case | {"case_id": case_id}, documents)


async def test_nobody_asks_for_a_receipt_that_posting_brought(house: House) -> None:
    house.hub.whole_inbox = False
    async with house.both() as (ours, theirs):
        transfer = await transferred(house, ours, theirs)
        said = await ours.service.context.store.do(lambda book: book.statements(transfer))
        assert ours.service.context.registered == theirs.service.context.registered == {}
        await until(theirs, transfer, lambda one: one.closed)
    asked = [path for method, path, _ in house.hub.requests if method == "GET" and "/v1/statements/" in path]
    assert len(said) == 6
    for one in said:
        assert sum(one["digest"] in path for path in asked) == 1, "the other side, which did not post it"


async def test_news_of_what_is_applied_is_no_news(house: House) -> None:
    async with house.both() as (ours, theirs):
        transfer = await transferred(house, ours, theirs)
        store = ours.service.context.store
        newest = (await store.do(lambda book: book.statements(transfer)))[-1]["index"]
        for index, news in ((newest, None), (newest + 1, newest + 1)):
            await store.do(lambda book, index=index: book.add_news({transfer: index}, index))  # type: ignore[misc]
            assert await store.do(lambda book: book.news_of(transfer)) == news
            assert await store.do(lambda book: book.news()) == ({} if news is None else {transfer: news})


async def test_a_kept_copy_is_deleted_when_its_time_is_over(house: House) -> None:
    from providers.gateway.exchange import closing

    async with house.both() as (ours, theirs):
        transfer = await transferred(house, ours, theirs)
        case = await ours.service.case((await ours.service.dossier(transfer)).case_id)
        folder = ours.service.context.cases.folder(case)
        assert folder.exists()
        house.world.now += 31 * 86_400
        await closing.delete_due(ours.service.context)
        assert not folder.exists()
        assert (await ours.service.case(case.case_id)).state == "deleted"
        await closing.delete_due(theirs.service.context)
        assert theirs.service.context.cases.folder(await theirs.service.case(case.case_id)).exists()


async def test_two_gateways_do_not_share_a_directory(house: House) -> None:
    async with house.gateway(A):
        with pytest.raises(Exception, match="Another gateway is running"):
            async with house.gateway(A):
                pass


# what the inbox brings, and what must be asked for


def asked(house: House) -> list[str]:
    """What was asked about statements and transfers."""
    return [path for method, path, _ in house.hub.requests if method == "GET" and path.startswith(("/v1/st", "/v1/tr"))]


async def _completed(house: House) -> str:
    async with house.both() as (ours, theirs):
        transfer = await offered(ours, house.world)
        await until(theirs, transfer, briefed)
        await theirs.service.accept(transfer, ACCEPT)
        await until(theirs, transfer, state("completed"))
        await until(ours, transfer, state("completed"))
        assert house.hub.cases[(await ours.service.dossier(transfer)).case_id].moves == 1
    return transfer


async def test_what_the_inbox_brings_whole_is_not_asked_for_again(house: House) -> None:
    await _completed(house)
    assert asked(house) == []


async def test_a_hub_whose_inbox_brings_no_texts_is_asked_for_them(house: House) -> None:
    house.hub.whole_inbox = False
    await _completed(house)
    assert {path.split("/")[2] for path in asked(house)} == {"statements"}


async def test_what_the_inbox_hides_is_missed_and_asked_for(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "HEAR_SECONDS", 0.2)
    house.hub.hidden = {"evidence"}
    transfer = await _completed(house)
    assert f"/v1/transfers/{transfer}" in asked(house)


def asked_for_news(house: House) -> int:
    return sum(path == "/v1/inbox" for _, path, _ in house.hub.requests)


async def test_a_hub_that_says_at_once_that_there_is_no_news_is_not_asked_without_a_pause(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "LULL_SECONDS", 600.0)
    house.hub.overrides["/v1/inbox"] = lambda _: web.json_response({"entries": [], "next": None})
    async with house.gateway(A):
        async with asyncio.timeout(20):
            while not asked_for_news(house):
                await asyncio.sleep(0.02)
        await asyncio.sleep(0.3)
        assert asked_for_news(house) == 1


async def test_an_inbox_that_does_not_go_on_is_no_news(house: House) -> None:
    entry = {"transfer_id": f"urn:odr:{A}:0197b1a0-0000-7000-8000-000000000001", "index": 3, "digest": "0" * 64}
    house.hub.overrides["/v1/inbox"] = lambda _: web.json_response({"entries": [entry], "next": 3})
    async with house.gateway(A) as ours, asyncio.timeout(20):
        while (failing := ours.engine.contact.failing) is None:
            await asyncio.sleep(0.02)
        assert (failing.code, failing.where) == ("bad_answer", "/next")
