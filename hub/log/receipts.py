"""Receipts: the proof that a statement is in the log, as a C2SP tlog-proof that carries the entry itself.

A receipt is *provisional* while only the log has signed a head that includes the entry, *witnessed* once a quorum
cosigned one, and *unwitnessed* for good where the policy asks for no quorum. There is no promise before that:
nothing is known of an entry until the head over it is signed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from hub.errors import NotFoundError
from hub.log.proofs import ProofMaker
from hub.log.publication import Publication, SignedHead, with_lines
from hub.storage.log_reads import LogReads
from signing.encoding import JSON
from signing.notes import TlogProof
from signing.signnotes import format_proof

__all__ = ["PROVISIONAL", "UNWITNESSED", "WITNESSED", "Receipt", "Receipts"]

PROVISIONAL, WITNESSED, UNWITNESSED = "provisional", "witnessed", "unwitnessed"


@dataclass(frozen=True, slots=True)
class Receipt:
    """A statement's digest (hex), its log index, the tlog-proof text, and how far it is vouched for."""

    digest: str
    index: int
    proof: str
    state: str

    def json(self) -> dict[str, JSON]:
        """The receipt as it is sent."""
        return {"digest": self.digest, "index": self.index, "proof": self.proof, "state": self.state}


class Receipts:
    """Makes receipts for what is below the signed head."""

    def __init__(self, publication: Publication, reads: LogReads, proofs: ProofMaker) -> None:
        self._publication = publication
        self._reads = reads
        self._proofs = proofs

    async def receipt(self, digest: str) -> Receipt:
        """The best receipt there is now; raises ``NotFoundError`` unless the statement is below the signed head."""
        return await self.receipt_of(digest, *await self._entry(digest))

    async def receipt_of(self, digest: str, index: int, octets: bytes) -> Receipt:
        """As ``receipt``, of a statement whose entry the caller has read."""
        if index >= self._publication.signed.size:
            raise _unknown(digest)
        head, state = self._best_head(index)
        return Receipt(digest, index, await self._proof(index, octets, head), state)

    async def receipts(self, digests: Sequence[str]) -> list[Receipt]:
        """Receipts of several statements, all under one checkpoint; what a bundle carries."""
        entries = [await self._entry(digest) for digest in digests]
        head, state = self._best_head(max((index for index, _ in entries), default=0))
        proofs = [await self._proof(index, octets, head) for index, octets in entries]
        return [
            Receipt(digest, index, proof, state)
            for digest, (index, _), proof in zip(digests, entries, proofs, strict=True)
        ]

    async def receipt_at(self, digest: str, size: int) -> Receipt:
        """A receipt under the checkpoint of exactly ``size`` entries; ``NotFoundError`` if none was signed there."""
        index, octets = await self._entry(digest)
        checkpoint = await self._reads.checkpoint(size) if size <= self._publication.signed.size else None
        if checkpoint is None or index >= size:
            raise NotFoundError("unknown_checkpoint", f"No checkpoint of {size} entries includes it.", digest)
        head = SignedHead(size, checkpoint.root, with_lines(checkpoint.note, checkpoint.lines.values()))
        state = WITNESSED if checkpoint.witnessed else PROVISIONAL
        return Receipt(
            digest,
            index,
            await self._proof(index, octets, head),
            UNWITNESSED if self._publication.quorum_none else state,
        )

    async def policy_proof(self, digest: str) -> str | None:
        """The tlog-proof of a policy statement under the first checkpoint that also met the quorum before it.

        None while such a checkpoint is awaited, and for genesis, which no policy precedes.
        """
        index, octets = await self._entry(digest)
        note = await self._reads.policy_proof(index)
        if note is None:
            return None
        size = int(note.split(b"\n", 2)[1])
        return await self._proof(index, octets, SignedHead(size, b"", note))

    async def root(self, size: int) -> bytes:
        """The root over the first ``size`` entries, whether or not a head of that size was ever signed.

        Raises:
            NotFoundError: the log has not signed so many.
        """
        if not 1 <= size <= self._publication.signed.size:
            raise NotFoundError("beyond_log", f"The log has not signed {size} entries.", str(size))
        return await self._proofs.root(size)

    async def wait_witnessed(self, index: int, seconds: float) -> bool:
        """Wait until the entry is witnessed, at most ``seconds``; where there is no quorum, not at all."""
        return await self._publication.wait_witnessed(index, seconds)

    async def _entry(self, digest: str) -> tuple[int, bytes]:
        if (recent := self._publication.recent(digest)) is not None:
            return recent
        found = await self._reads.entry_and_tile(digest)
        if found is None or found[0] >= self._publication.signed.size:
            raise _unknown(digest)
        index, octets, tile = found
        if tile is not None:
            self._proofs.take(tile)
        return index, octets

    def _best_head(self, index: int) -> tuple[SignedHead, str]:
        shown = self._publication
        if shown.quorum_none:
            return shown.signed, UNWITNESSED
        if shown.witnessed is not None and shown.is_witnessed(index):
            return shown.witnessed, WITNESSED
        return shown.signed, PROVISIONAL

    async def _proof(self, index: int, octets: bytes, head: SignedHead) -> str:
        hashes = await self._proofs.inclusion(index, head.size)
        return format_proof(TlogProof(index, hashes, head.note, octets)).decode()


def _unknown(digest: str) -> NotFoundError:
    return NotFoundError("unknown_statement", "No statement with this digest is registered.", digest)
