"""The route table is the specification's: same paths, same methods; every route is answered by a test here."""

import ast
import re
from pathlib import Path

from aiohttp import web

from hub.web.routes import ROUTES
from schemas.openapi import load_openapi

METHODS = {"get", "head", "post", "put", "patch", "delete"}


def template(path: str) -> str:
    """An aiohttp path as OpenAPI writes it."""
    return re.sub(r"\{(\w+):(?:[^{}]|\{[^{}]*\})*\}", r"{\1}", path)


def served() -> set[tuple[str, str]]:
    return {(one.method.lower(), template(one.path)) for one in ROUTES if isinstance(one, web.RouteDef)}


def test_routes_are_those_of_the_specification() -> None:
    document = load_openapi()
    specified = {(method, path) for path, item in document["paths"].items() for method in METHODS & item.keys()}
    assert served() == specified


def test_every_route_is_asked_for_by_a_test() -> None:
    """Some test of this directory asks for an address that fits each route."""
    asked = {
        re.sub(r"\?.*", "", value)
        for path in Path(__file__).parent.glob("test_*.py")
        for value in _addresses(ast.parse(path.read_text(encoding="utf-8")))
    }
    for method, path in served():
        pattern = re.compile(re.sub(r"\\\{\w+\\\}", "[^?]+", re.escape(path)))
        assert any(pattern.fullmatch(one) for one in asked), f"no test asks for {method.upper()} {path}"


def _addresses(tree: ast.Module) -> list[str]:
    """Text constants and f-strings that look like addresses; what is filled in is written ``x``."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("/"):
            found.append(node.value)
        elif isinstance(node, ast.JoinedStr):
            text = "".join(str(one.value) if isinstance(one, ast.Constant) else "x" for one in node.values)
            if text.startswith("/"):
                found.append(text)
    return found
