"""Browser sessions of officers, and the single-use links that open them; kept in memory, bounded, gone at a restart.

An officer's own program *announces* the SHA-256 of a fresh secret in a signed request. The secret itself travels in
the fragment of an address, which no browser sends, to the console's script, which *opens* the session with it, once.
A link that is tried with a wrong secret is used up as well, so that nobody guesses.

Sessions are kept under the SHA-256 of the cookie's value, so that what is in memory opens none.
"""

import hmac
import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256

from hub.errors import AccessError
from signing.drafts import Draft

__all__ = ["LINK_SECONDS", "SESSION_SECONDS", "Link", "Prepared", "Session", "Sessions"]

LINK_SECONDS = 60
SESSION_SECONDS = 8 * 3600
_MOST_LINKS = 4
"""Links of one officer that may be open at a time."""

_MOST_SESSIONS = 4
"""Sessions of one officer at a time; a further one ends the oldest."""

_MOST_PREPARED = 8
"""Drafts of one session that wait for its officer's second look."""


@dataclass(frozen=True, slots=True)
class Link:
    """A link that was announced and not used yet; times are POSIX seconds."""

    id: str
    owner: str
    kid: str
    secret_sha256: bytes = field(repr=False)
    expires: int


@dataclass(frozen=True, slots=True)
class Prepared:
    """A draft as it was shown word for word, the officers who are to sign it, and the page that it was made on.

    ``application`` is the id of the application that it admits, empty of every other draft.
    """

    draft: Draft
    signers: tuple[str, ...]
    back: str
    application: str = ""


@dataclass(frozen=True, slots=True)
class Session:
    """An officer in a browser.

    Attributes:
        owner: the officer's actor id.
        kid: the http key that signed the request for the link; the session ends with it.
        expires: POSIX seconds.
        token: stands in every form of the session.
        prepared: drafts that were shown and not posted yet, by a random id; each can be posted once.
    """

    owner: str
    kid: str
    expires: int
    token: str = field(repr=False)
    prepared: OrderedDict[str, Prepared] = field(default_factory=OrderedDict, repr=False, compare=False)

    def holds(self, token: str) -> bool:
        """Whether ``token`` is that of this session's forms; takes the same time whatever it is."""
        return hmac.compare_digest(self.token.encode(), _octets(token))

    def keep(self, prepared: Prepared) -> str:
        """Keep a draft that is shown; the oldest goes when there are too many."""
        name = secrets.token_urlsafe(12)
        self.put_back(name, prepared)
        return name

    def put_back(self, name: str, prepared: Prepared) -> None:
        """Keep a draft that was taken and could not be posted, under the name that its page has."""
        self.prepared[name] = prepared
        while len(self.prepared) > _MOST_PREPARED:
            self.prepared.popitem(last=False)

    def take(self, name: str) -> Prepared | None:
        """A draft that was kept, once; None when it is not there (any more)."""
        return self.prepared.pop(name, None)


class Sessions:
    """Links and sessions of every officer; one event loop uses it.

    Args:
        clock: POSIX seconds.
    """

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._links: OrderedDict[str, Link] = OrderedDict()
        self._sessions: OrderedDict[bytes, Session] = OrderedDict()

    def announce(self, owner: str, kid: str, secret_sha256: bytes) -> Link:
        """A link for ``owner``, whose http key ``kid`` signed the request, and whose secret has this SHA-256.

        Raises:
            AccessError: too_many_links.
        """
        self._forget_expired()
        if sum(one.owner == owner for one in self._links.values()) >= _MOST_LINKS:
            raise AccessError("too_many_links", "Links of yours wait to be opened; they lapse after a minute.", owner)
        link = Link(secrets.token_urlsafe(12), owner, kid, secret_sha256, self._clock() + LINK_SECONDS)
        self._links[link.id] = link
        return link

    def open(self, link_id: str, secret: str) -> tuple[str, Session]:
        """Use a link up: the value of the cookie, and the session.

        Not checked: that the officer's key is current still; whoever asks for the session is to do that each time.

        Raises:
            AccessError: session_link_refused, in the same words for an unknown, used, lapsed or wrong link.
        """
        self._forget_expired()
        link = self._links.pop(link_id, None)
        expected = link.secret_sha256 if link is not None else bytes(32)
        right = hmac.compare_digest(sha256(secret.encode()).digest(), expected)
        if link is None or not right:
            message = "This link was used, has lapsed after a minute, or is not whole. Make a new one."
            raise AccessError("session_link_refused", message)
        value = secrets.token_urlsafe(32)
        session = Session(link.owner, link.kid, self._clock() + SESSION_SECONDS, secrets.token_urlsafe(16))
        self._add(_name(value), session)
        return value, session

    def find(self, cookie: str) -> Session | None:
        """The session of a cookie's value, while it lasts."""
        session = self._sessions.get(_name(cookie))
        return session if session is not None and session.expires > self._clock() else None

    def end(self, cookie: str) -> None:
        """End the session of a cookie's value, if there is one."""
        self._sessions.pop(_name(cookie), None)

    def __len__(self) -> int:
        return len(self._sessions)

    def _add(self, name: bytes, session: Session) -> None:
        own = [key for key, one in self._sessions.items() if one.owner == session.owner]
        for key in own[: max(0, len(own) - _MOST_SESSIONS + 1)]:
            del self._sessions[key]
        self._sessions[name] = session

    def _forget_expired(self) -> None:
        """Officers are few and each has few of both, so that looking at all of them is cheap."""
        now = self._clock()
        for link in [one for one in self._links.values() if one.expires <= now]:
            del self._links[link.id]
        for key in [key for key, one in self._sessions.items() if one.expires <= now]:
            del self._sessions[key]


def _name(cookie: str) -> bytes:
    return sha256(_octets(cookie)).digest()


def _octets(given: str) -> bytes:
    """What a browser sent, also where it was no UTF-8 and half a surrogate stands for each octet."""
    return given.encode("utf-8", "surrogatepass")
