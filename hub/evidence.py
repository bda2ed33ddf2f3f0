"""What is served with an award: everything that a court needs to verify it, under one checkpoint, and the status."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass

from hub.errors import NotFoundError
from hub.log.receipts import Receipt, Receipts
from hub.status import Proven, checkpoint_of, compose_status, sign_status
from hub.storage.directory import Directory
from hub.storage.values import StoredStatement
from signing.encoding import JSON
from signing.notes import parse_proof
from signing.secretkeys import SigningKey
from signing.statement import parse_statement

__all__ = ["AwardEvidence", "Proof", "document_of", "kept"]

_TRIES = 8


@dataclass(frozen=True, slots=True)
class Proof:
    """A registered statement, its receipt, and for a later policy the proof under the quorum before it."""

    statement: StoredStatement
    receipt: Receipt
    policy_proof: str | None = None

    def json(self) -> dict[str, JSON]:
        """The members ``statement``, ``receipt`` and, where there is one, ``policy_proof``."""
        members: dict[str, JSON] = {
            "statement": json.loads(document_of(self.statement)),
            "receipt": self.receipt.json(),
        }
        return members if self.policy_proof is None else members | {"policy_proof": self.policy_proof}


class AwardEvidence:
    """Collects the evidence of awards and signs their status.

    Args:
        directory: registered statements.
        receipts: their proofs.
        key: the hub's statement key.
        network: the network's digest.
        clock: POSIX seconds.
        known_until: the newest moment, up to a given one, that an answer about now can be about; may refuse to tell.
    """

    def __init__(  # noqa: PLR0913  # its collaborators, each used
        self,
        directory: Directory,
        receipts: Receipts,
        key: SigningKey,
        network: str,
        *,
        clock: Callable[[], int],
        known_until: Callable[[int], int],
    ) -> None:
        self._directory = directory
        self._receipts = receipts
        self._key = key
        self._network = network
        self._clock = clock
        self._known_until = known_until

    async def of(self, digest: str) -> dict[str, JSON]:
        """Award, evidence in log order, and status, all up to one checkpoint.

        The status is of now, or, where entries are missing, of the newest one's time.

        Raises:
            NotFoundError: unknown_statement; not_found when it is no award; body_deleted.
            NewestUnknownError: newest_unknown, where another history is signed than the one stored here.
        """
        award, proofs = await self._proofs(digest)
        told = [_proven(one) for one in proofs]
        now = self._clock()
        payload = await asyncio.to_thread(compose_status, self._network, digest, told, self._known_until(now))
        return {
            "award": next(one.json() for one in proofs if one.statement.digest == digest),
            "evidence": [one.json() for one in proofs if one.statement.index != award.index],
            "status": json.loads(sign_status(payload, self._key, now)),
        }

    async def status_at(self, digest: str, size: int, time: int) -> dict[str, JSON]:
        """The status of an award as the first ``size`` entries tell it at ``time`` (POSIX seconds), and its receipt.

        The root in it is that of the tree of this size, whether or not a checkpoint of it was ever published; the
        receipt is one of now.

        Raises:
            NotFoundError: not_found when it is no award, or was not registered yet; body_deleted.
        """
        _, found = await self._found(digest, size)
        receipts = await self._receipts.receipts([one.digest for one in found])
        told = [_proven(Proof(*pair)) for pair in zip(found, receipts, strict=True)]
        past = size, await self._receipts.root(size)
        payload = await asyncio.to_thread(compose_status, self._network, digest, told, time, past)
        return {
            "receipt": next(one.json() for one in receipts if one.digest == digest),
            "status": json.loads(sign_status(payload, self._key, self._clock())),
        }

    async def with_proof(self, statement: StoredStatement) -> Proof:
        """One statement with its receipt."""
        return await self._prove(statement, await self._receipts.receipt(statement.digest))

    async def _proofs(self, digest: str) -> tuple[StoredStatement, list[Proof]]:
        """The log moves on while evidence is collected: go on until what was found is what the checkpoint covers."""
        size = _size(await self._receipts.receipt(digest))
        award, found = await self._found(digest, size)
        for _ in range(_TRIES):
            receipts = await self._receipts.receipts([one.digest for one in found])
            covered = _size(receipts[0])
            if covered != size:
                size, before = covered, found
                award, found = await self._found(digest, size)
                if [one.index for one in found] != [one.index for one in before]:
                    continue
            return award, [await self._prove(*pair) for pair in zip(found, receipts, strict=True)]
        raise NotFoundError("no_checkpoint", "The evidence changed while it was collected; ask again.", digest)

    async def _found(self, digest: str, size: int) -> tuple[StoredStatement, list[StoredStatement]]:
        award = await self._directory.statement(digest, size)
        if award is None or award.kind != "award":
            raise NotFoundError("not_found", "No award with this digest is registered.", digest)
        kids = parse_statement(document_of(award)).roles
        evidence = await self._directory.evidence(award, kids, size)
        return award, sorted({one.index: one for one in [award, *evidence]}.values(), key=lambda one: one.index)

    async def _prove(self, statement: StoredStatement, receipt: Receipt) -> Proof:
        later = statement.kind == "policy"
        return Proof(statement, receipt, await self._receipts.policy_proof(statement.digest) if later else None)


def document_of(statement: StoredStatement) -> bytes:
    """The JWS of a statement.

    Raises:
        NotFoundError: body_deleted.
    """
    return kept(statement.document, statement.digest)


def kept(document: bytes | None, digest: str) -> bytes:
    """The JWS of the statement with this digest (hex), which was read.

    Raises:
        NotFoundError: body_deleted.
    """
    if document is None:
        raise NotFoundError("body_deleted", "The statement is registered, but its text was deleted.", digest)
    return document


def _size(receipt: Receipt) -> int:
    return checkpoint_of(parse_proof(receipt.proof.encode())).size


def _proven(proof: Proof) -> Proven:
    return Proven(parse_statement(document_of(proof.statement)), parse_proof(proof.receipt.proof.encode()))
