"""Parts of pages are rendered once for each language and each thing that they are made of."""

import asyncio
from collections.abc import Mapping
from typing import Any

import jinja2
import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from aiohttp_jinja2 import setup

from hub.web.appkeys import LANGUAGE
from hub.web.keptparts import KeptParts
from hub.web.languages import choose


class Rendering:
    """Renders a template with an address, and counts how often it is asked what it says."""

    def __init__(self, most: int = 48) -> None:
        self.parts, self.asked, self.fails = KeptParts(most), 0, False
        self._app = web.Application()
        setup(self._app, loader=jinja2.DictLoader({"part": '{{ word }} <{{ language.tag }}> {{ link("/docs") }}'}))

    async def __call__(self, lang: str | None = None, made_of: object = None) -> str:
        request = make_mocked_request("GET", "/", app=self._app)
        request[LANGUAGE] = choose(lang, "")
        return await self.parts.part(request, "part", made_of, self._context)

    def _context(self) -> Mapping[str, Any]:
        self.asked += 1
        if self.fails:
            raise LookupError("no word")
        return {"word": "<b>"}


async def test_a_part_is_rendered_once_for_readers_who_ask_at_the_same_time_or_later() -> None:
    rendered = Rendering()
    assert set(await asyncio.gather(*(rendered() for _ in range(5)))) == {"&lt;b&gt; <en> /docs"}
    await rendered()
    assert rendered.asked == 1


async def test_each_language_each_choice_and_whatever_it_is_made_of_has_its_own() -> None:
    rendered = Rendering()
    found = [await rendered(), await rendered("en"), await rendered("fr"), await rendered(made_of=1)]
    assert found == [
        "&lt;b&gt; <en> /docs", "&lt;b&gt; <en> /docs?lang=en", "&lt;b&gt; <fr> /docs?lang=fr", "&lt;b&gt; <en> /docs",
    ]  # fmt: skip
    assert rendered.asked == 4


async def test_what_failed_is_tried_again() -> None:
    rendered = Rendering()
    rendered.fails = True
    with pytest.raises(LookupError, match="no word"):
        await rendered()
    rendered.fails = False
    assert (await rendered(), rendered.asked) == ("&lt;b&gt; <en> /docs", 2)


async def test_a_reader_who_leaves_takes_nothing_from_the_others() -> None:
    rendered = Rendering()
    leaving = asyncio.create_task(rendered())
    await asyncio.sleep(0)
    leaving.cancel()
    assert (await rendered(), rendered.asked) == ("&lt;b&gt; <en> /docs", 1)


async def test_what_was_not_asked_for_longest_is_forgotten_first() -> None:
    rendered = Rendering(most=2)
    for made_of in (1, 2, 1, 3, 1, 2):
        await rendered(made_of=made_of)
    assert rendered.asked == 4, "2 was forgotten for 3, and 1 was not"
