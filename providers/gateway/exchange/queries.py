"""What every step of a transfer reads and writes, compiled once; what is rare stands where it is used."""

from collections.abc import Sequence
from functools import cache

from sqlalchemy import BindParameter, Table, bindparam, delete, func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from providers.gateway.exchange import tables
from providers.gateway.exchange.values import Document
from providers.storage.prepared import Prepared

__all__ = [
    "ADD_DOCUMENT",
    "ADD_EVENT",
    "ADD_SENDING",
    "ADD_STATEMENT",
    "ALL_NEWS",
    "CASE",
    "CURSOR",
    "DOCUMENTS",
    "DOSSIER",
    "EVENTS",
    "FORGET_DOCUMENTS",
    "FORGET_NEWS",
    "MOVE_CURSOR",
    "NEWEST_APPLIED",
    "NEWS",
    "PUT_CASE",
    "PUT_DOSSIER",
    "PUT_NEWS",
    "SENDINGS",
    "SETTLE",
    "SETTLE_ONE",
    "STATEMENT",
    "WAITING",
    "changing",
]

WAITING = ("waiting", "posted")


def _put(table: Table, keys: Sequence[str]) -> Prepared:
    """INSERT a row, instead of the one with the same keys."""
    names = [column.name for column in table.columns]
    statement = upsert(table).values({name: bindparam(name) for name in names})
    others = {name: statement.excluded[name] for name in names if name not in keys}
    return Prepared(statement.on_conflict_do_update(index_elements=list(keys), set_=others))


def _add(table: Table) -> Prepared:
    """INSERT a row, unless there is one with the same keys; an ``id`` is the database's."""
    names = [column.name for column in table.columns if column.name != "id"]
    return Prepared(upsert(table).values({name: bindparam(name) for name in names}).on_conflict_do_nothing())


@cache
def changing(table: Table, *names: str) -> Prepared:
    """UPDATE the columns ``names`` of the row ``of_row`` (its primary key) of a table."""
    (key,) = table.primary_key
    return Prepared(update(table).where(key == bindparam("of_row")).values({name: bindparam(name) for name in names}))


_sendings, _statements, _news = tables.sendings.c, tables.statements.c, tables.news.c
_of_transfer: BindParameter[str] = bindparam("of_transfer")
_still = (_sendings.transfer_id == _of_transfer) & _sendings.state.in_([bindparam("first"), bindparam("second")])
_settled = update(tables.sendings).values(state=bindparam("final"))

CASE = Prepared(select(tables.cases).where(tables.cases.c.case_id == bindparam("of_case")))
PUT_CASE = _put(tables.cases, ["case_id"])
DOCUMENTS = Prepared(
    select(*(tables.documents.c[name] for name in Document.__slots__))
    .where(tables.documents.c.case_id == bindparam("of_case"))
    .order_by(tables.documents.c.position)
)

FORGET_DOCUMENTS = Prepared(delete(tables.documents).where(tables.documents.c.case_id == bindparam("of_case")))
ADD_DOCUMENT = Prepared(
    insert(tables.documents).values({column.name: bindparam(column.name) for column in tables.documents.columns})
)

DOSSIER = Prepared(select(tables.dossiers.c.body).where(tables.dossiers.c.transfer_id == _of_transfer))
PUT_DOSSIER = _put(tables.dossiers, ["transfer_id"])

SENDINGS = Prepared(
    select(*tables.sendings.columns).where(_sendings.transfer_id == _of_transfer).order_by(_sendings.id)
)
ADD_SENDING = _add(tables.sendings)
SETTLE = Prepared(_settled.where(_still))
SETTLE_ONE = Prepared(_settled.where(_still, _sendings.digest == bindparam("of_digest")))

STATEMENT = Prepared(select(_statements.registration).where(_statements.digest == bindparam("of_digest")))
NEWEST_APPLIED = Prepared(select(func.max(_statements.log_index)).where(_statements.transfer_id == _of_transfer))
ADD_STATEMENT = _add(tables.statements)

NEWS = Prepared(select(_news.log_index).where(_news.transfer_id == _of_transfer))
ALL_NEWS = Prepared(select(_news.transfer_id, _news.log_index))
PUT_NEWS = _put(tables.news, ["transfer_id"])
FORGET_NEWS = Prepared(
    delete(tables.news).where((_news.transfer_id == _of_transfer) & (_news.log_index <= bindparam("up_to")))
)
CURSOR = Prepared(select(tables.gateway.c.cursor))
MOVE_CURSOR = Prepared(update(tables.gateway).values(cursor=bindparam("to")))

ADD_EVENT = Prepared(
    insert(tables.events).values({
        name: bindparam(name) for name in ("at", "type", "transfer_id", "case_id", "data")
    })
)  # fmt: skip
EVENTS = Prepared(
    select(*tables.events.columns)
    .where(tables.events.c.id > bindparam("after"))
    .order_by(tables.events.c.id)
    .limit(bindparam("most"))
)
