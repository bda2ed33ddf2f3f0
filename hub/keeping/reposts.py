"""Statements that come back by themselves: members post again what an incomplete log lacks, while it reads only.

A hub that was restored from an old backup, and for which ``odr-hub complete`` has fetched the missing entries, keeps
what is posted of them in ``DATA/completing/statements``; the next ``complete`` takes it from there. An entry names
exactly one document with exactly its signatures, so nothing else is ever kept, and nothing has to be verified before:
the keys of its signers may be among what is missing.
"""

import asyncio
import errno
from pathlib import Path

from hub.keeping.errors import CompletionError, KeptForCompletion
from hub.keeping.export import CHECKPOINT
from hub.keeping.fetched import FOLDER, STATEMENTS, forget_fetched, keep_octets
from hub.keeping.offered import Offered, name_of
from hub.keeping.sources import reader_of
from hub.log.signedheads import BEHIND, Contradiction
from hub.storage.errors import FullError
from signing.encoding import sha256_hex
from signing.errors import SigningError
from signing.notes import VerifierKey, parse_checkpoint, parse_note
from signing.statement import parse_statement
from signing.tiles import ENTRIES, TILE_WIDTH, parse_entry_bundle, tile_path

__all__ = ["Reposts", "awaited_entries"]


class Reposts:
    """Keeps what is awaited; where nothing is, it costs nothing.

    Args:
        folder: where kept statements go.
        wanted: by what entries call them (``offered.name_of``).
    """

    def __init__(self, folder: Path, wanted: frozenset[tuple[str, str]] = frozenset()) -> None:
        self._folder = folder
        self._wanted = wanted

    @classmethod
    async def opened(
        cls, data: Path, size: int, contradiction: Contradiction | None, log_key: VerifierKey
    ) -> "Reposts":
        """What a log of ``size`` entries awaits, if a longer one was signed and its entries were fetched.

        Where no signed head contradicts the log, what was offered beyond its end is forgotten.
        """
        folder = data / FOLDER
        if contradiction is None:
            await asyncio.to_thread(forget_fetched, data, log_key)
        if contradiction is None or contradiction.code != BEHIND:
            return cls(folder / STATEMENTS)
        return cls(folder / STATEMENTS, await asyncio.to_thread(awaited_entries, folder, size))

    async def keep(self, document: bytes, annex: bytes | None) -> None:
        """Keep a posted statement, with the annex that it names, if an entry awaits exactly it; else do nothing.

        One that comes without its annex, or with another, is not kept: intake says what is wrong with it.

        Raises:
            KeptForCompletion: it is kept, on disk; the sender may ask for its receipt later.
            FullError: it would have been, but the disk is full.
        """
        if not self._wanted:
            return
        if await asyncio.to_thread(self._kept, document, annex):
            raise KeptForCompletion

    def _kept(self, document: bytes, annex: bytes | None) -> bool:
        try:
            statement = parse_statement(document)
        except SigningError:
            return False  # intake says why
        names = Offered(annexes={} if annex is None else {sha256_hex(annex): annex})
        names.add(statement)
        fits = names.annex_of(statement) == annex and not names.lacks_annex(statement)
        if not names.statements.keys() & self._wanted or not fits:
            return False
        try:
            keep_octets(self._folder, [statement.document, *([] if annex is None else [annex])])
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
            raise FullError from error
        return True


def awaited_entries(folder: Path, size: int) -> frozenset[tuple[str, str]]:
    """The names in the fetched entries beyond ``size``; none where nothing, or nothing readable, was fetched.

    Not checked: that they continue the log. ``complete`` does that before it uses anything that was kept.
    """
    if not (folder / CHECKPOINT).exists():
        return frozenset()
    read = reader_of(str(folder))
    try:
        end = parse_checkpoint(parse_note(read(CHECKPOINT)).text).size
        found: set[tuple[str, str]] = set()
        for n in range(size // TILE_WIDTH, -(-end // TILE_WIDTH)):
            width = min(TILE_WIDTH, end - n * TILE_WIDTH)
            entries = parse_entry_bundle(read(tile_path(ENTRIES, n, width)), width)
            found.update(name_of(entry) for entry in entries[max(0, size - n * TILE_WIDTH) :])
    except (CompletionError, SigningError):
        return frozenset()
    return frozenset(found)
