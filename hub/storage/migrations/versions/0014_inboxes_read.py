"""How far each member has fetched its inbox."""

import sqlalchemy as sa
from alembic import op

from hub.storage.migrations.columns import text_column

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table; nobody has said yet what it has fetched."""
    op.create_table(
        "inbox_read",
        sa.Column("member", text_column(40), nullable=False),
        sa.Column("index", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("member", name="pk_inbox_read"),
        sqlite_with_rowid=False,
    )
