"""A document is served as the manifest names it, whatever else its sender has packed beside it."""

import gzip
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from providers.gateway.case_commands import _save
from providers.gateway.exchange.storedfile import StoredFile
from providers.gateway.localclient import LocalGateway
from tests.providers.gateway.exchange.house import ACCEPT, FILES, House, briefed, sample_case, state, terms, until
from tests.providers.gateway.exchange.test_app import answered, form, platform

FORGED = b"%PDF-1.7 the parties agree to pay 1,000,000 EUR\n"


async def test_no_neighbour_takes_the_place_of_a_document(house: House, tmp_path: Path) -> None:
    name = "agreement.pdf"
    case, files = sample_case(house.world.now, files={**FILES, f"{name}.gz": gzip.compress(FORGED)})
    async with house.both() as (sender, recipient), platform(sender) as ours, platform(recipient) as theirs:
        added = await answered(await ours.post("/cases", data=form(case, files)), 201)
        made = await answered(await ours.post(f"/cases/{added['case_id']}/offers", json=terms()), 201)
        transfer = made["transfer_id"]
        await until(recipient, transfer, briefed)
        await answered(await theirs.post(f"/transfers/{transfer}/accept", json=ACCEPT), 202)
        await until(recipient, transfer, state("completed"))
        served = await theirs.get(f"/transfers/{transfer}/package/documents/{name}")
        assert await served.read() == files[name]
        local = LocalGateway(theirs.session, str(theirs.make_url("")).rstrip("/"), tmp_path)
        await _save(local, transfer, tmp_path / "saved")  # odr-gateway case show --save
        assert (tmp_path / "saved" / "documents" / name).read_bytes() == files[name]


@pytest.mark.parametrize("encoding", ["gzip", "br", "gzip, deflate, br, *"])
async def test_whoever_takes_what_is_compressed_gets_the_file(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(b"0123456789")
    for ending in (".gz", ".br"):
        path.with_name(f"a.pdf{ending}").write_bytes(gzip.compress(FORGED))

    async def served(_: web.Request) -> web.StreamResponse:
        return StoredFile(path)

    app = web.Application()
    app.router.add_get("/", served)
    async with TestClient(TestServer(app)) as client:
        whole = await client.get("/", headers={"Accept-Encoding": encoding})
        assert (await whole.read(), whole.headers.get("Content-Encoding")) == (b"0123456789", None)
        part = await client.get("/", headers={"Accept-Encoding": encoding, "Range": "bytes=2-4"})
        assert (part.status, await part.read()) == (206, b"234")
