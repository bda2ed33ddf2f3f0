"""Strict JSON, its canonical form, and base64url: the encodings of PROTOCOL §1.

One byte string has one meaning and one meaning has one byte string: names are unique and ASCII, numbers are integers
within ±(2^53-1), text is Unicode without lone surrogates, base64url has no padding and no stray bits.
"""

import hashlib
import json
import re
from binascii import a2b_base64, b2a_base64
from collections import Counter
from itertools import accumulate
from typing import Any, NoReturn, TypeAlias

from .errors import FormatError

JSON: TypeAlias = Any  # dict, list, str, int, bool or None; schemas give it its type

MAX_INTEGER = 2**53 - 1
_TO_URL, _FROM_URL = bytes.maketrans(b"+/", b"-_"), bytes.maketrans(b"-_", b"+/")
_BRACKETS = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[{\]}]', re.DOTALL)  # an open string runs to the end: linear


def sha256_hex(data: bytes) -> str:
    """SHA-256 as 64 lowercase hex digits."""
    return hashlib.sha256(data).hexdigest()


def is_hex_digest(value: object) -> bool:
    """Whether ``value`` is text of exactly 64 lowercase hex digits."""
    return isinstance(value, str) and re.fullmatch("[0-9a-f]{64}", value) is not None


def b64u_encode(data: bytes) -> str:
    """base64url without padding (RFC 4648 §5)."""
    return b2a_base64(data, newline=False).rstrip(b"=").translate(_TO_URL).decode("ascii")


def b64u_decode(text: object, length: int | None = None, where: str = "") -> bytes:
    """Decode canonical base64url without padding; ``length`` (bytes) is checked when given."""
    if not isinstance(text, str):
        raise FormatError("bad_base64url", "Expected base64url text.", where)
    try:
        data = a2b_base64(text.encode("ascii").translate(_FROM_URL) + b"=" * (-len(text) % 4), strict_mode=True)
    except ValueError:
        raise FormatError("bad_base64url", "This is not base64url.", where) from None
    if b64u_encode(data) != text:
        raise FormatError("bad_base64url", "This base64url is padded or not canonical.", where)
    if length is not None and len(data) != length:
        raise FormatError("bad_length", f"Expected {length} bytes, found {len(data)}.", where)
    return data


def canonical(value: JSON) -> bytes:
    """RFC 8785 form of a float-free value with ASCII names, as UTF-8 (keys sorted, no white space)."""
    try:
        return _ENCODER.encode(value).encode("utf-8")
    except UnicodeEncodeError:
        raise FormatError("bad_text", "Text contains half a surrogate pair.") from None


def loads(data: bytes, *, max_bytes: int = 262_144, max_depth: int = 32) -> JSON:
    """Parse strict JSON.

    Checks size and depth before decoding, then UTF-8 without a byte order mark, unique ASCII names,
    no floats, integer range, no lone surrogates. Does not check any schema.

    Raises:
        FormatError: with a code that names the rule.
    """
    if len(data) > max_bytes:
        raise FormatError("too_large", f"The document has {len(data)} bytes; at most {max_bytes} are accepted.")
    if data.count(b"[") + data.count(b"{") > max_depth and _depth(data) > max_depth:  # the first is fast and enough
        raise FormatError("too_deep", f"The document is nested deeper than {max_depth} levels.")
    try:
        value = _DECODER.decode(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise FormatError("not_utf8", f"The document is not UTF-8 at byte {error.start}.") from None
    except json.JSONDecodeError as error:
        raise FormatError("not_json", f"{error.msg}: line {error.lineno}, column {error.colno}.") from None
    if b"\\u" in data:
        canonical(value)  # only an escape can smuggle in a lone surrogate
    return value


def loads_canonical(data: bytes, *, max_bytes: int = 262_144) -> dict[str, JSON]:
    """Parse a JSON object that must already be in canonical form."""
    value = loads(data, max_bytes=max_bytes)
    if not isinstance(value, dict):
        raise FormatError("not_an_object", "Expected a JSON object.")
    if canonical(value) != data:
        raise FormatError("not_canonical", "The document is not in canonical form (RFC 8785).")
    return value


def _depth(data: bytes) -> int:
    steps = (1 if token in b"[{" else -1 for token in _BRACKETS.findall(data) if token[:1] != b'"')
    return max(accumulate(steps), default=0)


def _unique(pairs: list[tuple[str, JSON]]) -> dict[str, JSON]:
    members = dict(pairs)
    if len(members) != len(pairs):
        twice, _ = Counter(name for name, _ in pairs).most_common(1)[0]
        raise FormatError("duplicate_name", f"The name {twice!r} appears twice in one object.")
    if not "".join(members).isascii():
        raise FormatError("name_not_ascii", f"The name {next(n for n in members if not n.isascii())!r} is not ASCII.")
    return members


def _integer(digits: str) -> int:
    value = int(digits) if len(digits) < 18 else MAX_INTEGER + 1
    if abs(value) > MAX_INTEGER or digits == "-0":
        raise FormatError("bad_number", f"The number {digits[:20]} is outside ±(2^53-1).")
    return value


def _refuse(digits: str) -> NoReturn:
    raise FormatError("bad_number", f"The number {digits[:20]} is not an integer.")


_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
_DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_int=_integer, parse_float=_refuse, parse_constant=_refuse)
