"""A client that costs next to nothing: prepared HTTP/1.1 requests over keep-alive connections."""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import uvloop


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
