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
