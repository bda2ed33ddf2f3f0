"""Registered feedback: answers name the entry that holds them."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; every answer that is there waits to be registered."""
    op.add_column("feedback_answers", sa.Column("index", sa.BigInteger(), nullable=True))
    op.create_index("ix_feedback_answers_index", "feedback_answers", ["index"])
