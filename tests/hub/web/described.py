"""Answers held against ``schemas/openapi.yaml``."""

from typing import Any

from jsonschema import Draft202012Validator

from schemas.openapi import load_openapi

SPEC = load_openapi()


def fits(path: str, answer: Any, method: str = "get") -> None:
    """The answer is as the description has it."""
    schema = SPEC["paths"][path][method]["responses"]["200"]["content"]["application/json"]["schema"]
    Draft202012Validator({**schema, "components": SPEC["components"]}).validate(answer)
