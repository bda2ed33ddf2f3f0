"""Row 9: how long after ``kill -9`` under load the hub registers again."""

from __future__ import annotations

import signal
import threading
import time
from contextlib import suppress

from bench import load
from bench.network import network, serve
from bench.processes import stopped, wait_for_port
from bench.table import Row

KILLS = 5


def rows() -> list[Row]:
    """Kill it in the middle of a load, start it again, register one award."""
    times = []
    with network() as hub:
        for number in range(KILLS):
            requests = [load.post("/v1/statements", one) for one in hub.awards(3000, 10_000 * number)]
            client = threading.Thread(target=_load, args=(hub.port, requests))
            client.start()
            time.sleep(0.5)
            hub.process.send_signal(signal.SIGKILL)
            hub.process.wait()
            client.join()
            began = time.perf_counter()
            hub.process = serve(hub.data, hub.port)
            wait_for_port(hub.port)
            hub.post(hub.awards(1, 10_000 * number + 9_000)[0])
            times.append(time.perf_counter() - began)
        with stopped(hub.process):
            start = min(times)
    figures = f"{max(times):.2f} s at worst of {KILLS}, {start:.2f} s at best"
    return [Row("registering again after kill -9", figures, "5 s at most", "")]


def _load(port: int, requests: list[bytes]) -> None:
    with suppress(ConnectionError, OSError):
        load.run(port, requests)
