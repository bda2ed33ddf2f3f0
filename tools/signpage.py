"""The signing page: ``python -m tools.signpage [--check]`` puts ``hub/web/static/sign.html`` together.

One file with everything in it: template, style sheet, script and the texts of four languages from ``hub/desk``. Its
policy names the hashes of its one script and its one style sheet, so that nothing else in it can ever run. The same
sources give the same octets on every machine.
"""

import argparse
import base64
import hashlib
import json
import re
import sys
from pathlib import Path

from tools.signpagescript import bundle, read_modules

__all__ = ["LANGUAGES", "PAGE", "SOURCES", "assembled", "main", "texts"]

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "hub" / "desk"
PAGE = ROOT / "hub" / "web" / "static" / "sign.html"
LANGUAGES = ("en", "zh-Hans", "es", "fr")
_CATALOGUES = "modules/catalogues.js"
_POLICY = (
    "default-src 'none'",
    "script-src {script}",
    "style-src {style}",
    "connect-src https: http://127.0.0.1:* http://localhost:*",
    "img-src data:",
    "frame-src blob:",
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
)


def texts(language: str) -> dict[str, str]:
    """The texts of one language by key."""
    found: dict[str, str] = json.loads((SOURCES / "texts" / f"{language}.json").read_text(encoding="utf-8"))
    return found


def assembled() -> str:
    """The page as its sources make it."""
    script = bundle({**read_modules(SOURCES), _CATALOGUES: _catalogues()}, "modules/main.js")
    style = (SOURCES / "style.css").read_text(encoding="utf-8")
    policy = "; ".join(_POLICY).format(script=_source(script), style=_source(style))
    parts = {"policy": policy, "script": script, "style": style}
    template = (SOURCES / "template.html").read_text(encoding="utf-8")
    return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], template)


def main(arguments: list[str] | None = None) -> int:
    """Write the page, or check that it is current; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.signpage", description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--check", action="store_true", help="write nothing, fail when the page is not current")
    if parser.parse_args(arguments).check:
        current = PAGE.exists() and PAGE.read_text(encoding="utf-8") == assembled()
        if not current:
            sys.stderr.write(f"{PAGE.relative_to(ROOT)} is not current: run python -m tools.signpage\n")
        return 0 if current else 1
    PAGE.write_text(assembled(), encoding="utf-8", newline="\n")
    return 0


def _catalogues() -> str:
    catalogues = {language: texts(language) for language in LANGUAGES}
    return f"export const CATALOGUES = {json.dumps(catalogues, ensure_ascii=False, sort_keys=True, indent=0)};\n"


def _source(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


if __name__ == "__main__":
    sys.exit(main())
