"""Schemas and the description of this interface: ``/v1/schemas``, ``/openapi.json``, ``/docs``."""

import json
import re
from functools import cache
from typing import TYPE_CHECKING, Any

from aiohttp import web

from hub.errors import NotFoundError
from hub.web.catalogue import CATALOGUE
from hub.web.keptparts import KEPT_PARTS
from hub.web.rendering import page
from hub.web.responses import immutable, json_response
from schemas.catalogue import catalogue
from schemas.errors import SchemasError
from schemas.openapi import load_openapi

if TYPE_CHECKING:
    from signing.encoding import JSON

__all__ = ["docs_page", "get_description", "get_schema", "list_schemas", "problems_page"]

_VERSION = re.compile(r"[1-9][0-9]{0,3}", re.ASCII)
_METHODS = ("get", "post", "put", "patch", "delete")


async def list_schemas(_: web.Request) -> web.Response:
    """Every schema file with its digest."""
    entries: list[JSON] = [
        {
            "kind": one.kind,
            "version": one.version,
            "visibility": one.visibility,
            "digest": one.digest,
            "url": f"/v1/schemas/{one.kind}/{one.version}",
        }
        for one in catalogue().schemas()
    ]
    return json_response({"schemas": entries})


async def get_schema(request: web.Request) -> web.Response:
    """One schema file, byte for byte; a released version never changes."""
    kind, version = request.match_info["kind"], request.match_info["version"]
    try:
        found = catalogue().lookup(kind, int(version) if _VERSION.fullmatch(version) else 0)
    except SchemasError as error:
        raise NotFoundError("not_found", error.message, f"{kind}/{version}"[:80]) from None
    return immutable(found.octets, "application/schema+json")


async def get_description(_: web.Request) -> web.Response:
    """The OpenAPI document with every schema in it."""
    headers = {"Cache-Control": "public, max-age=300"}
    return web.Response(body=_description(), content_type="application/json", headers=headers)


@page("docs.html")
async def docs_page(request: web.Request) -> dict[str, Any]:
    """The description as a page."""
    return {"part": await request.app[KEPT_PARTS].part(request, "kept/docs.html", None, _described)}


@page("problems.html")
async def problems_page(request: web.Request) -> dict[str, Any]:
    """Every problem code, each an anchor."""
    return {"part": await request.app[KEPT_PARTS].part(request, "kept/problems.html", None, _problems)}


def _described() -> dict[str, Any]:
    document = json.loads(_description())
    tags: dict[str, tuple[str, list[Any]]] = {tag["name"]: (tag["description"], []) for tag in document["tags"]}
    for path, item in document["paths"].items():
        for method in _METHODS:
            if method in item:
                tags[item[method]["tags"][0]][1].append((method.upper(), path, item[method]))
    return {"info": document["info"], "tags": tags, "schemas": catalogue().schemas()}


def _problems() -> dict[str, Any]:
    groups: dict[str, list[Any]] = {}
    for entry in CATALOGUE.values():
        groups.setdefault(entry.group, []).append(entry)
    return {"groups": groups}


@cache
def _description() -> bytes:
    codes = [code for code, entry in CATALOGUE.items() if entry.status is not None]
    return json.dumps(load_openapi(codes), ensure_ascii=False, separators=(",", ":")).encode()
