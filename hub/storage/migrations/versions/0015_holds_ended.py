"""Ended holds: a package tells when its last hold ended, because it must be deleted from then on."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; when earlier holds ended nobody has written down."""
    op.add_column("packages", sa.Column("released_at", sa.BigInteger(), nullable=True))
