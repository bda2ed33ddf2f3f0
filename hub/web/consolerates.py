"""Rates between currencies in the console: which are in force and since when, and the form of the next ones."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from aiohttp import web

from hub.console.fields import Fields
from hub.console.references import RATES, rates_body, source_fields
from hub.officers.drafting import Network
from hub.oversight.exchangerates import published_rates
from hub.web.appkeys import DIRECTORY, LOG, SESSION
from hub.web.consoledrafts import (
    Made,
    ReferenceForm,
    first_officers,
    network_of,
    prepare_reference,
    signing_fields,
)
from hub.web.consoleguard import console_form, console_page
from hub.web.presenting import parsed
from signing.statement import seconds

if TYPE_CHECKING:
    from multidict import MultiDictProxy

__all__ = ["prepare_rates", "rates_form", "rates_page"]

_FIRST_ID = "currency-rates"
_ROWS = 12
"""Rows that are shown at least."""


@console_page("console/rates.html")
async def rates_page(request: web.Request) -> dict[str, Any]:
    """The rates in force with the time since when they are, and others that are registered."""
    app = request.app
    found = await published_rates(app[DIRECTORY], app[LOG].size)
    return {"tab": "rates", "rates": [(one.time, parsed(one).body) for one in found], "day_of": _day}


@console_page("console/ratesform.html")
async def rates_form(request: web.Request) -> dict[str, Any]:
    """The form, with source and currencies of the rates in force; the rates themselves are typed anew."""
    app = request.app
    found, network = await published_rates(app[DIRECTORY], app[LOG].size), await network_of(app)
    given = _given(parsed(found[0]).body) if found else {"id": [_FIRST_ID]}
    given["by"] = first_officers(network, request[SESSION].owner, int(network.body["threshold"]), ())
    return _page(network, Fields(given))


@console_form("console/ratesform.html")
async def prepare_rates(request: web.Request, form: "MultiDictProxy[str]") -> dict[str, Any] | web.StreamResponse:
    """Read the form; the draft word for word when it holds, else the form with what is wrong."""
    found = await published_rates(request.app[DIRECTORY], request.app[LOG].size)
    of = ReferenceForm([parsed(one).body for one in found], rates_body, _page, "/console/rates")
    return await prepare_reference(request, form, of)


def _day(body: Mapping[str, Any]) -> int:
    """Midnight of the day for which rates hold, in POSIX seconds."""
    return seconds(f"{body['date']}T00:00:00Z")


def _page(network: Network, fields: Fields, made: Made | None = None) -> dict[str, Any]:
    rows = fields.rows(("currency", "rate"), _ROWS, RATES)
    count = int(network.body["threshold"])
    return {"tab": "rates", "rows": rows, **signing_fields(network, count, fields, made)}


def _given(body: Mapping[str, Any]) -> dict[str, list[str]]:
    given = {"id": body["id"], "title": body["title"], "note": body.get("note", ""), "base": body["base"]}
    given |= source_fields(body["source"]) | {"edition": "", "consulted_on": ""}
    given |= {f"currency-{number}": one["currency"] for number, one in enumerate(body["rates"][:RATES])}
    return {name: [str(value)] for name, value in given.items()}
