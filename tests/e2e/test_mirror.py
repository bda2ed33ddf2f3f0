"""A real hub whose only witness mirrors its log: nothing is witnessed before every entry is stored."""

import asyncio
import time
import urllib.request
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import aiohttp
import pytest

from providers.witness.checking import check_mirror
from providers.witness.config import add_log, become_mirror
from signing.merkle import leaf_hash
from signing.notes import VerifierKey, cosigned_by, open_checkpoint, parse_checkpoint, parse_note
from signing.tiles import ENTRIES, parse_entry_bundle, tile_path, tiles_for
from signing.tree import CompactRange
from signing.trust import parse_witness_policy
from tests.fakes.exchangehouse import House, house
from tests.hub.world import Actor


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(tmp_path_factory.mktemp("mirror")) as one:
        assert one.speaker is not None
        one.witness.stop()
        become_mirror(one.directory / "witness")
        add_log(one.directory / "witness", one.speaker.genesis.body["log_key"], f"{one.url}/log")
        one.witness.start()
        yield one


async def post(here: House, document: bytes, wait: int) -> dict[str, Any]:
    headers = {"Content-Type": "application/jose+json", "Prefer": f"wait={wait}"}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{here.url}/v1/statements", data=document, headers=headers) as response,
    ):
        answer: dict[str, Any] = await response.json(content_type=None)
        assert response.status in (201, 202), answer
        return answer


def rebuilt(here: House) -> list[bytes]:
    """The log's entries from the mirror's files alone, held against a checkpoint that the hub signed."""
    assert here.speaker is not None
    key = VerifierKey.parse(here.speaker.genesis.body["log_key"])
    files = here.directory / "witness" / "mirror" / sha256(key.name.encode()).hexdigest()
    head = open_checkpoint(parse_note((files / "stored").read_bytes()), key)
    found = [
        entry
        for tile in tiles_for(head.size)
        if tile.level == ENTRIES
        for entry in parse_entry_bundle((files / tile_path(*tile)).read_bytes(), tile.width)
    ]
    assert CompactRange.of(map(leaf_hash, found)).root() == head.root
    return found


async def test_a_receipt_is_witnessed_once_its_entry_is_mirrored(here: House) -> None:
    assert here.speaker is not None
    for number in range(3):
        receipt = await post(here, here.speaker.member(Actor(f"provider-{number}", "provider")), 20)
        assert receipt["state"] == "witnessed"
        assert len(rebuilt(here)) > receipt["index"]


async def test_the_folder_becomes_a_log_with_the_cosignatures_of_its_quorum(here: House) -> None:
    assert here.speaker is not None
    name = sha256(here.speaker.genesis.body["origin"].encode()).hexdigest()
    policy = parse_witness_policy(here.speaker.genesis.body["witness_policy"])
    note = here.directory / "witness" / "mirror" / name / "checkpoint"
    limit = time.monotonic() + 60
    while not note.exists() or parse_checkpoint(parse_note(note.read_bytes()).text).size < len(rebuilt(here)):
        assert time.monotonic() < limit
        await asyncio.sleep(0.05)
    assert policy.satisfied_by(cosigned_by(parse_note(note.read_bytes()), policy.witness_keys))
    assert read(f"{witness_url(here)}/mirror/{name}/checkpoint") == note.read_bytes()


async def test_a_mirror_that_was_killed_catches_up(here: House) -> None:
    assert here.speaker is not None
    here.witness.kill()
    for name in ("late-1", "late-2"):
        receipt = await post(here, here.speaker.member(Actor(name, "provider")), 0)
        assert receipt["state"] == "provisional"
    here.witness.start()
    receipt = await post(here, here.speaker.member(Actor("late-3", "provider")), 20)
    assert receipt["state"] == "witnessed"
    assert len(rebuilt(here)) == receipt["index"] + 1
    assert [one.faults for one in check_mirror(here.directory / "witness")] == [()]


def test_the_mirror_tells_what_the_hub_tells(here: House) -> None:
    assert here.speaker is not None
    here.witness.stop()
    here.witness.start()  # what it serves is what it stored
    name = sha256(here.speaker.genesis.body["origin"].encode()).hexdigest()
    size = len(rebuilt(here))
    for tile in tiles_for(size):
        ours = read(f"{witness_url(here)}/{name}/{tile_path(*tile)}")
        assert ours == read(f"{here.url}/log/{tile_path(*tile)}")


def witness_url(here: House) -> str:
    line = here.witness.log.read_text().splitlines()[-1]
    return line.rpartition(" ")[2]


def read(address: str) -> bytes:
    with urllib.request.urlopen(address) as answer:  # noqa: S310 - of this test
        data: bytes = answer.read()
    return data
