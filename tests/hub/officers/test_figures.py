"""What an officer's command prints of figures."""

from typing import Any

import pytest

from hub.errors import OfficerError
from hub.officers.figures import figure_lines
from metrics.compute import compute_all
from metrics.report import as_data
from metrics.tasks import Request
from tests.metrics.stories import FREEZE, PERIOD, fact

FIGURES = compute_all([fact("filed 0")], Request(PERIOD, FREEZE, minimum=1))
ANSWER: dict[str, Any] = {
    "figures": as_data(FIGURES, supervised=True), "events": 1, "unlinked": 0, "defects": {},
}  # fmt: skip


def test_figures_of_one_provider_and_of_chosen_indicators() -> None:
    head, subject, one, last = figure_lines(ANSWER, "alpha", ["incoming"])
    assert (head, last) == (
        "From 1 reported events; 0 received cases whose sender is unknown.",
        "No defects of the data.",
    )
    assert subject.startswith("alpha, ")
    assert one.strip().startswith("Incoming cases: 1 cases")
    assert figure_lines(ANSWER, "federation", ["incoming"])[1].startswith("federation, ")


def test_whom_the_hub_does_not_know_is_said_and_not_passed_over() -> None:
    with pytest.raises(OfficerError, match="no provider of this id is registered") as caught:
        figure_lines(ANSWER, "a-typo")
    assert (caught.value.code, caught.value.where) == ("unknown_provider", "a-typo")
    with pytest.raises(OfficerError, match="There is no indicator of this id") as caught:
        figure_lines(ANSWER, "alpha", ["incoming", "incomming"])
    assert (caught.value.code, caught.value.where) == ("unknown_indicator", "incomming")


def test_an_answer_that_is_none_is_refused() -> None:
    with pytest.raises(OfficerError, match="not in the form of figures"):
        figure_lines({"figures": [{}], "events": 1, "unlinked": 0, "defects": {}})
