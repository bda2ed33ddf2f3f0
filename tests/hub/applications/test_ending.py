"""How an application ends: what becomes of it, and of the draft that waits on the desk."""

from dataclasses import replace

import pytest

from hub.applications.ending import Posted, ended_as, quietly, wished
from hub.applications.errors import ApplicationError
from hub.drafts.values import COMPLETE, OPEN, WITHDRAWN, DeskDraft
from hub.storage.applications import Application

NOW = 1_795_000_000
ONE = Application(
    "0197b1a0-0000-7000-8000-000000000001", "k" * 43, b"h" * 32, "cora-centre", "provider", "ready", NOW, NOW + 100,
    form="{}", challenge="{}",
)  # fmt: skip
WAITING = DeskDraft(
    "id", "officer-1", "member", "cora-centre", OPEN, "cd" * 32, True, NOW, NOW + 100, (), "urn:odr", b"{}"  # noqa: FBT003
)  # fmt: skip
POSTED = Posted("urn:odr", frozenset({"cd" * 32}))


def declined(one: Application) -> Application:
    return ended_as(one, POSTED, "declined", NOW, "Because.", "officer-2")


def test_its_draft_ends_with_it() -> None:
    for decide in (wished(POSTED, declined, NOW), quietly(POSTED, declined, NOW)):
        one, draft = decide(ONE, WAITING)
        assert (one.state, one.reason, one.form, one.challenge) == ("declined", "Because.", None, None)
        assert one.statement == "urn:odr"
        assert draft is not None
        assert (draft.state, draft.payload, draft.ended_at) == (WITHDRAWN, None, NOW)


def test_a_draft_with_another_text_stays() -> None:
    for decide in (wished(POSTED, declined, NOW), quietly(POSTED, declined, NOW)):
        for found in (None, replace(WAITING, digest="ef" * 32)):
            assert decide(ONE, found) == (declined(ONE), None)


def test_what_the_hub_registers_is_not_taken_back() -> None:
    complete = replace(WAITING, state=COMPLETE)
    with pytest.raises(ApplicationError, match="Everybody has signed") as caught:
        wished(POSTED, declined, NOW)(ONE, complete)
    assert (caught.value.code, caught.value.where) == ("admission_signed", ONE.id)
    assert quietly(POSTED, declined, NOW)(ONE, complete) == (declined(ONE), None)


def test_what_only_its_poster_registers_is_taken_back() -> None:
    _, draft = wished(POSTED, declined, NOW)(ONE, replace(WAITING, state=COMPLETE, register=False))
    assert draft is not None
    assert draft.state == WITHDRAWN


def test_nothing_ends_twice() -> None:
    ended = declined(ONE)
    with pytest.raises(ApplicationError, match="has ended: declined"):
        wished(POSTED, declined, NOW)(ended, WAITING)
    assert quietly(POSTED, declined, NOW)(ended, WAITING) == (ended, None)


async def test_what_has_ended_posted_nothing() -> None:
    assert await Posted.of(declined(ONE)) == Posted("", frozenset())
