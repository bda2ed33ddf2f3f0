"""Ended applications: the id of the statement that one posted stays when its text goes."""

import sqlalchemy as sa
from alembic import op

from hub.storage.migrations.columns import text_column

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column and its index; the ids of those that have ended are gone with their texts."""
    op.add_column("applications", sa.Column("statement", text_column(120), nullable=True))
    op.create_index("ix_applications_statement", "applications", ["statement"])
