"""Applications for membership."""

import sqlalchemy as sa
from alembic import op

from hub.storage.migrations.columns import text_column

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "applications",
        sa.Column("id", text_column(36), nullable=False),
        sa.Column("kid", text_column(43), nullable=False),
        sa.Column("http_key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("actor", text_column(40), nullable=False),
        sa.Column("type", text_column(20), nullable=False),
        sa.Column("state", text_column(20), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.Column("ended", sa.BigInteger(), nullable=True),
        sa.Column("ended_by", text_column(40), nullable=True),
        sa.Column("reason", text_column(), nullable=True),
        sa.Column("form", text_column(), nullable=True),
        sa.Column("challenge", text_column(), nullable=True),
        sa.Column("outcomes", text_column(), nullable=True),
        sa.Column("seal", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_applications"),
        sqlite_with_rowid=False,
    )
    only_open = sa.text("ended IS NULL")
    op.create_index(
        "ix_applications_open_kid", "applications", ["kid"], unique=True,
        sqlite_where=only_open, postgresql_where=only_open,
    )  # fmt: skip
