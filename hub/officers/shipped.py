"""Sets of criteria that come with the program, as bodies of references that officers may publish.

They lie in ``criteria/`` beside this file, one a file. Nothing is published by itself: officers read a set, and publish
it or one of their own.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from hub.errors import OfficerError
from signing.encoding import JSON, loads
from signing.errors import SigningError

__all__ = ["read_reference", "shipped"]

_DIRECTORY = Path(__file__).with_name("criteria")
_MOST_BYTES = 262_144


@cache
def shipped() -> Mapping[str, Path]:
    """The file of each set that comes with the program, by id."""
    return {path.stem: path for path in sorted(_DIRECTORY.glob("*.json"))}


def read_reference(name: str) -> Mapping[str, JSON]:
    """The body of a reference: of the shipped set ``name``, else of the file at that path.

    Not checked: whether it follows its schema; drafting does.

    Raises:
        OfficerError: ``bad_reference_file``.
    """
    path = shipped().get(name, Path(name))
    try:
        body = loads(path.read_bytes(), max_bytes=_MOST_BYTES)
    except OSError as error:
        known = ", ".join(shipped())
        message = f"The file can't be read ({error.strerror}); the sets that come with the program are {known}."
        raise OfficerError("bad_reference_file", message, name) from None
    except SigningError as error:
        raise OfficerError("bad_reference_file", f"The file is no JSON that can be signed: {error}", name) from None
    if not isinstance(body, dict):
        raise OfficerError("bad_reference_file", "The file holds no JSON object.", name)
    return body
