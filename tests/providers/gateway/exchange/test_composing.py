"""What an offer and its brief say of a case file."""

from typing import Any

import pytest

from providers.errors import GatewayError
from providers.gateway.exchange.composing import brief_of, offer_body, summary_of
from providers.package.brief import check_brief
from schemas.validation import validate_document
from tests.providers.gateway.exchange.house import (
    ACCEPT,
    House,
    add_case,
    briefed,
    sample_case,
    state,
    terms,
    until,
)

NOW = 1_790_000_000
TRANSFER_ID = "urn:odr:provider-a:0197b1a0-0000-7000-8000-00000000000a"


def consents(*stages: str | None, more: tuple[dict[str, Any], ...] = (), **said: Any) -> list[list[Any]]:
    """Purpose and party of the consents in offer and brief, when those of the case are for these stages (None: any)."""
    case, _ = sample_case(NOW)
    case["case_id"] = "urn:odr:provider-a:0197b1a0-0000-7000-8000-000000000001"
    given = zip(case["consents"], stages, strict=True)
    limited = [{**one, "stage": stage} if stage else one for one, stage in given]
    case["consents"] = [*limited, *({**limited[0], **one} for one in more)]
    offer = offer_body(case, terms(**said), TRANSFER_ID, NOW)
    brief = brief_of(case, offer, summary_of(case, terms()))
    assert all("stage" not in one for one in offer["consents"])
    return [[(one["purpose"], one["party"]["role"]) for one in made["consents"]] for made in (offer, brief)]


def identifiers(parties: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What is said of the parties in the brief, which its schema accepts."""
    case, _ = sample_case(NOW)
    case |= {"case_id": "urn:odr:provider-a:0197b1a0-0000-7000-8000-000000000001", "parties": parties}
    summary = summary_of(case, terms())
    check_brief(brief_of(case, offer_body(case, terms(), TRANSFER_ID, NOW), summary), validate=validate_document)
    found: list[dict[str, Any]] = summary["conflict_identifiers"]
    return found


def shops(count: int, page: str) -> list[dict[str, Any]]:
    parties = [{**sample_case(NOW)[0]["parties"][0], "number": number} for number in range(1, count + 1)]
    return [{**one, "website": page.format(one["number"])} for one in parties]


def test_what_parties_have_in_common_is_an_identifier_once() -> None:
    first, second, third = shops(3, "https://marketplace.example/shops/{}")
    company = {"scheme": "national_register", "number": "HRB 1", "country": "DE"}
    second |= {"register_ids": [company, company | {"country": "AT"}]}
    third |= {"register_ids": [company], "website": "https://own.example"}
    registered = {"scheme": "national_register", "value": "HRB 1"}
    assert identifiers([first, second, third]) == [
        {"scheme": "domain", "value": "marketplace.example"},
        {**registered, "country": "DE"},
        {**registered, "country": "AT"},
        {"scheme": "domain", "value": "own.example"},
    ]


@pytest.mark.parametrize(
    "website",
    [
        "https://shop.example",
        "https://shop.example/en//index.html",
        "https://shop.example/go?to=https://other.example/x",
        "https://Shop.Example:8443/",
    ],
)
def test_the_domain_of_a_web_site_is_its_host(website: str) -> None:
    first, second = sample_case(NOW)[0]["parties"]
    assert identifiers([first | {"website": website}, second]) == [{"scheme": "domain", "value": "shop.example"}]


def test_representatives_of_one_name_are_named_once() -> None:
    case, _ = sample_case(NOW)
    case["case_id"] = "urn:odr:provider-a:0197b1a0-0000-7000-8000-000000000001"
    firm = {"name": "Sample & Partners LLP", "email": "a@law.example", "capacity": "counsel"}
    other = firm | {"name": "Sample Person"}
    case["parties"][0]["representatives"] = [firm, other, firm | {"email": "b@law.example"}]
    validate_document("case-file", 1, case)
    brief = brief_of(case, offer_body(case, terms(), TRANSFER_ID, NOW), summary_of(case, terms()))
    check_brief(brief, validate=validate_document)
    assert brief["parties"][0]["representatives"] == ["Sample & Partners LLP", "Sample Person"]


async def test_two_signatories_of_one_consent_count_once_in_the_offer(house: House) -> None:
    """Directors who may act together alone sign one document; the brief names both."""
    async with house.both() as (ours, theirs):
        case, files = sample_case(house.world.now)
        both = {"consent_id": "consent-2", "given_by": "Second Director"}
        case["consents"].append({**case["consents"][0], **both})
        case_id = await add_case(ours, case, files)
        transfer = (await ours.service.offer(case_id, terms())).transfer_id
        offer = (await ours.service.dossier(transfer)).offer
        assert offer is not None
        assert [one["party"]["role"] for one in offer["consents"]] == ["claimant", "respondent"]
        seen = await until(theirs, transfer, briefed)
        assert seen.brief is not None
        assert [one["given_by"] for one in seen.brief["consents"]][::2] == [
            "Sample Person of the claimant",
            "Second Director",
        ]
        await theirs.service.accept(transfer, ACCEPT)
        await until(ours, transfer, state("completed"))


def test_a_brief_has_as_many_identifiers_as_its_schema_takes() -> None:
    parties = shops(50, "https://shop-{}.example/")
    lei = [[{"scheme": "lei", "number": f"{party:02}{number}"} for number in range(4)] for party in range(50)]
    found = identifiers([{**one, "register_ids": numbers} for one, numbers in zip(parties, lei, strict=True)])
    assert (len(found), found[-1]) == (200, {"scheme": "domain", "value": "shop-40.example"})


BOTH = [("transfer", "claimant"), ("transfer", "respondent")]


def test_a_consent_for_one_stage_counts_in_that_stage() -> None:
    assert consents(None, "mediation") == [BOTH, BOTH]
    assert consents("arbitration", None, stage="arbitration") == [BOTH, BOTH]


@pytest.mark.parametrize(
    ("stages", "stage", "says"),
    [
        (
            ("arbitration", None),
            "mediation",
            "claimant 1 is for the stage arbitration only; the case is offered in med",
        ),
        (
            (None, "mediation"),
            "arbitration",
            "respondent 1 is for the stage mediation only; the case is offered in arb",
        ),
        (("negotiation", "negotiation"), "before_commencement", "claimant 1 is for the stage negotiation only"),
    ],
)
def test_a_consent_for_one_stage_does_not_count_in_another(
    stages: tuple[str | None, ...], stage: str, says: str
) -> None:
    with pytest.raises(GatewayError, match=says) as caught:
        consents(*stages, stage=stage)
    at = 0 if "claimant" in says else 1
    assert (caught.value.code, caught.value.where) == ("consent_for_other_stage", f"case.json/consents/{at}/stage")


def test_a_consent_for_another_stage_beside_one_for_this_is_left_out() -> None:
    assert consents("negotiation", None, more=({"stage": "mediation"},)) == [BOTH[::-1], BOTH[::-1]]
    items = {"purpose": "item_disclosure", "items": ["ab" * 32], "stage": "arbitration"}
    assert consents(None, None, more=(items,)) == [BOTH, BOTH]
