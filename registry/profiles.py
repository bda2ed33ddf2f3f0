"""Profiles of members: what they must hold together, and what a complete one of a provider would say.

A profile is the member's own statement, field by field, unless ``sources`` names somebody else for a field.
"""

from collections.abc import Mapping

from registry.errors import refused
from signing.encoding import JSON

__all__ = ["WANTED", "check_profile", "missing_fields", "stated_by"]

WANTED = (
    "legal_name", "contact", "economy", "rules", "stages_offered", "dispute_types", "sectors", "value_threshold",
    "languages_file", "languages_procedure", "fee_schedule", "binding", "physical_presence", "refusal_grounds",
    "who_decides", "decision_basis", "preconditions", "independence", "costs_to_parties", "withdrawal_allowed",
    "average_length_days", "enforceability_note", "networks", "endpoints", "structure_and_funding", "run_off_plan",
)  # fmt: skip
"""What the public is to know of a provider (Directive 2013/11/EU art 7(1), APEC listing), in the order to read it."""


def check_profile(profile: Mapping[str, JSON], member: str) -> None:
    """Refuse a source of a field that the profile lacks, and a provider that names itself as successor.

    Not checked: whether the successor is a member, which may come later than the plan, and whether anything is true.

    Raises:
        Refused: ``source_without_field``, ``successor_is_self``.
    """
    for field in profile.get("sources", {}):
        if field not in profile:
            raise refused("source_without_field", f"/body/profile/sources/{field}", field=field)
    if profile.get("run_off_plan", {}).get("successor") == member:
        raise refused("successor_is_self", "/body/profile/run_off_plan/successor")


def missing_fields(profile: Mapping[str, JSON]) -> tuple[str, ...]:
    """The fields of a provider's profile that the public is to know and that are not there, for an officer to ask."""
    return tuple(name for name in WANTED if name not in profile)


def stated_by(profile: Mapping[str, JSON], field: str) -> str:
    """Who states a field: ``member`` unless the profile names the coordinator or a public register for it."""
    return str(profile.get("sources", {}).get(field, {}).get("stated_by", "member"))
