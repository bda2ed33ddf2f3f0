"""Feedback: slots issued to providers, and answers."""

import sqlalchemy as sa
from alembic import op

from hub.storage.migrations.columns import text_column

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create both tables."""
    op.create_table(
        "feedback_slots",
        sa.Column("provider", text_column(40), nullable=False),
        sa.Column("case", text_column(43), nullable=False),
        sa.Column("role", text_column(12), nullable=False),
        sa.Column("token", sa.LargeBinary(length=32), nullable=True),
        sa.Column("issued", sa.BigInteger(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.Column("seal", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("provider", "case", "role", name="pk_feedback_slots"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_feedback_slots_token", "feedback_slots", ["token"], unique=True)
    op.create_index("ix_feedback_slots_expires", "feedback_slots", ["expires"])
    op.create_table(
        "feedback_answers",
        sa.Column("provider", text_column(40), nullable=False),
        sa.Column("case", text_column(43), nullable=False),
        sa.Column("role", text_column(12), nullable=False),
        sa.Column("source", text_column(8), nullable=False),
        sa.Column("outcome_side", text_column(12), nullable=False),
        sa.Column("scores", text_column(), nullable=False),
        sa.Column("day", sa.BigInteger(), nullable=False),
        sa.Column("seal", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("provider", "case", "role", "source", name="pk_feedback_answers"),
        sqlite_with_rowid=False,
    )
