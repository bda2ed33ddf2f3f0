"""Links are used once, by whoever has the secret, within a minute; sessions last eight hours at most."""

from collections.abc import Callable
from hashlib import sha256

import pytest

from hub.console.sessions import LINK_SECONDS, SESSION_SECONDS, Prepared, Sessions
from hub.errors import AccessError
from signing.drafts import Draft
from tests.hub.running import Clock

SECRET = "MDEyMzQ1Njc4OWFiY2RlZg"
REFUSED = "This link was used, has lapsed after a minute, or is not whole. Make a new one."


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sessions(clock: Clock) -> Sessions:
    return Sessions(clock)


def announce(sessions: Sessions, owner: str = "officer-1") -> str:
    return sessions.announce(owner, "kid-1", sha256(SECRET.encode()).digest()).id


def refusal(opening: Callable[[], object]) -> str:
    with pytest.raises(AccessError) as caught:
        opening()
    assert caught.value.code == "session_link_refused"
    return caught.value.message


def test_a_link_opens_a_session_of_the_officer_whose_key_signed(sessions: Sessions, clock: Clock) -> None:
    cookie, session = sessions.open(announce(sessions), SECRET)
    assert (session.owner, session.kid, session.expires) == ("officer-1", "kid-1", clock.now + SESSION_SECONDS)
    assert sessions.find(cookie) is session
    assert sessions.find(cookie + "x") is None


def test_a_link_is_used_once(sessions: Sessions) -> None:
    link = announce(sessions)
    sessions.open(link, SECRET)
    assert refusal(lambda: sessions.open(link, SECRET)) == REFUSED
    assert len(sessions) == 1


def test_a_wrong_secret_uses_the_link_up(sessions: Sessions) -> None:
    link = announce(sessions)
    assert refusal(lambda: sessions.open(link, SECRET + "x")) == REFUSED
    assert refusal(lambda: sessions.open(link, SECRET)) == REFUSED


def test_an_unknown_link_is_refused_in_the_same_words(sessions: Sessions) -> None:
    assert refusal(lambda: sessions.open("nobody", SECRET)) == REFUSED


def test_a_link_lapses_after_a_minute(sessions: Sessions, clock: Clock) -> None:
    first, second = announce(sessions), announce(sessions)
    clock.now += LINK_SECONDS - 1
    sessions.open(first, SECRET)
    clock.now += 1
    assert refusal(lambda: sessions.open(second, SECRET)) == REFUSED


def test_a_session_ends_by_itself_and_by_log_out(sessions: Sessions, clock: Clock) -> None:
    first, _ = sessions.open(announce(sessions), SECRET)
    second, _ = sessions.open(announce(sessions), SECRET)
    sessions.end(first)
    assert sessions.find(first) is None
    clock.now += SESSION_SECONDS - 1
    assert sessions.find(second) is not None
    clock.now += 1
    assert sessions.find(second) is None


def test_links_and_sessions_of_one_officer_are_few(sessions: Sessions, clock: Clock) -> None:
    links = [announce(sessions) for _ in range(4)]
    with pytest.raises(AccessError, match="wait to be opened") as caught:
        announce(sessions)
    assert caught.value.code == "too_many_links"
    other, _ = sessions.open(announce(sessions, "officer-2"), SECRET)
    cookies = [sessions.open(link, SECRET)[0] for link in links] + [sessions.open(announce(sessions), SECRET)[0]]
    assert [sessions.find(one) is not None for one in cookies] == [False, True, True, True, True]
    assert sessions.find(other) is not None
    clock.now += SESSION_SECONDS
    announce(sessions)
    assert len(sessions) == 0


def test_neither_secret_nor_token_nor_cookie_is_shown(sessions: Sessions) -> None:
    link = sessions.announce("officer-1", "kid-1", sha256(SECRET.encode()).digest())
    assert repr(sha256(SECRET.encode()).digest()) not in repr(link)
    cookie, session = sessions.open(link.id, SECRET)
    assert session.token not in repr(session)
    assert cookie not in repr(vars(sessions))


def test_a_session_holds_its_own_token_alone(sessions: Sessions) -> None:
    _, one = sessions.open(announce(sessions), SECRET)
    _, other = sessions.open(announce(sessions), SECRET)
    assert one.holds(one.token)
    assert not one.holds(other.token)
    assert not one.holds("")
    assert not one.holds("é")


def test_a_prepared_draft_is_taken_once_and_only_the_newest_are_kept(sessions: Sessions) -> None:
    _, session = sessions.open(announce(sessions), SECRET)
    names = [session.keep(Prepared(Draft(b'{"n":%d}' % number), (), "/console")) for number in range(9)]
    assert session.take(names[0]) is None
    kept = session.take(names[8])
    assert kept is not None
    assert kept.draft.payload == {"n": 8}
    assert session.take(names[8]) is None
