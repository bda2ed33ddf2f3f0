"""The tables of the gateway's SQLite file. What they hold is the provider's own, class C2, and stays at its site."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

__all__ = [
    "VERSION",
    "cases",
    "documents",
    "dossiers",
    "events",
    "feedback_slots",
    "gateway",
    "metadata",
    "news",
    "sendings",
    "statements",
]

VERSION = 1
"""Of this layout; a file of another one is refused."""

metadata = MetaData()
gateway = Table(
    "gateway",
    metadata,
    Column("id", Integer, CheckConstraint("id = 1"), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("network", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("cursor", BigInteger, nullable=True),
)
cases = Table(
    "cases",
    metadata,
    Column("case_id", Text, primary_key=True),
    Column("folder", Text, nullable=False, unique=True),
    Column("sha256", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("added", BigInteger, nullable=False),
    Column("transfer", Text, nullable=True),
    Column("delete_by", BigInteger, nullable=True),
)
documents = Table(
    "documents",
    metadata,
    Column("case_id", Text, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("data_class", Text, nullable=False),
    Column("type", Text, nullable=False),
    UniqueConstraint("case_id", "name"),
)
dossiers = Table(
    "transfers",
    metadata,
    Column("transfer_id", Text, primary_key=True),
    Column("case_id", Text, nullable=False, index=True),
    Column("role", Text, nullable=False),
    Column("closed", Boolean, nullable=False, index=True),
    Column("created", BigInteger, nullable=False),
    Column("updated", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
)
sendings = Table(
    "outbox",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("transfer_id", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("document", LargeBinary, nullable=True),
    Column("location", Text, nullable=True),
    Column("state", Text, nullable=False, index=True),
    Column("attempts", Integer, nullable=False),
    Column("problem", Text, nullable=True),
    Column("created", BigInteger, nullable=False),
    UniqueConstraint("transfer_id", "purpose"),
)
statements = Table(
    "statements",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("transfer_id", Text, nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("issuer", Text, nullable=False),
    Column("event", Text, nullable=True),
    Column("log_index", BigInteger, nullable=False),
    Column("time", BigInteger, nullable=False),
    Column("registration", Text, nullable=False),
)
"""Every statement of a transfer that was verified and acted on, with the receipt under which it was."""

news = Table(
    "news",
    metadata,
    Column("transfer_id", Text, primary_key=True),
    Column("log_index", BigInteger, nullable=False),
)
"""Transfers of which the hub said that there is news, until it is applied."""

events = Table(
    "events",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("type", Text, nullable=False),
    Column("transfer_id", Text, nullable=True),
    Column("case_id", Text, nullable=True),
    Column("data", Text, nullable=False),
    sqlite_autoincrement=True,
)

feedback_slots = Table(
    "feedback_slots",
    metadata,
    Column("case", Text, primary_key=True),
    Column("role", Text, primary_key=True),
    Column("language", Text, nullable=False),
    Column("token", Text, nullable=False),
    Column("expires_at", Text, nullable=False),
)
"""Slots of the questionnaire that the hub issued for our cases, by the case's pseudonym. Who has a token may answer."""
