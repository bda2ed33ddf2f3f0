"""Token buckets: what they let through, whom they forget, what they cost; and the refusals at the doors."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.quotas import QuotaError, Quotas, TokenBuckets
from hub.settings import LimitsSection
from signing.compose import new_salt
from signing.secretkeys import SigningKey
from signing.statement import parse_statement
from tests.hub.exchange.providers import ACME, BRIO, Exchange, urn
from tests.hub.running import Hub, Running
from tests.hub.world import Actor, example, signing_key

NOOR = Actor("noor", "neutral")
SLOW = "[limits]\nmember_posts_per_second = 1\nburst_seconds = 6\n"
STEPS = st.lists(st.floats(0, 3, allow_nan=False), min_size=1, max_size=60)


@given(STEPS, st.sampled_from([0.5, 1.0, 4.0]), st.sampled_from([1.0, 3.0, 10.0]))
def test_no_window_lets_more_through_than_burst_and_rate(steps: list[float], rate: float, burst: float) -> None:
    buckets, now, taken = TokenBuckets(rate, burst), 0.0, []
    for step in steps:
        now += step
        if buckets.take("a", now) == 0:
            taken.append(now)
    for number, first in enumerate(taken):
        for count, last in enumerate(taken[number:], 1):
            assert count <= burst + rate * (last - first) + 1e-3


@given(STEPS, st.sampled_from([0.5, 1.0, 4.0]))
def test_who_waits_as_long_as_told_is_served_and_who_does_not_is_not(steps: list[float], rate: float) -> None:
    buckets, now = TokenBuckets(rate, 2.0), 0.0
    for step in steps:
        now += step
        if wait := buckets.take("a", now):
            assert buckets.take("a", now + wait - 1e-5) > 0 or wait < 1e-5
            now += wait + 1e-6
            assert buckets.take("a", now) == 0


def test_names_do_not_touch_each_other_and_the_oldest_is_forgotten() -> None:
    buckets = TokenBuckets(1.0, 1.0, capacity=2)
    assert [buckets.take(name, 0.0) for name in ("a", "b", "a", "b")] == [0, 0, 1, 1]
    assert buckets.take("c", 0.0) == 0
    assert buckets.take("a", 0.0) == 0, "forgotten"


def test_a_bucket_is_low_when_one_more_token_leaves_less_than_half() -> None:
    buckets, seen = TokenBuckets(1.0, 6.0), []
    for _ in range(5):
        seen.append(buckets.low("a", 0.0))
        buckets.take("a", 0.0)
    assert seen == [False, False, False, True, True]
    assert buckets.low("a", 1.9)
    assert not buckets.low("a", 3.0), "as many came back"


def test_zero_is_no_limit() -> None:
    quotas = Quotas(LimitsSection(member_uploads_per_minute=0, address_applications_per_hour=0), lambda: 0.0)
    for _ in range(10_000):
        quotas.posts_from("192.0.2.1")
        assert not quotas.scarce("acme")
        quotas.posts_of("acme")
        quotas.uploads_of("acme")
        quotas.applications_from("192.0.2.1")


def test_half_of_an_hour_s_applications_may_come_at_once() -> None:
    quotas = Quotas(LimitsSection(), lambda: 0.0)
    for _ in range(30):
        quotas.applications_from("192.0.2.1")
    with pytest.raises(QuotaError, match=r"Too many applications come from your address. Go on in 60 s.") as caught:
        quotas.applications_from("192.0.2.1")
    assert (caught.value.code, caught.value.retry_after) == ("application_quota", 60)
    quotas.applications_from("192.0.2.2")


def test_a_refusal_says_when_to_go_on() -> None:
    quotas = Quotas(LimitsSection(member_uploads_per_minute=6, burst_seconds=10), lambda: 0.0)
    quotas.uploads_of("acme")
    with pytest.raises(QuotaError, match=r"begins more uploads than it may. Go on in 10 s. \(acme\)") as caught:
        quotas.uploads_of("acme")
    assert (caught.value.code, caught.value.retry_after) == ("member_quota", 10)
    quotas.uploads_of("brio")


def limited(path: Path, settings: str) -> Running:
    return Running(path / "data", [Actor("officer-1", "officer"), Actor("officer-2", "officer")], settings)


async def refused(post: Callable[[], Any]) -> tuple[int, str, str]:
    response = await post()
    return response.status, (await response.json(content_type=None))["code"], response.headers["Retry-After"]


async def admitted(hub: Hub) -> None:
    """Two providers and a neutral; an officer has signed all four statements, acme one of them."""
    speaker = hub.speaker
    for one in (speaker.member(ACME), speaker.member(BRIO), speaker.accreditation(ACME), speaker.neutral(NOOR, ACME)):
        await hub.registered(one)


def in_the_name_of_acme(hub: Hub) -> bytes:
    """Case events of acme that brio's key alone has signed."""
    events = example("case-events", "valid-award")["body"]["events"][:1]
    signers = [(BRIO.statement, "provider")]
    return hub.speaker.compose("case-events", ACME.id, {"events": events}, signers, salt=new_salt())


async def public_statement(hub: Hub) -> bytes:
    """Acme's profile as anybody reads it."""
    digest = (await hub.get(f"/v1/members/{ACME.id}"))[1]["member"]["digest"]
    return json.dumps((await hub.get(f"/v1/statements/{digest}"))[1]["statement"]).encode()


async def test_a_member_over_its_quota_is_refused_and_others_are_not(tmp_path: Path) -> None:
    async with limited(tmp_path, SLOW) as hub:
        await admitted(hub)
        awards = [hub.speaker.award(ACME, NOOR, pdf=b"%d" % number) for number in range(9)]
        answers = [(await hub.post(one))[0] for one in awards]
        assert sorted(set(answers)) == [201, 429]
        assert 4 <= answers.count(201) <= 7

        def post() -> Any:
            headers = {"Content-Type": "application/jose+json"}
            return hub.client.post("/v1/statements", data=awards[8], headers=headers)

        assert await refused(post) == (429, "member_quota", "1")
        await hub.registered(hub.speaker.accreditation(NOOR))
        assert (await hub.post(awards[0]))[0] == 200, "what is registered is answered all the same"


@pytest.mark.parametrize("dry", [False, True])
async def test_nobody_uses_up_a_members_quota_with_what_is_public(tmp_path: Path, *, dry: bool) -> None:
    async with limited(tmp_path, SLOW) as hub:
        await admitted(hub)
        public, params = await public_statement(hub), {"dry_run": "true"} if dry else {}
        assert {(await hub.post(public, params=params))[0] for _ in range(20)} == {200}
        await hub.registered(hub.speaker.award(ACME, NOOR))


async def test_nobody_uses_up_the_quota_of_somebody_who_has_not_signed(tmp_path: Path) -> None:
    async with limited(tmp_path, SLOW) as hub:
        await admitted(hub)
        answers = [await hub.post(in_the_name_of_acme(hub)) for _ in range(10)]
        assert (answers[-1][0], answers[-1][1]["code"], answers[-1][1]["where"]) == (429, "member_quota", BRIO.id)
        await hub.registered(hub.speaker.award(ACME, NOOR))


def award_by(hub: Hub, key: SigningKey, number: int) -> bytes:
    """An award of acme's that its statement key ``key`` has signed, and noor."""
    body = dict(parse_statement(hub.speaker.award(ACME, NOOR, pdf=b"by another key %d" % number)).body)
    signers = [(NOOR.statement, "neutral"), (key, "provider")]
    return hub.speaker.compose("award", ACME.id, body, signers, salt=new_salt())


async def with_a_stolen_key(hub: Hub) -> SigningKey:
    """Acme's second statement key; officers have revoked the first one, because somebody has stolen it."""
    key = signing_key("acme/second")
    body = {"action": "add", "owner": ACME.id, "key": {"purpose": "statement", "jwk": key.public.jwk()}}
    signers = [(ACME.statement, "provider"), (key, "introduced")]
    await hub.registered(hub.speaker.compose("key", ACME.id, body, signers))
    await hub.registered(hub.speaker.revoke(ACME, ACME.statement))
    return key


async def test_nobody_uses_up_a_members_quota_with_a_key_that_was_revoked(tmp_path: Path) -> None:
    async with limited(tmp_path, SLOW) as hub:
        await admitted(hub)
        key = await with_a_stolen_key(hub)
        answers = [await hub.post(award_by(hub, ACME.statement, number)) for number in range(20)]
        assert answers[0][1]["code"] == "key_revoked"
        assert (answers[-1][1]["code"], answers[-1][1]["where"]) == ("member_quota", f"key {ACME.statement.kid}")
        await hub.registered(award_by(hub, key, 20))


async def test_nobody_fills_the_share_of_a_member_with_a_key_that_was_revoked(tmp_path: Path) -> None:
    async with limited(tmp_path, "[log]\nmember_queue_entries = 3\n") as hub:
        await admitted(hub)
        key = await with_a_stolen_key(hub)
        thefts = [award_by(hub, ACME.statement, number) for number in range(200)]
        flood = [asyncio.create_task(hub.post(one)) for one in thefts]
        told: list[tuple[int, str | None]] = []
        while not all(one.done() for one in flood):
            status, answer = await hub.post(award_by(hub, key, 200 + len(told)))
            told.append((status, answer.get("code")))
        assert set(told) == {(201, None)}
        answers = await asyncio.gather(*flood)
        assert {answer["code"] for _, answer in answers} <= {"key_revoked", "member_share"}


@pytest.mark.parametrize("foreign", [True, False])
async def test_nobody_fills_the_share_of_the_queue_of_another(tmp_path: Path, *, foreign: bool) -> None:
    """Neither in another's name nor with what is public; the member itself has its share still."""
    async with limited(tmp_path, "[log]\nmember_queue_entries = 3\n") as hub:
        await admitted(hub)
        public = [await public_statement(hub), hub.speaker.award(ACME, NOOR, pdf=b"a"), hub.speaker.award(ACME, NOOR)]
        for one in public[1:]:
            await hub.registered(one)
        many = [in_the_name_of_acme(hub) if foreign else public[number % 3] for number in range(200)]
        flood = [asyncio.create_task(hub.post(one)) for one in many]
        told: list[tuple[int, str | None]] = []
        while not all(one.done() for one in flood):
            status, answer = await hub.post(hub.speaker.award(ACME, NOOR, pdf=b"own %d" % len(told)))
            told.append((status, answer.get("code")))
        assert set(told) == {(201, None)}
        answers = await asyncio.gather(*flood)
        assert {answer.get("where") for _, answer in answers if answer.get("code") == "member_share"} <= {BRIO.id}
        assert foreign or {status for status, _ in answers} == {200}


async def test_an_address_over_its_quota_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    async with limited(tmp_path, "[limits]\naddress_posts_per_second = 1\nburst_seconds = 1\n") as hub:
        assert (await hub.post(b"nonsense"))[0] == 400
        assert await refused(lambda: hub.client.post("/v1/statements", data=b"nonsense")) == (429, "address_quota", "1")


async def test_uploads_are_counted_by_member(tmp_path: Path) -> None:
    async with limited(tmp_path, "[limits]\nmember_uploads_per_minute = 1\nburst_seconds = 60\n") as hub:
        exchange = Exchange(hub)
        await exchange.admit()
        await exchange.begun(b"one")
        code, problem, retry = await refused(lambda: exchange.create(b"two"))
        assert (code, problem) == (429, "member_quota")
        assert 50 < int(retry) <= 60
        await exchange.begun(b"two", actor=BRIO, recipient=ACME.id, transfer=urn(BRIO, 1))
