"""The logs of a network, followed from the pinned policy on: after a rotation that one names the log that ended.

The policies come in an award bundle, or as what a hub answers to ``GET /v1/policy``; either may come from anybody::

    {"chain": [{"statement": <JWS object>, "receipt": {"proof": <tlog-proof>, …}, "policy_proof"?: <tlog-proof>}, …], …}

Nothing of it is believed. By hash the chain must reach the pinned policy; each later one must be in the log under a
checkpoint that the quorum before it has cosigned, and be signed by the officers that those before it name.
"""

from dataclasses import replace

from .bundle import Item, read_bundle
from .encoding import JSON, canonical, loads
from .errors import FormatError, SigningError, TrustError
from .notes import cosigned_by, open_checkpoint, parse_note, parse_proof
from .replay import Replay, check_registered
from .statement import Statement, parse_statement
from .trust import TrustFile, WitnessPolicy, parse_witness_policy

__all__ = ["followed"]

MAX_BYTES = 1 << 26
_ZIP = b"PK"


def followed(data: bytes, trust: TrustFile) -> WitnessPolicy:
    """The newest witness policy that ``data`` leads to, with every log from the pinned policy on: they are one tree.

    Args:
        data: octets of an award bundle, or of the answer to ``GET /v1/policy``.
        trust: the verification policy that is trusted already.

    Checks what this module says. Not checked: that no newer policy was left out, and the bundle's award.

    Raises:
        SigningError: it can't be read, is of another network, or does not follow from the pinned policy.
    """
    try:
        return _followed(_policies(data), trust)
    except SigningError:
        raise
    except (KeyError, TypeError, AttributeError, ValueError, OverflowError):
        # No schema is asked here: what lacks the members of its kind shows up where one is read.
        message = "The policies are neither an award bundle nor what GET /v1/policy answers."
        raise FormatError("bad_policies", message) from None


def _policies(data: bytes) -> list[tuple[Statement, Item]]:
    if data.startswith(_ZIP):
        items = list(read_bundle(data).evidence)
    else:
        items = [_item(one) for one in loads(data, max_bytes=MAX_BYTES)["chain"]]
    told = [(parse_statement(item.document), item) for item in items]
    return [(statement, item) for statement, item in told if statement.kind in ("genesis", "policy")]


def _item(told: JSON) -> Item:
    proof, later = parse_proof(told["receipt"]["proof"].encode()), told.get("policy_proof")
    policy_proof = None if later is None else parse_proof(later.encode())
    return Item(f"index {proof.index}", canonical(told["statement"]), proof, policy_proof)


def _followed(chain: list[tuple[Statement, Item]], trust: TrustFile) -> WitnessPolicy:
    if not chain or chain[0][0].digest != trust.network:
        raise TrustError("wrong_network", "The policies are of another network than the one you trust.")
    if (trust.policy, trust.index) not in [(one.digest, item.proof.index) for one, item in chain]:
        raise TrustError("pinned_policy_missing", "The policies do not contain the one that you trust.")
    replay, newest, previous = Replay(trust.network), parse_witness_policy(trust.text), None
    logs = dict(newest.log_keys)
    for one, item in chain:
        if one.previous != previous:
            raise TrustError("policy_chain_broken", "The policies do not follow each other.", item.name)
        later = item.proof.index > trust.index
        if later:
            _require_seen(item, newest)
        replay.admit(one, item.proof.index, item.proof.extra or b"")
        if later:
            newest = parse_witness_policy(one.body["witness_policy"])
            logs |= newest.log_keys
        previous = one.digest
    return replace(newest, log_keys=logs)


def _require_seen(item: Item, before: WitnessPolicy) -> None:
    """The quorum before a policy has cosigned a checkpoint over it, and its entry is the one that is retold."""
    proof = item.policy_proof or item.proof  # a policy that still waits has the newest checkpoint only
    note = parse_note(proof.checkpoint)
    head = open_checkpoint(note, before.log_for(note.text.partition("\n")[0]))
    if not before.satisfied_by(cosigned_by(note, before.witness_keys)):
        raise TrustError("policy_unwitnessed", "The quorum before it has not cosigned a later policy.", item.name)
    if check_registered(proof, head) != item.proof.extra or proof.index != item.proof.index:
        raise TrustError("policy_chain_broken", "A later policy has two different log entries.", item.name)
