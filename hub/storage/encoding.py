"""JSON as the tables hold it."""

import orjson

from signing.encoding import JSON

__all__ = ["encode_json"]


def encode_json(value: JSON) -> str:
    """Compact, names sorted, so that equal values are equal text."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
