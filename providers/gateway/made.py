"""What a member's gateway made: the digests of every statement that it signed or posted in the member's name.

A monitor holds entries of the log against them. Known are: what ``odr-gateway serve`` put into its outbox (before it
sends anything), receipts of awards, drafts in the gateway's directory that one of its keys signed, and what
``odr-gateway post`` and ``apply`` were about to post, kept in ``DIR/posted.txt``, one digest a line; of an application
one for each officer who may admit. A file of the member's own names statements that were made elsewhere.
"""

import os
import re
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

from providers.durable import flush, sync_folder
from providers.errors import GatewayError
from providers.gateway.home import Home
from signing.drafts import Draft
from signing.errors import SigningError
from signing.keyfile import parse_keyfile

__all__ = ["made_digests", "own_kids", "read_digests", "remember_posted"]

POSTED = "posted.txt"
_DIGEST = re.compile("[0-9a-f]{64}")
_QUERY = "SELECT digest FROM outbox WHERE kind = 'statement'"


def remember_posted(home: Home, digest: str) -> None:
    """Note, on disk when this returns, that the member is about to post the statement of this digest."""
    path = home.directory / POSTED
    new = not path.exists()
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab") as file:
        file.write(f"\n{digest}\n".encode("ascii"))  # a line that a crash cut short spoils no other one
        flush(file)
    if new:
        sync_folder(home.directory)


def made_digests(home: Home, files: Iterable[Path] = ()) -> frozenset[str]:
    """Digests (hex) of everything that the member made, as far as its directory and ``files`` tell.

    Raises:
        GatewayError: ``file_unreadable`` or ``bad_digest``; ``storage_failed`` for the gateway's store.
    """
    posted = home.directory / POSTED
    names = [path.stem for path in (home.directory / "receipts").glob("*.json")]
    names += posted.read_text("ascii", "replace").split() if posted.exists() else []
    found = {name for name in names if _DIGEST.fullmatch(name)}
    return frozenset(found.union(_sent(home), _drafted(home), *(read_digests(path) for path in files)))


def read_digests(path: Path) -> set[str]:
    """The digests in a file, one a line; empty lines and what follows ``#`` mean nothing."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise GatewayError("file_unreadable", "The file of digests can't be read as text.", str(path)) from error
    found = set()
    for number, line in enumerate(lines, 1):
        if word := line.partition("#")[0].strip():
            if not _DIGEST.fullmatch(word):
                raise GatewayError("bad_digest", "A digest has 64 hexadecimal digits.", f"{path}, line {number}")
            found.add(word)
    return found


def own_kids(home: Home) -> frozenset[str]:
    """Ids of the keys whose files lie in the gateway's directory; no passphrase is needed."""
    found = []
    for path in sorted((home.directory / "keys").glob("*.key.json")):
        try:
            found.append(parse_keyfile(path.read_bytes()).public.kid)
        except (OSError, SigningError) as error:
            raise GatewayError("key_file_unreadable", "A key file can't be read.", str(path)) from error
    return frozenset(found)


def _sent(home: Home) -> list[str]:
    path = home.directory / "exchange" / "gateway.sqlite3"
    if not path.exists():
        return []
    try:  # read only, beside the gateway that may be writing
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=5)) as connection:
            return [str(digest) for (digest,) in connection.execute(_QUERY)]
    except sqlite3.Error as error:
        message = "The gateway's store could not be read."
        raise GatewayError("storage_failed", message, str(path), actor="operator", retryable=True) from error


def _drafted(home: Home) -> Iterator[str]:
    kids = own_kids(home)
    for path in (*home.directory.glob("*.draft.json"), *(home.directory / "awards").glob("*.json")):
        try:
            draft = Draft.from_bytes(path.read_bytes())
            signed = {str(one["kid"]) for one in draft.payload["signers"]} - draft.missing().keys()
        except (OSError, SigningError, KeyError, TypeError):
            continue  # no draft, or none that can be read: it vouches for nothing
        if kids & signed:
            yield draft.digest
