"""What ``odr-hub complete`` has fetched and was offered, kept in ``DATA/completing`` until the log is whole.

::

    DATA/completing/checkpoint, tile/entries/…    what is missing, verified when fetched and each time it is read
    DATA/completing/policy-proof/…                checkpoints that lead over changes of policy (``policyproofs``)
    DATA/completing/heads/                        longer heads that witnesses showed, or mirrors have stored
    DATA/completing/statements/                   offered statements that are not in the log yet, with their annexes

The checkpoint there is by the log's own key, and the longest whose entries any source had; the heads may be longer. So
they bind the log as those do that a witness shows now: a hub that is started before the log is whole reads only,
whoever else is silent. Statements may be offered before anybody knows an entry for them, from a source that ends
earlier: they stay until the hub is started and finds no longer head anywhere.
"""

import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from hub.keeping.directorystore import DirectoryStore
from hub.keeping.errors import CompletionError
from hub.keeping.export import CHECKPOINT
from hub.keeping.missing import Missing
from hub.keeping.shownheads import Shown, known_lines, without_lines
from hub.keeping.sources import reader_of
from hub.log.policies import PolicyChain
from providers.durable import sync_folder, write_whole
from signing.encoding import sha256_hex
from signing.errors import SigningError
from signing.notes import Checkpoint, VerifierKey, open_checkpoint, parse_note
from signing.signnotes import format_note, with_lines

__all__ = ["FOLDER", "STATEMENTS", "Fetched", "fetched_heads", "forget_fetched", "forget_heads", "keep_octets"]

FOLDER, STATEMENTS, HEADS = "completing", "statements", "heads"


class Fetched:
    """What is kept for one log.

    Args:
        folder: ``DATA/completing``; it need not be there.
        log_key: the log's key.

    ``read`` reads it as a source.
    """

    def __init__(self, folder: Path, log_key: VerifierKey) -> None:
        self.folder = folder
        self.statements = folder / STATEMENTS
        self.read = reader_of(str(folder))
        self._log_key = log_key

    @property
    def checkpoint(self) -> Checkpoint | None:
        """The longest checkpoint by the log's key that was fetched; None where there is none, or it is damaged."""
        with suppress(FileNotFoundError, SigningError):
            return open_checkpoint(parse_note((self.folder / CHECKPOINT).read_bytes()), self._log_key)
        return None

    def heads(self) -> list[bytes]:
        """The notes that were kept of those who knew of more, as they were shown."""
        return [path.read_bytes() for path in _whole(self.folder / HEADS)]

    def keep_heads(self, heads: Sequence[Shown]) -> None:
        """Keep the heads that somebody shows, each once; with all its lines, as they were verified.

        Raises:
            CompletionError: completing_unwritable.
        """
        folder = self.folder / HEADS
        with _plain_words(folder):
            if heads:
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for one in heads:
                write_whole(folder / sha256_hex(parse_note(one.note).text.encode()), one.note, 0o600)

    async def keep(self, missing: Missing, chain: PolicyChain) -> None:
        """Keep what was fetched and verified. A longer checkpoint than this one stays, with the proofs it came with.

        One of the same length, and its proofs, get what lines this one adds; lines of the ``chain``'s witnesses that
        hold are not replaced.

        Raises:
            ExportError: target_locked or target_unwritable.
        """
        kept, new = self.checkpoint, missing.checkpoint
        longer = kept is None or new.size > kept.size or (new.size == kept.size and new != kept)
        with DirectoryStore(self.folder) as store:
            for name, octets in missing.bundles:
                await _put(store, name, octets)
            for name, octets in missing.proofs:
                if longer:  # what was kept of another source may not fit
                    await _put(store, name, octets)
                elif new == kept:
                    await self._add(store, name, octets, chain)
                else:
                    await store.create(name, octets)
            await store.flush()
            if longer:
                await store.replace(CHECKPOINT, missing.note, await store.get(CHECKPOINT))
            elif new == kept:
                await self._add(store, CHECKPOINT, missing.note, chain)

    async def _add(self, store: DirectoryStore, name: str, octets: bytes, chain: PolicyChain) -> None:
        """Put the note there, or add its lines; one of another text gives way only if this log has not signed it."""
        found = await store.get(name)
        if found is None or not _is_by(found.data, self._log_key):
            await _put(store, name, octets)
            return
        kept = parse_note(found.data)
        with suppress(SigningError):
            new = parse_note(octets)
            if new.text == kept.text:
                lines = known_lines(kept, chain, self._log_key).signatures
                await _put(store, name, format_note(with_lines(with_lines(kept, new.signatures), lines)))

    def keep_statements(self, wanted: Iterable[bytes]) -> None:
        """Have exactly these octets (statements and annexes) among what waits for its turn.

        Raises:
            CompletionError: completing_unwritable.
        """
        named = {sha256_hex(octets): octets for octets in wanted}
        with _plain_words(self.statements):
            if self.statements.exists():
                for path in self.statements.iterdir():
                    if path.name not in named:
                        path.unlink()
            keep_octets(self.statements, named.values())

    def end(self) -> None:
        """The log has all that anybody knows of: forget that, and the folder unless statements are left in it."""
        (self.folder / CHECKPOINT).unlink(missing_ok=True)
        for path in self.folder.iterdir():
            if path != self.statements:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        if not self.statements.exists() or not any(self.statements.iterdir()):
            shutil.rmtree(self.folder)


def keep_octets(folder: Path, wanted: Iterable[bytes]) -> None:
    """Write each whole under its hash; on disk when this returns. What is there is believed only octet for octet.

    Raises:
        OSError: as the system says; what was written before stays.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for octets in wanted:
        path = folder / sha256_hex(octets)
        if not path.exists() or path.read_bytes() != octets:
            write_whole(path, octets)
    sync_folder(folder)


def fetched_heads(data: Path) -> dict[str, bytes]:
    """The heads kept in the data directory ``data``, by who shows them, as ``contradiction`` takes them.

    Nothing of them is verified here. The checkpoint of the completion comes without witnesses' lines: a source had it.
    """
    found: dict[str, bytes] = {}
    for path in _kept(data / FOLDER):
        where = f"{FOLDER}/{HEADS}/{path.name[:8]}"  # its entries may be nowhere here, unlike those of the checkpoint
        shown = f"The head that odr-hub complete was shown ({where}…) is of"
        if path.name == CHECKPOINT:
            found["The completion begun here (odr-hub complete) shows"] = without_lines(path.read_bytes())
        else:
            found[shown] = path.read_bytes()
    return found


def forget_fetched(data: Path, log_key: VerifierKey) -> None:
    """The hub has started and knows no longer head: what was offered beyond its end awaits nothing.

    What was fetched and not appended stays; it is why a later start may read only. What another key has signed binds
    this log in nothing: its log was rotated since.
    """
    folder = data / FOLDER
    notes = [path.read_bytes() for path in _kept(folder)]
    if folder.exists() and not any(_is_by(note, log_key) for note in notes):
        shutil.rmtree(folder)


def forget_heads(data: Path, notes: Iterable[bytes]) -> None:
    """Forget the heads that these notes show, whoever else signed them there: somebody says that they count no more."""
    texts = {parse_note(note).text for note in notes}
    for path in _kept(data / FOLDER):
        with suppress(SigningError):
            if parse_note(path.read_bytes()).text in texts:
                path.unlink()


def _kept(folder: Path) -> list[Path]:
    """The files that hold heads."""
    checkpoint = folder / CHECKPOINT
    return [*([checkpoint] if checkpoint.exists() else []), *_whole(folder / HEADS)]


def _is_by(note: bytes, log_key: VerifierKey) -> bool:
    with suppress(SigningError):
        open_checkpoint(parse_note(note), log_key)
        return True
    return False


def _whole(folder: Path) -> list[Path]:
    """The files that were written whole; a name that begins with a dot is of one that was not."""
    return sorted(folder.glob("[!.]*"))


@contextmanager
def _plain_words(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        message = (
            f"What waits to complete the log can't be written: {error.strerror}. The operator must put that right, and"
            " run the command again with what was offered; what was appended before stays."
        )
        raise CompletionError("completing_unwritable", message, f"{FOLDER}/{folder.name}") from None


async def _put(store: DirectoryStore, name: str, octets: bytes) -> None:
    found = await store.get(name)
    if found is None:
        await store.create(name, octets)
    elif found.data != octets:
        await store.replace(name, octets, found)
