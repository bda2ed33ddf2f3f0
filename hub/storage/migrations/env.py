"""Alembic's environment; ``hub.storage.schema`` hands it a connection, the command line of Alembic a URL."""

from alembic import context
from sqlalchemy import Connection

from hub.storage import searchmodels  # noqa: F401  # its table belongs to the metadata
from hub.storage.engine import backend_of
from hub.storage.models import Base
from hub.storage.session import WRITES


def _run(connection: Connection) -> None:
    """Run the migrations, one transaction each; SQLite's data definition is transactional as we open it."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        transaction_per_migration=True,
        transactional_ddl=True,
        render_as_batch=connection.dialect.name == "sqlite",
    )
    with context.begin_transaction():
        context.run_migrations()


def _run_with_url(url: str) -> None:
    backend = backend_of(url)
    try:
        with backend.writer() as connection:
            _run(connection.execution_options(**{WRITES: True}))
    finally:
        backend.dispose()


connection = context.config.attributes.get("connection")
if connection is not None:
    _run(connection)
else:
    _run_with_url(context.config.get_main_option("sqlalchemy.url", ""))
