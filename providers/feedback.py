"""Counts of feedback as a hub tells them, in lines for a person."""

from collections.abc import Iterator, Mapping
from typing import Any

from providers.errors import HubUnavailableError
from providers.printable import printable

__all__ = ["standing_lines"]


def standing_lines(answer: Mapping[str, Any]) -> list[str]:
    """The answer to ``GET /v1/feedback/providers/{id}``, for the provider or an officer.

    Args:
        answer: as the hub tells it; nothing here can check the counts.

    Raises:
        HubUnavailableError: ``bad_answer``, it is not of that form.
    """
    try:
        return [printable(line) for line in _lines(answer)]
    except (KeyError, TypeError, AttributeError) as error:
        message = "The hub's answer is not in the form of counts."
        raise HubUnavailableError("bad_answer", message, "/v1/feedback/providers", actor="hub") from error


def _lines(answer: Mapping[str, Any]) -> Iterator[str]:
    yield f"{answer['issued']} slots were issued."
    if "open" in answer:
        yield f"  {answer['open']} can still be answered."
        yield f"  {answer['unregistered']} stand in no case event; case events name {answer['unknown']} unknown ones."
    for one in answer["ended"]:
        months = " to ".join(dict.fromkeys((one["first_month"], one["last_month"])))
        told = f"{one['answered']} answered, {one['relayed']} relayed, {one['unused']} unused"
        yield f"  {months}: {one['slots']} ran out: {told}"
    if not answer["ended"]:
        yield f"  No month in which {answer['group']} slots or more ran out is over yet."
    for one in answer["scores"]:
        told = " ".join(f"{score}:{count}" for score, count in one["counts"].items())
        yield f"  {one['role']}, {one['question']}: {told} (of {one['n']})"
    if not answer["scores"]:
        yield f"  No question has {answer['group']} answers or more by parties of one role yet."
