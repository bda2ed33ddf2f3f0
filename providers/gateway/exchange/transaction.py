"""One transaction of the gateway's store, whose failures are told in the gateway's words."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from providers.errors import GatewayError

__all__ = ["transaction"]


@contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """A transaction, on disk when the block has ended.

    Raises:
        GatewayError: ``storage_full`` or ``storage_failed``; nothing is changed then.
    """
    try:
        with engine.begin() as connection:
            yield connection
    except (SQLAlchemyError, sqlite3.Error) as error:
        raise _failure(error) from error


def _failure(error: SQLAlchemyError | sqlite3.Error) -> GatewayError:
    code, message = "storage_failed", "The gateway's store could not be read or written."
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, sqlite3.OperationalError):
        full = "full" in str(cause)
        code, what = ("storage_full", "The disk is full") if full else (code, "The store does not answer")
        message = f"{what}; nothing was changed."
    return GatewayError(code, message, actor="operator", retryable=True)
