"""Enquiries: what officers asked providers, and what these said."""

import sqlalchemy as sa
from alembic import op

from hub.storage.migrations.columns import text_column

revision = "0012"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "enquiries",
        sa.Column("id", text_column(36), nullable=False),
        sa.Column("provider", text_column(40), nullable=False),
        sa.Column("about", text_column(12), nullable=False),
        sa.Column("code", text_column(64), nullable=False),
        sa.Column("period_start", sa.BigInteger(), nullable=False),
        sa.Column("period_end", sa.BigInteger(), nullable=False),
        sa.Column("text", text_column(), nullable=False),
        sa.Column("evidence", text_column(), nullable=False),
        sa.Column("asked_by", text_column(40), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("comment", text_column(), nullable=True),
        sa.Column("commented_at", sa.BigInteger(), nullable=True),
        sa.Column("seal", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_enquiries"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_enquiries_matter", "enquiries", ["provider", "about", "code", "period_start"], unique=True
    )
    op.create_index("ix_enquiries_asked_at", "enquiries", ["asked_at"])
