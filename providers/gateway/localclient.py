"""The commands' side of the local interface: asks the gateway that runs in a directory."""

import io
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from urllib.parse import quote

import aiohttp

from providers.errors import GatewayError
from providers.gateway.home import load_home
from signing.encoding import JSON, canonical, loads
from signing.errors import SigningError

__all__ = ["LocalGateway", "local_gateway", "segment"]

MAX_ANSWER = 16 << 20
NOT_RUNNING = "No gateway answers here; start it with: odr-gateway serve --dir {directory}"


class LocalGateway:
    """A running gateway, asked with its token."""

    def __init__(self, session: aiohttp.ClientSession, url: str, directory: Path) -> None:
        self._session = session
        self._url = url
        self._directory = directory

    async def get(self, path: str) -> dict[str, JSON]:
        """Read."""
        return await self._ask("GET", path)

    async def post(self, path: str, body: Mapping[str, JSON]) -> dict[str, JSON]:
        """Ask for something to be done."""
        data = io.BytesIO(canonical(body))  # in the shortest form, and handed over piece by piece
        return await self._ask("POST", path, data=data, headers={"Content-Type": "application/json"})

    async def post_case(self, case: Path, documents: list[Path]) -> dict[str, JSON]:
        """Hand a case over: its file and its documents, streamed from the disk."""
        async with AsyncExitStack() as stack:
            form = aiohttp.FormData(quote_fields=False)
            form.add_field("case", _opened(stack, case), filename="case.json", content_type="application/json")
            for one in documents:
                form.add_field(
                    "document", _opened(stack, one), filename=one.name, content_type="application/octet-stream"
                )
            return await self._ask("POST", "/cases", data=form)

    async def save(self, path: str, target: Path) -> int:
        """Write what ``path`` serves to a new file; returns its size."""
        try:
            async with self._session.get(self._url + path, allow_redirects=False) as response:
                if response.status != 200:
                    raise _problem(response.status, await response.read())
                with target.open("xb") as file:
                    async for block in response.content.iter_chunked(1 << 18):
                        file.write(block)
                    return file.tell()
        except aiohttp.ClientError as error:
            raise self._unreachable() from error

    async def _ask(self, method: str, path: str, **more: object) -> dict[str, JSON]:
        try:
            async with self._session.request(method, self._url + path, allow_redirects=False, **more) as response:  # type: ignore[arg-type]
                body = await response.read()
                if response.status >= 400 and not path.startswith("/health"):
                    raise _problem(response.status, body)
        except (aiohttp.ClientError, ConnectionError) as error:
            raise self._unreachable() from error
        value = loads(body, max_bytes=MAX_ANSWER)
        if not isinstance(value, dict):
            raise GatewayError("bad_answer", "The gateway's answer is no JSON object.", path)
        return value

    def _unreachable(self) -> GatewayError:
        message = NOT_RUNNING.format(directory=self._directory)
        return GatewayError("gateway_not_running", message, self._url, retryable=True)


@asynccontextmanager
async def local_gateway(directory: Path) -> AsyncIterator[LocalGateway]:
    """The gateway that runs in ``directory``; its address and token are read there.

    Raises:
        GatewayError: ``no_gateway``, or ``gateway_not_running``.
    """
    load_home(directory)
    try:
        url = (directory / "exchange" / "address").read_text("ascii").strip()
        token = (directory / "exchange" / "token").read_text("ascii").strip()
    except OSError as error:
        message = NOT_RUNNING.format(directory=directory)
        raise GatewayError("gateway_not_running", message, str(directory)) from error
    headers = {"Authorization": f"Bearer {token}", "Accept-Encoding": "identity"}
    timeout = aiohttp.ClientTimeout(total=None, connect=5, sock_read=120)
    async with aiohttp.ClientSession(headers=headers, timeout=timeout) as session:
        yield LocalGateway(session, url, directory)


def segment(identifier: str) -> str:
    """A part of a path."""
    return quote(identifier, safe=":")


def _opened(stack: AsyncExitStack, path: Path) -> object:
    try:
        return stack.enter_context(path.open("rb"))
    except OSError as error:
        raise GatewayError("file_unreadable", f"The file can't be read: {error.strerror}.", str(path)) from error


def _problem(status: int, body: bytes) -> GatewayError:
    try:
        problem = loads(body, max_bytes=MAX_ANSWER)
        code, detail = str(problem["code"]), str(problem["detail"])
        faults = "".join(f"\n  {one['pointer'] or '/'}: {one['message']}" for one in problem.get("errors", ()))
        where, actor, again = problem.get("where", ""), problem.get("actor", "you"), problem.get("retryable", False)
    except (SigningError, KeyError, TypeError, AttributeError):
        return GatewayError("bad_answer", f"The gateway answered {status} without saying why.")
    return GatewayError(code, detail + faults, str(where), actor=str(actor), retryable=again is True)
