"""The register: raised once, kept on disk, ended or cleared, whatever the disk says."""

import json
import logging
from pathlib import Path

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.alarms.heads import heads_elsewhere
from hub.alarms.kinds import KINDS
from hub.alarms.register import MOST_EVIDENCE, Alarm, Alarms, format_alarm, parse_alarm
from hub.errors import NotFoundError
from signing.encoding import canonical
from signing.equivocation import format_pair, pair_of
from signing.errors import FormatError, SigningError
from tests.fakes.smalldisk import small_disk
from tests.fakes.world import World
from tests.hub.running import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock(1000)


@pytest.fixture
def alarms(tmp_path: Path, clock: Clock) -> Alarms:
    return Alarms(tmp_path / "alarms", clock, "/srv/hub")


def history(directory: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (directory / "history").read_text().splitlines()]


def test_an_alarm_is_raised_once_and_logged_with_its_command(
    alarms: Alarms, clock: Clock, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    alarms.sound("disk_full", "Nothing could be written.")
    clock.now += 60
    alarms.sound("disk_full", "Again.")
    (one,) = alarms.active
    assert one == Alarm("disk_full", 1000, "Nothing could be written.")
    (said,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert said.getMessage() == (
        "ALARM disk_full: Nothing could be written. The disk is full: nothing is registered. The operator must make"
        " room; then the hub goes on by itself. Do: odr-hub status --data /srv/hub"
        " (docs/operations/alarms/disk_full.md)"
    )
    assert [one["what"] for one in history(tmp_path / "alarms")] == ["raised"]


def test_another_process_sees_it_and_what_it_clears_is_gone(alarms: Alarms, tmp_path: Path) -> None:
    alarms.sound("clock_stepped", "By 3600 s.")
    other = Alarms(tmp_path / "alarms", lambda: 2000)
    assert other.active == alarms.active
    assert other.clear("clock_stepped", "NTP is back") == (Alarm("clock_stepped", 1000, "By 3600 s."),)
    assert alarms.active == ()
    assert history(tmp_path / "alarms")[-1] == {
        "alarm": "clock_stepped", "evidence": "", "subject": "", "time": 2000, "what": "cleared", "why": "NTP is back",
    }  # fmt: skip
    with pytest.raises(NotFoundError, match=r"No alarm of this code is on. \(clock_stepped\)"):
        other.clear("clock_stepped", "again")


def test_alarms_of_one_kind_are_told_apart_by_their_subject(alarms: Alarms) -> None:
    for name in ("w1.example", "w2.example"):
        alarms.sound("witness_ahead", "It stands at 9.", subject=name)
    alarms.ended("witness_ahead", "w1.example")
    assert [one.subject for one in alarms.active] == ["w2.example"]
    alarms.sound("witness_ahead", "It stands at 10.", subject="w1.example")
    assert len(alarms.clear("witness_ahead", "both were restored")) == 2
    alarms.ended("witness_ahead")  # nothing is on: nothing happens
    assert alarms.active == ()


def test_the_gravest_stands_first(alarms: Alarms, clock: Clock) -> None:
    for code in ("quorum_missing", "disk_floor", "store_behind", "disk_full"):
        alarms.sound(code, "So it is.")
        clock.now += 1
    assert [one.code for one in alarms.active] == ["store_behind", "disk_full", "quorum_missing", "disk_floor"]


def test_evidence_lies_beside_and_outlives_the_alarm(alarms: Alarms, clock: Clock, tmp_path: Path) -> None:
    alarms.sound("store_differs", "Look.", evidence=b"both notes\n")
    (one,) = alarms.active
    path = tmp_path / "alarms" / one.evidence
    assert alarms.evidence(one) == path.read_bytes() == b"both notes\n"
    assert path.stat().st_mode & 0o777 == 0o600
    alarms.clear("store_differs", "reported to the coordinator")
    clock.now += 1
    alarms.sound("store_differs", "Look again.", evidence=b"others\n")
    assert path.read_bytes() == b"both notes\n"
    assert alarms.evidence(alarms.active[0]) == b"others\n"
    alarms.sound("disk_full", "No evidence.")
    assert alarms.evidence(alarms.active[0]) is None


def test_a_full_disk_does_not_silence_an_alarm(tmp_path: Path, clock: Clock) -> None:
    with small_disk(tmp_path / "disk", 2) as disk:
        alarms = Alarms(disk.path / "alarms", clock)
        alarms.prepare()
        disk.fill()
        alarms.sound("disk_full", "Nothing could be written.", evidence=b"x" * 1000)
        assert Alarms(disk.path / "alarms", clock).active == alarms.active != ()
        disk.clear()
        alarms.ended("disk_full")
        assert Alarms(disk.path / "alarms", clock).active == ()
        assert (disk.path / "alarms" / "reserve").stat().st_size == 65_536


def test_without_any_room_it_is_kept_in_memory_and_written_later(
    tmp_path: Path, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    with small_disk(tmp_path / "disk", 2) as disk:
        disk.fill()
        alarms = Alarms(disk.path / "alarms", clock)
        alarms.prepare()
        alarms.sound("store_differs", "Look.", evidence=b"both notes\n")
        assert [one.code for one in alarms.active] == ["store_differs"]
        assert "can't be written now: No space left on device" in caplog.text
        assert Alarms(disk.path / "alarms", clock).active == ()
        disk.clear()
        clock.now += 60
        alarms.write_pending()
        (one,) = Alarms(disk.path / "alarms", clock).active
        assert (one.since, alarms.evidence(one)) == (1000, b"both notes\n")


def test_a_changed_file_still_counts(alarms: Alarms, tmp_path: Path) -> None:
    alarms.sound("disk_full", "Nothing could be written.")
    (tmp_path / "alarms" / "disk_full.alarm").write_bytes(b"{}")
    (tmp_path / "alarms" / "foreign.alarm").write_bytes(b"{}")
    assert [(one.code, one.detail) for one in alarms.active] == [("disk_full", "The alarm's file can't be read.")]
    alarms.clear("disk_full", "seen")
    assert alarms.active == ()


def test_a_changed_file_of_an_alarm_with_a_subject_still_counts(alarms: Alarms, tmp_path: Path) -> None:
    alarms.sound("witness_equivocation", "Found.", subject="w.example")
    alarms.sound("witness_equivocation", "Found.", subject="other.example")
    sound = alarms.raised("witness_equivocation", "w.example")
    assert sound is not None
    path = tmp_path / "alarms" / f"{sound.name}.alarm"
    path.write_bytes(path.read_bytes()[:-5])
    assert {one.subject for one in alarms.active} == {"other.example", f"unknown ({sound.name[-8:]})"}
    damaged = alarms.raised("witness_equivocation", "w.example")
    assert damaged is not None
    assert (damaged.code, damaged.detail) == ("witness_equivocation", "The alarm's file can't be read.")
    for subject in ("w.example", "other.example"):
        alarms.ended("witness_equivocation", subject)
    assert (alarms.active, list((tmp_path / "alarms").glob("*.alarm"))) == ((), [])
    assert next(one["alarm"] for one in history(tmp_path / "alarms") if one["what"] == "ended") == sound.name


def test_evidence_that_comes_later_is_added_and_further_evidence_beside_it(
    alarms: Alarms, clock: Clock, tmp_path: Path
) -> None:
    alarms.sound("witness_ahead", "It says so.", subject="w.example")
    clock.now += 60
    alarms.sound("witness_ahead", "It shows it.", subject="w.example", evidence=b"heads\n")
    alarms.sound("witness_ahead", "It shows it again.", subject="w.example", evidence=b"heads\n")
    (alarm,) = alarms.active
    assert (alarm.since, alarm.detail, alarms.evidence(alarm)) == (1000, "It shows it.", b"heads\n")
    for _ in range(2):
        alarms.sound("witness_ahead", "It shows another one.", subject="w.example", evidence=b"other heads\n")
    (later,) = alarms.active
    assert (later.since, later.detail, later.evidence) == (1000, "It shows another one.", alarm.evidence)
    assert list(alarms.evidences(later).values()) == [b"heads\n", b"other heads\n"]
    told = history(tmp_path / "alarms")
    assert [one["what"] for one in told] == ["raised", "proven", "proven"]
    assert [one["evidence"] for one in told] == ["", *alarms.evidences(later)]


def test_of_one_alarm_a_bounded_number_of_pieces_is_kept(alarms: Alarms) -> None:
    for n in range(MOST_EVIDENCE + 3):
        alarms.sound("store_differs", "Look.", evidence=b"%d\n" % n)
    (alarm,) = alarms.active
    assert [*alarms.evidences(alarm).values()] == [b"%d\n" % n for n in range(MOST_EVIDENCE)]


def test_new_evidence_never_passes_for_what_was_moved_away(alarms: Alarms, tmp_path: Path) -> None:
    alarms.sound("store_differs", "Look.", evidence=b"heads\n")
    (alarm,) = alarms.active
    (tmp_path / "alarms" / alarm.evidence).rename(tmp_path / "moved")
    alarms.sound("store_differs", "Look again.", evidence=b"other heads\n")
    (later,) = alarms.active
    assert (later.evidence, alarms.evidence(later)) == (alarm.evidence, None)
    assert list(alarms.evidences(later).values()) == [b"other heads\n"]


async def test_every_piece_of_evidence_is_among_the_heads_of_a_start(alarms: Alarms, tmp_path: Path) -> None:
    world = World(seed="alarms")
    notes = [world.checkpoint(size, [], root=bytes(32)) for size in (1, 2, 3)]
    for other in notes[1:]:
        alarms.sound("store_behind", "Look.", evidence=format_pair(pair_of(notes[0], other)))
    async with aiohttp.ClientSession() as session:
        found = await heads_elsewhere(alarms, session, "", tmp_path)
    assert set(found.values()) == set(notes)


async def test_evidence_that_was_moved_away_keeps_nobody_from_starting(
    alarms: Alarms, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    alarms.sound("witness_ahead", "It shows it.", subject="w.example", evidence=b"heads\n")
    for path in (tmp_path / "alarms" / "evidence").iterdir():
        path.unlink()
    (alarm,) = alarms.active
    assert alarms.evidence(alarm) is None
    assert "can't be read: No such file or directory" in caplog.text
    async with aiohttp.ClientSession() as session:
        assert await heads_elsewhere(alarms, session, "", tmp_path) == {}


TEXT = st.text(st.characters(codec="utf-8"), max_size=30)
ALARMS = st.builds(
    Alarm, st.sampled_from(sorted(KINDS)), st.integers(0, 2**40), TEXT, TEXT, st.sampled_from(["", "evidence/1.json"])
)


@given(ALARMS)
def test_a_file_is_read_as_it_was_written(alarm: Alarm) -> None:
    assert parse_alarm(format_alarm(alarm)) == alarm


@given(ALARMS, st.data())
def test_what_would_not_be_written_is_refused(alarm: Alarm, data: st.DataObject) -> None:
    octets = bytearray(format_alarm(alarm))
    at = data.draw(st.integers(0, len(octets) - 1))
    octets[at] = data.draw(st.integers(0, 255).filter(lambda one: one != octets[at]))
    try:
        found = parse_alarm(bytes(octets))
    except SigningError:
        return
    assert format_alarm(found) == bytes(octets) != format_alarm(alarm)


@pytest.mark.parametrize(
    "change",
    [{"v": 2}, {"code": "nonsense"}, {"since": "1"}, {"since": -1}, {"detail": 1}, {"more": 1},
     {"evidence": "../keys/log.pem"}, {"evidence": "/etc/passwd"}],
)  # fmt: skip
def test_a_foreign_member_is_refused(change: dict[str, object]) -> None:
    members = {"v": 1, "code": "disk_full", "since": 1, "detail": "", "subject": "", "evidence": ""} | change
    with pytest.raises(FormatError) as caught:
        parse_alarm(canonical(members) + b"\n")
    assert caught.value.code == "bad_alarm"
