"""What is refused before any handler sees it, at whatever address."""

import re

import pytest
from aiohttp import web
from yarl import URL

from hub.web.routes import ROUTES
from tests.hub.running import Hub

NAMED = [one.path for one in ROUTES if isinstance(one, web.RouteDef) and one.method == "GET" and "{" in one.path]
"""Addresses that a part is taken out of."""


async def asked(hub: Hub, path: str) -> tuple[int, str]:
    address = URL(f"{str(hub.client.make_url('/')).rstrip('/')}{path}", encoded=True)
    response = await hub.client.session.get(address)
    return response.status, await response.text()


@pytest.mark.parametrize("octet", ["%00", "%0A", "%7F", "%C2%85"])
async def test_no_part_of_an_address_has_control_characters(hub: Hub, octet: str) -> None:
    """PostgreSQL would make an error of NUL, and the hub a 500 of that, for everybody."""
    status, text = await asked(hub, f"/v1/keys/a{octet}b")
    assert (status, '"code": "bad_parameter"' in text) == (400, True)
    assert "A part of the address has control characters." in text
    assert '"where": "kid"' in text


async def test_that_holds_for_every_address(hub: Hub) -> None:
    paths = [re.sub(r"\{\w+\}", "a%00b", path) for path in NAMED if "/log/" not in path]
    assert len(paths) > 20
    for path in paths:
        status, text = await asked(hub, path)
        assert (status, "control characters" in text) == (400, True), path


async def test_other_odd_addresses_are_as_they_were(hub: Hub) -> None:
    for part in ("%C2%B2", "%F0%9F%98%80", "%20", "a" * 300):
        assert (await asked(hub, f"/v1/keys/{part}"))[0] == 404, part
