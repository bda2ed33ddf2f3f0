"""Pages of a hub's lists: where the next one begins, and what would hold its reader for ever."""

import re
from typing import Any, TypeVar

import pytest

from providers.errors import HubUnavailableError
from providers.paging import following
from signing.encoding import JSON

NOT_ON = "does not go on"


A = TypeVar("A", str, int)


def refusal(told: JSON, after: A, *, read: int = 1, last: A | None = None) -> HubUnavailableError:
    with pytest.raises(HubUnavailableError) as caught:
        following({"next": told}, after, read, 10, last=last)
    return caught.value


@pytest.mark.parametrize("page", [{"next": None}, {}])
def test_the_last_page_names_no_other(page: dict[str, JSON]) -> None:
    assert following(page, "", 10, 10) is None


def test_pages_go_on() -> None:
    assert following({"next": "b"}, "a", 1, 10) == "b"
    assert following({"next": "b"}, "a", 1, 10, last="b") == "b"
    assert following({"next": 0}, -1, 9, 10) == 0


@pytest.mark.parametrize(
    ("told", "after"), [("a", "a"), ("a", "b"), (3, 3), (2, 3), ("4", 3), (True, 0), (4.0, 3), (4, "a"), ([], "a")]
)
def test_a_page_that_does_not_go_further_is_refused(told: JSON, after: Any) -> None:
    error = refusal(told, after)
    assert NOT_ON in error.message
    assert (error.code, error.where, error.actor) == ("bad_answer", "/next", "hub")


@pytest.mark.parametrize("last", ["", "a", "c"])
def test_a_page_that_leaves_a_gap_or_begins_before_the_end_is_refused(last: str) -> None:
    assert NOT_ON in refusal("b", "a", last=last).message


def test_a_list_that_does_not_end_is_given_up() -> None:
    assert re.search("does not end after 10 of", refusal("b", "a", read=10).message)
