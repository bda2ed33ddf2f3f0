"""Keeps the catalogues of the pages' languages in step with the texts: ``python -m tools.messages [--check]``.

Texts are taken from the templates and modules of ``hub/web`` and from the names of codes; those of the console, which
has fewer languages, have a catalogue of their own. Each catalogue gets what it
lacks, untranslated; what is no longer used goes. ``--check`` writes nothing and names the catalogues that would change.
A test holds that nothing is left untranslated.
"""

import argparse
import io
import sys
from functools import cache
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from hub.web.languages import CONSOLE, DEFAULT, LOCALES, TAGS
from hub.web.wording import messages

__all__ = ["LOCALES", "catalogues", "extracted", "file_of", "main", "read", "stale", "updated"]

WEB = Path(__file__).resolve().parent.parent / "hub" / "web"
_METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2.ext.babel_extract"), ("**.html", "ignore")]
_OPTIONS = {"**/templates/**.html": {"newstyle_gettext": "true", "trimmed": "true", "silent": "false"}}
_CONSOLE = "templates/console/"
_HEADER = """# The texts of the hub's pages. Kept in step with them by python -m tools.messages."""


def extracted(name: str = "hub") -> Catalog:
    """Every text of a catalogue, in a fixed order and without places, which change with every edit."""
    found = Catalog()
    for place, _, message, comments, context in _texts():
        if place.startswith(_CONSOLE) == (name == "console"):
            found.add(message, None, [], auto_comments=[*comments, place] if comments else [place], context=context)
    for context, message in messages() if name == "hub" else ():
        found.add(message, None, [], context=context)
    return found


@cache
def _texts() -> list[tuple[Any, ...]]:
    """Place, line, message, comments and context of every text, in order; read once, for every catalogue."""
    texts = extract_from_dir(WEB, _METHODS, _OPTIONS, comment_tags=("NOTE:",))
    return sorted(texts, key=lambda one: (one[0], one[1]))


def file_of(tag: str, name: str = "hub") -> Path:
    """A catalogue of a language."""
    return LOCALES / tag / "LC_MESSAGES" / f"{name}.po"


def read(tag: str, name: str = "hub") -> Catalog:
    """A catalogue of a language as it stands; empty if there is none yet."""
    path, locale = file_of(tag, name), tag.replace("-", "_")
    if not path.exists():
        return Catalog(locale=locale)
    return read_po(io.BytesIO(path.read_bytes()), locale=locale, abort_invalid=True)


def updated(tag: str, name: str = "hub") -> bytes:
    """What a catalogue of a language must be: every text, with the translations it has; nothing is guessed."""
    old = read(tag, name)
    new = Catalog(locale=tag.replace("-", "_"), header_comment=_HEADER, fuzzy=False)
    for message in extracted(name):
        if message.id:
            kept = old.get(message.id, message.context)
            string, flags = (kept.string, kept.flags) if kept is not None and kept.id == message.id else (None, set())
            notes, context = message.auto_comments, message.context
            new.add(message.id, string, [], flags=flags, auto_comments=notes, context=context)
    text = io.BytesIO()
    write_po(text, new, width=0, omit_header=True)
    return _head(new).encode() + text.getvalue()


def _head(catalog: Catalog) -> str:
    """The entry that gettext reads for the character set and the plural forms; no dates and no names."""
    lines = (
        "Content-Type: text/plain; charset=utf-8",
        f"Language: {catalog.locale}",
        f"Plural-Forms: {catalog.plural_forms}",
    )
    return f'{_HEADER}\nmsgid ""\nmsgstr ""\n' + "".join(f'"{line}\\n"\n' for line in lines) + "\n"


def catalogues() -> list[tuple[str, str]]:
    """Tag and name of every catalogue that there must be."""
    return [(tag, "hub") for tag in TAGS if tag != DEFAULT] + [(tag, "console") for tag in CONSOLE if tag != DEFAULT]


def stale() -> list[tuple[str, str]]:
    """Tags and names of the catalogues that are not in step."""
    return [one for one in catalogues() if not file_of(*one).exists() or file_of(*one).read_bytes() != updated(*one)]


def main(arguments: list[str] | None = None) -> int:
    """Bring the catalogues in step, or check them; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.messages", description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--check", action="store_true", help="write nothing, fail when a catalogue is not in step")
    check, old = parser.parse_args(arguments).check, stale()
    for tag, name in old:
        if check:
            sys.stderr.write(f"{tag}/{name} is not in step with the pages: run python -m tools.messages\n")
        else:
            text = updated(tag, name)
            file_of(tag, name).parent.mkdir(parents=True, exist_ok=True)
            file_of(tag, name).write_bytes(text)
    return 1 if check and old else 0


if __name__ == "__main__":
    sys.exit(main())
