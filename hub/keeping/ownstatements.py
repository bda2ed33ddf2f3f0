"""The sealed statements that the hub signed itself: registered feedback, and evidence of expiry.

A log that was restored from an old backup is completed with statements from whoever has them, and registered feedback
nobody else has. So these are written to a file of their own, encrypted like a backup, because they hold single answers.

Its plain text is a JSON list of statements, as ``odr-hub complete --statements`` reads it.
"""

import io
from collections.abc import Sequence

from hub.storage.directory import Directory
from hub.storage.engine import Database
from hub.storage.log_reads import LogReads
from signing.agefile import decrypt, encrypt
from signing.keys import PublicKey
from signing.secretkeys import AgreementKey

__all__ = ["decrypted", "is_encrypted", "own_statements", "pack"]

_MAGIC = b"age-encryption.org/"


async def own_statements(database: Database) -> list[bytes]:
    """The hub's sealed statements (JWS) whose texts are kept, in log order."""
    hub = (await Directory(database).policies(1))[0].issuer
    return await LogReads(database).sealed_documents(hub)


def pack(documents: Sequence[bytes], recipients: Sequence[PublicKey]) -> bytes:
    """The documents in one age file for ``recipients``; errors as ``signing.agefile.age_writer``."""
    target = io.BytesIO()
    encrypt(io.BytesIO(b"[" + b",".join(documents) + b"]"), target, recipients)
    return target.getvalue()


def is_encrypted(octets: bytes) -> bool:
    """Whether these are the octets of an age file."""
    return octets.startswith(_MAGIC)


def decrypted(octets: bytes, identity: AgreementKey) -> bytes:
    """The plain text of an age file; errors as ``signing.agefile.open_age``."""
    target = io.BytesIO()
    decrypt(io.BytesIO(octets), target, identity)
    return target.getvalue()
