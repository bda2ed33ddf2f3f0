"""Nothing that is signed is left out: whatever changes in a body changes what the page shows of it.

For the kinds that the page says in the reader's words, and for those of which it says only the heads.
"""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page

from tests.browser.test_sign_page_modules import modules
from tests.hub.world import example

pytestmark = pytest.mark.asyncio(loop_scope="session")
HANDED = """
import { bodyRows } from "./modules/bodyrows.js";
import { utf8 } from "./modules/bytes.js";
import { parseStrict } from "./modules/json.js";
import { bodyView } from "./modules/statement.js";
const parsed = (text) => parseStrict(utf8(text), 262144);
Object.assign(globalThis, {
  labels: async (kind, body) => {
    const { said, left } = await bodyRows(kind, parsed(body));
    return [said.map(([label]) => label), left.map(([path]) => path)];
  },
  shown: (kind, bodies) => Promise.all(bodies.map(async (body) => {
    const view = await bodyView(kind, parsed(body));
    return view.filter(Boolean).map((one) => one.textContent).join("\\n");
  })),
});
"""
CASES = {
    "award": example("award", "valid-final")["body"],
    "neutral": example("neutral", "valid-active")["body"],
    "key": example("key", "valid-add")["body"],
    "accreditation": example("accreditation", "valid-listed")["body"],
    "member": example("member", "valid-provider")["body"],
    "annex-neutral": example("annex-neutral", "valid-full"),
    "settlement": {"case_id": "urn:odr:a:1", "empty": {}, "none": [], "nothing": None},
}  # fmt: skip


@pytest_asyncio.fixture(loop_scope="session")
async def desk(page: Page, tmp_path: Path) -> Page:
    return await modules(page, tmp_path, last=HANDED)


def changed(value: Any) -> Any:
    """Another value of the same sort."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    return f"{value}x" if isinstance(value, str) else "something"


def variants(body: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str, Any]]:
    """What was done, and the body with one leaf changed, one member more or one item twice."""
    whole = reach(body, path)
    if isinstance(whole, dict):
        for more in ("more", "a.b", "__proto__"):
            yield f"{path}: {more}", put(body, path, whole | {more: "hidden"})
    if isinstance(whole, list) and whole:
        yield f"{path}: twice", put(body, path, [*whole, whole[0]])
    for name in whole if isinstance(whole, dict) else range(len(whole) if isinstance(whole, list) else 0):
        yield from variants(body, (*path, name))
    if not isinstance(whole, dict | list) or not whole:
        yield f"{path}: changed", put(body, path, changed(whole))
        yield f"{path}: an object", put(body, path, {"hidden": whole})


def reach(body: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        body = body[step]
    return body


def put(body: Any, path: tuple[str | int, ...], value: Any) -> Any:
    """A copy of ``body`` with ``value`` at ``path``."""
    if not path:
        return value
    copied = copy.deepcopy(body)
    reach(copied, path[:-1])[path[-1]] = value
    return copied


async def labels(desk: Page, kind: str, body: Any) -> tuple[list[str], list[str]]:
    """Labels of the rows that say a member in words, and paths of what is left."""
    said, left = await desk.evaluate("([kind, body]) => labels(kind, body)", [kind, json.dumps(body)])
    return said, left


@pytest.mark.parametrize("kind", CASES)
async def test_whatever_changes_in_a_body_changes_what_is_shown(desk: Page, kind: str) -> None:
    body = CASES[kind]
    done = dict(variants(body))
    bodies = [json.dumps(one) for one in (body, *done.values())]
    before, *after = await desk.evaluate("([kind, bodies]) => shown(kind, bodies)", [kind, bodies])
    assert before
    hidden = [what for what, text in zip(done, after, strict=True) if text == before]
    assert hidden == []
    assert len(done) > 10


@pytest.mark.parametrize("kind", ["award", "neutral"])
async def test_what_a_neutral_signs_is_said_in_words(desk: Page, kind: str) -> None:
    said, left = await labels(desk, kind, CASES[kind])
    assert len(said) > 8
    assert left == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("seat", "place"), 4711),
        (("seat", "country"), None),
        (("expression", "version"), "1e3"),
        (("expression", "version"), True),
        (("manifestation", "size"), "much"),
    ],
)
async def test_a_row_takes_what_it_can_say_alone(desk: Page, path: tuple[str, ...], value: object) -> None:
    _, left = await labels(desk, "award", put(CASES["award"], path, value))
    assert ".".join(path) in left


async def test_what_has_another_shape_is_not_said_but_shown(desk: Page) -> None:
    said, left = await labels(desk, "award", put(CASES["award"], ("seat", "court"), "Elsewhere"))
    assert "seat" not in said
    assert {"seat.country", "seat.court"} <= set(left)
