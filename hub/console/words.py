"""A draft word for word, as lines of a table: every leaf of its body with the path that leads there."""

import json
from collections.abc import Iterator, Mapping

from providers.gateway.desk import printable
from signing.encoding import JSON

__all__ = ["leaves"]


def leaves(value: JSON, path: str = "") -> Iterator[tuple[str, str]]:
    """Path and text of every leaf, in the order of the payload; what is not plainly visible is written as an escape."""
    if isinstance(value, Mapping) and value:
        for name, member in value.items():
            yield from leaves(member, f"{path}.{name}" if path else name)
    elif isinstance(value, list) and value:
        for number, member in enumerate(value, 1):
            yield from leaves(member, f"{path}[{number}]")
    else:
        yield path, _text(value)


def _text(value: JSON) -> str:
    return printable(value) if isinstance(value, str) else json.dumps(value)
