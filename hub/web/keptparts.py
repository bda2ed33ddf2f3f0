"""Long parts of pages that are the same for every reader of a language: rendered once, in a thread, and kept.

What differs between readers (addresses in other languages, the time, the size of the log) stays in the page around.
"""

import asyncio
from collections.abc import Callable, Hashable, Mapping
from typing import Any

import aiohttp_jinja2
from aiohttp import web
from markupsafe import Markup

from hub.web.appkeys import LANGUAGE
from hub.web.rendering import spoken

__all__ = ["KEPT_PARTS", "KeptParts"]

_MOST = 48
"""Parts that are kept; the one that was not asked for longest goes first."""


class KeptParts:
    """Rendered parts, by template, language and what they are made of."""

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._parts: dict[Hashable, asyncio.Task[Markup]] = {}

    async def part(
        self, request: web.Request, template: str, made_of: Hashable, context: Callable[[], Mapping[str, Any]]
    ) -> Markup:
        """The part in the reader's language; it may not use ``this_page``, which is another for each reader.

        Args:
            request: of a page, its language chosen.
            template: the part's own template.
            made_of: equal for two requests only if the part is.
            context: what the template needs besides the language; called in a thread, if it has to be rendered.
        """
        choice = request[LANGUAGE]
        key = (template, choice.language.tag, choice.asked, made_of)
        task = self._parts.pop(key, None)
        if task is None or (task.done() and (task.cancelled() or task.exception() is not None)):
            named = spoken(request, choice)
            del named["this_page"], named["languages"]
            environment = aiohttp_jinja2.get_env(request.app)

            def rendered() -> Markup:
                return Markup(environment.get_template(template).render({**named, **context()}))  # noqa: S704 - escaped

            task = asyncio.create_task(asyncio.to_thread(rendered))
        self._parts[key] = task
        while len(self._parts) > self._most:
            del self._parts[next(iter(self._parts))]
        return await asyncio.shield(task)


KEPT_PARTS = web.AppKey("kept_parts", KeptParts)
