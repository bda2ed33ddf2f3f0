"""Who and what is registered, as of a log size."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hub.storage.directory import Directory
from hub.storage.engine import Database
from signing.compose import annex_member
from signing.encoding import sha256_hex
from signing.keyring import KeyRecord
from signing.statement import parse_statement
from tests.fakes.databases import BACKENDS, open_database
from tests.fakes.loghouse import found, register, running
from tests.fakes.loghouse import sample as sample_log

GIVEN = sample_log(3, seed="directory")
SIZE = len(GIVEN.statements)


@pytest.fixture(params=BACKENDS)
async def database(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Database]:
    async with open_database(tmp_path, request.param) as opened:
        await found(opened, GIVEN)
        async with running(opened, GIVEN) as log:
            await register(log, GIVEN.statements[1:])
        yield opened


@pytest.fixture
def directory(database: Database) -> Directory:
    return Directory(database)


def index_of(kind: str, nth: int = 0) -> int:
    return [n for n, one in enumerate(GIVEN.statements) if one.kind == kind][nth]


async def test_a_statement_by_digest_and_index(directory: Directory) -> None:
    for index, statement in enumerate(GIVEN.statements):
        stored = await directory.statement(statement.digest, SIZE)
        assert stored is not None
        assert (stored.index, stored.document, stored.kind) == (index, statement.document, statement.kind)
        assert stored == await directory.statement_at(index)
        assert stored.confidential == (statement.salt is not None)
        assert await directory.statement(statement.digest, index) is None
    assert await directory.statement("00" * 32, SIZE) is None


async def test_members_and_neutrals(directory: Directory) -> None:
    (member,) = await directory.members(SIZE)
    (neutral,) = await directory.neutrals(SIZE)
    assert (member.index, neutral.index) == (index_of("member"), index_of("neutral"))
    assert member == await directory.member("provider-a", SIZE)
    assert neutral == await directory.neutral("neutral-a", SIZE)
    assert await directory.members(SIZE, after="provider-a") == []
    assert await directory.members(member.index) == []
    assert await directory.member("provider-a", member.index) is None
    assert await directory.neutral("provider-a", SIZE) is None


async def test_accreditation_and_history(directory: Directory) -> None:
    listed = await directory.accreditation("provider-a", SIZE)
    assert listed is not None
    assert listed.index == index_of("accreditation")
    both = await directory.accreditations(["provider-a", "neutral-a", "nobody"], SIZE)
    assert {name: one.index for name, one in both.items()} == {
        "provider-a": index_of("accreditation"), "neutral-a": index_of("accreditation", 1),
    }  # fmt: skip
    history = await directory.history("provider-a", SIZE)
    assert [one.kind for one in history] == ["member", "accreditation", "key"]
    assert await directory.history("provider-a", SIZE, ["key"]) == history[-1:]


async def test_keys(directory: Directory) -> None:
    ring = await directory.keyring("provider-a")
    assert len(ring) == 5
    kid = GIVEN.world.signing_key("provider-a/second").kid
    record = await directory.key(kid)
    assert record == ring[kid]
    assert KeyRecord(**record).index == index_of("key")
    assert await directory.key("unknown") is None
    assert await directory.keyring("nobody") == {}
    assert set(await directory.accepted_keys()) >= set(ring)


async def test_awards_by_document(directory: Directory) -> None:
    document = sha256_hex(b"%PDF-1.7 1")
    (award,) = await directory.awards_by_document(document, SIZE)
    assert award.digest == GIVEN.awards[1].digest
    assert await directory.awards_by_document(document, award.index) == []
    assert await directory.awards_by_document("00" * 32, SIZE) == []


async def test_evidence_is_what_a_verifier_needs_in_log_order(directory: Directory) -> None:
    award = await directory.statement(GIVEN.awards[0].digest, SIZE)
    assert award is not None
    evidence = await directory.evidence(award, GIVEN.awards[0].roles, SIZE)
    assert [one.index for one in evidence] == list(range(len(GIVEN.founding)))
    assert [one.index for one in await directory.policies(SIZE)] == [0]


async def test_sizes_and_counts(directory: Directory) -> None:
    assert await directory.size_at(GIVEN.world.now - 1, SIZE) == 0
    assert await directory.size_at(GIVEN.world.now, SIZE) == SIZE
    assert await directory.count("member", SIZE) == 1
    assert await directory.count("member", index_of("member")) == 0


@pytest.mark.parametrize("backend", BACKENDS)
async def test_reviews_and_annexes(tmp_path: Path, backend: str) -> None:
    given = sample_log(2, seed="reviewed")
    world = given.world
    profiles = {one.statement.issuer: one for one in world.replay.told("member", "neutral")}
    provider, neutral = profiles["provider-a"], profiles["neutral-a"]
    assert provider.index < neutral.index
    async with open_database(tmp_path, backend) as database:
        await found(database, given)
        async with running(database, given) as log:
            await register(log, given.statements[1:])
            annex = b'{"salt":"' + b"A" * 43 + b'"}'
            profile = given.founding[1].body | {"profile": given.founding[1].body["profile"]}
            body = {name: value for name, value in profile.items() if name != "keys"}
            octets = world.compose(
                "member", "provider-a", body,
                [(world.signing_key("provider-a/statement"), "provider"), *world.officer_signers()], annex=annex,
            )  # fmt: skip
            update = parse_statement(octets)
            assert update.payload["annex"] == annex_member(annex)
            done = await log.sequencer.submit(update, annex)
            second = world.signing_key("provider-a/second")
            past = {
                "action": "revoke", "owner": "provider-a", "kid": world.signing_key("provider-a/statement").kid,
                "reason": "compromised", "invalid_from": 0,
            }  # fmt: skip
            revoke = world.compose("key", world.coordinator.id, past, world.officer_signers(2))
            await log.sequencer.submit(parse_statement(revoke))
            assert second.kid
            review = world.compose(
                "award-review", world.coordinator.id,
                {"award": given.awards[0].digest, "decision": "confirm", "reason_code": "key_safe"},
                world.officer_signers(2), salt="A" * 43,
            )  # fmt: skip
            reviewed = await log.sequencer.submit(parse_statement(review))
            size = log.publication.signed.size
            assert await log.directory.annex(done.index) == annex
            assert await log.directory.annex(0) is None
            assert await log.directory.annexes([0, done.index] * 600) == {done.index: annex}
            assert await log.directory.annexes([]) == {}
            assert [one.index for one in await log.directory.amendments(given.awards[0].digest, size)] == [
                reviewed.index
            ]
            award = await log.directory.statement(given.awards[0].digest, size)
            assert award is not None
            evidence = await log.directory.evidence(award, given.awards[0].roles, size)
            assert reviewed.index in [one.index for one in evidence]
