"""Policy proofs in an export: by each later policy, the checkpoint with which its witnesses began to count.

That checkpoint includes the policy and was cosigned by the quorum before it and by its own (PROTOCOL §5). Whoever
knows the log up to an old policy only gets from it to the newest by these, one after the other::

    DATA or bucket/policy-proof/INDEX     a checkpoint with its cosignatures, as ``checkpoint`` is

They are no part of C2SP tlog-tiles. Nothing vouches for them but their own signatures: a reader checks all of them.
"""

from hub.keeping.objectstore import ObjectStore
from hub.storage.directory import Directory
from hub.storage.log_reads import LogReads

__all__ = ["is_policy_proof", "policy_proof_index", "policy_proof_name", "put_policy_proofs"]

FOLDER = "policy-proof"


def policy_proof_name(index: int) -> str:
    """The name of the proof of the policy at ``index``."""
    return f"{FOLDER}/{index}"


def is_policy_proof(name: str) -> bool:
    """Whether an object of this name is a policy proof."""
    return name.startswith(f"{FOLDER}/")


def policy_proof_index(name: str) -> int:
    """The place of the policy whose proof has this name."""
    return int(name.removeprefix(f"{FOLDER}/"))


async def put_policy_proofs(directory: Directory, reads: LogReads, size: int, store: ObjectStore) -> None:
    """Store the proofs of the policies among the first ``size`` entries; one that lies there already is as good."""
    for policy in await directory.policies(size):
        note = await reads.policy_proof(policy.index)
        if note is not None:  # the genesis has none, nor has a policy that still waits
            await store.create(policy_proof_name(policy.index), note)
