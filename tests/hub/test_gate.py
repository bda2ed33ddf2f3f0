"""The gate: one alarm when a state begins, one word when it ends, a refusal in between."""

import pytest

from hub.gate import Gate, ShutError


def test_a_state_is_told_once_and_shuts_until_it_ends(caplog: pytest.LogCaptureFixture) -> None:
    gate = Gate()
    gate.require_open()
    for number in range(3):
        gate.watch("disk_floor", f"Only {number} MiB are free.")
    with pytest.raises(ShutError, match="Only 2 MiB are free") as caught:
        gate.require_open()
    assert (caught.value.code, caught.value.retry_after) == ("disk_floor", 60)
    gate.watch("clock_set", "The clock was set.")
    gate.watch("disk_floor", None)
    with pytest.raises(ShutError, match="The clock was set"):
        gate.require_open()
    gate.watch("clock_set", None)
    gate.watch("clock_set", None)
    gate.require_open()
    assert [(one.name, one.levelname, one.getMessage()) for one in caplog.records] == [
        ("hub", "ERROR", "Only 0 MiB are free. [disk_floor]"),
        ("hub", "ERROR", "The clock was set. [clock_set]"),
        ("hub", "WARNING", "This is over; statements and uploads are taken again. [disk_floor]"),
        ("hub", "WARNING", "This is over; statements and uploads are taken again. [clock_set]"),
    ]


def test_a_clock_that_is_wrong_or_in_doubt_keeps_what_goes_by_age(caplog: pytest.LogCaptureFixture) -> None:
    gate = Gate()

    def told() -> str | None:
        return gate.clock_doubt

    gate.watch("disk_floor", "Only 2 MiB are free.")
    assert told() is None, "a full disk says nothing about the clock"
    gate.watch("disk_floor", None)
    caplog.clear()
    for _ in range(2):
        gate.doubt_clock("The clock may be wrong.")
    gate.require_open()
    assert not gate.states
    assert told() == "The clock may be wrong."
    assert [(one.levelname, one.getMessage()) for one in caplog.records] == [("WARNING", "The clock may be wrong.")]
    gate.watch("clock_set", "The clock was set.")
    assert told() == "The clock was set.", "what is proven comes first"
    gate.watch("clock_set", None)
    gate.watch("clock_behind", "The clock is behind.")
    gate.doubt_clock(None)
    assert told() == "The clock is behind."
    gate.watch("clock_behind", None)
    assert told() is None
