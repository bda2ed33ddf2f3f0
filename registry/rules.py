"""The register's own rulebook: one rule for each of its kinds.

A rule sees a statement whose signatures, schema and proofs of possession were verified, the state before
it, and its place; it returns what follows or refuses. The same inputs always give the same answer.
"""

from registry import accreditations, awards, keys, members, neutrals, policies, references, reviews
from registry.effects import FOLDS
from registry.rulebook import Rule, Rulebook
from registry.statements import At, Decision

__all__ = ["REGISTRY", "At", "Decision"]

REGISTRY = Rulebook(
    {
        "genesis": Rule(policies.needs, policies.decide_genesis, new_issuer=True),
        "policy": Rule(policies.needs, policies.decide_policy),
        "member": Rule(members.needs, members.decide_member, new_issuer=True),
        "key": Rule(keys.needs, keys.decide_key),
        "neutral": Rule(neutrals.needs, neutrals.decide_neutral, new_issuer=True),
        "accreditation": Rule(accreditations.needs, accreditations.decide_accreditation),
        "reference": Rule(references.needs, references.decide_reference),
        "award": Rule(awards.needs, awards.decide_award),
        "award-review": Rule(reviews.needs, reviews.decide_review),
    },
    FOLDS,
)
