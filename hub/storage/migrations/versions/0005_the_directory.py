"""Every version of every member and neutral, which searches and mirrors read; filled from the log at the next start."""

import sqlalchemy as sa
from alembic import op

from hub.storage.migrations.columns import text_column

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "directory_versions",
        sa.Column("index", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("subject", text_column(40), nullable=False),
        sa.Column("annex", sa.BigInteger(), nullable=True),
        sa.Column("record", text_column(), nullable=False),
        sa.PrimaryKeyConstraint("index", name="pk_directory_versions"),
        sa.ForeignKeyConstraint(["index"], ["statements.index"], name="fk_directory_versions_index_statements"),
    )
    op.create_index("ix_directory_versions_subject_index", "directory_versions", ["subject", "index"])
