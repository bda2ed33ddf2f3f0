"""Statements that are offered to complete a log: found in whatever files members and officers have.

Read are statements (JWS), award bundles (ZIP), and any JSON document that has statements in it: receipts of a gateway,
answers of the hub, an inbox with texts; encrypted (age) where the hub wrote it for itself. A file that holds no
statement may be an annex, which its hash will tell.
Nothing here is trusted: an entry of the log names exactly one statement with exactly its signatures.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from hub.intake import MAX_ANNEX
from hub.keeping.errors import CompletionError
from hub.keeping.ownstatements import decrypted, is_encrypted
from signing.bundle import read_bundle
from signing.encoding import JSON, canonical, loads, sha256_hex
from signing.entryform import parse_entry
from signing.errors import SigningError
from signing.secretkeys import AgreementKey
from signing.statement import Statement, parse_statement

__all__ = ["Offered", "name_of", "read_offered"]

_MAX_FILE = 1 << 28
_MAX_DEPTH = 64


@dataclass(slots=True)
class Offered:
    """Statements by what an entry calls them, and files by hash that may be annexes.

    ``without_annexes`` says that an annex which is not offered is not waited for.
    """

    statements: dict[tuple[str, str], Statement] = field(default_factory=dict)
    annexes: dict[str, bytes] = field(default_factory=dict)
    without_annexes: bool = False

    def add(self, statement: Statement) -> None:
        """Offer a statement, under both names that an entry may give it."""
        sigs = sha256_hex(statement.document)
        self.statements[statement.digest, sigs] = statement
        self.statements[sha256_hex(bytes.fromhex(statement.digest)), sigs] = statement

    def for_entry(self, octets: bytes) -> Statement | None:
        """The statement that the entry stands for, with the signatures that it names; None if it is not offered."""
        return self.statements.get(name_of(octets))

    def annex_of(self, statement: Statement) -> bytes | None:
        """The annex that the statement names, if it is offered."""
        named: dict[str, JSON] = statement.payload.get("annex") or {}
        octets = self.annexes.get(named.get("sha256", ""))
        return octets if octets is not None and len(octets) == named["size"] else None

    def lacks_annex(self, statement: Statement) -> bool:
        """Whether the statement names an annex that is not offered and is waited for."""
        return "annex" in statement.payload and not self.without_annexes and self.annex_of(statement) is None


def name_of(octets: bytes) -> tuple[str, str]:
    """What an entry calls its statement: digest or commitment, and the hash of the signatures."""
    entry = parse_entry(octets)
    return str(entry["commitment" if entry["kind"] == "sealed" else "digest"]), str(entry["sigs"])


def read_offered(paths: Iterable[Path], identity: AgreementKey | None = None) -> Offered:
    """Everything that the files, and the files in the directories, offer.

    Args:
        paths: files and directories.
        identity: opens encrypted ones; without it they are passed over.

    Raises:
        CompletionError: unreadable_file.
    """
    offered = Offered()
    for path in _files(paths):
        try:
            octets = path.read_bytes() if path.stat().st_size <= _MAX_FILE else b""
        except OSError as error:
            raise CompletionError("unreadable_file", f"It can't be read: {error.strerror}.", path.name) from None
        if identity is not None and is_encrypted(octets):
            octets = _opened(octets, identity, path.name)
        for statement in _statements(octets):
            offered.add(statement)
        if len(octets) <= MAX_ANNEX:
            offered.annexes[sha256_hex(octets)] = octets
    return offered


def _opened(octets: bytes, identity: AgreementKey, name: str) -> bytes:
    try:
        return decrypted(octets, identity)
    except SigningError as error:
        raise CompletionError("unreadable_file", f"It can't be opened: {error.message}", name) from None


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        yield from sorted(one for one in path.rglob("*") if one.is_file()) if path.is_dir() else [path]


def _statements(octets: bytes) -> Iterator[Statement]:
    """The statements in a file; what is no statement is passed over, because files hold much else."""
    if octets.startswith(b"PK"):
        for document in _documents(octets):
            yield from _parsed(document)
        return
    try:
        found = loads(octets, max_bytes=_MAX_FILE, max_depth=_MAX_DEPTH)
    except SigningError:
        return
    for value in _objects(found):
        if value.keys() == {"payload", "signatures"}:
            yield from _parsed(canonical(value))


def _documents(octets: bytes) -> list[bytes]:
    try:
        bundle = read_bundle(octets)
    except SigningError:
        return []
    return [bundle.award.document, *(item.document for item in bundle.evidence)]


def _parsed(document: bytes) -> Iterator[Statement]:
    try:
        yield parse_statement(document)
    except SigningError:
        return  # a JWS of another type, such as a status


def _objects(value: JSON) -> Iterator[dict[str, JSON]]:
    if isinstance(value, dict):
        yield value
    if isinstance(value, dict | list):
        for member in value.values() if isinstance(value, dict) else value:
            yield from _objects(member)
