"""age's text form of keys: round trip, and everything else refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signing.agekeys import format_identity, format_recipient, parse_identity, parse_recipient
from signing.errors import FormatError, KeyRefusedError
from signing.secretkeys import AgreementKey, SigningKey
from tests.fakes.refusals import refused

KEY = AgreementKey(bytes(range(1, 33)))


@given(st.binary(min_size=32, max_size=32))
def test_what_is_written_is_read(secret: bytes) -> None:
    key = AgreementKey(secret)
    assert parse_identity(format_identity(key)) == key
    assert parse_recipient(format_recipient(key.public)) == key.public


def test_the_forms_are_those_of_age() -> None:
    identity, recipient = format_identity(KEY), format_recipient(KEY.public)
    assert (identity[:16], len(identity)) == ("AGE-SECRET-KEY-1", 74)
    assert (recipient[:4], len(recipient)) == ("age1", 62)


def test_only_an_agreement_key_is_a_recipient() -> None:
    signing = SigningKey(bytes(32)).public
    with refused(KeyRefusedError, "wrong_purpose", "X25519", signing.kid):
        format_recipient(signing)


@given(st.integers(4, 61), st.sampled_from("qpzry9x8gf2tvdw0s3jn54khce6mua7l"))
def test_one_wrong_character_is_noticed(at: int, character: str) -> None:
    text = format_recipient(KEY.public)
    changed = text[:at] + character + text[at + 1 :]
    if changed != text:
        with pytest.raises(FormatError, match="checksum is wrong"):
            parse_recipient(changed)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "begin with age1"),
        (format_recipient(KEY.public).upper(), "begin with age1"),
        (format_identity(KEY), "begin with age1"),
        (format_recipient(KEY.public)[:-1], "wrong length"),
        (format_recipient(KEY.public)[:-1] + "b", "foreign character"),
        (format_recipient(KEY.public) + "q", "wrong length"),
    ],
)
def test_recipients_that_are_refused(text: str, says: str) -> None:
    with refused(FormatError, "bad_age_key", says):
        parse_recipient(text)


def test_an_identity_is_in_capitals_and_never_shown() -> None:
    text = format_identity(KEY)
    for wrong in (text.lower(), text[:-1] + "B", text[:-2]):
        with pytest.raises(FormatError) as caught:
            parse_identity(wrong)
        assert caught.value.code == "bad_age_key"
        assert text[20:40].lower() not in str(caught.value).lower()


def test_stray_bits_are_refused() -> None:
    from signing import agekeys

    values = [31] * 52
    checksum = agekeys._polymod([*agekeys._expanded("age"), *values, *[0] * 6]) ^ 1
    values += [checksum >> 5 * (5 - at) & 31 for at in range(6)]
    with refused(FormatError, "bad_age_key", "padding is not zero"):
        parse_recipient("age1" + "".join(agekeys._CHARACTERS[value] for value in values))
