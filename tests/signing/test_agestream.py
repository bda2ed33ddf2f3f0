"""The chunks of an age file: their number, their order, their end."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signing.agestream import CHUNK, StreamReader, StreamWriter, aead_open, aead_seal, hkdf
from signing.errors import FormatError, SignatureError
from tests.fakes.refusals import refused

KEY = bytes(range(16))
SEALED = CHUNK + 16


def sealed(*pieces: bytes) -> bytes:
    out = io.BytesIO()
    writer = StreamWriter(out, KEY)
    for piece in pieces:
        assert writer.write(piece) == len(piece)
    writer.flush()
    writer.finish()
    return out.getvalue()


def opened(data: bytes) -> bytes:
    out = io.BytesIO()
    assert StreamReader(io.BytesIO(data), KEY).copy(out) == out.tell()
    return out.getvalue()


def test_hkdf_is_that_of_rfc_5869() -> None:
    # RFC 5869, appendix A.1 and A.3, the first 32 bytes of the output
    secret, salt, info = b"\x0b" * 22, bytes(range(13)), bytes(range(0xF0, 0xFA))
    assert hkdf(secret, salt, info).hex() == "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
    assert hkdf(secret, b"", b"").hex() == "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"


def test_one_seal_opens_with_its_key_alone() -> None:
    box = aead_seal(bytes(32), b"file key")
    assert aead_open(bytes(32), box) == b"file key"
    assert aead_open(b"\x01" * 32, box) is None
    assert aead_open(bytes(32), box[:-1]) is None
    assert aead_open(bytes(32), b"") is None


@given(st.lists(st.integers(0, 150_000), max_size=5))
def test_how_it_was_written_does_not_show(sizes: list[int]) -> None:
    pieces = [bytes([at]) * size for at, size in enumerate(sizes)]
    data = sealed(*pieces)
    assert opened(data) == b"".join(pieces)
    chunks = max(1, -(-sum(sizes) // CHUNK))
    assert len(data) == 16 + sum(sizes) + 16 * chunks


def test_nothing_can_be_added_to_a_finished_file() -> None:
    writer = StreamWriter(io.BytesIO(), KEY)
    writer.finish()
    with refused(FormatError, "age_finished", "nothing can be added"):
        writer.write(b"more")


def test_progress_is_told() -> None:
    told: list[int] = []
    StreamReader(io.BytesIO(sealed(bytes(CHUNK + 1))), KEY).copy(io.BytesIO(), told.append)
    assert told == [CHUNK, CHUNK + 1]


class Dripping(io.BytesIO):
    """A source like a pipe: it gives less than was asked for."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(min(1_000, size or 0))


def test_a_slow_source_is_read_to_its_end() -> None:
    out = io.BytesIO()
    StreamReader(Dripping(sealed(bytes(200_000))), KEY).copy(out)
    assert out.getvalue() == bytes(200_000)


FULL = sealed(bytes(2 * CHUNK))
FIRST, SECOND = FULL[16 : 16 + SEALED], FULL[16 + SEALED :]


@pytest.mark.parametrize(
    ("data", "code", "says", "where"),
    [
        (FULL[:15], "age_truncated", "before its payload", ""),
        (FULL[:16], "age_truncated", "within a chunk", "chunk 0"),
        (FULL[:20], "age_truncated", "within a chunk", "chunk 0"),
        (FULL[: 16 + SEALED], "age_truncated", "before its final chunk", "chunk 0"),
        (FULL[: 16 + SEALED + 15], "age_truncated", "within a chunk", "chunk 1"),
        (FULL + b"x", "age_extended", "follow the final chunk", "chunk 1"),
        (FULL + FULL, "age_extended", "follow the final chunk", "chunk 1"),
    ],
    ids=["no payload", "payload key", "cut tag", "no final chunk", "cut final tag", "one byte more", "twice"],
)
def test_an_end_that_is_not_the_end(data: bytes, code: str, says: str, where: str) -> None:
    with refused(FormatError, code, says, where):
        opened(data)


@pytest.mark.parametrize(
    ("data", "where"),
    [
        (FULL[:16] + SECOND, "chunk 0"),
        (FULL[:16] + SECOND + FIRST, "chunk 0"),
        (FULL[:16] + FIRST + FIRST, "chunk 1"),
        (FULL[:-1], "chunk 1"),
        (b"\x00" * 16 + FIRST + SECOND, "chunk 0"),
    ],
    ids=["first missing", "exchanged", "doubled", "cut", "other nonce"],
)
def test_chunks_that_are_not_in_their_place(data: bytes, where: str) -> None:
    with refused(SignatureError, "age_chunk_forged", "changed, cut or exchanged", where):
        opened(data)


def test_an_empty_last_chunk_is_for_an_empty_file_alone() -> None:
    out = io.BytesIO()
    writer = StreamWriter(out, KEY)
    writer._emit(bytes(CHUNK), last=False)
    writer.finish()
    with refused(FormatError, "age_empty_chunk", "last chunk of the age file is empty"):
        opened(out.getvalue())
    assert opened(sealed()) == b""
