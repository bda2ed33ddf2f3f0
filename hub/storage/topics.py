"""Topics of the outbox: work that an entry asks for, and what stands for something that was left out on purpose."""

__all__ = ["POLICY_PROOF", "PROOF_WAIVED", "TEXT_DELETED"]

POLICY_PROOF = "policy-proof"
"""A policy waits for a checkpoint that also meets the quorum before it."""
PROOF_WAIVED = "proof-waived"
"""No such checkpoint is awaited any more: the officers have forced another log, and verifiers are told to trust it."""
TEXT_DELETED = "text-deleted"
"""The text was deleted by a list of what was deleted elsewhere; its transfer here may not have come to its end yet."""
