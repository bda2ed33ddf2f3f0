"""Errors of this package, and the catalogue of refusals.

RegistryError
├── Refused            the statement may not be registered; a judgement with a stable code
├── NotLoaded          deciding needs state that the caller has not loaded yet
├── BatchEndedError    a policy ended the batch; the statement belongs into the next one
└── RulebookError      two rulebooks that were to be joined claim the same

``REFUSALS`` holds every code a rule may raise: a plain sentence, who must act, and whether the same
bytes may be accepted later. ``docs/reference/rules.md`` prints it; a test compares the two.
Judgements that come from ``signing`` (keys, authority, formats) keep their code and their sentence,
which is the more exact one; the catalogue adds who must act.
"""

from collections.abc import Mapping

from signing.errors import SigningError

__all__ = [
    "REFUSALS",
    "BatchEndedError",
    "NotLoaded",
    "Refused",
    "RegistryError",
    "RulebookError",
    "refused",
    "refused_by",
    "refused_of",
]

REFUSALS: dict[str, tuple[str, str, bool]] = {
    # the log and the envelope
    "no_genesis": ("This log has no genesis statement yet.", "hub", True),
    "genesis_not_first": ("A genesis statement is the first of its log; this log has begun.", "issuer", False),
    "wrong_network": ("The statement was made for another network.", "issuer", False),
    "issued_too_early": ("The statement was issued more than 30 days ago; sign it again.", "issuer", False),
    "issued_in_future": ("The statement is dated more than 5 minutes ahead of the log's time.", "issuer", True),
    "id_of_other_issuer": ("The statement id does not begin with urn:odr:{issuer}:.", "issuer", False),
    "already_registered": ("This statement is registered already.", "nobody", False),
    "id_conflict": ("The issuer has registered another statement under this id.", "issuer", False),
    "unknown_issuer": ("No active actor has the id {issuer}.", "issuer", False),
    "unknown_kind": ("No rule exists for statements of this kind.", "issuer", False),
    "stale_previous": ("A newer statement of this chain is registered; name it as previous.", "issuer", False),
    "salt_reused": ("The salt has been used before; draw a new one.", "issuer", False),
    "no_monitor_key": ("{issuer} has no current monitor key, which confidential statements need.", "issuer", False),
    # signers
    "unknown_key": ("A signing key is neither registered nor introduced here.", "signer", False),
    "key_revoked": ("A signing key was revoked.", "signer", False),
    "key_retired": ("A signing key was retired and its overlap has ended.", "signer", False),
    "key_not_yet_active": ("A key made by officers waits 72 hours before it may sign.", "signer", True),
    "key_suspended": ("A signing key is suspended; a current key or the officers can confirm it.", "signer", True),
    "wrong_purpose": ("The key serves another purpose.", "signer", False),
    "role_mismatch": ("The key is registered in another role.", "signer", False),
    "wrong_issuer": ("Another actor issues statements of this kind.", "issuer", False),
    "signer_missing": ("Somebody who must sign has not signed.", "signer", False),
    "signer_extra": ("Somebody has signed who has no part in this statement.", "issuer", False),
    "threshold_not_met": ("Too few officers have signed.", "officers", False),
    "neutral_missing": ("An award needs the signature of its neutral.", "neutral", False),
    "one_key_of_owner": ("Exactly one key of the owner signs a statement about its keys.", "issuer", False),
    # keys that a statement introduces
    "bad_body": ("The body lacks members of its kind.", "issuer", False),
    "bad_jwk": ("A public key is not an OKP key of exactly crv, kty and x.", "issuer", False),
    "bad_curve": ("Only Ed25519 and X25519 keys are accepted.", "issuer", False),
    "bad_base64url": ("A key is not canonical base64url.", "issuer", False),
    "bad_length": ("A key does not have 32 bytes.", "issuer", False),
    "key_not_canonical": ("A key is not encoded canonically.", "issuer", False),
    "small_order_key": ("A key is of small order or not on the curve.", "issuer", False),
    "duplicate_key": ("One key is introduced twice.", "issuer", False),
    "key_known": ("A key that is to be introduced is known already; make a new one.", "issuer", False),
    "key_of_log": ("A key that is to be introduced is the key of the log.", "issuer", False),
    "key_of_witness": ("A key that is to be introduced is a witness's and has another purpose.", "issuer", False),
    "introduced_key_silent": ("Each Ed25519 key that a statement introduces must sign it.", "signer", False),
    "possession_missing": ("An X25519 key needs a proof of possession.", "issuer", False),
    "keys_missing": ("The first statement of {issuer} must carry its keys.", "issuer", False),
    "keys_not_allowed": ("{issuer} is registered; its keys change by key statements only.", "issuer", False),
    "statement_key_missing": ("The first statement of {issuer} needs a statement key.", "issuer", False),
    "monitor_key_missing": ("The first statement of a provider or court needs a monitor key.", "issuer", False),
    # genesis and policy
    "threshold_impossible": ("The threshold is not between 1 and the number of officers.", "officers", False),
    "duplicate_actor": ("One id stands for two of hub, coordinator and officers.", "officers", False),
    "policy_key_missing": ("{actor} needs a {purpose} key in the policy.", "officers", False),
    "coordinator_signs_nothing": ("The coordinator has no signing keys; its officers sign.", "officers", False),
    "purpose_changed": ("A key keeps its purpose from policy to policy.", "officers", False),
    "bad_witness_policy": ("The witness policy can't be read: {reason}", "officers", False),
    "bad_log_key": ("The log key can't be read: {reason}", "officers", False),
    "log_key_not_origin": ("The name of the log key is not the origin.", "officers", False),
    "witness_policy_other_log": ("The witness policy does not name this log's key.", "officers", False),
    "witness_key_in_use": ("A witness's key is registered by {owner} for another purpose.", "officers", False),
    "log_identity_fixed": ("Origin and key of a log change together and for ever: a rotation.", "officers", False),
    "base_missing": ("A rotation names the log that ends: origin, size and root of a checkpoint.", "officers", False),
    "base_unexpected": ("Only a policy that rotates the log has a base.", "officers", False),
    "base_of_other_log": ("The base is no checkpoint of the log that ends, {origin}.", "officers", False),
    "log_used_before": ("An earlier log of this network had this origin or this key.", "officers", False),
    # members, neutrals, keys
    "actor_id_taken": ("The id {actor} belongs to another actor, or did; ids are never reused.", "issuer", False),
    "member_type_fixed": ("A member keeps its type; another type needs another id.", "issuer", False),
    "source_without_field": ("The profile names a source of {field}, but has no such field.", "issuer", False),
    "successor_is_self": ("A provider is not its own successor.", "issuer", False),
    "nominator_not_provider": ("The nominating actor is not a registered provider.", "issuer", False),
    "nominator_not_accredited": ("The nominating provider's accreditation is not in force.", "provider", True),
    "nominator_not_listed": ("The providers that are listed do not include the one that nominates.", "issuer", False),
    "provider_not_nominating": ("{provider} has not nominated this neutral; its own signature is needed for that.",
                                "provider", False),
    "pause_changes_more": ("A neutral alone may change its status only; the rest needs provider and officer.",
                           "neutral", False),
    "unknown_owner": ("No member or neutral has the id {owner}.", "issuer", False),
    "policy_keys_only": ("Keys of officers, hub and coordinator change by policy only.", "officers", False),
    "key_of_other_owner": ("The owner has no such key.", "issuer", False),
    "already_retired": ("The key is retired already.", "nobody", False),
    "already_revoked": ("The key is revoked already.", "nobody", False),
    "invalid_from_in_future": ("invalid_from is a log size not above the present one.", "issuer", False),
    "nothing_to_confirm": ("The key is not suspended; there is nothing to confirm.", "nobody", False),
    # accreditation
    "unknown_subject": ("No provider or neutral has the id {subject}.", "officers", False),
    "subject_type_mismatch": ("The subject is not registered as {subject_type}.", "officers", False),
    "illegal_transition": ("An accreditation can't go from {old} to {new}.", "officers", False),
    "validity_reversed": ("The accreditation would end before it begins.", "officers", False),
    "validity_moved": ("A concern or referral leaves the validity as it is.", "officers", False),
    "validity_over": ("The accreditation would have ended at {until} already.", "officers", False),
    "validity_cut": (("The accreditation is valid until {until}; to end it earlier, suspend or remove it, which needs "
                     "the threshold."), "officers", False),
    "validity_put_off": (("The accreditation is valid, and would be so only later; give {since} as its begin, or an "
                         "earlier time."), "officers", False),
    "not_lapsed": ("The accreditation is valid until {until}; before that it does not expire.", "officers", True),
    "officer_affiliated": ("{officer} is affiliated with {subject} and takes no part in decisions about it.",
                           "officers", False),
    "unknown_criteria_set": ("No criteria are registered as {id}, version {version}.", "officers", True),
    "criteria_set_empty": ("The criteria of {id}, version {version}, are not there yet.", "officers", False),
    "unknown_criterion": ("The criteria named have no {criterion}.", "officers", False),
    "finding_twice": ("There are two findings on {criterion}.", "officers", False),
    "finding_missing": ("There is no finding on {criterion}.", "officers", False),
    "condition_missing": ("{criterion} is not met, and no condition is about it.", "officers", False),
    "procedure_unchanged": (("The status is {status} already, and nothing else is recorded: no new deadline, "
                            "consultation or appeal."), "officers", False),
    "consultation_missing": ("A referral ends with the panel's consultation; a removal needs its recommendation.",
                             "officers", False),
    "removal_basis_unfit": ("A removal from {old} can't rest on this basis: {basis}.", "officers", False),
    "cure_deadline_past": ("A deadline for a cure lies ahead when it is given.", "officers", False),
    "cure_deadline_missing": ("No deadline for a cure is on record that could have passed.", "officers", False),
    "cure_time_left": ("The time for a cure ends at {until} and has not passed.", "officers", True),
    "appeal_out_of_order": ("An appeal that is {old} can't become {new} here.", "officers", False),
    "appeal_missing": ("Who was removed returns by an appeal that was lodged and allowed, or applies anew.",
                       "officers", False),
    # references
    "reference_type_fixed": ("The reference is a {type} and stays one; another type needs another id.",
                             "officers", False),
    "reference_version_not_next": ("The next version of this reference is {wanted}.", "officers", False),
    "criterion_twice": ("The criterion {criterion} stands twice.", "officers", False),
    "rate_twice": ("There is more than one rate for {currency}; the base currency needs none.", "officers", False),
    # awards and reviews
    "issuer_not_provider": ("Only a provider issues statements of this kind.", "issuer", False),
    "neutral_not_active": ("{neutral} is paused, has left or was removed.", "neutral", True),
    "award_id_of_other_issuer": ("The award id does not begin with urn:odr:{issuer}:.", "issuer", False),
    "award_id_taken": ("An award is registered under this award id.", "issuer", False),
    "not_custodian": ("{issuer} is not the custodian of the case.", "issuer", False),
    "unknown_award": ("No such award is registered.", "issuer", False),
    "not_disputed": ("The award is not disputed.", "nobody", False),
    "issuer_not_involved": ("Only the award's provider, its neutral or the coordinator reviews it.", "issuer", False),
}  # fmt: skip


class RegistryError(Exception):
    """Root of this package's errors."""


class Refused(RegistryError):  # noqa: N818 - a judgement, named as the protocol names it
    """The statement may not be registered.

    Attributes:
        code: stable, snake_case, a key of ``REFUSALS``.
        message: a plain sentence.
        where: JSON pointer into the payload, or empty.
        actor: who must act: issuer, signer, officers, provider, neutral, hub or nobody.
        retryable: whether the same bytes may be accepted later.
    """

    def __init__(
        self, code: str, message: str, where: str = "", actor: str = "issuer", *, retryable: bool = False
    ) -> None:
        super().__init__(f"{message} ({where})" if where else message)
        self.code = code
        self.message = message
        self.where = where
        self.actor = actor
        self.retryable = retryable


class NotLoaded(RegistryError):  # noqa: N818 - a request for state, not a failure
    """Deciding needs these state keys; load them and decide again. Nothing has happened."""

    def __init__(self, keys: frozenset[str]) -> None:
        super().__init__(f"State not loaded: {', '.join(sorted(keys))}.")
        self.keys = keys


class BatchEndedError(RegistryError):
    """A genesis or policy ended the batch."""

    def __init__(self) -> None:
        super().__init__("A policy ended this batch; offer the statement to the next one.")


class RulebookError(RegistryError):
    """Two rulebooks claim the same kind or effect; a mistake in the program, found when it starts."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Two rulebooks claim {name}.")
        self.name = name


def refused(code: str, where: str = "", **facts: object) -> Refused:
    """The refusal of the catalogue with ``facts`` filled into its sentence."""
    return refused_of(REFUSALS, code, where, **facts)


def refused_of(table: Mapping[str, tuple[str, str, bool]], code: str, where: str = "", **facts: object) -> Refused:
    """The refusal of a table of the same form, such as that of another rulebook."""
    sentence, actor, retryable = table[code]
    return Refused(code, sentence.format(**facts), where, actor, retryable=retryable)


def refused_by(error: SigningError, where: str = "") -> Refused:
    """The refusal for a judgement of ``signing``; ``where`` replaces its place when given."""
    _, actor, retryable = REFUSALS[error.code]
    return Refused(error.code, error.message, where or error.where, actor, retryable=retryable)
