import json
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from schemas.catalogue import catalogue
from schemas.openapi import load_openapi
from schemas.validation import validate
from tests.schemas.samples import VALID

SPEC = load_openapi()
POSTED = ("public", "sealed", "annex")

ROUTES = {
    "POST /v1/statements",
    "GET /v1/statements/{digest}",
    "GET /v1/statements/{digest}/receipt",
    "GET /v1/statements/{digest}/annex",
    "POST /v1/drafts",
    "GET /v1/drafts",
    "GET /v1/drafts/{id}",
    "PUT /v1/drafts/{id}",
    "DELETE /v1/drafts/{id}",
    "POST /v1/drafts/{id}/signatures",
    "POST /v1/drafts/{id}/decline",
    "GET /v1/policy",
    "GET /v1/members",
    "GET /v1/members/{id}",
    "GET /v1/members/{id}/status",
    "GET /v1/members/{id}/badge.svg",
    "GET /v1/neutrals/{id}/status",
    "GET /v1/keys/{kid}",
    "GET /v1/keys/{kid}/affected",
    "GET /v1/neutrals",
    "GET /v1/neutrals/{id}",
    "GET /v1/references",
    "GET /v1/references/{id}",
    "GET /v1/neutrals/{id}/held",
    "POST /v1/held",
    "GET /v1/directory/snapshot",
    "GET /v1/directory/entries/{digest}",
    "GET /v1/directory/delta",
    "GET /v1/awards",
    "GET /v1/awards/{digest}",
    "GET /v1/awards/{digest}/status",
    "POST /v1/applications",
    "GET /v1/applications",
    "GET /v1/applications/{id}",
    "DELETE /v1/applications/{id}",
    "POST /v1/applications/{id}/self-test",
    "POST /v1/applications/{id}/decline",
    "POST /v1/uploads",
    "HEAD /v1/uploads/{id}",
    "PATCH /v1/uploads/{id}",
    "DELETE /v1/uploads/{id}",
    "GET /v1/packages/{sha256}",
    "GET /v1/packages/{sha256}/deletion",
    "GET /v1/inbox",
    "GET /v1/notices",
    "GET /v1/transfers/{id}",
    "POST /v1/feedback/slots",
    "GET /v1/feedback/slot",
    "POST /v1/feedback/answers",
    "POST /v1/feedback/relayed",
    "GET /v1/feedback/providers/{id}",
    "GET /feedback",
    "GET /v1/indicators",
    "GET /v1/enquiries",
    "POST /v1/enquiries/{id}/comment",
    "GET /v1/data-quality",
    "GET /v1/quality-reports",
    "GET /v1/quality-reports/source",
    "GET /v1/quality-reports/{digest}",
    "GET /v1/schemas",
    "GET /v1/schemas/{kind}/{version}",
    "GET /openapi.json",
    "GET /docs",
    "GET /docs/problems",
    "GET /log/checkpoint",
    "GET /log/tile/{level}/{n}",
    "GET /log/tile/entries/{n}",
    "GET /healthz",
    "GET /readyz",
    "GET /metrics",
    "GET /",
    "GET /directory",
    "GET /directory/neutrals",
    "GET /directory/neutrals/{id}",
    "GET /directory/others",
    "GET /directory/providers/{id}",
    "GET /find",
    "GET /find/agreement",
    "POST /v1/sessions",
    "GET /console",
    "POST /console/session",
    "POST /console/leave",
    "GET /console/applications",
    "GET /console/applications/{id}",
    "POST /console/applications/{id}",
    "GET /console/oversight",
    "GET /console/oversight/enquiry",
    "POST /console/oversight/enquiry",
    "GET /console/concerns",
    "GET /console/subjects/{id}",
    "GET /console/subjects/{id}/decision",
    "POST /console/subjects/{id}/decision",
    "GET /console/subjects/{id}/keys/{kid}",
    "POST /console/subjects/{id}/keys/{kid}",
    "GET /console/subjects/{id}/keys/{kid}/confirmation",
    "POST /console/subjects/{id}/keys/{kid}/confirmation",
    "GET /console/subjects/{id}/keys/{kid}/awards",
    "GET /console/subjects/{id}/keys/{kid}/awards/{index}",
    "POST /console/subjects/{id}/keys/{kid}/awards/{index}",
    "GET /console/references",
    "GET /console/references/new",
    "POST /console/references/new",
    "GET /console/rates",
    "GET /console/rates/new",
    "POST /console/rates/new",
    "GET /console/drafts",
    "POST /console/drafts",
    "GET /console/drafts/{id}",
    "GET /oversight",
    "GET /desk",
    "GET /static/sign.html",
    "GET /static/{file}",
}


def _nodes(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
    for inner in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _nodes(inner)


def _operations() -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in SPEC["paths"].items():
        for method in item.keys() & {"get", "head", "post", "put", "patch", "delete"}:
            yield f"{method.upper()} {path}", item[method]


def _followed(node: dict[str, Any]) -> dict[str, Any]:
    found: Any = SPEC
    for step in node["$ref"].split("/")[1:] if "$ref" in node else ():
        found = found[step]
    return found if "$ref" in node else node


def _check(schema: dict[str, Any], value: Any) -> None:
    whole = {**schema, "components": SPEC["components"]}
    Draft202012Validator(whole).validate(value)


def test_the_document_is_valid_openapi_3_1() -> None:
    OpenAPIV31SpecValidator(SPEC).validate()
    assert SPEC["openapi"].startswith("3.1.")


def test_it_covers_the_routes() -> None:
    assert {name for name, _ in _operations()} == ROUTES


def test_nothing_is_left_to_fetch() -> None:
    for node in _nodes(SPEC):
        assert "externalValue" not in node
        assert "$id" not in node
        if isinstance(node.get("$ref"), str):
            assert node["$ref"].startswith("#/components/")
            assert _followed(node)
    json.dumps(SPEC)


def test_each_load_is_a_new_document() -> None:
    first = load_openapi()
    first["paths"].clear()
    assert load_openapi() == SPEC


def test_the_schemas_inside_are_those_that_validate() -> None:
    for schema in catalogue().schemas():
        if schema.visibility in POSTED:
            bundled = SPEC["components"]["schemas"][f"{schema.kind}.v{schema.version}"]
            assert bundled["required"] == schema.document["required"]
            assert list(bundled["properties"]) == list(schema.document["properties"])


def test_every_kind_is_a_payload_and_every_annex_an_annex() -> None:
    def named(component: str, choice: str) -> set[str]:
        return {one["$ref"].rpartition("/")[2] for one in SPEC["components"]["schemas"][component][choice]}

    assert named("Payload", "oneOf") == {f"{kind}.v1" for kind in catalogue().kinds()}
    annexes = {one.kind for one in catalogue().schemas() if one.visibility == "annex"}
    assert named("Annex", "anyOf") == {f"{kind}.v1" for kind in annexes}


def test_what_travels_inside_ciphertext_is_no_part_of_it() -> None:
    hidden = {schema.kind for schema in catalogue().schemas() if schema.visibility == "case"}
    assert hidden
    assert not hidden & {name.partition(".")[0] for name in SPEC["components"]["schemas"]}


@pytest.mark.parametrize(
    "name", [name for name in VALID if catalogue().lookup(name.split("/")[0], 1).visibility in POSTED]
)
def test_bundled_payload_schemas_accept_the_examples(name: str) -> None:
    _check(SPEC["components"]["schemas"][f"{name.split('/', maxsplit=1)[0]}.v1"], VALID[name])


def test_every_example_validates() -> None:
    used = []
    for node in _nodes(SPEC["paths"]):
        for media in node.get("content", {}).values() if isinstance(node.get("content"), dict) else ():
            for name, example in media.get("examples", {}).items():
                _check(media["schema"], _followed(example)["value"])
                used.append(name)
    for response in SPEC["components"]["responses"].values():
        for media in response.get("content", {}).values():
            for name, example in media.get("examples", {}).items():
                _check(media["schema"], _followed(example)["value"])
                used.append(name)
    assert len(used) >= len(SPEC["components"]["examples"])


def test_an_example_that_does_not_fit_would_be_noticed() -> None:
    with pytest.raises(Exception, match="'state' is a required property"):
        _check({"$ref": "#/components/schemas/Receipt"}, {"digest": "0" * 64, "index": 0, "proof": ""})


def test_the_example_statement_holds_a_valid_payload() -> None:
    encoded = SPEC["components"]["examples"]["Statement"]["value"]["payload"]
    payload = json.loads(urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))
    validate(payload["kind"], payload["version"], payload)


def test_every_error_is_a_problem() -> None:
    for name, operation in _operations():
        for status, response in operation["responses"].items():
            if name == "GET /v1/members/{id}/badge.svg" and status in ("404", "503"):
                assert list(response["content"]) == ["image/svg+xml"], "a page that embeds it shows what is wrong"
            elif status[0] in "45d":
                content = _followed(response)["content"]
                assert list(content) == ["application/problem+json"], name
                assert content["application/problem+json"]["schema"] == {"$ref": "#/components/schemas/Problem"}


def test_the_door_names_every_status_it_answers() -> None:
    statuses = set(SPEC["paths"]["/v1/statements"]["post"]["responses"])
    expected = "200 201 202 400 403 404 409 413 415 422 429 503 default"
    assert statuses == set(expected.split())


def test_problem_codes_are_closed_when_the_hub_names_them() -> None:
    assert "enum" not in SPEC["components"]["schemas"]["Problem"]["properties"]["code"]
    code = load_openapi(["unknown_kid", "not_json"])["components"]["schemas"]["Problem"]["properties"]["code"]
    assert code["enum"] == ["not_json", "unknown_kid"]


@pytest.mark.parametrize("n", ["000", "005.p/255", "x001/000", "x001/x234/067", "x001/x234/067.p/5"])
def test_tile_numbers_are_those_of_c2sp(n: str) -> None:
    _check(SPEC["components"]["parameters"]["TileNumber"]["schema"], n)


@pytest.mark.parametrize("n", ["5", "0000", "x001", "001/234", "005.p/0", "005.p/", "../005", "005.p/1000"])
def test_other_tile_numbers_are_not(n: str) -> None:
    with pytest.raises(Exception, match="does not match"):
        _check(SPEC["components"]["parameters"]["TileNumber"]["schema"], n)
