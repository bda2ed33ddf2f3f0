"""A mirror takes in what the hub has signed and nothing else; whatever fails, it keeps what it had."""

import errno
import json
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from providers.directory import mirror, store
from providers.directory.mirror import Freshness, require_copy, update
from providers.directory.store import MirrorFolder
from providers.durable import write_whole
from providers.errors import GatewayError, HubRefusedError, UntrustedAnswerError
from signing.encoding import canonical
from signing.errors import FormatError, SigningError
from signing.secretkeys import SigningKey
from signing.trust import parse_trust
from tests.fakes.world import World
from tests.hub.running import Hub, Running
from tests.hub.world import Actor
from tests.providers.directory.house import (
    ACME,
    Meddling,
    address,
    filled,
    folder_of,
    moved,
    signed,
    told,
)


@pytest.fixture
async def hub(tmp_path: Path) -> AsyncIterator[Hub]:
    officers = [Actor("officer-1", "officer"), Actor("officer-2", "officer")]
    async with Running(tmp_path / "data", officers) as running:
        await filled(running)
        yield running


@pytest.fixture
def folder(hub: Hub, tmp_path: Path) -> MirrorFolder:
    return folder_of(hub, tmp_path / "mirror")


@asynccontextmanager
async def connected(hub: Hub) -> AsyncIterator[Meddling]:
    async with aiohttp.ClientSession() as session:
        yield Meddling(address(hub), session)


async def test_the_whole_then_what_changed_then_nothing(hub: Hub, folder: MirrorFolder) -> None:
    async with connected(hub) as client:
        first = await update(client, folder, hub.clock.now)
        assert (first.fetched, first.whole, list(first.copy.lines)) == (3, True, ["acme", "brio", "noor"])
        await moved(hub)
        second = await update(client, folder, hub.clock.now)
        assert (second.fetched, second.whole) == (2, False)
        hub.clock.now += 400
        third = await update(client, folder, hub.clock.now)
        assert (third.fetched, third.copy.snapshot.time) == (0, hub.clock.now)
        assert client.asked == ["snapshot", "entries", "snapshot", "delta", "snapshot"]
    kept = require_copy(folder, hub.clock.now)
    assert (kept.snapshot, kept.lines) == (third.copy.snapshot, third.copy.lines)
    assert json.loads(kept.lines["acme"])["accreditation"]["status"] == "suspended"
    assert len(list(folder.folder.glob("entries-*"))) == 1


async def test_an_unbroken_copy_after_the_policy_changed(hub: Hub, folder: MirrorFolder) -> None:
    async with connected(hub) as client:
        await update(client, folder, hub.clock.now)
        body = hub.speaker.genesis.body | {"rules": {"version": 2}}
        hub.speaker.chains["policy/coordinator"] = hub.speaker.genesis.digest
        await hub.registered(hub.speaker.compose("policy", "coordinator", body, hub.speaker.officer(2)))
        found = await update(client, folder, hub.clock.now)
        assert len(found.copy.chain) == 2
        client.chain = lambda chain: chain[:1]
        await refused(client, folder, hub, "policy_rolled_back")
    assert require_copy(folder, hub.clock.now).snapshot == found.copy.snapshot


async def refused(client: Meddling, folder: MirrorFolder, hub: Hub, code: str) -> None:
    before = {one.name: one.read_bytes() for one in folder.folder.iterdir()}
    with pytest.raises(UntrustedAnswerError) as caught:
        await update(client, folder, hub.clock.now)
    assert (caught.value.code, caught.value.actor) == (code, "hub")
    left = {one.name: one.read_bytes() for one in folder.folder.iterdir() if one.is_file()}
    assert left == before, "the copy before stays"


Forgery = Callable[[Hub, dict[str, Any]], bytes]


def changed(**members: Any) -> Forgery:
    """As the hub's own key would sign it."""
    return lambda hub, payload: signed(payload | members, hub.speaker.hub.statement, hub.clock.now)


def by_other(hub: Hub, payload: dict[str, Any]) -> bytes:
    return signed(payload, SigningKey(bytes(32)), hub.clock.now)


def by_member(hub: Hub, payload: dict[str, Any]) -> bytes:
    return signed(payload, ACME.statement, hub.clock.now)


def by_http_key(hub: Hub, payload: dict[str, Any]) -> bytes:
    return signed(payload, hub.speaker.hub.http, hub.clock.now)


def of_other_type(hub: Hub, payload: dict[str, Any]) -> bytes:
    return signed(payload, hub.speaker.hub.statement, hub.clock.now, "odr-status+jws")


def altered(hub: Hub, payload: dict[str, Any]) -> bytes:
    honest = json.loads(signed(payload, hub.speaker.hub.statement, hub.clock.now))
    other = json.loads(signed(payload | {"size": 4}, hub.speaker.hub.statement, hub.clock.now))
    return canonical(honest | {"payload": other["payload"]})


def later(seconds: int) -> Forgery:
    def forge(hub: Hub, payload: dict[str, Any]) -> bytes:
        time = hub.clock.now + seconds
        return signed(payload | {"time": time, "next": time + 60}, hub.speaker.hub.statement, hub.clock.now)

    return forge


def note(hub: Hub, payload: dict[str, Any]) -> bytes:
    """A checkpoint under the name of the log, by another key."""
    text, _, _ = payload["checkpoint"].partition("\n\n")
    line = f"— {text.splitlines()[0]} AAAAAAAA" + "A" * 80
    return changed(checkpoint=f"{text}\n\n{line}\n")(hub, payload)


FORGERIES: dict[str, tuple[Forgery, str]] = {
    "by an unknown key": (by_other, "unknown_key"),
    "by a member's key": (by_member, "unknown_key"),
    "by the hub's http key": (by_http_key, "wrong_purpose"),
    "of another type": (of_other_type, "bad_type"),
    "altered after signing": (altered, "bad_signature"),
    "of another network": (changed(network="ab" * 32), "wrong_network"),
    "another size than the checkpoint's": (changed(size=4), "snapshot_mismatch"),
    "another root than the checkpoint's": (changed(root="ab" * 32), "snapshot_mismatch"),
    "from the future": (later(301), "snapshot_early"),
    "counts for ever": (changed(next=2**40), "snapshot_too_long"),
    "counts for no time": (changed(next=0), "snapshot_too_long"),
    "of an unknown version": (changed(v=2), "bad_snapshot"),
    "with a member more": (changed(more=1), "bad_snapshot"),
    "with a digest that is none": (changed(entries={"count": 3, "digest": "x"}), "bad_snapshot"),
    "with entries that are none": (changed(entries={"count": 3}), "bad_snapshot"),
    "with a count that is none": (changed(entries={"count": True, "digest": "ab" * 32}), "bad_snapshot"),
    "of other entries": (changed(entries={"count": 4, "digest": "ab" * 32}), "unknown_snapshot"),
}


async def test_no_forged_snapshot_is_believed(hub: Hub, folder: MirrorFolder) -> None:
    async with connected(hub) as client:
        for name, (forge, code) in FORGERIES.items():
            client.snapshot = lambda document, forge=forge: forge(hub, told(document))  # type: ignore[misc]
            with pytest.raises((UntrustedAnswerError, HubRefusedError)) as caught:
                await update(client, folder, hub.clock.now)
            assert caught.value.code == code, (name, str(caught.value))
            with pytest.raises(GatewayError) as empty:
                require_copy(folder, hub.clock.now)
            assert empty.value.code == "mirror_empty"


async def test_a_checkpoint_that_the_log_did_not_sign(hub: Hub, folder: MirrorFolder) -> None:
    async with connected(hub) as client:
        client.snapshot = lambda document: note(hub, told(document))
        with pytest.raises(UntrustedAnswerError) as caught:
            await update(client, folder, hub.clock.now)
    assert caught.value.code == "signature_missing"


async def test_a_snapshot_that_is_no_jws(hub: Hub, folder: MirrorFolder) -> None:
    async with connected(hub) as client:
        for document, code in ((b"{}", "bad_jws"), (b"<html>", "not_json")):
            client.snapshot = lambda _, document=document: document  # type: ignore[misc]
            with pytest.raises(UntrustedAnswerError) as caught:
                await update(client, folder, hub.clock.now)
            assert caught.value.code == code


async def test_an_older_directory_is_not_taken_for_a_newer_one(hub: Hub, folder: MirrorFolder) -> None:
    async with connected(hub) as client:
        old = await client.directory_snapshot()
        await moved(hub)
        await update(client, folder, hub.clock.now)
        client.snapshot = lambda _: old
        await refused(client, folder, hub, "directory_rolled_back")


async def test_two_directories_of_one_size_are_told(hub: Hub, folder: MirrorFolder) -> None:
    async with connected(hub) as client:
        await update(client, folder, hub.clock.now)
        forge = changed(entries={"count": 3, "digest": "cd" * 32})
        client.snapshot = lambda document: forge(hub, told(document))
        await refused(client, folder, hub, "directory_forked")
    await contradicted(folder, hub)


async def test_a_later_directory_of_fewer_entries_is_told(hub: Hub, folder: MirrorFolder) -> None:
    async with connected(hub) as client:
        old = told(await client.directory_snapshot())
        await moved(hub)
        await update(client, folder, hub.clock.now)
        hub.clock.now += 400
        now = {name: told(await client.directory_snapshot())[name] for name in ("time", "next")}
        client.snapshot = lambda _: signed(old | now, hub.speaker.hub.statement, hub.clock.now)
        await refused(client, folder, hub, "directory_rolled_back")
    await contradicted(folder, hub)


async def contradicted(folder: MirrorFolder, hub: Hub) -> None:
    """Both documents are kept, and nothing is said until somebody has put them away."""
    (evidence,) = (folder.folder / "evidence").iterdir()
    first, second = ((evidence / f"{name}.json").read_bytes() for name in ("first", "second"))
    copy = folder.load(hub.clock.now)
    assert copy is not None
    assert (first == copy.document, second == copy.document) == (True, False)
    assert told(second)["time"] >= copy.snapshot.time
    with pytest.raises(GatewayError) as caught:
        require_copy(folder, hub.clock.now)
    assert caught.value.code == "mirror_contradicted"
    async with connected(hub) as client:
        with pytest.raises(GatewayError):
            await update(client, folder, hub.clock.now)
        evidence.rename(folder.folder.with_name("settled"))
        await update(client, folder, hub.clock.now)


async def test_an_older_signature_of_the_same_directory_changes_nothing(hub: Hub, folder: MirrorFolder) -> None:
    async with connected(hub) as client:
        old = await client.directory_snapshot()
        hub.clock.now += 400
        newest = (await update(client, folder, hub.clock.now)).copy.snapshot
        client.snapshot = lambda _: old
        assert (await update(client, folder, hub.clock.now)).copy.snapshot == newest
    assert require_copy(folder, hub.clock.now).snapshot == newest


DELTAS: dict[str, Callable[[list[Any]], list[Any]]] = {
    "empty": lambda _: [],
    "one is missing": lambda records: records[1:],
    "one is changed": lambda records: [{**records[0], "role": "court"}, *records[1:]],
    "somebody more": lambda records: [*records, {**records[0], "id": "zora"}],
    "no records": lambda _: [1, None, {"id": 3}, []],
}


async def test_a_delta_that_leads_elsewhere_is_not_believed(hub: Hub, tmp_path: Path) -> None:
    folders = {name: folder_of(hub, tmp_path / name) for name in DELTAS}
    async with connected(hub) as client:
        for folder in folders.values():
            await update(client, folder, hub.clock.now)
        await moved(hub)
        for name, folder in folders.items():
            client.delta = DELTAS[name]
            found = await update(client, folder, hub.clock.now)
            assert (found.whole, client.asked[-2:]) == (True, ["delta", "entries"]), name
            assert json.loads(found.copy.lines["acme"])["accreditation"]["status"] == "suspended"
        await hub.registered(hub.speaker.accreditation(ACME, "listed"))
        client.entries = lambda lines: lines[: len(lines) // 2].rpartition(b"\n")[0]
        await refused(client, folder, hub, "entries_differ")


async def test_entries_that_are_not_those_that_were_signed(hub: Hub, folder: MirrorFolder) -> None:
    async with connected(hub) as client:
        for entries in (
            lambda lines: lines.replace(b'"listed"', b'"suspended"'),
            lambda _: b"",
            lambda lines: lines + canonical({"id": "zora"}) + b"\n",
        ):
            client.entries = entries
            await refused(client, folder, hub, "entries_differ")
        for entries in (
            lambda lines: b"\n".join(reversed(lines.splitlines())),
            lambda lines: lines.splitlines()[0] + b"\n" + lines,
            lambda _: b"{",
            lambda _: b"[]\n",
        ):
            client.entries = entries
            with pytest.raises(GatewayError) as caught:
                await update(client, folder, hub.clock.now)
            assert (caught.value.code, caught.value.actor) == ("bad_entries", "hub")


async def test_when_too_much_has_changed_the_whole_is_taken(
    hub: Hub, folder: MirrorFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.snapshots.DELTA_ENTRIES", 1)
    async with connected(hub) as client:
        await update(client, folder, hub.clock.now)
        await moved(hub)
        found = await update(client, folder, hub.clock.now)
    assert (found.whole, found.fetched) == (True, 3)


async def test_other_refusals_are_told(hub: Hub, folder: MirrorFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    async with connected(hub) as client:
        await update(client, folder, hub.clock.now)
        await moved(hub)
        monkeypatch.setattr(mirror, "_changed", _refusing)
        with pytest.raises(HubRefusedError):
            await update(client, folder, hub.clock.now)


async def _refusing(*_: object) -> dict[str, bytes]:
    raise HubRefusedError("disk_full", "The hub's disk is full.")


async def test_how_much_a_copy_counts(hub: Hub, folder: MirrorFolder) -> None:
    async with connected(hub) as client:
        snapshot = (await update(client, folder, hub.clock.now)).copy.snapshot
    assert snapshot.next == hub.clock.now + 3600
    assert Freshness.of(snapshot, snapshot.next - 1).stale_since is None
    assert Freshness.of(snapshot, snapshot.next - 1, reached=False).stale_since == snapshot.time
    assert Freshness.of(snapshot, snapshot.next).stale_since == snapshot.next
    assert Freshness.of(snapshot, snapshot.next + 9, reached=False).stale_since == snapshot.next


async def test_a_file_that_was_changed_on_disk_is_noticed(hub: Hub, folder: MirrorFolder) -> None:
    gone = {"snapshot.json": "mirror_empty", "mirror.json": "no_mirror"}
    async with connected(hub) as client:
        await update(client, folder, hub.clock.now)
    for path in list(folder.folder.iterdir()):
        whole = path.read_bytes()
        for damaged in (whole[: len(whole) // 2], whole.replace(b"acme", b"acne"), b"", b"{}", b"[1]"):
            if damaged != whole:
                path.write_bytes(damaged)
                with pytest.raises((GatewayError, UntrustedAnswerError, SigningError)):
                    require_copy(folder, hub.clock.now)
        path.unlink()
        with pytest.raises(GatewayError) as missing:
            require_copy(folder, hub.clock.now)
        assert missing.value.code == gone.get(path.name, "mirror_damaged")
        path.write_bytes(whole)
    assert require_copy(folder, hub.clock.now).lines


class Killed(BaseException):
    """The process is killed."""


def killed_after(lives: int) -> Callable[..., None]:
    """The process ends instead of replacing one file more than ``lives``."""
    left = iter(range(lives))

    def killed(path: Path, data: bytes) -> None:
        if next(left, None) is None:
            raise Killed
        write_whole(path, data)

    return killed


async def test_a_process_killed_while_it_keeps_leaves_a_whole_copy(
    hub: Hub, folder: MirrorFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with connected(hub) as client:
        before = (await update(client, folder, hub.clock.now)).copy.snapshot
        await moved(hub)
        for lives in range(2):
            monkeypatch.setattr(store, "write_whole", killed_after(lives))
            with pytest.raises(Killed):
                await update(client, folder, hub.clock.now)
            assert require_copy(folder, hub.clock.now).snapshot == before
        monkeypatch.setattr(store, "write_whole", write_whole)
        after = (await update(client, folder, hub.clock.now)).copy.snapshot
    assert require_copy(folder, hub.clock.now).snapshot == after != before


def test_a_mirror_is_not_begun_twice_nor_with_a_policy_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(FormatError):
        MirrorFolder.create(tmp_path / "a", "http://127.0.0.1:1", b"nothing")
    assert not (tmp_path / "a").exists()


@pytest.mark.parametrize("name", ["mirror.json", "policy.txt"])
def test_a_beginning_that_was_interrupted_is_begun_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    policy, hub, folder, opened = World().trust_file(), "http://127.0.0.1:1", tmp_path / "mirror", os.open

    def full(path: Path, flags: int, mode: int = 0o777) -> int:
        if name in Path(path).name and flags & os.O_CREAT:
            raise OSError(errno.ENOSPC, "No space left on device")
        return opened(path, flags, mode)

    with monkeypatch.context() as patched:
        patched.setattr("os.open", full)
        with pytest.raises(OSError, match="No space left"):
            MirrorFolder.create(folder, hub, policy)
    begun = MirrorFolder.create(folder, hub, policy)
    assert (begun.hub(), begun.trust()) == (hub, parse_trust(policy))


@pytest.mark.parametrize("name", ["mirror.json", "policy.txt"])
def test_a_file_that_is_no_mirrors_is_left_alone(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"mine")
    with pytest.raises(GatewayError) as caught:
        MirrorFolder.create(tmp_path, "http://127.0.0.1:1", World().trust_file())
    assert caught.value.code == ("mirror_damaged" if name == "mirror.json" else "file_exists")
    assert {one.name: one.read_bytes() for one in tmp_path.iterdir()} == {name: b"mine"}
