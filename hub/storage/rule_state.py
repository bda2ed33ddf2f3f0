"""Rule state as it is stored: most of it in rows of its own, some of it as what other tables say anyway.

Three spaces are *derived*: a registered digest and a statement id are columns of ``statements``, and what the rules
read of an award is the data of its ``award.registered`` effect. Rows of their own would be more than a third of a busy
log's, each under a random key and therefore on a page of its own.
"""

import json
from collections.abc import Collection, Iterator

from sqlalchemy import Connection, Text, bindparam, func, select, text

from hub.storage.encoding import encode_json
from hub.storage.models import EffectRow, RuleStateRow, StatementRow
from providers.storage.prepared import Lookup, Prepared
from signing.encoding import JSON

__all__ = ["chunks", "is_stored", "rule_state"]

_IN_LIMIT = 500  # bound variables of one query, far below every database's own limit
_DIGEST, _ID, _AWARD = "digest/", "statement/", "award/"
_DERIVED = (_DIGEST, _ID, _AWARD)

_STATE_OF_LIST = Prepared(  # one bound value however many keys
    select(RuleStateRow.key, RuleStateRow.value).where(
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

# On PostgreSQL all of it is one query, because waiting for an answer costs more than the answer; each list is one text
# of JSON. Its planner knows nothing yet of a table that fills, and would read all rows of an issuer or all effects:
# LIMIT keeps it to one search in the index for each.
_ALL_AT_ONCE = Prepared(
    text("""
    SELECT key, value, CAST(NULL AS bigint), NULL FROM rule_state
    WHERE key = ANY(ARRAY(SELECT jsonb_array_elements_text(CAST(:keys AS jsonb))))
    UNION ALL
    SELECT 'digest/' || encode(digest, 'hex'), kind, "index", issuer FROM statements
    WHERE digest = ANY(ARRAY(SELECT decode(jsonb_array_elements_text(CAST(:digests AS jsonb)), 'hex')))
    UNION ALL
    SELECT 'statement/' || found.issuer || '/' || found.id, encode(found.digest, 'hex'), found."index", NULL
    FROM jsonb_array_elements(CAST(:names AS jsonb)) AS wanted CROSS JOIN LATERAL (
        SELECT issuer, id, digest, "index" FROM statements
        WHERE issuer = (wanted->>0) COLLATE "C" AND id = (wanted->>1) COLLATE "C" LIMIT 1
    ) AS found
    UNION ALL
    SELECT 'award/' || wanted.digest, found.data, NULL, NULL
    FROM jsonb_array_elements_text(CAST(:awards AS jsonb)) AS wanted (digest) CROSS JOIN LATERAL (
        SELECT effects.data FROM statements AS one JOIN effects ON effects."index" = one."index"
        WHERE one.digest = decode(wanted.digest, 'hex') AND effects.type = 'award.registered' LIMIT 1
    ) AS found
    """)
)


def is_stored(key: str) -> bool:
    """Whether a key of the rule state has a row of its own."""
    return not key.startswith(_DERIVED)


def rule_state(connection: Connection, keys: Collection[str]) -> dict[str, JSON]:
    """Rule state of these keys; absent keys are left out."""
    stored = [key for key in keys if is_stored(key)]
    digests, names, awards = (_names(keys, space) for space in _DERIVED)
    if connection.dialect.name == "postgresql":
        return _at_once(connection, stored, digests, names, awards)
    found = _stored(connection, stored)
    found |= _digests(connection, digests)
    found |= _statement_ids(connection, names)
    return found | _awards(connection, awards)


def chunks(keys: Collection[str]) -> Iterator[list[str]]:
    """The keys in lists that fit one query."""
    ordered = sorted(keys)
    return (ordered[start : start + _IN_LIMIT] for start in range(0, len(ordered), _IN_LIMIT))


def _names(keys: Collection[str], space: str) -> list[str]:
    return [key.removeprefix(space) for key in keys if key.startswith(space)]


def _at_once(
    connection: Connection, stored: list[str], digests: list[str], names: list[str], awards: list[str]
) -> dict[str, JSON]:
    pairs = [name.split("/", 1) for name in names]
    given = {"keys": stored, "digests": digests, "names": pairs, "awards": awards}
    rows = _ALL_AT_ONCE.run(connection, {name: encode_json(some) for name, some in given.items()})
    return dict(_value(*row) for row in rows)


def _value(key: str, value: str, index: int | None, issuer: str | None) -> tuple[str, JSON]:
    if index is None:
        return key, json.loads(value)
    if key.startswith(_DIGEST):
        return key, {"index": index, "kind": value, "issuer": issuer}
    return key, {"digest": value, "index": index}


def _stored(connection: Connection, keys: Collection[str]) -> dict[str, JSON]:
    if not keys:
        return {}
    found = _STATE_OF_LIST.run(connection, {"keys": encode_json(list(keys))})
    return {key: json.loads(value) for key, value in found}


def _digests(connection: Connection, digests: Collection[str]) -> dict[str, JSON]:
    return {
        f"{_DIGEST}{digest.hex()}": {"index": index, "kind": kind, "issuer": issuer}
        for some in chunks(digests)
        for index, digest, kind, issuer in _OF_DIGEST.run(connection, _octets(some))
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
        for index, digest, name in _OF_ISSUER.run(connection, some, issuer=issuer)
    }


def _awards(connection: Connection, digests: Collection[str]) -> dict[str, JSON]:
    return {
        f"{_AWARD}{digest.hex()}": json.loads(data)
        for some in chunks(digests)
        for digest, data in _AWARDS.run(connection, _octets(some))
    }


def _octets(digests: Collection[str]) -> list[bytes]:
    return [bytes.fromhex(digest) for digest in digests]
