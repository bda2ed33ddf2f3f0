"""Stored events become the values that are computed with, and nothing of them is lost on the way."""

import json
from pathlib import Path
from typing import Any

import pytest

from hub.oversight.reading import event_of
from hub.storage.values import CaseEvent
from metrics.events import COURT_DECISIONS, PERFORMANCES, TYPES, Event
from metrics.samples import as_reported
from schemas.codes import code_list
from signing.statement import seconds

EXAMPLES = sorted(Path("schemas/case-events/examples").glob("valid-*.json"))


def told(path: Path) -> list[dict[str, Any]]:
    return list(json.loads(path.read_text("utf-8"))["body"]["events"])


def read(event: dict[str, Any]) -> Event:
    rest = {name: value for name, value in event.items() if name not in {"case", "sequence", "type", "at"}}
    at = seconds(event["at"])
    return event_of(CaseEvent("acme", event["case"], event["sequence"], event["type"], at, at, rest))


@pytest.mark.parametrize("path", EXAMPLES, ids=[path.stem for path in EXAMPLES])
def test_an_event_is_reported_as_it_was_read(path: Path) -> None:
    assert [as_reported(read(event)) for event in told(path)] == told(path)


def test_the_examples_use_every_member_of_an_event() -> None:
    used = {name for path in EXAMPLES for event in told(path) for name in event}
    assert used == set(Event._fields) - {"provider", "recorded_at"}


def test_codes_of_events_are_those_of_the_lists() -> None:
    assert set(code_list("case_event_types").entries) == TYPES
    assert tuple(code_list("performances").entries) == PERFORMANCES
    assert tuple(code_list("court_decisions").entries) == COURT_DECISIONS
