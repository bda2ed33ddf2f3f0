"""Alembic's environment; ``hub.storage.schema`` hands it a connection, the command line of Alembic a URL."""

import asyncio

from alembic import context
from sqlalchemy import Connection

from hub.storage.engine import open_engine
from hub.storage.models import Base


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


async def _run_with_url(url: str) -> None:
    engine = open_engine(url)
    try:
        async with engine.connect() as connection:
            await connection.run_sync(_run)
    finally:
        await engine.dispose()


connection = context.config.attributes.get("connection")
if connection is not None:
    _run(connection)
else:
    asyncio.run(_run_with_url(context.config.get_main_option("sqlalchemy.url", "")))
