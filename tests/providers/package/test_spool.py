"""Hashing beside the work gives the digest of what was written, in its order."""

import hashlib
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.package.spool import Hasher, Spool, side_thread


@given(st.lists(st.tuples(st.integers(0, 255), st.integers(0, 400_000)), max_size=12))
def test_the_digest_is_that_of_everything(pieces: list[tuple[int, int]]) -> None:
    target = io.BytesIO()
    with side_thread() as pool:
        digest = Hasher(pool)
        spool = Spool(target, digest)
        for value, size in pieces:
            spool.write(bytes([value]) * size)
        spool.finish()
        whole = b"".join(bytes([value]) * size for value, size in pieces)
        assert target.getvalue() == whole
        assert digest.size == len(whole)
        assert digest.hexdigest() == hashlib.sha256(whole).hexdigest()


def test_two_digests_share_the_thread() -> None:
    with side_thread() as pool:
        first, second = Hasher(pool), Hasher(pool)
        for _ in range(50):
            first.update(b"a")
            second.update(b"b")
        assert first.hexdigest() == hashlib.sha256(b"a" * 50).hexdigest()
        assert second.hexdigest() == hashlib.sha256(b"b" * 50).hexdigest()


def test_a_full_disk_is_not_kept_secret() -> None:
    class Full(io.RawIOBase):
        def write(self, _data: object, /) -> int:
            raise OSError(28, "No space left on device")

    with side_thread() as pool, pytest.raises(OSError, match="No space left"):
        Spool(Full(), Hasher(pool)).write(bytes(1 << 18))
