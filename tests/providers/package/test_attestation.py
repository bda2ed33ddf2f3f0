"""What an offer attests is what brief and case file say, and no party is left out."""

from typing import Any

import pytest

from providers.package.attestation import CONSENT, check_attested
from providers.package.disclosure import Terms
from schemas.catalogue import catalogue
from tests.providers.package.samples import case_file, consent, offer, party, refused

CLAIMANT = consent("claimant", "ab" * 32, evidence_sha256="cd" * 32, method="click")
RENEWED = CLAIMANT | {"given_at": "2026-08-04T08:00:00Z", "evidence_sha256": "ef" * 32}
RESPONDENT = consent("respondent", "ab" * 32, evidence_sha256="12" * 32, method="click")


def check(*behind: dict[str, Any], attested: tuple[dict[str, Any], ...] = (CLAIMANT, RESPONDENT), **terms: Any) -> None:
    case = case_file({}) | {"consents": list(behind)}
    check_attested(Terms.of_offer(offer(*attested, **terms)), case, "brief")


def test_what_is_there_in_full_is_borne_out() -> None:
    extra = {"consent_id": "c-1", "given_by": "Sample Person"}
    check(CLAIMANT | extra, RESPONDENT | extra | {"stage": "mediation"}, CLAIMANT | {"purpose": "publish_award"})


def test_a_party_may_consent_twice() -> None:
    twice = (CLAIMANT, RENEWED, RESPONDENT)
    check(*twice, attested=twice)
    check(*reversed(twice), attested=twice)
    other = CLAIMANT | {"items": ["34" * 32]}
    check(CLAIMANT, other, RESPONDENT, attested=(CLAIMANT, other, RESPONDENT))
    check(*twice)
    with refused("consent_unfounded", "of claimant 1 (item_disclosure) that is not there", "brief/consents"):
        check(CLAIMANT, RESPONDENT, attested=twice)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"recipient": "provider-c"}, "has another recipient"),
        ({"expires_at": "2026-08-05T08:00:00Z"}, "has another expires_at"),
        ({"items": ["34" * 32]}, "has another items"),
        ({"given_at": "2026-08-05T08:00:00Z"}, "has another given_at"),
        ({"withdrawn_at": "2026-08-05T08:00:00Z"}, "was withdrawn"),
        ({"stage": "arbitration"}, "is for the stage arbitration only"),
        ({"purpose": "transfer"}, "is not there"),
        ({"evidence_sha256": "56" * 32}, "is not there"),
        ({"party": {"role": "respondent", "number": 2}}, "is not there"),
    ],
)
def test_a_consent_that_is_not_what_the_offer_says(changes: dict[str, Any], says: str) -> None:
    sentence = f"consent of respondent 1 (item_disclosure) that {says}"
    with refused("consent_unfounded", sentence, "brief/consents"):
        check(CLAIMANT, RESPONDENT | changes)


def test_the_stage_is_that_of_the_offer() -> None:
    check(CLAIMANT | {"stage": "arbitration"}, RESPONDENT, stage="arbitration")
    with refused("consent_unfounded", "is for the stage mediation only", "brief/consents"):
        check(CLAIMANT | {"stage": "mediation"}, RESPONDENT, stage="arbitration")


@pytest.mark.parametrize(
    "counts", [{"claimants": 1, "respondents": 0}, {"claimants": 2, "respondents": 1}, {"claimants": 2}, {"joined": 1}]
)
def test_no_party_is_left_out(counts: dict[str, int]) -> None:
    with refused("parties_differ", "not those that the offer counts", "brief/parties"):
        check(CLAIMANT, RESPONDENT, parties={"claimants": 1, "respondents": 1, "joined": 0} | counts)


def test_parties_are_told_apart_by_their_numbers() -> None:
    second = party("respondent", "Second (sample)", "CN")
    two = Terms.of_offer(offer(parties={"claimants": 1, "respondents": 2, "joined": 0}))
    case = case_file({})
    check_attested(two, case | {"parties": [*case["parties"], second | {"number": 2}]}, "brief")
    for number in (1, 3):
        with refused("parties_differ", "not those that the offer counts", "brief/parties"):
            check_attested(two, case | {"parties": [*case["parties"], second | {"number": number}]}, "brief")


def test_every_member_of_an_offered_consent_is_compared() -> None:
    schema = catalogue().statement("transfer-offer", 1).document
    assert set(CONSENT) == set(schema["$defs"]["consent"]["properties"])
