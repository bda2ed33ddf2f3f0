"""A job that ran is due again after its time, whatever became of the file meanwhile."""

import logging
from pathlib import Path

import pytest

from hub.jobs.lastrun import LastRun


def test_it_is_due_again_after_its_time(tmp_path: Path) -> None:
    last = LastRun(tmp_path / "facts.checked", "form 1")
    assert last.due(1000, 60)
    last.remember(1000)
    assert [now for now in (999, 1000, 1059, 1060, 5000) if last.due(now, 60)] == [999, 1060, 5000]
    assert LastRun(tmp_path / "facts.checked", "form 2").due(1010, 60)
    assert not LastRun(tmp_path / "facts.checked", "form 1").due(1010, 60)


@pytest.mark.parametrize("octets", [b"", b"form 1", b"form 1 x", b"\xff"])
def test_what_cant_be_read_means_due(tmp_path: Path, octets: bytes) -> None:
    (tmp_path / "facts.checked").write_bytes(octets)
    assert LastRun(tmp_path / "facts.checked", "form 1").due(1000, 60)


def test_what_cant_be_written_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "facts.checked").mkdir()
    with caplog.at_level(logging.WARNING):
        LastRun(tmp_path / "facts.checked", "form 1").remember(1000)
    assert [one.getMessage() for one in caplog.records] == ["facts.checked can't be written: Is a directory"]
