"""Intake: from bytes that anyone may send to a statement whose form and signatures hold.

The steps, in this order; each refusal stops there::

    1 strict JSON and the JWS profile        signing.statement
    2 network                                the one this hub serves
    3 schema of kind and version             schemas.validation, every violation with its pointer
    4 every kid known                        key cache, or introduced by the payload itself
    5 signatures, registered keys first      signing.statement
    6 proof of possession of X25519 keys     signing.secretkeys, with the hub's inbox secret
    7 annex                                  canonical, salted, the one that the statement names

An unknown kid is refused before any signature is verified, so that strangers can't make the hub
compute. Intake says nothing about who may say what: the rules decide that, in log order. Statements
run in parallel; what would hold up the event loop goes to a worker thread.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from hub.errors import IntakeError
from hub.ownertags import OwnerTag
from schemas.errors import SchemasError, SchemaViolationError
from schemas.validation import accepts, validate, validate_annex
from signing.encoding import JSON, b64u_decode, loads_canonical, sha256_hex
from signing.errors import SigningError
from signing.keyring import Introduced, KeyRecord, introduced_keys
from signing.keys import PublicKey
from signing.secretkeys import AgreementKey, check_possession
from signing.statement import Statement, parse_statement, verify_signatures

__all__ = ["FindKeys", "Intake", "KeyCache", "Verified"]

MAX_ANNEX = 262_144
"""Largest annex, in bytes (PROTOCOL §3)."""

T = TypeVar("T")
FindKeys = Callable[[Collection[str]], Awaitable[Mapping[str, KeyRecord]]]
Checked = Callable[[bytes], Awaitable[tuple[Statement, OwnerTag | None] | None]]


async def _by_nobody(_: bytes) -> None:
    """There is no other process."""


@dataclass(frozen=True, slots=True)
class Verified:
    """A statement that passed intake, with its annex; only intake makes one.

    ``owner`` is who signed it, against whom it is counted; ``tag`` is its owner tag where another process made it
    beforehand.
    """

    statement: Statement
    owner: str
    annex: bytes | None = None
    tag: OwnerTag | None = None


class KeyCache:
    """Every registered key met so far, by kid; only ever grows, because a kid never changes its key or its owner.

    Whether a key is still current is judged by the rules, not here.

    Args:
        find: looks up registered keys by kid in storage; absent kids are left out.
    """

    def __init__(self, find: FindKeys) -> None:
        self._find = find
        self._keys: dict[str, PublicKey] = {}
        self._owners: dict[str, str] = {}
        self._signing: dict[str, bytes] = {}

    @property
    def signing(self) -> dict[str, bytes]:
        """The octets of every Ed25519 key met so far, in the order in which they were met."""
        return self._signing

    def cached(self, kids: Collection[str]) -> dict[str, PublicKey] | None:
        """The keys of all ``kids`` if every one was met before, else None; never waits."""
        keys = self._keys
        return {kid: keys[kid] for kid in kids} if all(kid in keys for kid in kids) else None

    async def known(self, kids: Collection[str]) -> dict[str, PublicKey]:
        """The registered keys among ``kids``."""
        if missing := [kid for kid in kids if kid not in self._keys]:
            found = await self._find(missing)
            keys = {kid: one.public for kid, one in found.items()}
            self._keys.update(keys)
            self._owners.update((kid, one.owner) for kid, one in found.items())
            self._signing.update((kid, key.x) for kid, key in keys.items() if key.curve == "Ed25519")
        return {kid: self._keys[kid] for kid in kids if kid in self._keys}

    def counted(self, statement: Statement) -> str:
        """Against whom a statement counts whose signatures hold: its issuer if that signed, else who signed first.

        Never against an issuer that has not signed, in whose name anybody may write. Keys that the statement
        introduces are nobody's yet.
        """
        owners = [self._owners[kid] for kid in statement.roles if kid in self._owners]
        return statement.issuer if statement.issuer in owners or not owners else owners[0]


class Intake:
    """The one door's first room.

    Args:
        keys: registered keys.
        checked: a statement that another process found to hold, else None; what it does not vouch for is checked here.
        inbox: the hub's inbox secret, which proofs of possession were made for.
        network: digest of the genesis payload.
        inline_bytes: largest body checked on the event loop.
        inline_signatures: most signatures checked on the event loop.
    """

    def __init__(  # noqa: PLR0913  # its collaborators and limits, each used
        self,
        keys: KeyCache,
        inbox: AgreementKey,
        network: str,
        *,
        inline_bytes: int,
        inline_signatures: int,
        checked: Checked = _by_nobody,
    ) -> None:
        self._keys = keys
        self._checked = checked
        self._inbox = inbox
        self._network = network
        self._inline_bytes = inline_bytes
        self._inline_signatures = inline_signatures

    async def verify(self, data: bytes, annex: bytes | None = None) -> Verified:
        """Check ``data`` (a JWS document) and ``annex`` through all steps of this module.

        Raises:
            IntakeError: with the code of the step that failed; schema violations stand in ``errors``.
        """
        if annex is None and (vouched := await self._checked(data)) is not None:
            return Verified(vouched[0], self._keys.counted(vouched[0]), tag=vouched[1])
        small = len(data) <= self._inline_bytes and len(annex or b"") <= self._inline_bytes
        statement = self._read(data) if small else await asyncio.to_thread(self._read, data)
        if not (small and _check_schema(accepts, statement, statement.payload)):
            await asyncio.to_thread(_check_schema, validate, statement, statement.payload)  # reasons take milliseconds
        small = small and len(statement.signatures) <= self._inline_signatures
        kids = statement.roles
        known = self._keys.cached(kids) or await self._keys.known(kids)
        if small:
            self._prove(statement, known, annex)
        else:
            await asyncio.to_thread(self._prove, statement, known, annex)
        return Verified(statement, self._keys.counted(statement), annex)

    def _read(self, data: bytes) -> Statement:
        """Steps 1 and 2."""
        try:
            statement = parse_statement(data)
        except SigningError as error:
            raise _refusal(error) from None
        if statement.network != self._network:
            raise IntakeError("wrong_network", "The statement belongs to another network.", "/network")
        return statement

    def _prove(self, statement: Statement, known: Mapping[str, PublicKey], annex: bytes | None) -> None:
        """Steps 4 to 7."""
        try:
            introduced = introduced_keys(statement)
            _verify(statement, known, introduced)
            for key in introduced.values():
                self._check_possession(statement, key)
        except SigningError as error:
            raise _refusal(error) from None
        _check_annex(statement, annex)

    def _check_possession(self, statement: Statement, new: Introduced) -> None:
        """PROTOCOL §6: an X25519 key signs nothing, so that its holder proves possession otherwise."""
        if new.key.curve == "X25519" and statement.kind != "policy" and new.possession is None:
            raise IntakeError("possession_missing", "An X25519 key needs a proof of possession.", new.key.kid)
        if new.possession is not None:
            check_possession(self._inbox, new.key, self._network, new.owner, new.possession)


def _verify(statement: Statement, known: Mapping[str, PublicKey], introduced: Mapping[str, Introduced]) -> None:
    """Steps 4 and 5: registered signatures first, so that unregistered keys alone make the hub compute nothing."""
    if not introduced:
        verify_signatures(statement, known)
        return
    if not any(kid in known for kid in statement.roles):
        raise IntakeError("registered_signer_missing", "Nobody who is registered has signed this.", "/signers")
    ordered = sorted(statement.signatures, key=lambda one: one.kid not in known)
    verify_signatures(replace(statement, signatures=tuple(ordered)), {**_signing(introduced), **known})


def _signing(introduced: Mapping[str, Introduced]) -> dict[str, PublicKey]:
    return {kid: one.key for kid, one in introduced.items() if one.key.curve == "Ed25519"}


def _check_annex(statement: Statement, annex: bytes | None) -> None:
    """Step 7: the annex is the one named, nothing is missing and nothing is extra."""
    named: Mapping[str, JSON] | None = statement.payload.get("annex")
    if named is None and annex is not None:
        raise IntakeError("annex_unexpected", "The statement names no annex.", "annex")
    if named is None:
        return
    if annex is None:
        raise IntakeError("annex_missing", "The statement names an annex, which did not come with it.", "annex")
    if len(annex) != named["size"] or sha256_hex(annex) != named["sha256"]:
        raise IntakeError("annex_mismatch", "The annex is not the one that the statement names.", "annex")
    content = _annex_content(annex)
    _check_schema(validate_annex, statement, content)


def _annex_content(annex: bytes) -> dict[str, JSON]:
    try:
        content = loads_canonical(annex, max_bytes=MAX_ANNEX)
        b64u_decode(content.get("salt"), 32, "/salt")
    except SigningError as error:
        raise IntakeError(error.code, error.message, f"annex{error.where}") from None
    return content


def _check_schema(check: Callable[[str, int, object], T], statement: Statement, document: object) -> T:
    try:
        return check(statement.kind, statement.version, document)
    except SchemaViolationError as error:
        found = [(one.pointer, one.message) for one in error.violations]
        raise IntakeError(error.code, error.message, error.where, found) from None
    except SchemasError as error:
        raise IntakeError(error.code, error.message, error.where) from None


def _refusal(error: SigningError) -> IntakeError:
    return IntakeError(error.code, error.message, error.where)
