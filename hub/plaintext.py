"""Characters that are refused in what strangers send: control characters in names, NUL in texts.

JSON and addresses can carry every character, and PostgreSQL can't store NUL. Other control characters may stand in a
text: people paste them, and whoever shows a text makes them visible. Names and texts of statements are bounded by their
schemas; this is for what has none. Letters that only look like others, or like nothing, are not looked for.
"""

import re

__all__ = ["has_controls", "is_storable"]

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def has_controls(name: str) -> bool:
    """Whether there is any control character, line breaks among them."""
    return _CONTROLS.search(name) is not None


def is_storable(text: str) -> bool:
    """Whether every database can keep a text: it has no NUL."""
    return "\x00" not in text
