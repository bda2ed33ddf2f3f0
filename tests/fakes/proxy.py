"""A TCP proxy that drops: between gateways and a hub, in a thread of its own."""

import asyncio
import contextlib
import random
import threading
from typing import Self


class Proxy:
    """``with Proxy(port) as proxy:`` forwards ``proxy.port`` to ``port`` on loopback.

    Args:
        target: where to; may be set later.
        seed: of the random cuts.
    """

    def __init__(self, target: int = 0, seed: int = 1) -> None:
        self.target = target
        self.port = 0
        self.down = False
        """Nobody gets through."""
        self.cut_after: tuple[int, int] | None = None
        """Each connection breaks after so many octets, chosen between the two."""
        self.cuts = 0
        self._random = random.Random(seed)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._open: set[asyncio.StreamWriter] = set()

    def __enter__(self) -> Self:
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(10)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def cut_all(self) -> None:
        """Break every connection that is open now."""
        self._loop.call_soon_threadsafe(self._cut_all)

    async def _start(self) -> asyncio.Server:
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        return server

    async def _stop(self) -> None:
        self._server.close()
        self._cut_all()
        await asyncio.sleep(0.2)
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
        await asyncio.sleep(0.05)

    def _cut_all(self) -> None:
        for writer in list(self._open):
            writer.transport.abort()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.down:
            writer.transport.abort()
            return
        try:
            back, forth = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.transport.abort()
            return
        left = [self._random.randint(*self.cut_after)] if self.cut_after else [1 << 62]
        self._open |= {writer, forth}
        pumps = asyncio.gather(self._pump(reader, forth, left), self._pump(back, writer, left))
        with contextlib.suppress(ConnectionError):
            await pumps
        for one in (writer, forth):
            self._open.discard(one)
            one.transport.abort()

    async def _pump(self, source: asyncio.StreamReader, target: asyncio.StreamWriter, left: list[int]) -> None:
        while data := await source.read(16_384):
            left[0] -= len(data)
            if left[0] <= 0:
                self.cuts += 1
                raise ConnectionResetError("cut by the proxy")
            target.write(data)
            await target.drain()
        raise ConnectionResetError("the other side has closed")
