"""Progress is for people: on standard error, on a terminal alone, and not when it is not wanted."""

import io
import sys
from typing import Any

import pytest

from providers.gateway import case_progress


class Screen(io.StringIO):
    """A terminal, or a file, that keeps what it is shown."""

    def __init__(self, *, terminal: bool) -> None:
        super().__init__()
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


class Local:
    """A gateway with a transfer that is being prepared, uploaded, and then completed."""

    def __init__(self) -> None:
        at = {"phase": "upload_package", "done": 700, "total": 1400}
        self._answers: list[dict[str, Any]] = [
            {"finished": False, "state": "preparing", "progress": None},
            {"finished": False, "state": "accepted", "progress": at},
            {"finished": False, "state": "accepted", "progress": {**at, "done": 1400}},
            {"finished": True, "state": "completed", "progress": None},
        ]

    async def get(self, path: str) -> dict[str, Any]:
        assert path == "/transfers/urn:odr:a:t"
        return self._answers.pop(0)


@pytest.mark.parametrize(
    ("terminal", "quiet", "shown"), [(True, False, True), (True, True, False), (False, False, False)]
)
async def test_progress_is_for_people(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    terminal: bool,  # noqa: FBT001
    quiet: bool,  # noqa: FBT001
    shown: bool,  # noqa: FBT001
) -> None:
    screen = Screen(terminal=terminal)
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setattr(case_progress, "POLL_SECONDS", 0.2)  # a bar is drawn ten times a second
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    ended = await case_progress.follow(Local(), "urn:odr:a:t", quiet=quiet)  # type: ignore[arg-type]
    assert ended["state"] == "completed"
    assert ("uploading" in screen.getvalue()) is shown
    assert bool(screen.getvalue()) is shown
    assert capsys.readouterr().out == ""
