"""Searches of the directory over HTTP: conditions, counts, who may ask for what, and the past."""

from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from hub.storage import search
from hub.storage.keptarrays import KeptArrays
from hub.storage.search import NeutralQuery, Search
from hub.storage.searchmemory import SearchMemory
from hub.storage.versions import DirectoryVersions
from hub.web.appkeys import DATABASE, DIRECTORY_FOLLOWER, LOG
from signing.compose import timestamp
from signing.encoding import canonical
from tests.hub.exchange.providers import problem
from tests.hub.running import NOW, Hub
from tests.hub.web.described import fits
from tests.hub.world import Actor, example

ACME, BRIO = Actor("acme", "provider"), Actor("brio", "provider")
COURT = Actor("court-a", "court")
NOOR, OMAR, PIA = Actor("noor", "neutral"), Actor("omar", "neutral"), Actor("pia", "neutral")
DAY = 86_400


def profile(kind: str, name: str, **changes: Any) -> dict[str, Any]:
    return {"profile": example(kind, name)["body"]["profile"] | changes}


async def filled(hub: Hub) -> None:
    """Two providers, one of them listed; a court; three neutrals, of whom two told their nationality."""
    speaker = hub.speaker
    for provider in (ACME, BRIO):
        await hub.registered(speaker.member(provider))
        await hub.registered(speaker.accreditation(provider))
    await hub.registered(speaker.member(COURT))
    await annexed(hub, NOOR, ["NG"], display_name="Noor Sample", languages=["en", "zh-Hans"])
    await annexed(hub, OMAR, ["SG", "FR"], display_name="Omár Sample", languages=["en-GB"], roles=["mediator"])
    await hub.registered(speaker.neutral(PIA, BRIO, body=profile("neutral", "valid-active", display_name="李 Pia")))
    await hub.registered(speaker.accreditation(NOOR))
    await hub.registered(speaker.accreditation(BRIO, "suspended", 2))


async def annexed(hub: Hub, actor: Actor, nationality: list[str], **changes: Any) -> None:
    annex = canonical({"salt": "A" * 43, "nationality": nationality})
    body = profile("neutral", "valid-active", **changes)
    status, answer = await hub.post(hub.speaker.neutral(actor, ACME, annex=annex, body=body), annex)
    assert status == 201, answer


async def ids(hub: Hub, path: str, **more: Any) -> list[str]:
    status, answer = await hub.get(path, **more)
    assert status == 200, answer
    fits(path.partition("?")[0], answer)
    (name,) = {"members", "neutrals"} & answer.keys()
    assert answer["total"] >= len(answer[name])
    return [one["id"] for one in answer[name]]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["acme", "brio", "court-a"]),
        ("type=provider", ["acme", "brio"]),
        ("type=court", ["court-a"]),
        ("text=sample acme", ["acme"]),
        ("text=SAMP", ["acme", "brio", "court-a"]),
        ("text=nothing", []),
        ("accredited_only=true", ["acme"]),
        ("language=qu", ["acme", "brio"]),
        ("language=ES-419", ["acme", "brio"]),
        ("language=xx", []),
        ("stage=mediation&dispute_type=non_delivery&economy=PE", ["acme", "brio"]),
        ("economy=SG", []),
        ("sector=C", []),
    ],
)
async def test_members(hub: Hub, query: str, found: list[str]) -> None:
    await filled(hub)
    assert await ids(hub, f"/v1/members?{quote(query, safe='=&')}") == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["noor", "omar", "pia"]),
        ("text=omar", ["omar"]),
        ("text=李", ["pia"]),
        ("text=institute arb", ["noor", "omar", "pia"]),
        ("language=en", ["noor", "omar", "pia"]),
        ("language=zh", ["noor"]),
        ("language=en-GB", ["omar"]),
        ("role=arbitrator", ["noor", "pia"]),
        ("field=logistics&legal_system=NG", ["noor", "omar", "pia"]),
        ("legal_system=SG", []),
        ("provider=brio", ["pia"]),
        ("available_only=true", ["noor"]),
        ("available_only=true&language=en-GB", []),
    ],
)
async def test_neutrals(hub: Hub, query: str, found: list[str]) -> None:
    await filled(hub)
    assert await ids(hub, f"/v1/neutrals?{quote(query, safe='=&')}") == found


async def test_counts_stand_beside_what_is_found(hub: Hub) -> None:
    await filled(hub)
    _, answer = await hub.get("/v1/neutrals?role=mediator&language=zh&limit=1")
    counts = {name: {one["value"]: one["count"] for one in values} for name, values in answer["facets"].items()}
    assert (answer["total"], [one["id"] for one in answer["neutrals"]]) == (1, ["noor"])
    assert counts["role"] == {"mediator": 1, "arbitrator": 1}
    assert counts["language"] == {"en": 2, "zh-Hans": 1, "en-GB": 1, "fr": 1}, "of all mediators"
    assert counts["provider"] == {"acme": 1}
    assert answer["facets"].keys() == {"language", "role", "field", "legal_system", "provider"}, "no nationality"


async def test_lines_show_what_holds_now(hub: Hub) -> None:
    await filled(hub)
    _, answer = await hub.get("/v1/members")
    status = {one["id"]: one["accreditation_status"] for one in answer["members"]}
    assert status == {"acme": "listed", "brio": "suspended", "court-a": "none"}
    assert answer["members"][0]["keys"] == [ACME.statement.kid]
    hub.clock.now += 4 * 365 * DAY
    _, answer = await hub.get("/v1/members")
    assert [one["accreditation_status"] for one in answer["members"]] == ["expired", "suspended", "none"]
    assert answer["members"][0]["accreditation"]["status"] == "listed", "what was decided stays"
    assert await ids(hub, "/v1/members?accredited_only=true") == []
    assert await ids(hub, f"/v1/members?accredited_only=true&at={timestamp(NOW + DAY)}") == ["acme"]


async def test_a_revoked_key_makes_unavailable(hub: Hub) -> None:
    await filled(hub)
    size = (await hub.get("/v1/neutrals"))[1]["size"]
    await hub.registered(hub.speaker.revoke(NOOR, NOOR.statement))
    assert await ids(hub, "/v1/neutrals?available_only=true") == []
    _, answer = await hub.get("/v1/neutrals?text=noor")
    assert answer["neutrals"][0]["keys"] == []
    assert await ids(hub, f"/v1/neutrals?available_only=true&at={size}") == ["noor"]


async def test_every_size_is_answered_as_it_was_then(hub: Hub) -> None:
    """What a search said when the log had a size, it says of that size for ever."""
    paths = ("/v1/members?accredited_only=true&at={}", "/v1/neutrals?available_only=true&at={}", "/v1/neutrals?at={}")
    said: dict[str, Any] = {}
    for step in (
        hub.speaker.member(ACME), hub.speaker.accreditation(ACME), hub.speaker.neutral(NOOR, ACME),
        hub.speaker.accreditation(NOOR), hub.speaker.revoke(NOOR, NOOR.statement),
        hub.speaker.accreditation(ACME, "suspended", 2),
    ):  # fmt: skip
        size = (await hub.registered(step))["index"] + 1
        for path in paths:
            said[path.format(size)] = (await hub.get(path.format(size)))[1]
        hub.clock.now += DAY
    assert len({str(one.get("members")) for one in said.values()}) > 2
    for path, answer in said.items():
        assert (await hub.get(path))[1] == answer


async def test_nationalities_are_for_members_and_officers(hub: Hub) -> None:
    await filled(hub)
    path = "/v1/neutrals?exclude_nationality=NG"
    signed = [{}, *(hub.signature("GET", path, reader.http) for reader in (NOOR, OMAR))]
    refusals = [await hub.client.get(path, headers=headers) for headers in signed]
    assert [await problem(one) for one in refusals] == [
        (401, "signature_needed"), (403, "nationality_restricted"), (403, "nationality_restricted"),
    ]  # fmt: skip
    for reader in (ACME, COURT, hub.speaker.officers[0]):
        assert await ids(hub, path, key=reader.http) == ["omar"], "who told none is left out"
    both = f"{path}&exclude_nationality=FR"
    assert await ids(hub, both, key=ACME.http) == []


async def test_a_nationality_that_was_told_later_counts(hub: Hub) -> None:
    await filled(hub)
    size = (await hub.get("/v1/neutrals"))[1]["size"]
    path = "/v1/neutrals?exclude_nationality=SG"
    assert await ids(hub, path, key=ACME.http) == ["noor"]
    body = profile("neutral", "valid-active") | {"nominated_by": "acme", "status": "active", "key_custody": "self"}
    annex = canonical({"salt": "A" * 42 + "E", "nationality": ["FR"]})
    signers = [(OMAR.statement, "neutral"), (ACME.statement, "provider"), *hub.speaker.officer()]
    status, answer = await hub.post(hub.speaker.compose("neutral", "omar", body, signers, annex=annex), annex)
    assert status == 201, answer
    assert await ids(hub, path, key=ACME.http) == ["noor", "omar"]
    assert await ids(hub, f"{path}&at={size}", key=ACME.http) == ["noor"]


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/v1/members", "type=bank"),
        ("/v1/members", "language=english"),
        ("/v1/members", "stage=appeal"),
        ("/v1/members", "dispute_type=Non%20delivery"),
        ("/v1/members", "sector=Z9"),
        ("/v1/members", "economy=Peru"),
        ("/v1/members", "economy=PE&economy=SG"),
        ("/v1/members", "accredited_only=yes"),
        ("/v1/members", "text=" + "a" * 201),
        ("/v1/members", "text=a%00b"),
        ("/v1/neutrals", "role=judge"),
        ("/v1/neutrals", "field=%3Cscript%3E"),
        ("/v1/neutrals", "legal_system=."),
        ("/v1/neutrals", "provider=A"),
        ("/v1/neutrals", "available_only=1"),
    ],
)
async def test_bad_conditions(hub: Hub, path: str, query: str) -> None:
    status, answer = await hub.get(f"{path}?{query}")
    assert (status, answer["code"], answer["where"]) == (400, "bad_parameter", query.partition("=")[0])


async def test_a_bad_nationality(hub: Hub) -> None:
    path = "/v1/neutrals?exclude_nationality=Chinese"
    officer = hub.speaker.officers[0]
    response = await hub.client.get(path, headers=hub.signature("GET", path, officer.http))
    assert await problem(response) == (400, "bad_parameter")


async def test_a_directory_that_lags_says_so(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """As after an upgrade of a long log: nothing old is shown as if it were new."""
    await hub.registered(hub.speaker.member(ACME))
    assert await ids(hub, "/v1/members") == ["acme"]
    monkeypatch.setattr(search, "_PATIENCE_SECONDS", 0.01)
    app: Any = hub.client.app
    await app[DIRECTORY_FOLLOWER].close()
    await hub.registered(hub.speaker.accreditation(ACME))
    for path in ("/v1/members", "/v1/neutrals", "/v1/members/acme"):
        response = await hub.client.get(path)
        assert response.headers["Retry-After"] == "5"
        assert await problem(response) == (503, "directory_behind")
    assert await ids(hub, "/v1/members?at=2") == ["acme"]


async def test_what_is_kept_between_starts_is_of_the_same_tables_and_tells_no_nationality(
    hub: Hub, tmp_path: Path
) -> None:
    await filled(hub)
    app: Any = hub.client.app
    database, size = app[DATABASE], app[LOG].size
    tables, file = DirectoryVersions(database), KeptArrays(tmp_path / "search.index", "test")
    await app[DIRECTORY_FOLLOWER].reached(size, 9)
    rows = await tables.loaded(0, size, 99)

    async def found(query: NeutralQuery) -> list[str]:
        searched = Search(database, app[DIRECTORY_FOLLOWER].reached, lambda: NOW, SearchMemory(file, few=1))
        try:
            return [one.id for one in (await searched.neutrals(query, size)).rows]
        finally:
            searched.close()

    renamed, without = NeutralQuery(text="renamed"), NeutralQuery(exclude_nationality=("NG",))
    assert (await found(renamed), await found(without)) == ([], ["omar"])
    kept = file.read()
    assert kept is not None
    assert "nationality" not in " ".join(kept)
    changed = [replace(one, record=one.record.replace("Noor Sample", "Noor Renamed")) for one in rows]
    memory = SearchMemory(file, few=1)
    memory.take(changed[:-1], size - 1)
    memory.take(rows[-1:], size)
    memory.keep()
    assert await found(renamed) == ["noor"], "what is kept is not read from the tables again"
    memory = SearchMemory(file, few=1)
    memory.take([*rows[:-1], replace(rows[-1], record=rows[-1].record + " ")], size)
    memory.keep()
    assert await found(renamed) == []
    assert await found(without) == ["omar"]
