"""Uploads, packages, and what follows the log: transfers, inbox, case events."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from hub.storage.migrations.columns import text_column

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

DIGEST = sa.LargeBinary(length=32)
NUMBER = sa.BigInteger()
TRANSFER = text_column(120)


def upgrade() -> None:
    """Create the tables of the exchange."""
    _uploads()
    _packages()
    _transfers()
    _beside_transfers()


def _actor(name: str) -> sa.Column[Any]:
    return sa.Column(name, text_column(40), nullable=False)


def _column(name: str, kind: sa.types.TypeEngine[Any], *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=nullable)


def _key(name: str, kind: sa.types.TypeEngine[Any]) -> sa.Column[Any]:
    return sa.Column(name, kind, autoincrement=False, nullable=False)


def _primary(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=f"pk_{table}")


def _index(table: str, *columns: str, only: str | None = None) -> None:
    where = None if only is None else sa.text(only)
    op.create_index(
        f"ix_{table}_{'_'.join(columns)}", table, list(columns), sqlite_where=where, postgresql_where=where
    )


def _uploads() -> None:
    op.create_table(
        "uploads",
        _column("id", text_column(43)),
        _actor("owner"),
        _column("purpose", text_column(10)),
        _column("transfer", TRANSFER),
        _actor("recipient"),
        _column("sha256", DIGEST),
        _column("size", NUMBER),
        _column("offset", NUMBER),
        _column("created", NUMBER),
        _column("expires", NUMBER),
        _column("complete", sa.Boolean()),
        _primary("uploads", "id"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_uploads_owner", "uploads", ["owner"],
        sqlite_where=sa.text("complete IS 0"), postgresql_where=sa.text("complete IS false"),
    )  # fmt: skip
    _index("uploads", "expires")


def _packages() -> None:
    op.create_table(
        "packages",
        _column("sha256", DIGEST),
        _actor("owner"),
        _actor("recipient"),
        _column("transfer", TRANSFER),
        _column("purpose", text_column(10)),
        _column("size", NUMBER),
        _column("stored_at", NUMBER),
        _column("deleted_at", NUMBER, nullable=True),
        _column("held_at", NUMBER, nullable=True),
        _column("hold_reason", text_column(), nullable=True),
        _primary("packages", "sha256", "owner", "recipient", "transfer"),
        sqlite_with_rowid=False,
    )
    _index("packages", "transfer")
    _index("packages", "owner", "deleted_at")
    _index("packages", "deleted_at", "stored_at")
    op.create_table(
        "deletions",
        _column("sha256", DIGEST),
        _actor("owner"),
        _actor("recipient"),
        _column("transfer", TRANSFER),
        _column("at", NUMBER),
        _column("record", sa.LargeBinary()),
        _primary("deletions", "sha256", "owner", "recipient", "transfer"),
        sqlite_with_rowid=False,
    )


def _transfers() -> None:
    op.create_table(
        "cursors",
        _actor("name"),
        _column("size", NUMBER),
        _primary("cursors", "name"),
    )
    op.create_table(
        "transfers",
        _column("transfer", TRANSFER),
        _column("index", NUMBER),
        _actor("sender"),
        _actor("recipient"),
        _column("state", text_column(20)),
        _column("due", NUMBER, nullable=True),
        _column("ended", NUMBER, nullable=True),
        _column("cleared", NUMBER, nullable=True),
        _column("brief", DIGEST),
        _column("ciphertext", DIGEST, nullable=True),
        _column("record", text_column()),
        _primary("transfers", "transfer"),
        sqlite_with_rowid=False,
    )
    _index("transfers", "due", only="due IS NOT NULL")
    _index("transfers", "ended", only="ended IS NOT NULL AND cleared IS NULL")


def _beside_transfers() -> None:
    op.create_table(
        "transfer_statements",
        _column("transfer", TRANSFER),
        _key("index", NUMBER),
        _column("kind", text_column(40)),
        _column("event", text_column(40), nullable=True),
        _primary("transfer_statements", "transfer", "index"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "inbox",
        _actor("member"),
        _key("index", NUMBER),
        _column("kind", text_column(40)),
        _column("transfer", TRANSFER),
        _primary("inbox", "member", "index"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "case_events",
        _actor("provider"),
        _column("case", text_column(43)),
        _key("sequence", sa.Integer()),
        _column("type", text_column(40)),
        _column("at", NUMBER),
        _column("recorded_at", NUMBER),
        _column("attributes", text_column()),
        _primary("case_events", "provider", "case", "sequence"),
        sqlite_with_rowid=False,
    )
