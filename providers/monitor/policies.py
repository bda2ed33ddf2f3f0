"""Which policy judges a checkpoint: the newest whose entry the checkpoint includes (PROTOCOL §5).

A hub that keeps silent about a policy can't be noticed from its chain alone. A monitor reads every entry, so it knows
how many policies there are, and where.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from providers.errors import UntrustedAnswerError
from providers.monitor.errors import LogFaultError
from providers.network import Network
from providers.receipts import Registration
from signing.trust import TrustFile, WitnessPolicy, parse_witness_policy

__all__ = ["InForce", "check_complete", "in_force", "verified_chain"]


@dataclass(frozen=True, slots=True)
class InForce:
    """The policy that judges a checkpoint: log keys, witnesses and quorum, and the origin of the network's log.

    While a policy that rotates the log is in force it names both logs; the one that goes on is ``origin``.
    """

    witnesses: WitnessPolicy
    origin: str


def verified_chain(trust: TrustFile, chain: Sequence[Registration]) -> tuple[Registration, ...]:
    """The chain, after ``providers.network`` followed it from the pinned policy.

    Raises:
        LogFaultError: ``policy_untrusted``.
    """
    try:
        Network.verified(trust, chain)
    except UntrustedAnswerError as error:
        raise LogFaultError("policy_untrusted", error.message, error.where) from error
    return tuple(chain)


def in_force(trust: TrustFile, chain: Sequence[Registration], size: int) -> InForce:
    """The policy that judges a checkpoint of ``size`` entries; ``chain`` as ``verified_chain`` returned it."""
    newest = [one for one in chain if one.receipt.index < max(size, 1)][-1]
    body = newest.statement.body
    text = body["witness_policy"] if newest.receipt.index > trust.index else trust.text
    return InForce(parse_witness_policy(text), str(body["origin"]))


def check_complete(chain: Sequence[Registration], seen: Mapping[int, str], size: int) -> None:
    """Raise ``policy_withheld`` unless the chain has exactly the policies ``seen`` (index -> digest) below ``size``."""
    told = {one.receipt.index: one.statement.digest for one in chain if one.receipt.index < size}
    for index in sorted(told.keys() ^ seen.keys() | {at for at in told if told[at] != seen.get(at)}):
        raise LogFaultError("policy_withheld", f"The hub's chain leaves out the policy at log index {index}.")
