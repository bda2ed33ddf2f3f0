"""Facts about cases, folded from the case events."""

import sqlalchemy as sa
from alembic import op

from hub.storage.migrations.columns import text_column

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table, and have the log taken in again: it fills with what was reported before."""
    op.create_table(
        "case_facts",
        sa.Column("provider", text_column(40), nullable=False),
        sa.Column("case", text_column(43), nullable=False),
        sa.Column("index", sa.BigInteger(), nullable=False),
        sa.Column("form", sa.Integer(), nullable=False),
        sa.Column("fact", text_column(), nullable=False),
        sa.PrimaryKeyConstraint("provider", "case", name="pk_case_facts"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_case_facts_form_index", "case_facts", ["form", "index"])
    op.execute("UPDATE cursors SET size = 0 WHERE name = 'exchange'")
