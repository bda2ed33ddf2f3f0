"""age files: what is encrypted is decrypted, and nothing else is: headers, keys, every changed bit."""

import base64
import io
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signing.agefile import (
    MAX_HEADER,
    MAX_STANZAS,
    Stanza,
    age_writer,
    decrypt,
    encrypt,
    format_header,
    open_age,
    parse_header,
    read_header,
)
from signing.errors import FormatError, KeyRefusedError, SignatureError, SigningError
from signing.keys import PublicKey
from signing.secretkeys import AgreementKey, SigningKey
from tests.fakes.refusals import refused

KEYS = [AgreementKey(bytes([number]) * 32) for number in (1, 2, 3)]
STRANGER = AgreementKey(bytes([9]) * 32)
FILE_KEY = bytes(range(16))
MAGIC = b"age-encryption.org/v1\n"
GREASE = Stanza(("odd-grease", "!~", "x"), b"anything")
ARGUMENTS = st.lists(
    st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=20), min_size=1, max_size=4
)
STANZAS = st.builds(lambda words, body: Stanza(tuple(words), body), ARGUMENTS, st.binary(max_size=200))


def sealed(plaintext: bytes, keys: Iterable[AgreementKey] = KEYS) -> bytes:
    out = io.BytesIO()
    encrypt(io.BytesIO(plaintext), out, [key.public for key in keys])
    return out.getvalue()


def opened(data: bytes, key: AgreementKey = KEYS[0]) -> bytes:
    out = io.BytesIO()
    assert decrypt(io.BytesIO(data), out, key) == len(out.getvalue())
    return out.getvalue()


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 65_537, 131_072, 200_000])
def test_each_of_three_recipients_reads_it(size: int) -> None:
    plaintext = bytes(at * 31 % 251 for at in range(size))
    data = sealed(plaintext)
    for key in KEYS:
        assert opened(data, key) == plaintext
    with refused(KeyRefusedError, "no_matching_key", "not for this key", STRANGER.kid):
        opened(data, STRANGER)


def test_two_files_of_the_same_content_have_nothing_in_common() -> None:
    first, second = (sealed(b"the same", KEYS[:1]) for _ in range(2))
    assert first[len(MAGIC) + 10 :][:30] != second[len(MAGIC) + 10 :][:30]
    assert first[-24:] != second[-24:]


@pytest.mark.parametrize(
    ("keys", "code", "says"),
    [
        ([], "no_recipient", "at least one"),
        ([KEYS[0].public] * 2, "duplicate_recipient", "named twice"),
        ([SigningKey(bytes(32)).public], "wrong_purpose", "X25519"),
        ([AgreementKey(bytes([n + 1]) * 32).public for n in range(21)], "too_many_recipients", "at most 20"),
    ],
)
def test_recipients_that_are_refused(keys: list[PublicKey], code: str, says: str) -> None:
    out = io.BytesIO()
    with pytest.raises(KeyRefusedError, match=says) as caught:
        age_writer(out, keys)
    assert caught.value.code == code


def test_twenty_recipients_are_not_too_many() -> None:
    keys = [AgreementKey(bytes([number + 1]) * 32) for number in range(MAX_STANZAS)]
    assert opened(sealed(b"for many", keys), keys[-1]) == b"for many"


# The header


@given(st.lists(STANZAS, min_size=1, max_size=MAX_STANZAS), st.binary(min_size=16, max_size=16))
def test_a_header_is_read_as_it_was_written(stanzas: list[Stanza], file_key: bytes) -> None:
    data = format_header(stanzas, file_key)
    parsed = parse_header(data)
    assert parsed.stanzas == tuple(stanzas)
    assert data == parsed.signed + b" " + base64.b64encode(parsed.mac).rstrip(b"=") + b"\n"
    source = io.BytesIO(data + b"payload")
    assert read_header(source) == parsed
    assert source.read() == b"payload"


@given(st.binary(max_size=300))
def test_any_bytes_are_refused_in_an_orderly_way(tail: bytes) -> None:
    for data in (tail, MAGIC + tail):
        with pytest.raises(FormatError):
            parse_header(data)
        with pytest.raises(FormatError):
            read_header(io.BytesIO(data))


@given(st.lists(STANZAS, min_size=1, max_size=4), st.data())
def test_what_the_parser_accepts_is_what_the_writer_writes(stanzas: list[Stanza], data: st.DataObject) -> None:
    header = bytearray(format_header(stanzas, FILE_KEY))
    at = data.draw(st.integers(0, len(header) - 1))
    header[at] = data.draw(st.integers(0, 255))
    try:
        parsed = parse_header(bytes(header))
    except FormatError:
        return
    again = format_header(parsed.stanzas, FILE_KEY)
    assert again.rpartition(b"--- ")[0] == bytes(header).rpartition(b"--- ")[0]


def with_line(number: int, line: bytes) -> bytes:
    """A good header with one line (from 1) exchanged."""
    lines = format_header([GREASE, Stanza(("X25519", "a"), bytes(48))], FILE_KEY).split(b"\n")
    lines[number - 1] = line
    return b"\n".join(lines)


@pytest.mark.parametrize(
    ("data", "code", "says", "where"),
    [
        (b"", "not_an_age_file", "binary age file", ""),
        (b"-----BEGIN AGE ENCRYPTED FILE-----\n", "not_an_age_file", "binary age file", ""),
        (b"age-encryption.org/v2\n-> X25519 a\n", "not_an_age_file", "version 1", ""),
        (MAGIC.replace(b"\n", b"\r\n"), "not_an_age_file", "version 1", ""),
        (MAGIC, "age_truncated", "within its header", "line 2"),
        (MAGIC + b"-> X25519 a\n", "age_truncated", "within its header", "line 3"),
        (MAGIC + b"-> X25519 a\nAAAA", "age_truncated", "within its header", "line 3"),
        (MAGIC + b"--- " + b"A" * 43 + b"\n", "bad_age_header", "MAC alone", "line 2"),
        (with_line(2, b"->"), "bad_age_header", "Expected a stanza", "line 2"),
        (with_line(2, b"-> "), "bad_age_header", "Expected a stanza", "line 2"),
        (with_line(2, b"-> a  b"), "bad_age_header", "Expected a stanza", "line 2"),
        (with_line(2, b"-> a "), "bad_age_header", "Expected a stanza", "line 2"),
        (with_line(2, "-> é".encode()), "bad_age_header", "Expected a stanza", "line 2"),
        (with_line(2, b"-> a\r"), "bad_age_header", "Expected a stanza", "line 2"),
        (with_line(2, b"=> a"), "bad_age_header", "Expected a stanza", "line 2"),
        (with_line(3, b"AAAAAAA="), "bad_age_header", "padded or not canonical", "line 3"),
        (with_line(3, b"AAB"), "bad_age_header", "not canonical", "line 3"),
        (with_line(3, b"AAA A"), "bad_age_header", "not base64", "line 3"),
        (with_line(3, b"A_-A"), "bad_age_header", "not base64", "line 3"),
        (with_line(3, b"A" * 65), "bad_age_header", "More than 64", "line 3"),
        (with_line(5, b"A" * 60), "bad_age_header", "Expected a stanza", "line 6"),
        (with_line(7, b"---"), "bad_age_header", "MAC alone", "line 7"),
        (with_line(7, b"---  " + b"A" * 43), "bad_age_header", "not base64", "line 7"),
        (with_line(7, b"--- " + b"A" * 40), "bad_age_header", "MAC has 32 bytes", "line 7"),
        (with_line(7, b"--- " + b"A" * 43 + b"\nmore"), "bad_age_header", "MAC alone", "line 7"),
    ],
    ids=lambda value: value[-20:] if isinstance(value, bytes) else None,
)
def test_headers_that_are_refused(data: bytes, code: str, says: str, where: str) -> None:
    with refused(FormatError, code, says, where):
        parse_header(data)


def test_a_header_of_too_many_stanzas_or_bytes_is_refused() -> None:
    with refused(FormatError, "bad_age_header", "More than 20 stanzas", "line 42"):
        parse_header(format_header([GREASE] * (MAX_STANZAS + 1), FILE_KEY))
    large = format_header([Stanza(("odd",), bytes(MAX_HEADER))], FILE_KEY)
    with refused(FormatError, "bad_age_header", f"longer than {MAX_HEADER}"):
        parse_header(large)
    source = io.BytesIO(large)
    with refused(FormatError, "bad_age_header", f"longer than {MAX_HEADER}"):
        read_header(source)
    assert source.tell() <= MAX_HEADER + 1, "reading stops at the bound"
    endless = io.BytesIO(MAGIC + b"-> " + b"x" * 100_000)
    with refused(FormatError, "bad_age_header", "longer than"):
        read_header(endless)
    assert endless.tell() <= MAX_HEADER + 1


# Stanzas and the file key


def rebuilt(stanzas: list[Stanza]) -> bytes:
    return format_header(stanzas, FILE_KEY) + bytes(16 + 16)


def test_stanzas_of_unknown_types_are_skipped() -> None:
    data = sealed(b"text", KEYS[:1])
    parsed = parse_header(data[: data.index(b"\n--- ") + 49])
    assert [one.arguments[0] for one in parsed.stanzas] == ["X25519"]
    with refused(KeyRefusedError, "no_matching_key", "not for this key", KEYS[0].kid):
        opened(rebuilt([GREASE, Stanza(("x25519", "a"), b"")]))


SHARE = base64.b64encode(KEYS[1].public.x).rstrip(b"=").decode()


@pytest.mark.parametrize(
    ("stanza", "says"),
    [
        (Stanza(("X25519",), bytes(32)), "one argument and a body of 32"),
        (Stanza(("X25519", SHARE, "more"), bytes(32)), "one argument and a body of 32"),
        (Stanza(("X25519", SHARE), bytes(31)), "one argument and a body of 32"),
        (Stanza(("X25519", SHARE), bytes(33)), "one argument and a body of 32"),
        (Stanza(("X25519", SHARE[:-2]), bytes(32)), "not base64"),
        (Stanza(("X25519", SHARE + "="), bytes(32)), "padded or not canonical"),
        (Stanza(("X25519", "A" * 40), bytes(32)), "ephemeral share has 32 bytes"),
        (Stanza(("scrypt", "salt", "18"), bytes(32)), "locked with a passphrase"),
    ],
)
def test_stanzas_that_are_refused(stanza: Stanza, says: str) -> None:
    with refused(FormatError, "bad_age_header", says):
        opened(rebuilt([GREASE, stanza]))


@pytest.mark.parametrize("point", [bytes(32), b"\x01" + bytes(31), (2**255 - 19).to_bytes(32, "little")])
def test_a_share_of_small_order_is_refused(point: bytes) -> None:
    share = base64.b64encode(point).rstrip(b"=").decode()
    with refused(KeyRefusedError, "small_order_key", "shared secret is zero"):
        opened(rebuilt([Stanza(("X25519", share), bytes(32))]))


def test_recipients_cannot_be_added_or_removed() -> None:
    data = sealed(b"text")
    end = data.index(b"\n--- ")
    parsed = parse_header(data[: end + 49])
    for stanzas in (parsed.stanzas[:2], (*parsed.stanzas, GREASE), parsed.stanzas[::-1]):
        forged = format_header(stanzas, FILE_KEY).rpartition(b"\n--- ")[0] + data[end:]
        with refused(SignatureError, "age_header_forged", "header of the age file was changed"):
            opened(forged)


def test_the_payload_is_not_read_before_the_header_is_authentic() -> None:
    data = sealed(b"text")
    end = data.index(b"\n--- ") + 5
    forged = io.BytesIO(data[:end] + b"A" * 43 + data[end + 43 :])
    with refused(SignatureError, "age_header_forged", "was changed"):
        open_age(forged, KEYS[0])
    assert forged.tell() == end + 44


# Every bit counts


SMALL = sealed(b"a short text")
LARGE = sealed(bytes(70_000), KEYS[:1])


@given(st.sampled_from([SMALL, LARGE]), st.data())
def test_a_flipped_bit_is_always_noticed(data: bytes, draw: st.DataObject) -> None:
    at = draw.draw(st.integers(0, len(data) - 1))
    changed = bytearray(data)
    changed[at] ^= 1 << draw.draw(st.integers(0, 7))
    with pytest.raises(SigningError):
        opened(bytes(changed))


@given(st.sampled_from([SMALL, LARGE]), st.data())
def test_a_file_cut_anywhere_is_always_noticed(data: bytes, draw: st.DataObject) -> None:
    with pytest.raises(SigningError):
        opened(data[: draw.draw(st.integers(0, len(data) - 1))])


@given(st.sampled_from([SMALL, LARGE]), st.binary(min_size=1, max_size=100_000))
def test_data_added_at_the_end_are_always_noticed(data: bytes, tail: bytes) -> None:
    with pytest.raises(SigningError):
        opened(data + tail)
