"""The one HTTP client to a hub: bounded, timed, no redirects, and trusting nothing that comes back.

``HubClient`` asks and parses; whether an answer is *true* is decided by ``providers.network.Network``.

    async with connect("https://hub.example") as hub:
        registration = await hub.post_statement(statement, wait_seconds=10)

A problem document (RFC 9457) becomes ``HubRefusedError``; no answer, too long or slow an answer, or one not
in the agreed form becomes ``HubUnavailableError``.
"""

import asyncio
import io
from collections.abc import AsyncIterable, AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Protocol
from urllib.parse import quote

import aiohttp
from yarl import URL

from providers.addresses import checked_url
from providers.errors import HubUnavailableError
from providers.problems import MAX_PROBLEM_BYTES, problem_of
from providers.receipts import AwardProofs, InboxPage, Receipt, Registration, TransferEntry
from signing.encoding import JSON, canonical, loads
from signing.errors import FormatError, SigningError
from signing.secretkeys import SigningKey
from signing.statement import Statement, parse_statement

__all__ = ["Heard", "HubClient", "RequestSigner", "connect", "http_signer"]

Heard = Callable[[str | None], None]
"""Told the ``Date`` of an answer, None if it has none."""

MAX_ANSWER_BYTES = 8 * 1024 * 1024
"""Longest answer read; a chain of policies or the proofs of one award stay far below it."""

MAX_DELTA_BYTES = 64 * 1024 * 1024
MAX_BUNDLE_BYTES = 256 * (2 + 65_535)
_NOT_SHOWN = (400, 401, 403, 404, 410, 451)
_STATEMENT_TYPE = "application/jose+json"
_LARGE = 1 << 20
_PATIENT = aiohttp.ClientTimeout(total=None, connect=10, sock_read=60)


class RequestSigner(Protocol):
    """Signs requests for non-public reads (RFC 9421, PROTOCOL §11)."""

    def __call__(
        self, method: str, url: str, body: bytes, fields: Mapping[str, str] | None = None, /
    ) -> Mapping[str, str]:
        """Headers to add to a request for the absolute ``url`` with these ``fields``, as it goes on the wire."""


def http_signer(key: SigningKey, clock: Callable[[], int]) -> RequestSigner:
    """Signs with a registered ``http`` key at the time that ``clock`` says (POSIX seconds)."""

    def sign(method: str, url: str, body: bytes, fields: Mapping[str, str] | None = None, /) -> Mapping[str, str]:
        from signing.httpsig import Request, sign_request  # noqa: PLC0415 - only signed reads need the parser

        return sign_request(Request(method, url, fields or {}, body), key, clock())

    return sign


@asynccontextmanager
async def connect(
    url: str,
    *,
    sign: RequestSigner | None = None,
    timeout_seconds: float = 40.0,
    heard: Heard | None = None,
) -> AsyncIterator["HubClient"]:
    """A client with a session of its own.

    Args:
        url: the hub's address, ``http(s)://host[:port]``, nothing after it.
        sign: signs reads that are not public; without it they are refused by the hub.
        timeout_seconds: longest time one request may take, connecting and reading included.
        heard: told the ``Date`` of every answer, refusals included.
    """
    timeout = aiohttp.ClientTimeout(total=timeout_seconds, connect=10)
    async with aiohttp.ClientSession(timeout=timeout, headers={"Accept-Encoding": "identity"}) as session:
        yield HubClient(url, session, sign=sign, heard=heard)


class HubClient:
    """One hub at one address; the session belongs to the caller."""

    def __init__(
        self,
        url: str,
        session: aiohttp.ClientSession,
        *,
        sign: RequestSigner | None = None,
        heard: Heard | None = None,
    ) -> None:
        self.url = checked_url(url)
        self._session = session
        self._sign = sign
        self._heard = heard

    async def post_statement(
        self, statement: Statement, annex: bytes | None = None, *, wait_seconds: int = 2
    ) -> Registration:
        """Post a signed statement, with its annex if it has one; wait up to ``wait_seconds`` for witnesses.

        Posting again is safe: the hub then returns the first registration, with the signatures registered first,
        and so does this function.
        """
        document = statement.document
        body, content_type = (document, _STATEMENT_TYPE) if annex is None else _multipart(document, annex)
        headers = {"Content-Type": content_type, "Prefer": f"wait={wait_seconds}"}
        answer = await self._json("POST", "/v1/statements", body=body, headers=headers)
        first = answer.pop("statement", None)
        receipt = Receipt.from_json(answer, "")
        return Registration(statement if first is None else _named(_statement(first), statement.digest), receipt)

    async def dry_run(self, statement: Statement) -> None:
        """Have the hub judge a statement without registering it; raises what registering would raise."""
        headers = {"Content-Type": _STATEMENT_TYPE}
        await self._json("POST", "/v1/statements?dry_run=true", body=statement.document, headers=headers)

    async def registration(self, digest: str) -> Registration:
        """The registered statement of this digest, with a current receipt."""
        found = Registration.from_json(await self._json("GET", f"/v1/statements/{quote(digest, safe='')}"))
        _named(found.statement, digest)
        return found

    async def receipt(self, digest: str) -> Receipt:
        """A current receipt of a registered statement; anybody may have it, also with a clock that is wrong."""
        path = f"/v1/statements/{quote(digest, safe='')}/receipt"
        return Receipt.from_json(await self._json("GET", path, signed=False), "")

    async def policy_chain(self) -> tuple[Registration, ...]:
        """Genesis and every later policy, in log order."""
        return _registrations(await self._json("GET", "/v1/policy"), "chain")

    async def members(self) -> dict[str, JSON]:
        """The public directory of members, as the hub tells it."""
        return await self._json("GET", "/v1/members")

    async def member(self, actor: str) -> dict[str, JSON]:
        """One member's directory entry, as the hub tells it."""
        return await self._json("GET", f"/v1/members/{quote(actor, safe='')}")

    async def neutrals(self) -> dict[str, JSON]:
        """The public register of neutrals, as the hub tells it."""
        return await self._json("GET", "/v1/neutrals")

    async def neutral(self, actor: str) -> dict[str, JSON]:
        """One neutral's register entry, as the hub tells it."""
        return await self._json("GET", f"/v1/neutrals/{quote(actor, safe='')}")

    async def key(self, kid: str) -> Registration:
        """The statement that introduced a key, with its receipt."""
        return Registration.from_json(await self._json("GET", f"/v1/keys/{quote(kid, safe='')}"))

    async def award(self, digest: str) -> AwardProofs:
        """Everything a verifier needs about one award, unverified."""
        answer = await self._json("GET", f"/v1/awards/{quote(digest, safe='')}")
        if not isinstance(answer, Mapping) or not {"award", "evidence", "status"} <= set(answer):
            raise _unusable("An award's answer has award, evidence and status.", "/")
        award = Registration.from_json(answer["award"], "/award")
        _named(award.statement, digest)
        return AwardProofs(award, _registrations(answer, "evidence"), answer["status"])

    async def inbox(
        self, after: int | None, wait_seconds: int, limit: int = 100, *, applied: int | None = None
    ) -> InboxPage:
        """Statements of transfers that concern this member, after a log index; waits for new ones (signed).

        They come with text and receipt, as far as the hub sends them along. ``applied``: up to which log index nothing
        is needed from the hub any more, if that is less than ``after``; the hub keeps the texts after it.
        """
        start = "" if after is None else f"&after={after}"
        start += "" if applied is None else f"&applied={applied}"
        answer = await self._json("GET", f"/v1/inbox?wait={wait_seconds}&limit={limit}&statements=true{start}")
        page = InboxPage.from_json(answer)
        if page.entries and (page.following is None or (after is not None and page.following <= after)):
            raise _unusable("A page of an inbox goes on after what it was asked to begin after.", "/next")
        return page

    async def transfer(self, transfer_id: str) -> tuple[TransferEntry, ...]:
        """The statements of a transfer in log order, as the hub tells them (signed)."""
        answer = await self._json("GET", f"/v1/transfers/{quote(transfer_id, safe=':')}")
        entries = answer.get("statements")
        if not isinstance(entries, list):
            raise _unusable("A transfer's answer lists its statements.", "/statements")
        return tuple(TransferEntry.from_json(one, f"/statements/{at}") for at, one in enumerate(entries))

    async def indicators(self, query: str = "") -> dict[str, JSON]:
        """Definitions and figures, as the hub tells them; ``query`` is that of ``GET /v1/indicators``."""
        return await self._json("GET", f"/v1/indicators?{query}" if query else "/v1/indicators")

    async def ask(
        self,
        method: str,
        path: str,
        members: JSON = None,
        *,
        fields: Mapping[str, str] | None = None,
        signed: bool = True,
    ) -> dict[str, JSON]:
        """The JSON answer to a request that carries ``members`` as JSON, if any; signed, if this client can."""
        body, headers = b"", dict(fields or {})
        if members is not None:
            body, headers["Content-Type"] = canonical(members), "application/json"
        async with self.request(method, path, body=body, headers=headers, signed=signed) as response:
            return _object(await _bounded(response, MAX_ANSWER_BYTES), path)

    async def directory_snapshot(self) -> bytes:
        """The newest snapshot of the directory, a JWS, unverified."""
        return await self._bytes("GET", "/v1/directory/snapshot", limit=MAX_PROBLEM_BYTES)

    async def directory_entries(self, digest: str, most: int) -> bytes:
        """The lines of a snapshot, at most ``most`` octets of them, unverified."""
        async with self.request("GET", f"/v1/directory/entries/{digest}", signed=False, patient=True) as response:
            return await _bounded(response, most)

    async def directory_delta(self, since: int, size: int) -> list[JSON]:
        """The records that changed between two log sizes, as the hub tells them."""
        answer = await self._json("GET", f"/v1/directory/delta?from={since}&at={size}", most=MAX_DELTA_BYTES)
        if not isinstance(entries := answer.get("entries"), list):
            raise _unusable("A delta lists its entries.", "/entries")
        return entries

    async def checkpoint(self) -> bytes:
        """The newest published checkpoint, a signed note."""
        return await self._bytes("GET", "/log/checkpoint", limit=MAX_PROBLEM_BYTES)

    async def log_file(self, path: str) -> bytes | None:
        """A hash tile or entry bundle by its path below ``/log/``; None where the hub says that it has none (4xx)."""
        async with self.request("GET", f"/log/{path}", signed=False, accept=(200, *_NOT_SHOWN)) as response:
            return await _bounded(response, MAX_BUNDLE_BYTES) if response.status == 200 else None

    async def exchange(self, method: str, path: str, body: bytes = b"", *, signed: bool = True) -> dict[str, JSON]:
        """JSON for JSON, signed if this client can: one request of an interface that has a client of its own."""
        headers = {"Content-Type": "application/json"} if body else None
        return await self._json(method, path, body=body, headers=headers, signed=signed)

    async def _json(  # noqa: PLR0913 - what a request is made of
        self,
        method: str,
        path: str,
        *,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        most: int = MAX_ANSWER_BYTES,
        signed: bool | None = None,
    ) -> dict[str, JSON]:
        data = await self._bytes(method, path, body=body, headers=headers, limit=most, signed=signed)
        return _object(data, path, most)

    async def _bytes(  # noqa: PLR0913 - what a request is made of
        self,
        method: str,
        path: str,
        *,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        limit: int = MAX_ANSWER_BYTES,
        signed: bool | None = None,
    ) -> bytes:
        sign = method == "GET" if signed is None else signed
        async with self.request(method, path, body=body, headers=headers, signed=sign) as response:
            return await _bounded(response, limit)

    @asynccontextmanager
    async def request(  # noqa: PLR0913 - what an HTTP request is made of
        self,
        method: str,
        path: str,
        *,
        body: bytes | AsyncIterable[bytes] = b"",
        headers: Mapping[str, str] | None = None,
        signed: bool = True,
        accept: tuple[int, ...] = (200, 201, 202),
        patient: bool = False,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """One request; the answer is open while the block runs, and any failure to read it there is translated too.

        Args:
            method: HTTP method.
            path: with its query, below the hub's address.
            body: octets to send, or what brings them: then with ``Content-Length``, and ``Content-Digest`` if signed.
            headers: fields to send; those that the profile signs are signed.
            signed: sign it, if this client can.
            accept: status codes that are no problem.
            patient: for a file: it may take as long as it likes, while something comes.

        Raises:
            HubRefusedError, HubUnavailableError.
        """
        url = URL(self.url + path)  # signed after normalisation: this is what goes on the wire
        fields = dict(headers or {})
        if signed and self._sign is not None:
            fields |= self._sign(method, str(url), body if isinstance(body, bytes) else b"", fields)
        timeout = _PATIENT if patient else self._session.timeout
        try:
            async with self._session.request(
                method, url, data=_payload(body), headers=fields, allow_redirects=False, timeout=timeout
            ) as response:
                if self._heard is not None:
                    self._heard(response.headers.get("Date"))
                if response.status not in accept:
                    raise problem_of(response.status, await _bounded(response, MAX_PROBLEM_BYTES), self.url)
                yield response
        except TimeoutError as error:
            raise _unavailable("hub_timeout", "The hub did not answer in time.", self.url) from error
        except (aiohttp.ClientError, asyncio.IncompleteReadError, ConnectionError) as error:
            raise _unavailable("hub_unreachable", "The hub can't be reached.", self.url) from error


def _object(data: bytes, path: str, most: int = MAX_ANSWER_BYTES) -> dict[str, JSON]:
    try:
        value = loads(data, max_bytes=most)
    except FormatError as error:
        raise _unusable(f"The hub's answer is not strict JSON: {error}", path) from error
    if not isinstance(value, dict):
        raise _unusable("The hub's answer is no JSON object.", path)
    return value


def _payload(body: bytes | AsyncIterable[bytes]) -> AsyncIterable[bytes] | bytes | io.BytesIO | None:
    """A body as the session takes it: a large one is handed over piece by piece."""
    return io.BytesIO(body) if isinstance(body, bytes) and len(body) > _LARGE else body or None


def _multipart(statement: bytes, annex: bytes) -> tuple[bytes, str]:
    """PROTOCOL §3: parts ``statement`` and ``annex`` of multipart/form-data (RFC 7578)."""
    boundary = b"odr-hub-parts"
    while boundary in statement or boundary in annex:
        boundary += b"-"
    parts = ((b"statement", b"application/jose+json", statement), (b"annex", b"application/json", annex))
    body = b"".join(
        b'--%s\r\nContent-Disposition: form-data; name="%s"\r\nContent-Type: %s\r\n\r\n%s\r\n' % (boundary, *part)
        for part in parts
    )
    return body + b"--%s--\r\n" % boundary, f"multipart/form-data; boundary={boundary.decode('ascii')}"


async def _bounded(response: aiohttp.ClientResponse, limit: int) -> bytes:
    """The whole body, refused as soon as it is longer than ``limit`` bytes."""
    data = bytearray()
    async for chunk in response.content.iter_any():
        data += chunk
        if len(data) > limit:
            raise _unusable(f"The hub's answer is longer than {limit} bytes.", response.url.path)
    return bytes(data)


def _registrations(answer: Mapping[str, JSON], member: str) -> tuple[Registration, ...]:
    entries = answer.get(member)
    if not isinstance(entries, list):
        raise _unusable(f"Expected a list of statements with receipts in {member}.", f"/{member}")
    return tuple(Registration.from_json(one, f"/{member}/{number}") for number, one in enumerate(entries))


def _named(statement: Statement, digest: str) -> Statement:
    """``statement`` if it is the one of this digest."""
    if statement.digest != digest:
        raise _unusable("The hub answered with another statement than the one asked for.", digest)
    return statement


def _statement(answer: JSON) -> Statement:
    try:
        return parse_statement(canonical(answer))
    except SigningError as error:
        raise _unusable(f"The hub sent a statement that is not in the one accepted form: {error}", "/") from error


def _unusable(message: str, where: str) -> HubUnavailableError:
    return HubUnavailableError("bad_answer", message, where, actor="hub")


def _unavailable(code: str, message: str, where: str) -> HubUnavailableError:
    return HubUnavailableError(code, message, where, actor="hub", retryable=True)
