"""References over HTTP: each version with its proof, now and at an earlier log size."""

from decimal import Decimal
from typing import Any

import pytest

from hub.oversight.exchangerates import ExchangeRates
from hub.web.appkeys import DIRECTORY, FOLLOWER, LOG, OVERSIGHT
from signing.compose import timestamp
from signing.encoding import canonical
from signing.statement import parse_statement
from tests.hub.running import Hub
from tests.hub.world import Actor, example

PROVIDER = Actor("provider-a", "provider")


def reference(hub: Hub, name: str = "sample-criteria", version: int = 1, count: int = 2, **changes: Any) -> bytes:
    body = example("reference", "valid-criteria")["body"] | {"id": name, "version": version} | changes
    return hub.speaker.compose("reference", "coordinator", body, hub.speaker.officer(count), previous=None)


async def test_there_are_none_at_first(hub: Hub) -> None:
    assert await hub.get("/v1/references") == (200, {"size": 1, "references": [], "next": None})
    status, problem = await hub.get("/v1/references/sample-criteria")
    assert (status, problem["code"], problem["where"]) == (404, "not_found", "sample-criteria")


async def test_each_version_with_its_proof(hub: Hub) -> None:
    first = await hub.registered(reference(hub))
    second = await hub.registered(reference(hub, version=2, title="Second edition"))
    status, answer = await hub.get("/v1/references/sample-criteria")
    assert status == 200
    shown = answer["reference"]
    assert (shown["version"], shown["title"], shown["index"]) == (2, "Second edition", second["index"])
    assert parse_statement(canonical(answer["statement"])).digest == shown["digest"] == second["digest"]
    assert answer["receipt"]["index"] == second["index"]
    for query in ("?version=1", "?at=2"):
        _, older = await hub.get(f"/v1/references/sample-criteria{query}")
        assert (older["reference"]["version"], older["reference"]["digest"]) == (1, first["digest"])


@pytest.mark.parametrize(("query", "code"), [("?version=0", "bad_parameter"), ("?version=x", "bad_parameter")])
async def test_a_version_is_a_number(hub: Hub, query: str, code: str) -> None:
    await hub.registered(reference(hub))
    status, problem = await hub.get(f"/v1/references/sample-criteria{query}")
    assert (status, problem["code"], problem["where"]) == (400, code, "version")
    assert (await hub.get("/v1/references/sample-criteria?version=2"))[0] == 404


async def test_the_newest_of_each_in_pages(hub: Hub) -> None:
    for name in ("beta", "alpha"):
        await hub.registered(reference(hub, name))
    await hub.registered(reference(hub, "beta", 2))
    _, first = await hub.get("/v1/references?limit=1")
    assert ([one["id"] for one in first["references"]], first["next"]) == (["alpha"], "alpha")
    _, second = await hub.get("/v1/references?limit=1&after=alpha")
    assert ([(one["id"], one["version"]) for one in second["references"]], second["next"]) == ([("beta", 2)], None)


async def test_published_rates_are_those_that_figures_use(hub: Hub) -> None:
    app: Any = hub.client.app
    rates = ExchangeRates(app[DIRECTORY])
    await hub.registered(reference(hub))
    assert await rates.newest(app[LOG].size) is None, "criteria are no rates"
    body = example("reference", "valid-rates")["body"]
    for version, rate in ((1, "0.8"), (2, "0.5")):
        changed = {"version": version, "rates": [{"currency": "EUR", "rate": rate}]}
        document = hub.speaker.compose(
            "reference", "coordinator", body | changed, hub.speaker.officer(2), previous=None
        )
        await hub.registered(document)
    found = await rates.newest(app[LOG].size)
    assert found is not None
    assert (found.base, found.date.isoformat(), found.rates) == ("USD", "2026-09-30", {"EUR": Decimal("0.5")})
    assert found.source == "Sample Central Bank: Sample reference rates"
    assert await rates.newest(app[LOG].size) is found
    older = await rates.newest(app[LOG].size - 1)
    assert older is not None
    assert older.rates == {"EUR": Decimal("0.8")}
    day, last = timestamp(hub.clock() - 9 * 86_400)[:10], timestamp(hub.clock() - 86_400)[:10]
    await app[FOLLOWER].catch_up()
    path = f"/v1/indicators?view=supervised&from={day}&to={last}"
    assert (await hub.get(path, hub.speaker.officers[0].http))[0] == 200
    assert app[OVERSIGHT]._exchange.context.rates == found


async def test_a_listing_by_criteria_shows_them_and_one_that_leaves_one_out_is_refused(hub: Hub) -> None:
    await hub.registered(reference(hub))
    await hub.registered(hub.speaker.member(PROVIDER))
    body = example("accreditation", "valid-listed")["body"] | {"subject": "provider-a"}
    body |= {"criteria_set": {"id": "sample-criteria", "version": 1}}
    partial = body | {"criteria": body["criteria"][:1]}
    chains = dict(hub.speaker.chains)
    document = hub.speaker.compose("accreditation", "coordinator", partial, hub.speaker.officer())
    status, problem = await hub.post(document)
    assert (status, problem["code"], problem["where"]) == (422, "finding_missing", "/body/criteria")
    hub.speaker.chains = chains
    await hub.registered(hub.speaker.compose("accreditation", "coordinator", body, hub.speaker.officer()))
    _, answer = await hub.get("/v1/members/provider-a")
    assert answer["member"]["accreditation"]["criteria_set"] == {"id": "sample-criteria", "version": 1}
    assert "conditions" not in answer["member"]["accreditation"]
