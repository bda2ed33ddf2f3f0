"""A client that costs next to nothing: prepared HTTP/1.1 requests over keep-alive connections."""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias, cast

import uvloop

_Stream: TypeAlias = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(frozen=True, slots=True)
class Load:
    """What a run took: answers by status, seconds in all, latencies in seconds (sorted)."""

    statuses: dict[int, int]
    seconds: float
    latencies: tuple[float, ...]

    @property
    def rate(self) -> float:
        """Answers per second."""
        return sum(self.statuses.values()) / self.seconds

    def quantile(self, share: float) -> float:
        """Latency in milliseconds below which ``share`` of the answers came."""
        return self.latencies[min(len(self.latencies) - 1, int(share * len(self.latencies)))] * 1000


def figures(run: Load, each: float) -> str:
    """A run in words; ``each`` is the processor time of one request, in milliseconds."""
    answered = ", ".join(f"{count} x {status}" for status, count in sorted(run.statuses.items()))
    quantiles = f"p50 {run.quantile(0.5):.1f} ms, p95 {run.quantile(0.95):.1f} ms"
    return f"{quantiles} ({answered}), {each:.1f} ms of processor time each"


def joined(runs: Sequence[Load]) -> Load:
    """Runs one after another as one."""
    statuses = sum((Counter(run.statuses) for run in runs), Counter[int]())
    latencies = sorted(latency for run in runs for latency in run.latencies)
    return Load(dict(statuses), sum(run.seconds for run in runs), tuple(latencies))


def post(path: str, body: bytes, headers: str = "") -> bytes:
    """The octets of one POST request to 127.0.0.1."""
    head = f"POST {path} HTTP/1.1\r\nHost: {{host}}\r\nContent-Type: application/jose+json\r\n{headers}"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def get(path: str) -> bytes:
    """The octets of one GET request to 127.0.0.1."""
    return f"GET {path} HTTP/1.1\r\nHost: {{host}}\r\n\r\n".encode()


def run(port: int, requests: Sequence[bytes], clients: int = 64) -> Load:
    """Send every request once, ``clients`` at a time, and wait for all answers."""
    return uvloop.run(_run(port, requests, clients))


def paced(port: int, requests: Sequence[bytes], rate: float, connections: int = 64) -> Load:
    """Send ``rate`` requests a second, whether those before are answered or not; latency counts from when each was due.

    Args:
        port: of 127.0.0.1.
        requests: each is sent once.
        rate: requests per second.
        connections: how many answers may be awaited at once; whoever finds none free waits, and that counts.
    """
    return uvloop.run(_paced(port, requests, rate, connections))


async def _paced(port: int, requests: Sequence[bytes], rate: float, connections: int) -> Load:
    host = f"127.0.0.1:{port}".encode()
    free: asyncio.Queue[_Stream] = asyncio.Queue()
    for _ in range(connections):
        free.put_nowait(await asyncio.open_connection("127.0.0.1", port))
    began = time.perf_counter() + 0.1

    async def send(request: bytes, due: float) -> tuple[int, float]:
        await asyncio.sleep(due - time.perf_counter())
        stream = await free.get()
        status = await _answer(stream, request.replace(b"{host}", host, 1))
        free.put_nowait(stream)
        return status, time.perf_counter() - due

    sent = [send(request, began + number / rate) for number, request in enumerate(requests)]
    answers = await asyncio.gather(*sent)
    seconds = time.perf_counter() - began
    while not free.empty():
        free.get_nowait()[1].close()
    statuses = Counter(status for status, _ in answers)
    return Load(dict(statuses), seconds, tuple(sorted(latency for _, latency in answers)))


async def _answer(stream: _Stream, request: bytes) -> int:
    """Send one request and read its answer whole; its status."""
    reader, writer = stream
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    await reader.readexactly(_content_length(head))
    return int(head[9:12])


async def _run(port: int, requests: Sequence[bytes], clients: int) -> Load:
    host = f"127.0.0.1:{port}".encode()
    waiting = [request.replace(b"{host}", host, 1) for request in reversed(requests)]
    loop = asyncio.get_running_loop()
    running = [_Client(waiting, loop.create_future()) for _ in range(clients)]
    began = time.perf_counter()
    for client in running:
        await loop.create_connection(lambda client=client: client, "127.0.0.1", port)  # type: ignore[misc]
    await asyncio.gather(*(client.done for client in running))
    seconds = time.perf_counter() - began
    statuses = Counter(status for client in running for status in client.statuses)
    return Load(dict(statuses), seconds, tuple(sorted(one for client in running for one in client.latencies)))


class _Client(asyncio.Protocol):
    """One connection: a request goes out when the answer before it is complete."""

    def __init__(self, waiting: list[bytes], done: asyncio.Future[None]) -> None:
        self.waiting, self.done = waiting, done
        self.statuses: list[int] = []
        self.latencies: list[float] = []
        self._data = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._send()

    def data_received(self, data: bytes) -> None:
        self._data += data
        end = self._data.find(b"\r\n\r\n")
        if end < 0 or len(self._data) < end + 4 + _content_length(self._data[:end]):
            return
        self.latencies.append(time.perf_counter() - self._began)
        self.statuses.append(int(self._data[9:12]))
        self._data = b""
        self._send()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(error or ConnectionError("the server closed the connection"))

    def _send(self) -> None:
        if self.waiting:
            self._began = time.perf_counter()
            self._transport.write(self.waiting.pop())
        elif not self.done.done():
            self.done.set_result(None)
            self._transport.close()


def _content_length(head: bytes) -> int:
    lowered = head.lower()
    at = lowered.index(b"content-length:") + 15
    return int(lowered[at:].partition(b"\r\n")[0])
