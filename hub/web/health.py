"""For operators: ``/healthz`` (the process answers), ``/readyz`` (it accepts statements), ``/metrics``."""

import asyncio
import resource
import sys
from collections.abc import Iterator

from aiohttp import web

from hub.alarms.kinds import KINDS
from hub.errors import RequestError
from hub.web.appkeys import ALARMS, CLOCK, COUNTERS, FOLLOWER, GATE, JOBS, PUBLICATION, PUBLISHER, SEQUENCER, SETTINGS
from hub.web.counters import Gauge
from hub.web.responses import json_response

__all__ = ["healthz", "metrics", "readyz", "refuse_without_quorum"]


async def healthz(_: web.Request) -> web.Response:
    """The process answers; nothing else is claimed."""
    return json_response({"status": "ok"}, headers={"Cache-Control": "no-store"})


async def readyz(request: web.Request) -> web.Response:
    """Whether a statement posted now would be taken."""
    app = request.app
    if app[SEQUENCER] is None or app[SEQUENCER].stopped is not None:
        raise RequestError("not_sequencing", "The log accepts nothing at the moment; reading works.")
    app[GATE].require_open()
    refuse_without_quorum(app)
    return json_response({"status": "ok"}, headers={"Cache-Control": "no-store"})


def refuse_without_quorum(app: web.Application) -> None:
    """Where the settings ask for it, refuse to take statements while the witnesses stay away.

    Raises:
        RequestError: no_quorum.
    """
    settings, missing = app[SETTINGS], app[PUBLISHER].without_quorum
    if settings.log.require_quorum and missing > settings.witness.alarm_seconds:
        raise RequestError("no_quorum", f"No quorum of witnesses has cosigned the log for {missing} s.")


async def metrics(request: web.Request) -> web.Response:
    """Counters since the process started, and what the log looks like now."""
    on = await asyncio.to_thread(lambda: request.app[ALARMS].active)
    alarms = {code: float(sum(one.code == code for one in on)) for code in KINDS}
    told = ("odr_alarm", "Alarms that are on, by kind (docs/operations/alarms).", "code", alarms)
    text = request.app[COUNTERS].text(_gauges(request.app), [told])
    return web.Response(text=text, content_type="text/plain", headers={"Cache-Control": "no-store"})


def _gauges(app: web.Application) -> Iterator[Gauge]:
    shown, sequencer, publisher = app[PUBLICATION], app[SEQUENCER], app[PUBLISHER]
    yield "odr_log_size", "Entries under the newest signed checkpoint.", shown.signed.size
    yield "odr_log_witnessed_size", "Entries under the newest checkpoint that met the quorum.", _witnessed(app)
    yield "odr_statements_waiting", "Statements that wait for their batch.", sequencer.waiting
    yield (
        "odr_sequencer_stopped",
        "1 when sequencing has ended; the process should be restarted.",
        sequencer.stopped is not None,
    )
    yield "odr_intake_shut", "1 while disk or clock keep the hub from taking anything in.", bool(app[GATE].states)
    yield "odr_seconds_without_quorum", "Age of the oldest head that no quorum has cosigned.", publisher.without_quorum
    yield "odr_entries_not_followed", "Signed entries that inboxes and case events do not show yet.", app[FOLLOWER].lag
    yield "odr_jobs_failed", "Runs of jobs that failed since the process started.", app[JOBS].failures
    yield "odr_uptime_seconds", "Time since the process started.", app[CLOCK]() - app[COUNTERS].started
    yield "odr_memory_peak_bytes", "Largest resident memory of the process.", _peak_memory()


def _witnessed(app: web.Application) -> int:
    witnessed = app[PUBLICATION].witnessed
    return 0 if witnessed is None else witnessed.size


def _peak_memory() -> int:
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
