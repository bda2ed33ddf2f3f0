"""Rule state as it is stored: most of it in rows of its own, some of it as what other tables say anyway.

Three spaces are *derived*: a registered digest and a statement id are columns of ``statements``, and what the rules
read of an award is the data of its ``award.registered`` effect. Rows of their own would be more than a third of a busy
log's, each under a random key and therefore on a page of its own.
"""

import json
from collections.abc import Collection, Iterator

from sqlalchemy import ARRAY, Connection, Text, bindparam, func, select, text

from hub.storage.encoding import encode_json
from hub.storage.models import EffectRow, RuleStateRow, StatementRow
from providers.storage.prepared import Lookup, Prepared
from signing.encoding import JSON

__all__ = ["chunks", "is_stored", "rule_state"]

_IN_LIMIT = 500  # bound variables of one query, far below every database's own limit
_DIGEST, _ID, _AWARD = "digest/", "statement/", "award/"
_DERIVED = (_DIGEST, _ID, _AWARD)

_STATE = select(RuleStateRow.key, RuleStateRow.value)
_STATE_OF_LIST = Prepared(  # on SQLite: one bound value however many keys
    _STATE.where(
        RuleStateRow.key.in_(select(func.json_each(bindparam("keys", type_=Text)).table_valued("value").c.value))
    )
)
_OF_DIGEST = Lookup(
    select(StatementRow.index, StatementRow.digest, StatementRow.kind, StatementRow.issuer),
    StatementRow.__table__.c.digest,
)
_OF_ISSUER = Lookup(  # one query for each issuer: SQLite would read the whole table for a list of pairs
    select(StatementRow.index, StatementRow.digest, StatementRow.id).where(StatementRow.issuer == bindparam("issuer")),
    StatementRow.__table__.c.id,
)
_AWARDS = Lookup(
    select(StatementRow.digest, EffectRow.data)
    .join(EffectRow, EffectRow.index == StatementRow.index)
    .where(EffectRow.type == "award.registered"),
    StatementRow.__table__.c.digest,
)

# On PostgreSQL a list is one value. Its planner knows nothing yet of a table that fills, and would read all rows of an
# issuer or all effects: LIMIT keeps it to one search in the index for each.
_STATE_OF_ARRAY = Prepared(_STATE.where(RuleStateRow.key == func.any(bindparam("keys", type_=ARRAY(Text)))))
_OF_DIGEST_ARRAY = Prepared(
    text('SELECT "index", digest, kind, issuer FROM statements WHERE digest = ANY(CAST(:digests AS bytea[]))')
)
_OF_ISSUER_ARRAY = Prepared(
    text("""
    SELECT found."index", found.digest, found.id FROM unnest(CAST(:ids AS text[])) AS wanted (id)
    CROSS JOIN LATERAL (
        SELECT "index", digest, id FROM statements WHERE issuer = :issuer AND id = wanted.id COLLATE "C" LIMIT 1
    ) AS found
    """)
)
_AWARDS_OF_ARRAY = Prepared(
    text("""
    SELECT found.digest, found.data FROM unnest(CAST(:digests AS bytea[])) AS wanted (digest)
    CROSS JOIN LATERAL (
        SELECT one.digest, effects.data FROM statements AS one JOIN effects ON effects."index" = one."index"
        WHERE one.digest = wanted.digest AND effects.type = 'award.registered' LIMIT 1
    ) AS found
    """)
)


def is_stored(key: str) -> bool:
    """Whether a key of the rule state has a row of its own."""
    return not key.startswith(_DERIVED)


def rule_state(connection: Connection, keys: Collection[str]) -> dict[str, JSON]:
    """Rule state of these keys; absent keys are left out."""
    found = _stored(connection, [key for key in keys if is_stored(key)])
    found |= _digests(connection, _names(keys, _DIGEST))
    found |= _statement_ids(connection, _names(keys, _ID))
    return found | _awards(connection, _names(keys, _AWARD))


def chunks(keys: Collection[str]) -> Iterator[list[str]]:
    """The keys in lists that fit one query."""
    ordered = sorted(keys)
    return (ordered[start : start + _IN_LIMIT] for start in range(0, len(ordered), _IN_LIMIT))


def _names(keys: Collection[str], space: str) -> list[str]:
    return [key.removeprefix(space) for key in keys if key.startswith(space)]


def _stored(connection: Connection, keys: Collection[str]) -> dict[str, JSON]:
    if not keys:
        return {}
    if _takes_arrays(connection):
        found = _STATE_OF_ARRAY.run(connection, {"keys": list(keys)})
    else:
        found = _STATE_OF_LIST.run(connection, {"keys": encode_json(list(keys))})
    return {key: json.loads(value) for key, value in found}


def _digests(connection: Connection, digests: Collection[str]) -> dict[str, JSON]:
    return {
        f"{_DIGEST}{digest.hex()}": {"index": index, "kind": kind, "issuer": issuer}
        for some in chunks(digests)
        for index, digest, kind, issuer in (
            _OF_DIGEST_ARRAY.run(connection, {"digests": _octets(some)})
            if _takes_arrays(connection)
            else _OF_DIGEST.run(connection, _octets(some))
        )
    }


def _statement_ids(connection: Connection, names: Collection[str]) -> dict[str, JSON]:
    of_issuer: dict[str, list[str]] = {}
    for name in names:
        issuer, _, statement_id = name.partition("/")
        of_issuer.setdefault(issuer, []).append(statement_id)
    return {
        f"{_ID}{issuer}/{name}": {"digest": digest.hex(), "index": index}
        for issuer, ids in of_issuer.items()
        for some in chunks(ids)
        for index, digest, name in (
            _OF_ISSUER_ARRAY.run(connection, {"ids": some, "issuer": issuer})
            if _takes_arrays(connection)
            else _OF_ISSUER.run(connection, some, issuer=issuer)
        )
    }


def _awards(connection: Connection, digests: Collection[str]) -> dict[str, JSON]:
    return {
        f"{_AWARD}{digest.hex()}": json.loads(data)
        for some in chunks(digests)
        for digest, data in (
            _AWARDS_OF_ARRAY.run(connection, {"digests": _octets(some)})
            if _takes_arrays(connection)
            else _AWARDS.run(connection, _octets(some))
        )
    }


def _takes_arrays(connection: Connection) -> bool:
    return connection.dialect.name == "postgresql"


def _octets(digests: Collection[str]) -> list[bytes]:
    return [bytes.fromhex(digest) for digest in digests]
