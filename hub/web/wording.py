"""What codes are called on pages, in English; the catalogues have the other languages under the list's name.

Code lists of ``schemas`` keep their own labels. The others are enumerations of schema files and codes that
profiles commonly use; a code without a name is shown as it is, with spaces for underscores.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType

from hub.charts.words import ENGLISH
from hub.web.codes import GROUPS
from hub.web.languages import Language
from metrics.definitions import definitions
from schemas.codes import code_list

__all__ = ["LISTS", "coded", "messages", "sector"]

_OF_SCHEMAS = (
    "stages", "claim_types", "refusal_grounds", "discontinue_reasons", "concern_grounds", "clocks", "sectors",
)  # fmt: skip
_OWN: Mapping[str, Mapping[str, str]] = {
    "member_types": {"provider": "Provider", "court": "Court", "observer": "Observer"},
    "accreditation_statuses": {
        "none": "not accredited",
        "applied": "applied for",
        "pending": "accredited from a later day",
        "listed": "accredited",
        "conditional": "accredited on conditions",
        "concern": "accredited, concern raised",
        "referred": "accredited, referred for examination",
        "suspended": "suspended",
        "removed": "removed",
        "expired": "expired",
    },
    "removal_bases": {
        "rejected": "the application was rejected",
        "recommendation": "on the recommendation of the panel",
        "cure_failed": "a concern was not cured in time",
        "own_request": "at its own request",
        "ceased": "it no longer exists",
    },
    "appeal_states": {
        "open": "an appeal is possible",
        "lodged": "an appeal was lodged",
        "allowed": "the appeal was allowed",
        "dismissed": "the appeal was dismissed",
    },
    "findings": {"met": "met", "partly": "partly met", "not_met": "not met"},
    "neutral_statuses": {"active": "takes cases", "paused": "paused", "left": "has left"},
    "neutral_roles": {"mediator": "Mediator", "arbitrator": "Arbitrator"},
    "key_custody": {"self": "the neutral", "provider-held": "the provider"},
    "key_purposes": {
        "statement": "signs statements",
        "http": "signs requests",
        "witness": "cosigns the log",
        "monitor": "finds own entries",
        "inbox": "receives encrypted files",
    },
    "key_states": {
        "current": "current",
        "revoked": "revoked",
        "retired": "retired",
        "suspended": "suspended",
        "not_yet_active": "not yet in force",
    },
    "stated_by": {
        "member": "Stated by the provider itself",
        "coordinator": "Stated by the coordinator",
        "public_register": "From a public register",
    },
    "presences": {
        "never": "never",
        "optional": "possible, not required",
        "required": "required",
    },
    "decision_bases": {"law": "law", "equity": "equity", "code": "a code of conduct"},
    "legal_families": {
        "common_law": "Common law",
        "civil_law": "Civil law",
        "islamic_law": "Islamic law",
        "customary_law": "Customary law",
        "mixed": "Mixed systems",
    },
    "practice_fields": {
        "sale_of_goods": "Sale of goods",
        "services": "Services",
        "logistics": "Carriage and logistics",
        "construction": "Construction",
        "intellectual_property": "Intellectual property",
        "insurance": "Insurance",
        "finance": "Finance",
        "technology": "Technology",
        "electronic_commerce": "Electronic commerce",
        "agriculture": "Agriculture",
        "consumer": "Consumer disputes",
        "energy": "Energy",
    },
    "visibilities": {
        "public": "public",
        "sealed": "confidential",
        "annex": "annex",
        "case": "inside case files",
        "shared": "shared definitions",
    },
    "actors": {
        "sender": "sender",
        "issuer": "issuer",
        "signer": "signer",
        "provider": "provider",
        "neutral": "neutral",
        "officers": "officers",
        "hub": "operator of the hub",
        "reader": "reader",
        "nobody": "nobody",
    },
    "figure_parts": {
        "lower_quartile": "a quarter",
        "median": "half",
        "upper_quartile": "three quarters",
        "all": "all deadlines",
        "settled": "settled",
        "award": "award",
        "default_award": "award by default",
        "discontinued": "discontinued",
        "refused": "refused",
        "unknown": "outcome not stated",
        "handed_over": "handed over",
        "others": "other outcomes",
        "in_all": "in all",
        "reason_not_stated": "reason not stated",
        "ninth_decile": "nine tenths",
        "filed_to_commenced": "from filing to commencement",
        "negotiation_to_mediation": "from negotiation to mediation",
        "mediation_to_arbitration": "from mediation to arbitration",
        "arbitration_to_award": "from arbitration to the award",
        "at_least": "at least",
        "at_most": "at most",
        "of_known": "of those whose result is known",
        "known": "result known",
        "of_awards": "of all awards",
        "of_decided": "of the challenges decided",
        "answered": "invited parties who answered",
        "offered": "in a language in which neutrals work",
        "shared": "in a language of both parties",
        "neutrals": "neutrals appointed",
        "concentration": "concentration, from 0 to 1",
        "top_tenth": "appointments of the most appointed tenth",
        "share": "cases against respondents who come often",
        "difference": "difference in the success of claimants",
        "above_tenth": "fee above a tenth of the claim",
        "score": "score, from 0 to 1",
        "lag": "until 95 % of events are reported",
        "on_time": "reported in time",
        "amended": "amended",
        "without_defect": "cases without a contradiction",
        "matching_register": "awards that agree with the register",
        "package": "broken packages",
        "consent": "missing consents",
    },
    "reported_fields": {
        "procedure": "procedure",
        "cross_border": "cross-border or not",
        "respondent_type": "type of respondent",
        "represented": "represented or not",
        "economies": "economies of the parties",
        "amount_band": "claim band",
        "language": "language",
        "dispute_type": "type of dispute",
        "claim": "amount of the claim",
        "fee": "fee",
        "respondent": "pseudonym of the respondent",
        "declared_languages": "languages of the parties",
        "neutral": "neutral",
        "award_digest": "which award it is",
        "notified": "day the award was notified",
        "due": "day of performance",
    },
    "compared": {
        "award_compliance": "Awards performed",
        "deadline_compliance": "Deadlines kept",
        "default_share": "Awards made by default",
        "discontinuation": "Cases given up within 90 days",
        "fairness_to_losing_side": "Losing parties who call it fair",
        "fee_burden": "Fees above a tenth of the claim",
        "outcome_by_time": "Cases settled within 90 days",
        "refusal_rate": "Cases refused",
        "resolved_in_time": "Cases resolved within 90 days",
        "respondent_participation": "Respondents who answered in time",
        "satisfaction": "Satisfied parties",
        "settlement_by_stage": "Cases settled in the stage that they entered",
        "settlement_compliance": "Settlements performed",
        "stage_conversion": "Cases that went on to the next step",
        "time_to_appointment": "Neutrals appointed within 14 days",
        "time_to_award": "Awards made within 10 days",
        "transfer_defects": "Damaged packages",
    },
    "counted": {
        "answers": "answers of parties",
        "awards": "awards",
        "cases": "cases",
        "deadlines": "deadlines",
        "packages": "packages",
        "settlements": "settlements",
        "stages": "stages",
    },
    "charts": ENGLISH,
}
_MET_BY_PEOPLE = frozenset({
    "The request", "Reading and posting under a name", "The officers' console", "Too much at a time",
    "The hub can't answer now",
})  # fmt: skip
"""Groups of problems that somebody meets who opens a link in a browser; programs meet the others."""

_MET_TOO = frozenset({
    "draft_not_found", "package_deleted", "range_not_satisfiable", "unknown_application",
    "unknown_upload", "wrong_tus_version",
})  # fmt: skip
_PROBLEMS = {
    code: title
    for group in GROUPS
    for status, code, title in group.rows
    if status is not None and (group.heading in _MET_BY_PEOPLE or code in _MET_TOO)
}
LISTS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {name: code_list(name).entries for name in _OF_SCHEMAS} | dict(_OWN) | {"problems": _PROBLEMS}
)
"""Name of a list -> code -> English."""


def coded(language: Language, name: str, code: str) -> str:
    """What ``code`` of the list ``name`` is called; the code in readable form if it has no name."""
    label = LISTS[name].get(code)
    return code.replace("_", " ") if label is None else language.translations.pgettext(name, label)


def sector(language: Language, code: str) -> str:
    """An ISIC section, or a division with the name of its section and its own code."""
    name = coded(language, "sectors", code[:1])
    return f"{name} ({code})" if re.fullmatch("[A-Z][0-9]{2}", code) else name


@cache
def messages() -> tuple[tuple[str, str], ...]:
    """Every text of this module and of the public indicators as (context, English): what catalogues must have."""
    return tuple(dict.fromkeys(_messages()))


def _messages() -> Iterator[tuple[str, str]]:
    for name, labels in LISTS.items():
        yield from ((name, label) for label in labels.values())
    for one in definitions():
        if one.view != "supervised":
            yield from (("indicators", text) for text in (one.title, one.question, one.caveat))
        if one.comparison != "none":
            yield "indicators", one.compared
