"""Files of arrays: what was written is read, and anything else counts for nothing."""

import logging
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.storage.keptarrays import KeptArrays, named, part, texts_of, written_texts

ARRAYS = {"numbers": np.arange(5), "times": np.array([-1, 2**40]), "none": np.zeros(0, np.int8)}


def test_what_was_written_is_read(tmp_path: Path) -> None:
    file = KeptArrays(tmp_path / "some.index", "form 1")
    assert file.read() is None
    for arrays in (ARRAYS, {"other": np.arange(3)}):
        file.write(arrays)
        found = file.read()
        assert found is not None
        assert {name: one.tolist() for name, one in found.items()} == {
            name: one.tolist() for name, one in arrays.items()
        }
    assert KeptArrays(tmp_path / "some.index", "form 2").read() is None
    assert [one.name for one in tmp_path.iterdir()] == ["some.index"]
    assert (tmp_path / "some.index").stat().st_mode & 0o777 == 0o600


@pytest.fixture(scope="module")
def octets(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("kept") / "some.index"
    KeptArrays(path, "form 1").write(ARRAYS)
    return path.read_bytes()


@given(st.data())
def test_a_damaged_file_counts_for_nothing(
    octets: bytes, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = tmp_path_factory.getbasetemp() / "damaged.index"
    place = data.draw(st.integers(0, len(octets) - 1))
    other = bytes([octets[place] ^ data.draw(st.integers(1, 255))])
    for damaged in (octets[:place], octets[:place] + other + octets[place + 1 :]):
        path.write_bytes(damaged)
        assert KeptArrays(path, "form 1").read() is None


def test_what_cant_be_written_or_read_is_told_and_goes_on(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "some.index").mkdir()
    file = KeptArrays(tmp_path / "some.index", "form 1")
    with caplog.at_level(logging.WARNING):
        file.write(ARRAYS)
        assert file.read() is None
    assert [one.getMessage() for one in caplog.records] == [
        "some.index can't be written: Is a directory",
        "some.index can't be read: Is a directory",
    ]
    assert list(tmp_path.iterdir()) == [tmp_path / "some.index"]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]))))
def test_texts_are_an_array(texts: list[str]) -> None:
    assert texts_of(written_texts(texts)) == texts


def test_parts_stand_under_their_names() -> None:
    whole = {**named("left", ARRAYS), **named("left over", {"numbers": np.arange(2)})}
    assert part(whole, "left") == ARRAYS
    assert part(whole, "left over")["numbers"].tolist() == [0, 1]
