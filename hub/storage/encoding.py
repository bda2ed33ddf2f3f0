"""JSON as the tables hold it."""

import orjson

from signing.encoding import JSON

__all__ = ["decode_json", "encode_json"]


def encode_json(value: JSON) -> str:
    """Compact, names sorted, so that equal values are equal text."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def decode_json(text: str) -> JSON:
    """A value that stands in a table; what was not written by ``encode_json`` is not checked for."""
    return orjson.loads(text)
