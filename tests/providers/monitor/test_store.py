"""The monitor's memory: whole or not at all, and one member's alone."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from providers.errors import GatewayError, HubUnavailableError
from providers.evidence import keep_evidence
from providers.monitor.alerts import State
from providers.monitor.errors import LogFaultError
from providers.monitor.head import Position
from providers.monitor.ownership import Concern
from providers.monitor.report import changes, first_line, lines, report
from providers.monitor.store import MonitorStore
from signing.merkle import leaf_hash
from signing.notes import Checkpoint

NONE: frozenset[str] = frozenset()
LEAF = leaf_hash(b"one")
POSITION = Position(b"note", Checkpoint("hub.example/log/1", 1, LEAF), (LEAF,), 50)
FOUND = Concern(0, "entry_in_our_name", "key", "ab" * 32, 7, "Entry 0.")


@pytest.fixture
def store(tmp_path: Path) -> MonitorStore:
    return MonitorStore(tmp_path / "monitor.sqlite3", "net", "provider-a")


def test_it_goes_on_where_it_was(store: MonitorStore, tmp_path: Path) -> None:
    assert store.position() is None
    store.advance(POSITION, 60, [FOUND], {0: "cd" * 32})
    store.close()
    again = MonitorStore(tmp_path / "monitor.sqlite3", "net", "provider-a")
    assert again.position() == POSITION
    assert again.policies() == {0: "cd" * 32}
    assert [one.code for one in again.standing(70, NONE).alerts] == ["entry_in_our_name"]
    again.close()
    for network, actor in (("net", "provider-b"), ("other", "provider-a")):
        with pytest.raises(GatewayError, match="another network, member") as refusal:
            MonitorStore(tmp_path / "monitor.sqlite3", network, actor)
        assert refusal.value.code == "other_store"


def test_an_advance_that_fails_changes_nothing(store: MonitorStore) -> None:
    store.advance(POSITION, 60, [FOUND])
    further = Position(b"later", Checkpoint("hub.example/log/1", 2, LEAF), (LEAF,), 50)
    with pytest.raises(GatewayError) as refusal:
        store.advance(further, 70, [FOUND])  # the same entry twice
    assert refusal.value.code == "storage_failed"
    assert store.position() == POSITION
    store.close()


def test_since_when_it_is_so(store: MonitorStore) -> None:
    empty = store.standing(100, NONE)
    assert (empty.state, first_line(empty)) == (
        State.UNKNOWN,
        "Not known yet: the first visit to the log is under way.",
    )
    well = store.conclude(110, [], None, NONE)
    assert (well.state, well.since, well.verified) == (State.WELL, 110, 110)
    assert store.conclude(120, [], None, NONE).since == 110
    stale = LogFaultError("stale", "Old.")
    bad = store.conclude(130, [stale], None, NONE)
    assert (bad.state, bad.since, bad.verified) == (State.ALERT, 130, 120)
    gone = HubUnavailableError("hub_unreachable", "No.", actor="hub")
    unsure = store.conclude(140, [], gone, NONE)
    assert (unsure.state, unsure.alerts[0].since, unsure.problem) == (State.ALERT, 130, ("hub_unreachable", "No."))
    assert store.conclude(150, [], None, NONE).since == 150
    unsure = store.conclude(160, [], gone, NONE)
    assert first_line(unsure) == "Not known since 1 January 1970, 00:02 UTC: not everything could be read."
    store.close()


def test_what_changed_is_told_once(store: MonitorStore) -> None:
    first = store.conclude(110, [], None, NONE)
    assert list(changes(None, first)) == [("well", "All is well since 1 January 1970, 00:01 UTC.")]
    assert list(changes(first, store.conclude(111, [], None, NONE))) == []
    bad = store.conclude(120, [LogFaultError("stale", "Old.")], None, NONE)
    told = [
        ("stale", "ALERT Old."),
        ("alert", "Not well: 1 thing needs your attention since 1 January 1970, 00:02 UTC."),
    ]
    assert list(changes(first, bad)) == told
    assert [code for code, _ in changes(bad, first)] == ["stale", "well"]
    gone = HubUnavailableError("hub_unreachable", "No.", actor="hub")
    unsure = store.conclude(130, [], gone, NONE)
    assert ("hub_unreachable", "can't tell: No.") in list(changes(bad, unsure))
    assert [line.strip() for line in lines(unsure)][1] == "can't tell: No. [hub_unreachable]"
    assert report(unsure)["problem"] == {"code": "hub_unreachable", "message": "No."}
    store.close()


def test_evidence_is_whole_and_never_overwritten(tmp_path: Path) -> None:
    half = tmp_path / "evidence" / ".log_forked-19700101T000000Z.new"
    half.mkdir(parents=True)
    (half / "first.note").write_bytes(b"ha")  # of a monitor that was killed
    names = keep_evidence(tmp_path, "log_forked", {"first.note": b"one", "second.note": b"two"}, 0)
    assert names == (
        "evidence/log_forked-19700101T000000Z/first.note",
        "evidence/log_forked-19700101T000000Z/second.note",
    )
    assert [(tmp_path / name).read_bytes() for name in names] == [b"one", b"two"]
    keep_evidence(tmp_path, "log_forked", {"first.note": b"other"}, 0)
    assert (tmp_path / names[0]).read_bytes() == b"one"
    (tmp_path / "file").write_text("")
    with pytest.raises(GatewayError) as refusal:
        keep_evidence(tmp_path / "file", "x", {}, 0)
    assert refusal.value.code == "storage_failed"


def test_a_store_of_before_has_no_questions_and_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "monitor.sqlite3"
    MonitorStore(path, "net", "provider-a").close()
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("DROP TABLE questions; DROP TABLE awaited;")
    store = MonitorStore(path, "net", "provider-a")
    assert (store.questions(frozenset()), store.awaited()) == ([], {})
    store.close()
