"""What an applicant's gateway, or an officer's program, asks of a hub about applications."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from providers.application.form import ApplicationForm
from providers.application.selftest import Answer, Challenge, Outcome
from providers.client import HubClient
from providers.errors import HubUnavailableError
from providers.paging import following
from signing.encoding import JSON, canonical
from signing.errors import SigningError

__all__ = ["Applying", "Found", "Seen"]

_ROOM = "/v1/applications"

_MOST = 10_000
"""Most applications that are read from a queue; a hub lets 1,000 wait."""


@dataclass(frozen=True, slots=True)
class Seen:
    """An application as the hub shows it; ``challenge`` to its applicant alone, while it is open."""

    id: str
    state: str
    actor: str
    type: str
    received_at: str
    expires_at: str
    reason: str | None
    outcomes: tuple[Outcome, ...]
    challenge: Challenge | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """An application as an officer sees it; ``flags`` are sentences, ``form`` is None once it has ended."""

    seen: Seen
    legal_name: str | None
    flags: tuple[str, ...] = ()
    form: ApplicationForm | None = None


class Applying:
    """Applications at one hub.

    Args:
        hub: its client, which signs with the http key of the applicant or officer.
    """

    def __init__(self, hub: HubClient) -> None:
        self._hub = hub

    async def apply(self, form: ApplicationForm) -> Seen:
        """Post an application; the same again is answered with the one that is open."""
        return _applicants(await self._hub.exchange("POST", _ROOM, form.to_bytes(), signed=False))

    async def seen(self, name: str) -> Seen:
        """The applicant's own application."""
        return _applicants(await self._hub.exchange("GET", _address(name)))

    async def answer(self, name: str, answer: Answer) -> Seen:
        """Answer the challenge of the self-test."""
        return _applicants(await self._hub.exchange("POST", f"{_address(name)}/self-test", canonical(answer.json())))

    async def withdraw(self, name: str) -> Seen:
        """Take an application back."""
        return _applicants(await self._hub.exchange("DELETE", _address(name)))

    async def queue(self, actor: str | None = None) -> list[Found]:
        """Every open application, or those for an actor id; for officers.

        Raises:
            HubUnavailableError: bad_answer, also for pages that would never end.
        """
        found: list[Found] = []
        after = ""
        while True:
            page = await self._hub.exchange("GET", _queue_address(actor, after))
            listed = [_listed(one) for one in _list(page, "applications")]
            found += listed
            last = listed[-1].seen.id if listed else ""
            if (begins := following(page, after, len(found), _MOST, last=last)) is None:
                return found
            after = begins

    async def found(self, name: str) -> Found:
        """An application with what was posted and what to look at twice; for officers."""
        return _shown(await self._hub.exchange("GET", _address(name)))

    async def decline(self, name: str, reason: str) -> Found:
        """End an application with a reason that the applicant reads; for officers."""
        body = canonical({"reason": reason})
        return _shown(await self._hub.exchange("POST", f"{_address(name)}/decline", body))


def _address(name: str) -> str:
    return f"{_ROOM}/{quote(name, safe='')}"


def _queue_address(actor: str | None, after: str) -> str:
    parameters = {name: value for name, value in (("actor", actor), ("after", after)) if value}
    return f"{_ROOM}?{urlencode(parameters)}" if parameters else _ROOM


def _applicants(answer: Mapping[str, JSON]) -> Seen:
    test = answer.get("self_test")
    if not isinstance(test, Mapping):
        raise _unusable("An application has a self-test.", "/self_test")
    try:
        challenge = None if test.get("challenge") is None else Challenge.from_json(test["challenge"])
    except SigningError as error:
        raise _unusable(error.message, "/self_test/challenge") from error
    return _seen(answer, _list(test, "outcomes"), challenge)


def _listed(answer: JSON) -> Found:
    if not isinstance(answer, Mapping):
        raise _unusable("An application is an object.", "/applications")
    name = answer.get("legal_name")
    return Found(_seen(answer, [], None), None if name is None else str(name))


def _shown(answer: Mapping[str, JSON]) -> Found:
    form, flags = answer.get("application"), _list(answer, "flags")
    try:
        posted = None if form is None else ApplicationForm.from_bytes(canonical(form))
    except SigningError as error:
        raise _unusable(error.message, "/application") from error
    sentences = tuple(str(one.get("message")) for one in flags if isinstance(one, Mapping))
    seen = _seen(answer, _list(answer, "outcomes"), None)
    return Found(seen, None if answer.get("legal_name") is None else str(answer["legal_name"]), sentences, posted)


def _seen(answer: Mapping[str, JSON], outcomes: list[JSON], challenge: Challenge | None) -> Seen:
    names = ("id", "state", "actor", "type", "received_at", "expires_at")
    if not all(isinstance(answer.get(name), str) for name in names):
        raise _unusable(f"An application has {', '.join(names)}.", "/")
    reason = answer.get("reason")
    try:
        told = tuple(Outcome.from_json(one) for one in outcomes)
    except SigningError as error:
        raise _unusable(error.message, "/outcomes") from error
    texts = {name: str(answer[name]) for name in names}
    return Seen(**texts, reason=None if reason is None else str(reason), outcomes=told, challenge=challenge)


def _list(members: Mapping[str, JSON], name: str) -> list[JSON]:
    value = members.get(name)
    if not isinstance(value, list):
        raise _unusable(f"Expected a list in {name}.", f"/{name}")
    return value


def _unusable(message: str, where: str) -> HubUnavailableError:
    return HubUnavailableError("bad_answer", message, where, actor="hub")
