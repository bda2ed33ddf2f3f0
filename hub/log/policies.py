"""Which quorum a checkpoint must meet while policies follow one another (PROTOCOL §5).

A policy binds the rules from the next index, but its witnesses vouch only once a checkpoint that includes it meets
the quorum before it as well; that checkpoint is kept as its *policy proof*. Until then both quorums are asked for.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from signing.notes import Note, VerifierKey, cosigned_by
from signing.statement import parse_statement
from signing.trust import WitnessPolicy, parse_witness_policy

__all__ = ["PolicyChain", "Verdict", "WitnessedPolicy"]


@dataclass(frozen=True, slots=True)
class WitnessedPolicy:
    """The witness policy of the genesis or policy statement at ``index``."""

    index: int
    witnesses: WitnessPolicy

    @classmethod
    def of(cls, index: int, document: bytes) -> "WitnessedPolicy":
        """That of the registered statement ``document``; its signatures were verified before."""
        return cls(index, parse_witness_policy(parse_statement(document).body["witness_policy"]))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a cosigned checkpoint achieves: the policies it settles (log indexes), and whether it is witnessed."""

    settled: tuple[int, ...]
    witnessed: bool


@dataclass(frozen=True, slots=True)
class PolicyChain:
    """The newest settled policy, and those after it that await their proof."""

    settled: WitnessedPolicy
    pending: tuple[WitnessedPolicy, ...] = ()

    @classmethod
    def of(cls, policies: Sequence[WitnessedPolicy], awaited: Collection[int]) -> "PolicyChain":
        """The chain of all ``policies``, in log order, of which those at the indexes ``awaited`` have no proof yet.

        A policy below the newest settled one is not waited for: it was left behind.
        """
        settled = [one for one in policies if one.index not in awaited][-1]
        return cls(settled, tuple(one for one in policies if one.index > settled.index))

    @property
    def quorum_none(self) -> bool:
        """Whether no cosignature is needed for anything."""
        return all(one.witnesses.quorum == "none" for one in (self.settled, *self.pending))

    @property
    def all(self) -> tuple[WitnessedPolicy, ...]:
        """Every policy whose witnesses are to be asked."""
        return (self.settled, *self.pending)

    def at(self, size: int) -> "PolicyChain":
        """The part of the chain that a head of ``size`` entries includes."""
        return PolicyChain(self.settled, tuple(one for one in self.pending if one.index < size))

    def adopted(self, new: Sequence[WitnessedPolicy]) -> "PolicyChain":
        """The chain with policies that were registered since."""
        return PolicyChain(self.settled, (*self.pending, *new))

    def judge(self, note: Note, size: int) -> Verdict:
        """Judge a checkpoint of ``size`` entries by the cosignature lines it carries; each line is verified.

        Raises:
            SignatureError: a line of a known witness fails.
        """
        settled: list[int] = []
        before, waits = self.settled, False
        for one in (one for one in self.pending if self.settled.index < one.index < size):
            waits = waits or not (_meets(note, before.witnesses) and _meets(note, one.witnesses))
            if not waits:
                settled.append(one.index)
                before = one
        return Verdict(tuple(settled), not waits and _meets(note, before.witnesses))

    def after(self, verdict: Verdict) -> "PolicyChain":
        """The chain once the verdict's policies are settled."""
        if not verdict.settled:
            return self
        newest = next(one for one in self.pending if one.index == verdict.settled[-1])
        return PolicyChain(newest, tuple(one for one in self.pending if one.index > newest.index))


def _meets(note: Note, policy: WitnessPolicy) -> bool:
    keys: Mapping[str, VerifierKey] = policy.witness_keys
    return policy.satisfied_by(cosigned_by(note, keys))
