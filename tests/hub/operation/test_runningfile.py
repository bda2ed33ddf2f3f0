"""What a running hub writes down about itself, and what is not that."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.alarms.witnesswatch import LastAnswer
from hub.operation.runningfile import NAME, RunningFacts, read_running, remove_running, write_running
from signing.errors import FormatError

FACTS = RunningFacts(
    version="0.1.0", url="http://127.0.0.1:1", started=1, time=2, pid=3, waiting=4, queue=5, verifiers=6,
    verifiers_wanted=7, without_quorum=8, read_only="", witnesses={"w.example": LastAnswer(9, 10, "cosigned")},
)  # fmt: skip


def test_facts_are_read_as_they_were_written(tmp_path: Path) -> None:
    assert read_running(tmp_path) is None
    write_running(tmp_path, FACTS)
    assert read_running(tmp_path) == FACTS
    assert (tmp_path / NAME).stat().st_mode & 0o777 == 0o600
    remove_running(tmp_path)
    remove_running(tmp_path)
    assert read_running(tmp_path) is None


@given(st.data())
def test_what_is_no_such_file_is_refused_with_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("data")
    write_running(folder, FACTS)
    octets = bytearray((folder / NAME).read_bytes())
    octets[data.draw(st.integers(0, len(octets) - 1))] = data.draw(st.integers(0, 255))
    (folder / NAME).write_bytes(octets)
    try:
        found: object = read_running(folder)
    except FormatError as error:
        found = error.code
    assert found == "bad_running" or isinstance(found, RunningFacts)


@pytest.mark.parametrize("octets", [b"", b"[]", b"{}", b'{"v":1,"witnesses":[]}', b'{"v":2,"witnesses":[]}'])
def test_rubbish_is_refused(tmp_path: Path, octets: bytes) -> None:
    (tmp_path / NAME).write_bytes(octets)
    with pytest.raises(FormatError, match="not what a running hub writes"):
        read_running(tmp_path)
