"""Strict ``multipart/form-data`` (RFC 7578) of a body that is already in memory.

Signed requests are digested as a whole before anything is read from them, so the body is at hand as
bytes. Accepted is exactly what the hub asks for: no preamble, no epilogue, CRLF line ends, each part
with one ``Content-Disposition: form-data; name="…"`` and no content transfer encoding, each name once.
"""

import re

from hub.errors import RequestError

__all__ = ["boundary_of", "parse_form"]

_BOUNDARY = re.compile(
    r"""multipart/form-data\s*;\s*boundary=("?)([0-9A-Za-z'()+_,\-./:=?]{1,70})\1\s*""", re.IGNORECASE
)
_DISPOSITION = re.compile(rb'form-data\s*;\s*name="([a-z]{1,32})"(?:\s*;\s*filename="[^"\r\n]*")?', re.IGNORECASE)


def boundary_of(content_type: str) -> bytes:
    """The boundary that a ``Content-Type`` names.

    Raises:
        RequestError: bad_multipart.
    """
    match = _BOUNDARY.fullmatch(content_type.strip())
    if match is None:
        raise RequestError("bad_multipart", "Expected multipart/form-data with a boundary and nothing else.")
    return match[2].encode("ascii")


def parse_form(body: bytes, boundary: bytes, names: frozenset[str]) -> dict[str, bytes]:
    """The parts of ``body`` by name; a part that is not in ``names`` or comes twice is refused.

    Raises:
        RequestError: bad_multipart.
    """
    delimiter = b"--" + boundary
    if not body.startswith(delimiter + b"\r\n") or not body.rstrip(b"\r\n").endswith(b"\r\n" + delimiter + b"--"):
        raise RequestError("bad_multipart", "The body does not start and end with its boundary.")
    inner = body[len(delimiter) : body.rindex(b"\r\n" + delimiter + b"--")]
    parts: dict[str, bytes] = {}
    for section in inner.split(b"\r\n" + delimiter):
        name, content = _part(section)
        if name not in names or name in parts:
            raise RequestError("bad_multipart", f"The part {name!r} is not expected here, or comes twice.", name)
        parts[name] = content
    return parts


def _part(section: bytes) -> tuple[str, bytes]:
    head, blank, content = section.partition(b"\r\n\r\n")
    if not blank or not head.startswith(b"\r\n"):
        raise RequestError("bad_multipart", "A part has no head of its own.")
    name = None
    for line in head[2:].split(b"\r\n"):
        field, _, value = line.partition(b":")
        match field.strip().lower():
            case b"content-disposition" if (match := _DISPOSITION.fullmatch(value.strip())) and name is None:
                name = match[1].decode("ascii").lower()
            case b"content-type" | b"content-length":
                continue
            case _:
                shown = field.decode("ascii", "replace")[:40]
                raise RequestError("bad_multipart", f"The part's header {shown!r} is not accepted here.")
    if name is None:
        raise RequestError("bad_multipart", "A part has no name.")
    return name, content
