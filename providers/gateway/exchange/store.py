"""The gateway's memory: one SQLite file, changed in short transactions that are on disk when they return.

``Book`` is what one piece of work may do; ``Store.run_all`` does some of them in one transaction (BEGIN IMMEDIATE, WAL,
synchronous=FULL), ``Store.do`` hands one over from an event loop, to the one thread that touches the file: what waits
there together is on disk together. A thief of the file reads briefs, names of documents and who deals with whom; secret
keys are not in it.
"""

import json
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, func, select, union_all
from sqlalchemy.dialects.sqlite import insert as upsert

from providers.errors import GatewayError
from providers.gateway.exchange import queries, tables
from providers.gateway.exchange.transaction import transaction
from providers.gateway.exchange.values import (
    Case,
    Document,
    Dossier,
    Event,
    FeedbackSlot,
    KnownCase,
    Problem,
    Sending,
    Situation,
)
from providers.receipts import Registration
from providers.storage.prepared import Prepared
from providers.storage.sqlite import open_engine
from providers.storage.together import Outcome, Together
from signing.encoding import JSON

__all__ = ["Book", "Store"]

T = TypeVar("T")
_log = logging.getLogger("providers.gateway.exchange")


class Book:
    """What one transaction reads and writes."""

    def __init__(self, connection: Connection, now: int) -> None:
        self._db = connection
        self.now = now
        self.told = 0
        """How many events were added to the feed."""

    def _run(self, query: Prepared, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        return query.rows(self._db, values)

    # ---- cases

    def put_case(self, case: Case) -> None:
        """Store a case with its documents, instead of what is there under its id."""
        values = {
            "case_id": case.case_id,
            "folder": case.folder,
            "sha256": case.sha256,
            "origin": case.origin,
            "state": case.state,
            "added": case.added,
            "transfer": case.transfer,
            "delete_by": case.delete_by,
        }
        self._run(queries.PUT_CASE, values)
        self._run(queries.FORGET_DOCUMENTS, {"of_case": case.case_id})
        for position, one in enumerate(case.documents):
            row = {name: getattr(one, name) for name in one.__slots__}
            self._run(queries.ADD_DOCUMENT, {"case_id": case.case_id, "position": position, **row})

    def case(self, case_id: str) -> Case | None:
        """A case, None if this gateway never had it."""
        rows = self._run(queries.CASE, {"of_case": case_id})
        return self._case(dict(zip(tables.cases.columns.keys(), rows[0], strict=True))) if rows else None

    def cases(self) -> list[Case]:
        """Every case, newest first."""
        query = select(tables.cases).order_by(tables.cases.c.added.desc(), tables.cases.c.case_id)
        return [self._case(dict(row)) for row in self._db.execute(query).mappings()]

    def change_case(self, case_id: str, **values: Any) -> None:  # noqa: ANN401 - columns of several types
        """Change columns of a case."""
        self._run(queries.changing(tables.cases, *values), {**values, "of_row": case_id})

    def release(self, case_id: str, transfer_id: str) -> None:
        """This transfer of the case is over without a move; one that was begun since stays the case's open one."""
        case = self.case(case_id)
        if case is not None and case.transfer == transfer_id:
            self.change_case(case_id, transfer=None)

    def _case(self, row: Mapping[str, Any]) -> Case:
        listed = tuple(Document(*one) for one in self._run(queries.DOCUMENTS, {"of_case": row["case_id"]}))
        return Case(**{**row, "folder": Path(row["folder"]).name, "documents": listed})  # it was a path once

    # ---- transfers

    def save(self, dossier: Dossier) -> None:
        """Store a transfer."""
        values = {
            "transfer_id": dossier.transfer_id,
            "case_id": dossier.case_id,
            "role": dossier.role,
            "closed": dossier.closed,
            "created": dossier.created,
            "updated": self.now,
            "body": json.dumps(dossier.to_json()),
        }
        self._run(queries.PUT_DOSSIER, values)

    def amend(self, transfer_id: str, **changes: Any) -> Dossier:  # noqa: ANN401 - attributes of several types
        """Change attributes of a transfer as it stands now: a person and the engine may both be at it."""
        before = self.dossier(transfer_id)
        if before is None:
            raise GatewayError("unknown_transfer", "No transfer of this id is known here.", transfer_id)
        after = replace(before, **changes)
        if after != before:
            self.save(after)
        return after

    def dossier(self, transfer_id: str) -> Dossier | None:
        """A transfer, None if it is not known here."""
        rows = self._run(queries.DOSSIER, {"of_transfer": transfer_id})
        return _dossier(rows[0][0]) if rows else None

    def dossiers(self, *, unfinished: bool = False) -> list[Dossier]:
        """Every transfer, newest first; or those alone in which something is left to be done."""
        query = select(tables.dossiers.c.body).order_by(tables.dossiers.c.created.desc(), tables.dossiers.c.transfer_id)
        if unfinished:
            query = query.where(tables.dossiers.c.closed.is_(False))
        return [Dossier.from_json(json.loads(body)) for body in self._db.execute(query).scalars()]

    def known_cases(self, after: str, limit: int) -> list[KnownCase]:
        """Cases that are, were, or are offered here, with their transfers; the one that became known last comes first.

        Args:
            after: id of the case to continue after, "" to begin.
            limit: how many at most.

        Raises:
            GatewayError: ``bad_parameter``, no case of the id ``after`` is known here.
        """
        cases, dossiers = tables.cases.c, tables.dossiers.c
        told = union_all(select(cases.case_id, cases.added.label("at")), select(dossiers.case_id, dossiers.created))
        every = told.subquery()
        known = select(every.c.case_id, func.min(every.c.at).label("at")).group_by(every.c.case_id).subquery().c
        query = select(known.case_id).order_by(known.at.desc(), known.case_id).limit(limit)
        if after:
            at = self._db.execute(select(known.at).where(known.case_id == after)).scalar()
            if at is None:
                raise GatewayError("bad_parameter", "after is the id of a case that is known here.", "after")
            query = query.where((known.at < at) | ((known.at == at) & (known.case_id > after)))
        return [KnownCase(one, self.case(one), self.of_case(one)) for one in self._db.execute(query).scalars().all()]

    def came_back_since(self, dossier: Dossier) -> bool:
        """Whether another transfer has brought the case here since this one was completed."""
        completed_at = dossier.registered.index
        return any(
            one.role == "recipient" and one.state == "completed" and one.registered.index > completed_at
            for one in self.of_case(dossier.case_id)
        )

    def of_case(self, case_id: str) -> tuple[Dossier, ...]:
        """Every transfer of a case, newest first."""
        table = tables.dossiers
        query = select(table.c.body).where(table.c.case_id == case_id)
        bodies = self._db.execute(query.order_by(table.c.created.desc(), table.c.transfer_id)).scalars()
        return tuple(Dossier.from_json(json.loads(body)) for body in bodies)

    def situation(self, transfer_id: str) -> Situation:
        """What decides about the next step of a transfer."""
        sendings = tuple(self.sendings(transfer_id))
        return Situation(self.news_of(transfer_id), self.dossier(transfer_id), sendings)

    # ---- outbox

    def queue(self, transfer_id: str, purpose: str, kind: str, digest: str, document: bytes | None = None) -> None:
        """Have something sent; what is there for the same purpose already stays."""
        values: dict[str, JSON] = {"transfer_id": transfer_id, "purpose": purpose, "kind": kind, "digest": digest}
        values |= {"state": "waiting", "attempts": 0, "created": self.now, "location": None, "problem": None}
        self._run(queries.ADD_SENDING, {**values, "document": document})

    def sendings(self, transfer_id: str | None = None, *, waiting: bool = False) -> list[Sending]:
        """What was, or is, to be sent, oldest first."""
        if transfer_id is None:
            found = [tuple(row) for row in self._db.execute(select(tables.sendings).order_by(tables.sendings.c.id))]
        else:
            found = self._run(queries.SENDINGS, {"of_transfer": transfer_id})
        sendings = [_sending(row) for row in found]
        return [one for one in sendings if one.state in queries.WAITING] if waiting else sendings

    def change_sending(self, number: int, **values: Any) -> None:  # noqa: ANN401 - columns of several types
        """Change columns of something to be sent; ``problem`` is a ``Problem`` or None."""
        if "problem" in values:
            problem = values["problem"]
            values["problem"] = None if problem is None else json.dumps(problem.to_json())
        self._run(queries.changing(tables.sendings, *values), {**values, "of_row": number})

    def settle(self, transfer_id: str, state: str, digest: str | None = None) -> None:
        """Give what still waits of a transfer its final state; only the one with this digest if it is given."""
        first, second = queries.WAITING
        values = {"of_transfer": transfer_id, "first": first, "second": second, "final": state}
        if digest is None:
            self._run(queries.SETTLE, values)
        else:
            self._run(queries.SETTLE_ONE, {**values, "of_digest": digest})

    # ---- statements

    def add_statement(self, transfer_id: str, one: Registration, time: int) -> None:
        """Keep a verified statement of a transfer."""
        said = one.statement
        values = {
            "digest": said.digest,
            "transfer_id": transfer_id,
            "kind": said.kind,
            "issuer": said.issuer,
            "event": said.body.get("event"),
            "log_index": one.receipt.index,
            "time": time,
            "registration": json.dumps(one.to_json()),
        }
        self._run(queries.ADD_STATEMENT, values)

    def statements(self, transfer_id: str) -> list[dict[str, JSON]]:
        """The verified statements of a transfer by log index, without their text."""
        table = tables.statements
        names = ("kind", "digest", "issuer", "event", "time")
        query = select(table).where(table.c.transfer_id == transfer_id).order_by(table.c.log_index)
        return [
            {"index": row["log_index"], **{name: row[name] for name in names if row[name] is not None}}
            for row in self._db.execute(query).mappings()
        ]

    def statement(self, digest: str) -> Registration | None:
        """A verified statement with its receipt."""
        rows = self._run(queries.STATEMENT, {"of_digest": digest})
        return Registration.from_json(json.loads(rows[0][0])) if rows else None

    # ---- inbox and feed

    def cursor(self) -> int | None:
        """The log index up to which news was handled."""
        ((found,),) = self._run(queries.CURSOR, {})
        return None if found is None else int(found)

    def add_news(self, transfers: Mapping[str, int], cursor: int | None) -> None:
        """There is news of these transfers, each up to its log index, and of no other up to ``cursor``."""
        for transfer_id, index in transfers.items():
            self._run(queries.PUT_NEWS, {"transfer_id": transfer_id, "log_index": index})
        self._run(queries.MOVE_CURSOR, {"to": cursor})

    def news(self) -> dict[str, int]:
        """Transfers with news that is not applied yet, and up to which log index there is some."""
        return dict(self._run(queries.ALL_NEWS, {}))

    def news_of(self, transfer_id: str) -> int | None:
        """Up to which log index there is news of a transfer that is not applied yet, None if there is none.

        News that was seen in the log when something of our own was followed there is none any more.
        """
        rows = self._run(queries.NEWS, {"of_transfer": transfer_id})
        if not rows:
            return None
        index, ((newest,),) = int(rows[0][0]), self._run(queries.NEWEST_APPLIED, {"of_transfer": transfer_id})
        if newest is None or newest < index:
            return index
        self.applied(transfer_id, index)
        return None

    def applied(self, transfer_id: str, index: int) -> None:
        """The news of a transfer up to ``index`` is applied; newer news stays."""
        self._run(queries.FORGET_NEWS, {"of_transfer": transfer_id, "up_to": index})

    def tell(self, name: str, dossier: Dossier | None = None, case_id: str | None = None, **data: JSON) -> None:
        """Add an event to the feed."""
        transfer_id = None if dossier is None else dossier.transfer_id
        case_id = case_id if dossier is None else dossier.case_id
        values = {"at": self.now, "type": name, "transfer_id": transfer_id, "case_id": case_id}
        self._run(queries.ADD_EVENT, {**values, "data": json.dumps(data)})
        self.told += 1

    def events(self, after: int, limit: int) -> list[Event]:
        """Events after an id, oldest first."""
        found = self._run(queries.EVENTS, {"after": after, "most": limit})
        return [Event(*(*row[:5], json.loads(row[5]))) for row in found]

    # ---- feedback

    def put_slots(self, slots: Iterable[FeedbackSlot]) -> None:
        """Store slots of the questionnaire, instead of what is there for the same case and role."""
        for one in slots:
            values = {name: getattr(one, name) for name in FeedbackSlot.__slots__}
            statement = upsert(tables.feedback_slots).values(values)
            self._db.execute(statement.on_conflict_do_update(index_elements=["case", "role"], set_=values))

    def slots(self, case: str) -> list[FeedbackSlot]:
        """The slots of a case, by role."""
        table = tables.feedback_slots
        query = select(table).where(table.c.case == case).order_by(table.c.role)
        return [FeedbackSlot(**row) for row in self._db.execute(query).mappings()]


class Store:
    """The file, opened.

    Args:
        path: made when it is not there.
        network: digest of the network's genesis; the file belongs to one network and one member.
        actor: the member's id.
        clock: POSIX seconds.

    Raises:
        GatewayError: ``other_store``, ``storage_full`` or ``storage_failed``.
    """

    def __init__(self, path: Path, network: str, actor: str, clock: Callable[[], int]) -> None:
        self._clock = clock
        self.told = 0
        """How many events this process has added to the feed."""
        self._engine = open_engine(path)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="gateway-store")
        self._together = Together[Callable[[Book], Any]](self._thread, lambda works: self.run_all(works))  # noqa: PLW0108 - tests put another in its place
        with transaction(self._engine) as connection:
            tables.metadata.create_all(connection)
            values = {"id": 1, "version": tables.VERSION, "network": network, "actor": actor}
            connection.execute(upsert(tables.gateway).values(values).on_conflict_do_nothing())
            row = connection.execute(select(tables.gateway)).mappings().one()
        if any(row[name] != value for name, value in values.items()):
            message = "The gateway's store belongs to another network, member or version of the program."
            raise GatewayError("other_store", message, str(path))

    def run_all(self, works: Sequence[Callable[[Book], Any]]) -> list[Outcome]:
        """One transaction for all ``works``; where one of several raises, none is done, and then each by itself.

        So a work may be done twice, and what the first time left is undone: it changes the book and nothing else. A
        savepoint for each, which would spare that, costs more than what most of them do.
        """
        if len(works) > 1:
            try:
                return self._done(works)
            except Exception as error:  # noqa: BLE001 - it is raised again to whose work it was
                _log.info("%d works are done one by one, one of them raises %s", len(works), type(error).__name__)
        return [self._done_alone(work) for work in works]

    def _done_alone(self, work: Callable[[Book], Any]) -> Outcome:
        try:
            return self._done([work])[0]
        except Exception as error:  # noqa: BLE001 - it is the caller's
            return Outcome(error=error)

    def _done(self, works: Sequence[Callable[[Book], Any]]) -> list[Outcome]:
        with transaction(self._engine) as connection:
            book = Book(connection, self._clock())
            outcomes = [Outcome(work(book)) for work in works]
        self.told += book.told
        return outcomes

    async def do(self, work: Callable[[Book], T]) -> T:
        """Have ``work`` done and on disk; it is completed even when the caller is cancelled."""
        found: T = await self._together.do(work)
        return found

    def close(self) -> None:
        """Close the file, after what is under way or waits."""
        self._together.finish()
        self._thread.shutdown()
        self._engine.dispose()


@lru_cache(maxsize=256)
def _dossier(body: str) -> Dossier:
    """The transfer in its stored form: each is read several times between two changes, and none is changed in place."""
    return Dossier.from_json(json.loads(body))


def _sending(row: Sequence[Any]) -> Sending:
    values = dict(zip(tables.sendings.columns.keys(), row, strict=True))
    problem = None if values["problem"] is None else Problem(**json.loads(values["problem"]))
    return Sending(**{**values, "problem": problem})
