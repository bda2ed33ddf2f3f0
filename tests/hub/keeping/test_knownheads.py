"""Heads that the hub's alarms keep, or that are published, bind a completion as they bind a start."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import aiohttp
import pytest

from hub.alarms.heads import heads_elsewhere, settled
from hub.alarms.register import Alarms
from hub.keeping.completing import Seen
from hub.keeping.errors import CompletionError
from hub.keeping.export import CHECKPOINT
from hub.keeping.fetched import FOLDER
from hub.storage.log_reads import LogReads
from signing.tiles import ENTRIES, entry_bundle, tile_path
from tests.fakes.loghouse import MemoryWitnesses, running
from tests.hub.keeping.test_completing import OLD
from tests.hub.keeping.test_reposts import Lost, run
from tests.hub.keeping.test_shownheads import Mirrored, forked
from tests.hub.keeping.test_shownheads import mirrored as mirrored  # noqa: PLC0414  # a fixture

PUBLISHED = "published"


async def elsewhere(here: Mirrored) -> dict[str, bytes]:
    """As both ``serve`` and ``complete`` read them."""
    published = PUBLISHED if (here.house.folder / PUBLISHED).exists() else ""
    async with aiohttp.ClientSession() as session:
        return dict(await heads_elsewhere(register(here), session, published, here.house.folder))


def register(here: Mirrored) -> Alarms:
    return Alarms(here.house.folder / "alarms", here.house.given.clock)


async def served(here: Mirrored, notes: dict[str, bytes]) -> str | None:
    """What a start does with heads: it keeps the one that it is shown. Returns why it reads only."""
    witnesses = MemoryWitnesses(here.house.given.world, set(), notes=notes)
    async with running(here.house.old, here.house.given, witnesses=witnesses, known=await elsewhere(here)) as log:
        await settled(register(here), log, here.house.old)
        why = log.read_only
    here.known = tuple((await elsewhere(here)).values())
    return why


async def publish(here: Mirrored, note: bytes) -> None:
    (here.house.folder / PUBLISHED).write_bytes(note)
    here.known = tuple((await elsewhere(here)).values())


def without_last(here: Mirrored) -> None:
    """An export that ends before the last entry."""
    (here.folder / "stored").unlink()
    (here.folder / tile_path(ENTRIES, 0, here.size)).unlink()
    (here.folder / tile_path(ENTRIES, 0, here.size - 1)).write_bytes(entry_bundle(here.entries[:-1]))


def there(here: Mirrored, entries: Sequence[bytes], *ends: int) -> Path:
    """A source that has these entries, up to each of these sizes, and no checkpoint."""
    source = here.house.folder / "source"
    for end in ends:
        path = source / tile_path(ENTRIES, 0, end)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(entry_bundle(entries[:end]))
    return source


async def refused(here: Mirrored, source: Path) -> CompletionError:
    """Why nothing is appended."""
    with pytest.raises(CompletionError) as caught:
        await here.complete(str(source))
    assert await LogReads(here.house.old).entries(0, here.size) == here.entries[:OLD]
    return caught.value


async def test_what_a_witness_showed_a_start_leads_on_when_it_is_silent(mirrored: Mirrored) -> None:
    assert "10 entries" in str(await served(mirrored, {"witness-2": mirrored.head(mirrored.size, "witness-2")}))
    done = await mirrored.complete()
    assert (done.size, done.target, done.seen) == (mirrored.size, mirrored.size, ())
    await mirrored.house.is_whole()
    assert await served(mirrored, {}) is None


async def test_nothing_is_whole_below_what_a_witness_showed_a_start(mirrored: Mirrored) -> None:
    """The source ends before it."""
    await served(mirrored, {"witness-2": mirrored.head(mirrored.size, "witness-2")})
    without_last(mirrored)
    done = await mirrored.complete()
    assert (done.size, done.seen) == (mirrored.size - 1, (Seen(mirrored.size, ("witness-2.example",)),))
    assert (mirrored.house.folder / FOLDER).exists()


KNOWN = {
    "an alarm": "The witness witness-2.example has seen 10 entries of this log; those there reach to 8 only",
    "published": "A head that is kept here, published or stored by a mirror is of 10 entries of this log",
}


@pytest.mark.parametrize("where", KNOWN)
async def test_a_fork_is_not_followed_below_a_head_that_is_known(mirrored: Mirrored, where: str) -> None:
    """One witness shows the fork; the one that showed the log itself is silent now."""
    honest = mirrored.head(mirrored.size, "witness-2", "witness-3")
    await (served(mirrored, {"witness-2": honest}) if where == "an alarm" else publish(mirrored, honest))
    fork = await forked(mirrored)
    mirrored.answers = {"witness-1": mirrored.head(len(fork), "witness-1", entries=fork)}
    error = await refused(mirrored, there(mirrored, fork, len(fork)))
    assert (error.code, error.where) == ("not_witnessed", f"size {mirrored.size}")
    assert error.message.startswith(KNOWN[where])


@pytest.mark.parametrize("size", [7, 8, 10])
async def test_a_fork_is_not_followed_against_what_is_published(mirrored: Mirrored, size: int) -> None:
    """Shorter than the fork, as long, and longer, with all entries there."""
    await publish(mirrored, mirrored.head(size, "witness-2"))
    fork = await forked(mirrored)
    another = [*fork[:6], b"another", b"history"]
    mirrored.answers = {"witness-1": mirrored.head(8, "witness-1", entries=another)}
    source = there(mirrored, another, 8)
    there(mirrored, mirrored.entries, mirrored.size)
    error = await refused(mirrored, source)
    assert (error.code, error.where) == ("heads_differ", f"size {size}")
    assert ("Don't go on: this is a fork." in error.message) == (size <= 8)


@pytest.mark.parametrize("forks", [True, False])
async def test_what_was_fetched_before_stops_a_fork_alone(mirrored: Mirrored, forks: bool) -> None:  # noqa: FBT001
    """Statements are awaited; the entries up to the quorum's checkpoint are in the directory alone."""
    lost, mirrored.house.lost = mirrored.house.lost, []
    without_last(mirrored)
    await mirrored.complete()
    mirrored.house.lost, mirrored.known = lost, tuple((await elsewhere(mirrored)).values())
    assert mirrored.known == (mirrored.head(mirrored.size - 1),)  # without the lines that the source had
    entries = await forked(mirrored) if forks else mirrored.entries[:8]
    mirrored.answers = {"witness-1": mirrored.head(8, "witness-1", entries=entries)}
    source = there(mirrored, entries, 8)
    if forks:
        error = await refused(mirrored, source)
        assert (error.code, error.where) == ("heads_differ", f"size {mirrored.size - 1}")
    else:
        assert (await mirrored.complete(str(source))).size == mirrored.size - 1


async def test_what_is_published_is_told_and_leads_no_further(mirrored: Mirrored) -> None:
    """Whoever serves it may have added a witness's line; a start that finds it makes nothing more of it."""
    await publish(mirrored, mirrored.head(mirrored.size, "witness-2"))
    await served(mirrored, {})
    assert len(register(mirrored).active) == 1
    (mirrored.folder / "stored").unlink()
    there(mirrored, mirrored.entries, mirrored.size - 1, mirrored.size)
    shutil.copytree(mirrored.house.folder / "source", mirrored.folder, dirs_exist_ok=True)
    for _ in range(2):
        done = await mirrored.complete()
        assert (done.size, done.seen) == (mirrored.size - 1, (Seen(mirrored.size, ()),))
        mirrored.known = ()  # it can't be read any more, and is known still


async def test_a_head_by_the_logs_key_alone_hinders_nothing_that_leads_to_it(mirrored: Mirrored) -> None:
    (mirrored.folder / CHECKPOINT).unlink()
    mirrored.answers = {"witness-1": mirrored.head(mirrored.size - 1, "witness-1")}
    done = await mirrored.complete()
    assert (done.size, done.seen) == (mirrored.size - 1, (Seen(mirrored.size, ()),))


@pytest.mark.parametrize("names", [("witness-2",), ()])
async def test_a_shorter_head_that_contradicts_what_is_stored_stops_it_too(
    mirrored: Mirrored, names: Sequence[str]
) -> None:
    """No quorum cosigned anything beyond what is stored."""
    (mirrored.folder / CHECKPOINT).write_bytes(mirrored.head(mirrored.size))
    mirrored.answers = {"witness-1": mirrored.head(mirrored.size, "witness-1")}
    mirrored.known = (mirrored.head(4, *names, entries=[*mirrored.entries[:3], b"another"]),)
    error = await refused(mirrored, mirrored.folder)
    assert (error.code, error.where) == ("heads_differ", "size 4")
    assert "another log of 4 entries under this name than is stored here. Don't go on: this is a fork." in error.message


async def test_a_shorter_head_that_a_quorum_outweighs_is_told(mirrored: Mirrored) -> None:
    mirrored.answers = {"witness-3": mirrored.head(4, "witness-3", entries=[*mirrored.entries[:3], b"another"])}
    done = await mirrored.complete()
    assert done.size == mirrored.size - 1
    assert done.seen[-1] == Seen(4, ("witness-3.example",), differs=True)


@pytest.mark.parametrize("where", KNOWN)
async def test_the_command_reads_them(tmp_path: Path, where: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The source is an export of what is stored: it has nothing more."""
    lost = Lost(tmp_path)
    await lost.happen()  # the published checkpoint made it read only
    await lost.running.client.close()
    older = tmp_path / "older"
    assert await run("export", "--data", lost.data, older, "--quiet") == 0
    if where == "published":
        shutil.rmtree(lost.data / "alarms")
        with (lost.data / "hub.toml").open("a") as settings:
            settings.write(lost.running.more)
    assert await run("complete", "--data", lost.data, "--from", older, "--quiet") == 1
    said = capsys.readouterr().out
    assert "Nothing is missing" not in said
    assert "or stored by a mirror has 5 entries of this log; the source does not bring them all." in said
