"""The tables of the monitor's SQLite file."""

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, Integer, LargeBinary, MetaData, Table, Text

__all__ = [
    "VERSION", "awaited", "concerns", "conditions", "incidents", "metadata", "monitor", "policies", "position",
    "questions",
]  # fmt: skip

VERSION = 1
"""Of this layout; a file of another one is refused. A table that a file lacks is made when it is opened."""

metadata = MetaData()
monitor = Table(
    "monitor",
    metadata,
    Column("id", Integer, CheckConstraint("id = 1"), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("network", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("visited", BigInteger, nullable=False),
    Column("verified", BigInteger, nullable=False),
    Column("problem_code", Text, nullable=True),
    Column("problem", Text, nullable=True),
)
position = Table(
    "position",
    metadata,
    Column("id", Integer, CheckConstraint("id = 1"), primary_key=True),
    Column("note", LargeBinary, nullable=False),
    Column("origin", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("root", LargeBinary(32), nullable=False),
    Column("edges", LargeBinary, nullable=False),
    Column("cosigned", BigInteger, nullable=True),
)
policies = Table(
    "policies",
    metadata,
    Column("log_index", BigInteger, primary_key=True),
    Column("digest", Text, nullable=False),
)
concerns = Table(
    "concerns",
    metadata,
    Column("log_index", BigInteger, primary_key=True),
    Column("code", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("time", BigInteger, nullable=False),
    Column("message", Text, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("found", BigInteger, nullable=False),
    Column("acknowledged", BigInteger, nullable=True),
)
"""Every entry that concerns the member, its own included: what is its own is decided when alerts are listed."""

questions = Table(
    "questions",
    metadata,
    Column("log_index", BigInteger, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("sigs", Text, nullable=False),
    Column("time", BigInteger, nullable=False),
    Column("own", Boolean, nullable=False),
    Column("found", BigInteger, nullable=False),
)
"""Public entries whose statements are still to be looked at; one that the hub does not show stays."""

awaited = Table(
    "awaited",
    metadata,
    Column("kid", Text, primary_key=True),
    Column("log_index", BigInteger, nullable=False),
    Column("message", Text, nullable=False),
    Column("found", BigInteger, nullable=False),
    Column("acknowledged", BigInteger, nullable=True),
)
"""Monitor keys with which the log was not read from these entries on: it is read again once they are here."""

incidents = Table(
    "incidents",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("code", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("acknowledged", BigInteger, nullable=True),
)
conditions = Table(
    "conditions",
    metadata,
    Column("code", Text, primary_key=True),
    Column("message", Text, nullable=False),
    Column("since", BigInteger, nullable=False),
)
