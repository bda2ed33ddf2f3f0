"""Control characters in what strangers send: no name has any, a text only those that lay out its lines.

JSON and addresses can carry every character, PostgreSQL can't store all of them (NUL), and a terminal or a page that
shows them may do something else than show them. Names and texts of statements are bounded by their schemas; this is
for what has none. Letters that only look like others, or like nothing, are not looked for.
"""

import re

__all__ = ["has_controls", "is_plain_text"]

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_NO_LAYOUT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def has_controls(name: str) -> bool:
    """Whether there is any control character, line breaks among them."""
    return _CONTROLS.search(name) is not None


def is_plain_text(text: str) -> bool:
    """Whether a text has no control characters but tabs and line breaks."""
    return _NO_LAYOUT.search(text) is None
