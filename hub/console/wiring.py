"""The console's place in the application: it reads the log and what waits beside it."""

import asyncio
import json
from collections.abc import AsyncIterator, Collection, Sequence

from aiohttp import web

from hub.applications.flags import legal_name
from hub.console.facts import AnswersFact, ApplicationFact, DraftFact, EnquiryFact
from hub.console.reading import ConsoleReader, Sources
from hub.console.sessions import Sessions
from hub.drafts.values import OPEN, DeskDraft
from hub.jobs.refusedanswers import RefusedStatement
from hub.storage.applications import Application
from hub.storage.awardrecords import AwardRecords
from hub.storage.enquiries import Enquiry
from hub.storage.watchlist import Watchlist
from hub.web import appkeys as keys
from hub.web.presenting import parsed
from metrics.comparison.quarters import mature_quarters

__all__ = [
    "SHOWN",
    "answers_facts",
    "application_fact",
    "draft_fact",
    "enquiry_facts",
    "officers_console",
    "officers_of",
]

SHOWN = 200
"""Drafts, or applications, that are looked at for one page; the others are counted."""
_UNTRIED_SECONDS = 3 * 86_400
"""An application whose self-test nobody has tried for so long is stuck."""


async def officers_console(app: web.Application) -> AsyncIterator[None]:
    """Sessions and facts; needs the log, the signing desk and the applications."""
    app[keys.SESSIONS] = Sessions(app[keys.CLOCK])

    async def drafts(officer: str) -> tuple[list[DraftFact], int]:
        officers = await officers_of(app)
        found, total = await app[keys.DESK].of_officer(officer, officers, OPEN, 0, SHOWN)
        return [draft_fact(one, officer, officers) for one in found], total - len(found)

    async def applications() -> tuple[list[ApplicationFact], int]:
        found, total = await app[keys.APPLICATIONS].queue(0, SHOWN)
        facts = await asyncio.to_thread(lambda: [application_fact(one, app[keys.CLOCK]()) for one in found])
        return facts, total - len(found)

    async def enquiries() -> list[EnquiryFact]:
        return enquiry_facts(await app[keys.ENQUIRIES].enquiries(), app[keys.CLOCK]())

    async def answers() -> list[AnswersFact]:
        return answers_facts(await asyncio.to_thread(app[keys.REFUSED_ANSWERS].read))

    sources = Sources(applications, drafts, enquiries, answers, app[keys.ALARMS])
    watchlist, records = Watchlist(app[keys.DATABASE]), AwardRecords(app[keys.DATABASE])
    app[keys.CONSOLE] = ConsoleReader(watchlist, records, app[keys.DIRECTORY], app[keys.PUBLICATION], sources)
    yield


async def officers_of(app: web.Application) -> frozenset[str]:
    """Actor ids of the network's officers, by its newest signed policy."""
    chain = await app[keys.DIRECTORY].policies(app[keys.LOG].size)
    return frozenset(str(one["id"]) for one in parsed(chain[-1]).body["officers"])


def draft_fact(draft: DeskDraft, officer: str, officers: Collection[str]) -> DraftFact:
    """The fact of a draft on the desk, as ``officer`` sees it."""
    text = draft.draft
    body = {} if text is None else text.payload["body"]
    about = body.get("subject") or body.get("owner") or ("" if draft.kind in ("policy", "reference") else draft.issuer)
    yours = any(one.owner == officer and not one.signed for one in draft.signers)
    status = str(body.get("status") or body.get("action") or "")
    return DraftFact(
        draft.id, draft.kind, str(about), status, yours, len(draft.missing), draft.created_at, draft.expires_at,
        draft.poster in officers,
    )  # fmt: skip


def application_fact(one: Application, now: int) -> ApplicationFact:
    """The fact of an open application at ``now`` (POSIX seconds)."""
    outcomes = [] if one.outcomes is None else json.loads(one.outcomes)
    failed = any(each["state"] == "fail" for each in outcomes)
    untried = one.state == "received" and now - one.received >= _UNTRIED_SECONDS
    state = "ready" if one.state == "ready" else "stuck" if failed or untried else "testing"
    name = legal_name(one) if state != "testing" else None
    return ApplicationFact(one.id, name or one.actor, state, one.received, one.expires)


def enquiry_facts(found: Sequence[Enquiry], now: int) -> list[EnquiryFact]:
    """Enquiries without a comment at ``now`` (POSIX seconds): those that wait, and late ones of the newest quarter.

    Once the next quarter can be compared, its own matters take the place of the late ones.
    """
    (newest,) = mature_quarters(now, 1)
    silent = [one for one in found if one.comment is None]
    return [EnquiryFact(one.asked_at, one.due) for one in silent if one.waits(now) or one.period_start == newest.start]


def answers_facts(refused: Sequence[RefusedStatement]) -> list[AnswersFact]:
    """One fact for each reason, by its code."""
    codes = sorted({one.code for one in refused})
    of_code = {code: [one for one in refused if one.code == code] for code in codes}
    return [
        AnswersFact(code, sum(one.answers for one in found), min(one.since for one in found))
        for code, found in of_code.items()
    ]
