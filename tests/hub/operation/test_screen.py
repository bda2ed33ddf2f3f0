"""One screen of 24 by 100, however much there is to say."""

from dataclasses import replace

import pytest

from hub.alarms.kinds import KINDS
from hub.alarms.register import Alarm
from hub.operation.condition import NOT_RUNNING, RUNNING, Condition, LogFacts, WitnessFacts
from hub.operation.screen import COLUMNS, LINES, duration, screen
from tests.hub.operation.test_runningfile import FACTS

NOW = 1_795_000_000
WITNESSES = tuple(WitnessFacts(f"w{n}.example", 100 - n, NOW - 60 * n, "cosigned") for n in range(3))
LOG = LogFacts(
    origin="hub.example/log/1", size=100, signed_size=100, root="ab" * 32, newest_entry=NOW - 5, witnessed_size=99,
    witnessed_time=NOW - 60, cosigned_by=(), quorum="two", witnesses=WITNESSES,
)  # fmt: skip
WELL = Condition(
    time=NOW, data="/srv/hub", version="0.1.0", url="https://hub.example", process=RUNNING,
    running=replace(FACTS, started=NOW - 7200, time=NOW - 2, without_quorum=60, verifiers=1, verifiers_wanted=1),
    log=LOG, problem="", alarms=(), free_bytes=12_300_000_000, database="hub.sqlite3", database_bytes=4_560_000,
)  # fmt: skip


def test_a_hub_that_is_well() -> None:
    assert screen(WELL) == (
        "ODR Hub 0.1.0  RUNNING  https://hub.example  since 2026-11-18T09:06:40Z, seen 2 s ago\n"
        "Log         hub.example/log/1\n"
        "Head        100 entries, newest 5 s ago, root abababababababab…\n"
        "Witnessed   99 entries 1 min ago; quorum two, quorum missing for 1 min\n"
        "Queue       4 of 5 statements\n"
        "Witnesses   w2.example                        98 entries 2 min ago        cosigned\n"
        "            w1.example                        99 entries 1 min ago        cosigned\n"
        "            w0.example                        100 entries 0 s ago         cosigned\n"
        "Alarms      none\n"
        "Disk        12.3 GB free\n"
        "Database    hub.sqlite3, 4.6 MB\n"
        "Verifiers   1 of 1 at work\n"
    )
    assert WELL.exit_code == 0


def test_alarms_stand_with_since_and_command() -> None:
    found = replace(WELL, alarms=(Alarm("witness_ahead", NOW - 3600, "It stands at 9.", "w1.example"),))
    assert "ALARMS      ! witness_ahead (w1.example) since 2026-11-18T10:06:40Z: It stands at 9.\n" in screen(found)
    assert '              do: odr-hub alarms clear witness_ahead --data /srv/hub --reason "…"\n' in screen(found)
    assert found.exit_code == 1


def test_a_hub_that_does_not_run_is_told_by_its_tables() -> None:
    found = replace(WELL, process=NOT_RUNNING, running=None)
    assert screen(found).startswith("ODR Hub 0.1.0  NOT RUNNING  https://hub.example\nLog         hub.example/log/1\n")
    assert "Queue" not in screen(found)
    assert found.exit_code == 2
    unread = replace(found, log=None, problem="There is no log in this data directory. [no_log]")
    assert "\nLog         There is no log in this data directory. [no_log]\n" in screen(unread)
    assert replace(unread, process=RUNNING).exit_code == 2


@pytest.mark.parametrize("process", [RUNNING, NOT_RUNNING])
def test_however_much_there_is_it_fits(process: str) -> None:
    """The most of everything, the longest names, and text that would move a terminal's cursor."""
    witnesses = tuple(WitnessFacts("w" * 250, n, 0, "no\n\x1b[2Janswer " * 30) for n in range(32))
    alarms = tuple(Alarm(code, NOW, "d" * 2000, "s" * 250) for code in KINDS)
    running = replace(WELL.running or FACTS, read_only="r" * 500)
    log = replace(LOG, size=10**7, signed_size=10**7 - 5, witnesses=witnesses, quorum="q" * 200)
    found = replace(WELL, process=process, log=log, alarms=alarms, running=running, data="/" + "d" * 200)
    lines = screen(found).splitlines()
    assert len(lines) <= LINES
    assert max(map(len, lines)) <= COLUMNS
    assert "\x1b" not in screen(found)
    assert "            and 27 more, each further than these" in lines
    assert f"            and {len(KINDS) - 3} more: odr-hub alarms list" in screen(found)


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0 s"), (59, "59 s"), (60, "1 min"), (3599, "59 min"), (7200, "2 h"), (200_000, "2 d")]
)
def test_durations(seconds: int, words: str) -> None:
    assert duration(seconds) == words


def test_a_hub_without_witnesses_says_so() -> None:
    alone = replace(WELL, log=replace(LOG, quorum="none", witnesses=(), witnessed_size=0))
    assert "Witnessed   no quorum is asked for\n" in screen(alone)
    fresh = replace(WELL, log=replace(LOG, witnessed_size=0, witnesses=(WitnessFacts("w.example", 0, 0, ""),)))
    assert "Witnessed   nothing yet; quorum two\n" in screen(fresh)
    assert "w.example                         never cosigned\n" in screen(fresh)
