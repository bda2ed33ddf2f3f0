"""Terms of an offer that the hub can't judge, or will see later only, are judged when it is made."""

from typing import Any

import pytest

from providers.errors import ProvidersError
from schemas.errors import SchemasError
from tests.providers.gateway.exchange.house import A, House, add_case, sample_case, terms


@pytest.mark.parametrize(
    ("changes", "code", "where"),
    [
        ({"withheld": [{"ground": "mood", "count": 1}]}, "schema_violation", "/body/withheld/0/ground"),
        ({"withheld": [{"ground": "law", "count": 0}]}, "schema_violation", "/body/withheld/0/count"),
        ({"withheld": "nothing"}, "schema_violation", "/body/withheld"),
        ({"claim_summary": "x" * 4001}, "schema_violation", "brief/claim_summary"),
        ({"claim_summary": 7}, "schema_violation", "brief/claim_summary"),
        ({"claim_summary": "Pay to DE89 3704 0044 0532 0130 00"}, "bank_details", "brief/claim_summary"),
        ({"stage": "before_commencement"}, "stage_differs", "case.json/stage"),
        ({"stage": "negotiation", "expires_in_hours": 1, "dispatch_hours": 1}, "stage_differs", "case.json/stage"),
        (
            {"conflict_identifiers": [{"scheme": "mood", "value": "x"}]},
            "schema_violation",
            "brief/conflict_identifiers/0/scheme",
        ),
    ],
)
async def test_what_case_brief_and_dispatch_do_not_say_is_refused_at_once(
    house: House, changes: dict[str, Any], code: str, where: str
) -> None:
    async with house.gateway(A) as ours:
        case_id = await add_case(ours, *sample_case(house.world.now))
        with pytest.raises((ProvidersError, SchemasError)) as caught:
            await ours.service.offer(case_id, terms(**changes))
        assert isinstance(caught.value, ProvidersError | SchemasError)
        assert (caught.value.code, caught.value.where) == (code, where)
        case = await ours.service.case(case_id)
        assert case.transfer is None


async def test_what_they_can_say_is_taken(house: House) -> None:
    async with house.gateway(A) as ours:
        case_id = await add_case(ours, *sample_case(house.world.now))
        said = terms(claim_summary="x" * 4000, withheld=[{"ground": "law", "count": 2}])
        assert (await ours.service.offer(case_id, said)).summary == {
            "claim_summary": "x" * 4000,
            "conflict_identifiers": [],
            "withheld": [{"ground": "law", "count": 2}],
        }
