"""Drafts that wait for signatures."""

import sqlalchemy as sa
from alembic import op

from hub.storage.migrations.columns import text_column

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables of the signing desk."""
    op.create_table(
        "drafts",
        sa.Column("id", text_column(36), nullable=False),
        sa.Column("poster", text_column(40), nullable=False),
        sa.Column("kind", text_column(40), nullable=False),
        sa.Column("issuer", text_column(40), nullable=False),
        sa.Column("state", text_column(12), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("register", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("statement", text_column(120), nullable=True),
        sa.Column("payload", sa.LargeBinary(), nullable=True),
        sa.Column("annex", sa.LargeBinary(), nullable=True),
        sa.Column("invitation", text_column(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("declined_kid", text_column(43), nullable=True),
        sa.Column("decline_reason", text_column(), nullable=True),
        sa.Column("result_index", sa.BigInteger(), nullable=True),
        sa.Column("problem", text_column(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_drafts"),
    )
    op.create_index("ix_drafts_poster_state", "drafts", ["poster", "state"])
    op.create_index("ix_drafts_state_expires_at", "drafts", ["state", "expires_at"])
    op.create_index("ix_drafts_statement", "drafts", ["statement"])
    op.create_table(
        "draft_signers",
        sa.Column("draft", text_column(36), nullable=False),
        sa.Column("kid", text_column(43), nullable=False),
        sa.Column("role", text_column(40), nullable=False),
        sa.Column("owner", text_column(40), nullable=True),
        sa.Column("signed", sa.Boolean(), nullable=False),
        sa.Column("protected", text_column(), nullable=True),
        sa.Column("signature", text_column(86), nullable=True),
        sa.Column("secret_hash", sa.LargeBinary(length=32), nullable=True),
        sa.ForeignKeyConstraint(["draft"], ["drafts.id"], name="fk_draft_signers_draft_drafts"),
        sa.PrimaryKeyConstraint("draft", "kid", name="pk_draft_signers"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_draft_signers_owner", "draft_signers", ["owner"])
