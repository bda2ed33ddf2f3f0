"""A scratch mapping is a mapping, however little it may hold in memory."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.storage.scratch import Scratch

KEYS = st.sampled_from([f"key/{n}" for n in range(12)])


@given(st.lists(st.dictionaries(KEYS, st.integers(), max_size=5), max_size=30), st.integers(1, 8))
def test_it_keeps_what_a_dictionary_keeps(writes: list[dict[str, int]], capacity: int) -> None:
    expected: dict[str, int] = {}
    with Scratch(capacity) as scratch:
        for some in writes:
            scratch.update(some)
            expected |= some
            assert {key: scratch.get(key) for key in expected} == expected
            assert scratch.get("nothing", 7) == 7
        assert list(scratch.items()) == sorted(expected.items())
        assert {key: scratch.get(key) for key in expected} == expected


def test_its_file_is_deleted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with Scratch(1) as scratch:
        scratch.update({"a": 1, "b": 2, "c": 3})
        assert list(tmp_path.iterdir())
    assert not list(tmp_path.iterdir())
