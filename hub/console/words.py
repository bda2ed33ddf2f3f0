"""A draft word for word, as lines of a table: every leaf of its body with the path that leads there."""

import json
from collections.abc import Iterator

from providers.gateway import desk
from providers.printable import printable
from signing.encoding import JSON

__all__ = ["leaves"]


def leaves(value: JSON) -> Iterator[tuple[str, str]]:
    """Path and text of every leaf, in the order of the payload; what is not plainly visible is written as an escape."""
    return ((path, _text(leaf)) for path, leaf in desk.leaves(value))


def _text(value: JSON) -> str:
    return printable(value) if isinstance(value, str) else json.dumps(value)
