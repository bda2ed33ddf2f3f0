"""Builds ``hub/web/static/trust-mark.js``, the one file that other sites embed.

The sources (``checking.js``, what is checked, and ``widget.js``, how it is shown) get the words, the look, and
noble-ed25519 without its comments, all in one file, so that one hash speaks for everything that runs on somebody else's
page. ``python -m hub.trustmark.script`` prints it; no tool of the JavaScript world is needed, and a test holds that the
file is what its sources give.
"""

import base64
import hashlib
import json
import re
import sys
from pathlib import Path

from hub.trustmark.look import LOOK_FILE, WORDS_FILE

__all__ = ["BUILT", "build", "integrity", "without_comments"]

_HERE = Path(__file__).parent
BUILT = _HERE.parent / "web/static/trust-mark.js"
_SOURCES = (_HERE / "checking.js", _HERE / "widget.js")
_NOBLE = _HERE.parent / "desk/vendor/noble-ed25519-3.2.0.js"
_EXPORT = re.compile(r"^export \{[^}]*\};\n?", re.MULTILINE)


def build() -> str:
    """The text of the script; the same sources give the same octets."""
    library, exports = _EXPORT.subn("", without_comments(_NOBLE.read_text(encoding="utf-8")))
    if exports != 1:
        raise ValueError(f"{_NOBLE.name} has {exports} lists of exports, not one.")
    return (
        "".join(source.read_text(encoding="utf-8") for source in _SOURCES)
        .replace("__WORDS__", _compact(WORDS_FILE))
        .replace("__LOOK__", _compact(LOOK_FILE))
        .replace("__NOBLE__\n", library)
    )


def without_comments(source: str) -> str:
    """JavaScript without the comments that fill whole lines, but for licences (``/*!``); no other line changes.

    Only for sources in which no text spans lines, as those have that a compiler printed.
    """
    kept, inside = [], False
    for line in source.splitlines(keepends=True):
        text = line.strip()
        begins = text.startswith("/*") and not text.startswith("/*!")
        if begins and "*/" in text and not text.endswith("*/"):
            raise ValueError(f"Code follows a comment: {text[:60]}")
        if not (inside or begins or text.startswith("//") or not text):
            kept.append(line)
        inside = (inside or begins) and "*/" not in text
    return "".join(kept)


def integrity(script: bytes) -> str:
    """The value of an ``integrity`` attribute (SHA-384, W3C Subresource Integrity)."""
    return f"sha384-{base64.b64encode(hashlib.sha384(script).digest()).decode()}"


def _compact(path: Path) -> str:
    return json.dumps(json.loads(path.read_text(encoding="utf-8")), ensure_ascii=False, separators=(",", ":"))


if __name__ == "__main__":
    sys.stdout.write(build())
