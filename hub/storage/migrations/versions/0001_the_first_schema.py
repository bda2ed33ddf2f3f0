"""The first schema."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from hub.storage.migrations.columns import text_column

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

POSITION = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DIGEST = sa.LargeBinary(length=32)


def upgrade() -> None:
    """Create every table."""
    _log()
    _statements()
    _beside_statements()
    _effects()
    _checkpoints()
    _nonces()


def _column(name: str, kind: sa.types.TypeEngine[Any], *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=nullable)


def _key(name: str, kind: sa.types.TypeEngine[Any]) -> sa.Column[Any]:
    return sa.Column(name, kind, autoincrement=False, nullable=False)


def _references(table: str, column: str, referred: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{referred}.{column}"], name=f"fk_{table}_{column}_{referred}")


def _primary(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=f"pk_{table}")


def _log() -> None:
    op.create_table(
        "entries",
        _key("index", POSITION),
        _column("octets", sa.LargeBinary()),
        _column("leaf_hash", DIGEST),
        _column("time", sa.BigInteger()),
        _primary("entries", "index"),
    )
    op.create_table(
        "tiles",
        _key("level", sa.Integer()),
        _key("n", sa.BigInteger()),
        _column("width", sa.Integer()),
        _column("hashes", sa.LargeBinary()),
        _primary("tiles", "level", "n"),
    )
    op.create_table(
        "head",
        _column("origin", text_column(255)),
        _column("size", sa.BigInteger()),
        _column("root", DIGEST),
        _column("time", sa.BigInteger()),
        _column("signed_size", sa.BigInteger()),
        _column("note", sa.LargeBinary()),
        _primary("head", "origin"),
    )


def _statements() -> None:
    op.create_table(
        "statements",
        _key("index", POSITION),
        _column("digest", DIGEST),
        _column("issuer", text_column(40)),
        _column("id", text_column(120)),
        _column("kind", text_column(40)),
        _column("version", sa.Integer()),
        _column("confidential", sa.Boolean()),
        _column("subject", text_column(40), nullable=True),
        _column("amends", DIGEST, nullable=True),
        _references("statements", "index", "entries"),
        _primary("statements", "index"),
        sa.UniqueConstraint("digest", name="uq_statements_digest"),
        sa.UniqueConstraint("issuer", "id", name="uq_statements_issuer_id"),
    )
    for columns, only in (
        (["kind", "subject", "index"], sa.text("subject IS NOT NULL")),
        (["amends", "index"], sa.text("amends IS NOT NULL")),
    ):
        name = f"ix_statements_{'_'.join(columns)}"
        op.create_index(name, "statements", columns, sqlite_where=only, postgresql_where=only)


def _beside_statements() -> None:
    op.create_table(
        "bodies",
        _key("index", POSITION),
        _column("document", sa.LargeBinary()),
        _references("bodies", "index", "statements"),
        _primary("bodies", "index"),
        postgresql_with={"toast_tuple_target": "8160"},
    )
    op.create_table(
        "annexes",
        _key("index", POSITION),
        _column("sha256", DIGEST),
        _column("octets", sa.LargeBinary()),
        _references("annexes", "index", "statements"),
        _primary("annexes", "index"),
    )
    op.create_table(
        "documents",
        _column("sha256", DIGEST),
        _key("index", POSITION),
        _references("documents", "index", "statements"),
        _primary("documents", "sha256", "index"),
    )


def _effects() -> None:
    op.create_table(
        "effects",
        _key("index", POSITION),
        _key("position", sa.Integer()),
        _column("type", text_column(60)),
        _column("version", sa.Integer()),
        _column("data", text_column()),
        _references("effects", "index", "entries"),
        _primary("effects", "index", "position"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "rule_state",
        _column("key", text_column(255)),
        _column("value", text_column()),
        _column("updated", sa.BigInteger()),
        _primary("rule_state", "key"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "outbox",
        _key("index", POSITION),
        _column("topic", text_column(40)),
        _references("outbox", "index", "entries"),
        _primary("outbox", "index", "topic"),
    )


def _checkpoints() -> None:
    op.create_table(
        "checkpoints",
        _key("size", POSITION),
        _column("root", DIGEST),
        _column("note", sa.LargeBinary()),
        _column("witnessed", sa.Boolean()),
        _primary("checkpoints", "size"),
    )
    op.create_index("ix_checkpoints_witnessed_size", "checkpoints", ["witnessed", "size"])
    op.create_table(
        "cosignatures",
        _key("size", POSITION),
        _column("witness", text_column(255)),
        _column("line", text_column()),
        _references("cosignatures", "size", "checkpoints"),
        _primary("cosignatures", "size", "witness"),
    )
    op.create_table(
        "policy_proofs",
        _key("index", POSITION),
        _column("size", sa.BigInteger()),
        _column("note", sa.LargeBinary()),
        _references("policy_proofs", "index", "entries"),
        _primary("policy_proofs", "index"),
    )


def _nonces() -> None:
    op.create_table(
        "nonces",
        _column("keyid", text_column(64)),
        _column("nonce", text_column(128)),
        _column("expires", sa.BigInteger()),
        _primary("nonces", "keyid", "nonce"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_nonces_expires", "nonces", ["expires"])
