"""Nonces of HTTP signatures: each is accepted once while its signature could still be valid."""

from sqlalchemy import delete, insert
from sqlalchemy.exc import IntegrityError

from hub.storage.engine import Database
from hub.storage.models import NonceRow

__all__ = ["NonceStore"]

_NEW = insert(NonceRow)


class NonceStore:
    """Nonces already used, on disk, so that a restart opens no window for replays."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def remember_nonce(self, keyid: str, nonce: str, expires: int) -> bool:
        """Remember a nonce until ``expires`` (POSIX seconds); False when this key used it before."""
        row = {"keyid": keyid, "nonce": nonce, "expires": expires}
        try:
            await self._database.write(lambda connection: connection.execute(_NEW, row))
        except IntegrityError:
            return False
        return True

    async def forget_expired(self, now: int) -> int:
        """Delete nonces that expired before ``now``; returns how many."""
        expired = delete(NonceRow).where(NonceRow.expires < now)
        return await self._database.write(lambda connection: connection.execute(expired).rowcount)
