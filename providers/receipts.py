"""A receipt as the hub sends it, a statement together with its receipt, and all that proves an award.

Parsing proves nothing: ``providers.network.Network`` holds a receipt against the trusted policy.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from providers.errors import HubUnavailableError
from signing.encoding import JSON, canonical, is_hex_digest, loads
from signing.errors import SigningError
from signing.statement import Statement, parse_statement

__all__ = ["AwardProofs", "InboxEntry", "InboxPage", "Receipt", "Registration", "TransferEntry"]

_STATES = ("provisional", "witnessed", "unwitnessed")


@dataclass(frozen=True, slots=True)
class Receipt:
    """PROTOCOL §4: the digest, its log index, a C2SP tlog-proof and what the hub says of its cosignatures."""

    digest: str
    index: int
    proof: str
    state: str

    @classmethod
    def from_json(cls, value: JSON, where: str = "/receipt") -> "Receipt":
        """Read a receipt of exactly its four members; the proof itself is not looked at."""
        if not isinstance(value, Mapping) or set(value) != {"digest", "index", "proof", "state"}:
            raise _unusable("A receipt has exactly digest, index, proof and state.", where)
        digest, index, proof, state = (value[name] for name in ("digest", "index", "proof", "state"))
        if not is_hex_digest(digest) or type(index) is not int or index < 0:
            raise _unusable("The receipt's digest or index is not in the agreed form.", where)
        if not isinstance(proof, str) or state not in _STATES:
            raise _unusable("The receipt's proof or state is not in the agreed form.", where)
        return cls(digest, index, proof, state)

    def to_json(self) -> dict[str, JSON]:
        """The four members."""
        return {"digest": self.digest, "index": self.index, "proof": self.proof, "state": self.state}


@dataclass(frozen=True, slots=True)
class Registration:
    """A parsed statement and the receipt that came with it; neither is verified.

    ``policy_proof`` comes with a later policy: a tlog-proof whose checkpoint met the quorum *before* it.
    """

    statement: Statement
    receipt: Receipt
    policy_proof: str | None = None

    @property
    def policy_receipt(self) -> Receipt:
        """The receipt under which a policy is judged: that of ``policy_proof`` if it has one."""
        return self.receipt if self.policy_proof is None else replace(self.receipt, proof=self.policy_proof)

    @classmethod
    def from_json(cls, value: JSON, where: str = "") -> "Registration":
        """Read ``{"statement": <JWS object>, "receipt": {…}, "policy_proof"?: text}``; other members are ignored."""
        if not isinstance(value, Mapping) or not isinstance(value.get("statement"), Mapping):
            raise _unusable("Expected a statement with its receipt.", where)
        proof = value.get("policy_proof")
        if proof is not None and not isinstance(proof, str):
            raise _unusable("A policy_proof is text.", f"{where}/policy_proof")
        try:
            statement = parse_statement(canonical(value["statement"]))
        except SigningError as error:
            raise _unusable(f"The hub sent a statement that is not in the one accepted form: {error}", where) from error
        return cls(statement, Receipt.from_json(value.get("receipt"), f"{where}/receipt"), proof)

    def to_json(self) -> dict[str, JSON]:
        """Statement and receipt, as they are stored."""
        return {"statement": loads(self.statement.document), "receipt": self.receipt.to_json()}


@dataclass(frozen=True, slots=True)
class AwardProofs:
    """What a hub serves for one award: the award, the evidence in log order, and its signed status document."""

    award: Registration
    evidence: tuple[Registration, ...]
    status: JSON


@dataclass(frozen=True, slots=True)
class TransferEntry:
    """A statement of a transfer as a list of the hub's names it: where to find it, not what it says."""

    kind: str
    digest: str
    index: int

    @classmethod
    def from_json(cls, value: JSON, where: str) -> "TransferEntry":
        """Read kind, digest and index; other members are ignored."""
        if not isinstance(value, Mapping):
            raise _unusable("Expected an object that names a statement.", where)
        kind, digest, index = (value.get(name) for name in ("kind", "digest", "index"))
        if not isinstance(kind, str) or not is_hex_digest(digest) or type(index) is not int or index < 0:
            raise _unusable("A statement is named by kind, digest and log index.", where)
        return cls(kind, str(digest), index)


@dataclass(frozen=True, slots=True)
class InboxEntry:
    """A statement about a transfer of ours, as the hub tells it; ``registration`` is None where it was not sent along.

    Nothing of it is verified.
    """

    transfer_id: str
    index: int
    digest: str
    registration: Registration | None = None

    @classmethod
    def from_json(cls, value: Mapping[str, JSON], where: str) -> "InboxEntry":
        """Read an entry. A registration that can't be read is left out: asked for by itself, it will say why."""
        transfer, index, digest = value.get("transfer_id"), value.get("index"), value.get("digest")
        if not isinstance(transfer, str) or type(index) is not int or index < 0 or not is_hex_digest(digest):
            raise _unusable("An entry of an inbox has a transfer_id, an index and a digest.", where)
        found = None
        if "registration" in value:
            with suppress(HubUnavailableError):
                found = Registration.from_json(value["registration"], f"{where}/registration")
        if found is not None and (found.statement.digest, found.receipt.index) != (digest, index):
            found = None
        return cls(transfer, index, str(digest), found)


@dataclass(frozen=True, slots=True)
class InboxPage:
    """Entries in log order, and the log index to continue after (None: nothing yet)."""

    entries: tuple[InboxEntry, ...]
    following: int | None

    @property
    def transfers(self) -> dict[str, int]:
        """Which transfers have news, and up to which log index."""
        return {one.transfer_id: one.index for one in self.entries}

    @classmethod
    def from_json(cls, answer: Mapping[str, JSON]) -> "InboxPage":
        """Read ``entries`` and ``next``."""
        entries, following = answer.get("entries"), answer.get("next")
        if not isinstance(entries, list) or not all(isinstance(one, Mapping) for one in entries):
            raise _unusable("An inbox has a list of entries.", "/entries")
        if following is not None and (type(following) is not int or following < 0):
            raise _unusable("An inbox names the log index to continue after.", "/next")
        return cls(tuple(InboxEntry.from_json(one, f"/entries/{at}") for at, one in enumerate(entries)), following)


def _unusable(message: str, where: str) -> HubUnavailableError:
    return HubUnavailableError("bad_answer", message, where, actor="hub")
