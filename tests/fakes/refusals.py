"""Reading a refusal: its kind, its code, its sentence and its place."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from signing.errors import SigningError

__all__ = ["refused"]


@contextmanager
def refused(kind: type[SigningError], code: str, says: str, where: str = "") -> Iterator[None]:
    """The block raises exactly this refusal; ``says`` is part of its sentence."""
    with pytest.raises(SigningError) as caught:
        yield
    error = caught.value
    assert type(error) is kind, f"{type(error).__name__}: {error}"
    assert (error.code, error.where) == (code, where), error
    assert says in error.message
    assert str(error) == (f"{error.message} ({where})" if where else error.message)
