"""Strict JSON, its canonical form and base64url: one meaning, one byte string."""

import json
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from signing.encoding import (
    b64u_decode,
    b64u_encode,
    canonical,
    is_hex_digest,
    loads,
    loads_canonical,
    sha256_hex,
)
from signing.errors import FormatError
from tests.fakes.refusals import refused

LIMIT = 2**53 - 1
SIZE = 262_144
TEXT = st.text(st.characters(exclude_categories=["Cs"]))
NAMES = st.text(st.characters(max_codepoint=127))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-LIMIT, LIMIT) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_reading_the_canonical_form_gives_the_value_back(value: Any) -> None:
    assert loads(canonical(value)) == value


@given(VALUES)
def test_the_canonical_form_is_that_of_another_implementation(value: Any) -> None:
    assert canonical(value) == rfc8785.dumps(value)


@given(st.dictionaries(NAMES, VALUES, max_size=4))
def test_a_canonical_object_is_read_as_such(value: dict[str, Any]) -> None:
    assert loads_canonical(canonical(value)) == value


@given(st.binary(max_size=60) | st.text('{}[]",:\\u0aedD8 -1.tn').map(str.encode))
def test_bytes_are_read_or_refused_in_words_and_never_otherwise(data: bytes) -> None:
    try:
        value = loads(data)
    except FormatError as error:
        assert error.message.endswith(".")  # noqa: PT017 - either outcome is fine, silence is not
    else:
        assert loads(canonical(value)) == value


def test_the_string_of_rfc_8785_is_escaped_as_the_rfc_shows() -> None:
    value = loads(rb'{"string": "\u20ac$\u000F\u000aA' + rb"'" + rb'\u0042\u0022\u005c\\\"\/"}')
    assert canonical(value) == '{"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'.encode()


def test_names_are_sorted_and_white_space_is_gone() -> None:
    assert canonical(loads(b' {"b": [1, true,\n null], "a" : "\\t"} ')) == b'{"a":"\\t","b":[1,true,null]}'


# --- what is not JSON ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "Expecting value: line 1, column 1"),
        (b"{", "Expecting property name"),
        (b"[1,]", ""),
        (b"1 2", "Extra data"),
        (b"\xef\xbb\xbf{}", "line 1, column 1"),
        (b'"a\nb"', "control character"),
        (b'"\\x41"', "escape"),
        (b'"\\u12"', "escape"),
        (b'"open', "Unterminated string"),
        (b"{'a':1}", "property name"),
        (b"nul", "Expecting value"),
        (b"01", "Extra data"),
        (b"+1", "Expecting value"),
        (b"]" * 100 + b"[" * 100, "Expecting value"),
    ],
)
def test_what_is_not_json_is_refused(data: bytes, says: str) -> None:
    with refused(FormatError, "not_json", says):
        loads(data)


@pytest.mark.parametrize(
    ("data", "at"), [(b'"\xff"', 1), (b'"ab\xed\xa0\x80"', 3), (b'\xc0\x80"', 0), (b'"\xe2\x82"', 1)]
)
def test_what_is_not_utf8_is_refused_at_the_byte(data: bytes, at: int) -> None:
    with refused(FormatError, "not_utf8", f"byte {at}."):
        loads(data)


@pytest.mark.parametrize("data", [b"NaN", b"Infinity", b"-Infinity", b"1.0", b"1e400", b"-0.0", b"1E2", b"[0e0]"])
def test_a_number_that_is_no_integer_is_refused(data: bytes) -> None:
    with refused(FormatError, "bad_number", "is not an integer"):
        loads(data)


@pytest.mark.parametrize("number", [-LIMIT, -1, 0, 1, LIMIT])
def test_integers_up_to_the_limit_are_read(number: int) -> None:
    assert loads(str(number).encode()) == number


@pytest.mark.parametrize("digits", [str(LIMIT + 1), str(-LIMIT - 1), "-0", "9" * 17, "9" * 20_000, "-" + "9" * 30])
def test_an_integer_outside_the_limit_and_a_negative_zero_are_refused(digits: str) -> None:
    with refused(FormatError, "bad_number", f"The number {digits[:20]} is outside"):
        loads(digits.encode())


@pytest.mark.parametrize("data", [b'{"a":1,"a":1}', b'{"b":{"a":1,"c":2,"a":2}}', b'{"a":1,"\\u0061":2}'])
def test_a_name_that_stands_twice_is_refused(data: bytes) -> None:
    with refused(FormatError, "duplicate_name", "The name 'a' appears twice in one object."):
        loads(data)


def test_one_name_in_two_objects_is_fine() -> None:
    assert loads(b'[{"a":1},{"a":{"a":2}}]') == [{"a": 1}, {"a": {"a": 2}}]


@pytest.mark.parametrize("data", ['{"é":1}'.encode(), b'{"\\u00e9":1}'])
def test_a_name_outside_ascii_is_refused(data: bytes) -> None:
    with refused(FormatError, "name_not_ascii", "The name 'é' is not ASCII."):
        loads(data)


@pytest.mark.parametrize("data", [rb'"\ud800"', rb'"\udc00\ud800"', rb'{"a":["\uDFFF"]}', rb'"\ud83dx"'])
def test_half_a_surrogate_pair_is_refused(data: bytes) -> None:
    with refused(FormatError, "bad_text", "half a surrogate pair"):
        loads(data)


def test_a_whole_surrogate_pair_is_one_character() -> None:
    assert loads(rb'"\ud83d\ude00"') == "\U0001f600"


def test_canonical_refuses_half_a_surrogate_pair_too() -> None:
    with refused(FormatError, "bad_text", "half a surrogate pair"):
        canonical({"a": "\ud800"})


# --- bounds ----------------------------------------------------------------------------------------


def test_size_is_bounded_before_decoding() -> None:
    assert loads(b'"' + b"a" * (SIZE - 2) + b'"') == "a" * (SIZE - 2)
    with refused(FormatError, "too_large", "has 262145 bytes; at most 262144"):
        loads(b"\xff" * (SIZE + 1))
    with refused(FormatError, "too_large", "has 6 bytes; at most 5"):
        loads_canonical(b'{"":1}', max_bytes=5)


@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b'{"a":', b"}")])
def test_nesting_is_bounded_before_decoding(opening: bytes, closing: bytes) -> None:
    inner = b"1" if closing == b"}" else b""
    assert loads(opening * 32 + inner + closing * 32)
    with refused(FormatError, "too_deep", "deeper than 32 levels"):
        loads(opening * 33 + inner + closing * 33)
    with refused(FormatError, "too_deep", "deeper than 1 levels"):
        loads(opening * 2 + inner + closing * 2, max_depth=1)


def test_a_hundred_thousand_levels_do_not_reach_the_decoder() -> None:
    with refused(FormatError, "too_deep", "deeper than 32 levels"):
        loads(b"[" * 100_000)


@pytest.mark.parametrize("text", ["[" * 60, '"' + "[" * 60, "\\" + '"' + "{" * 60, "\\\\"])
def test_brackets_inside_strings_are_no_nesting(text: str) -> None:
    assert loads(json.dumps([text, {"a": text}]).encode()) == [text, {"a": text}]


def test_siblings_are_no_nesting() -> None:
    assert len(loads(b"[" + b",".join([b"[]"] * 500) + b"]")) == 500


@pytest.mark.parametrize(
    "data",
    [
        b'"' * SIZE,
        b'"\\' * (SIZE // 2),
        b'\\"' * (SIZE // 2),
        b'"' + b"\\" * (SIZE - 1),
        b'"' + b'\\"' * (SIZE // 2 - 1),
        b'"' + b"a" * (SIZE - 1),
        b'["' + b'","' * (SIZE // 3 - 2),
        b'"\\u' * (SIZE // 4),
        b"[" + b"1," * (SIZE // 2 - 1),
        b"-" * SIZE,
    ],
    ids=range(10),
)
def test_a_quarter_megabyte_of_quotes_and_backslashes_is_refused_in_linear_time(data: bytes) -> None:
    with pytest.raises(FormatError, match=r"line|not an integer|deeper"):
        loads(data)


def test_the_last_of_thirty_thousand_names_is_found_twice_in_linear_time() -> None:
    names = [f'"{number:04x}":1' for number in range(29_000)]
    with refused(FormatError, "duplicate_name", "The name '7147' appears twice"):
        loads(("{" + ",".join([*names, names[-1]]) + "}").encode())


# --- already canonical -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        b'{"a": 1}',
        b'{"b":1,"a":1}',
        b'{"a":1}\n',
        b'{"a":"\\u0041"}',
        b'{"a":"\\/"}',
        b'{"a":"\\u001F"}',
        b'{"a":"\\u007f"}',
    ],
)
def test_an_object_in_another_form_is_refused(data: bytes) -> None:
    assert isinstance(loads(data), dict)
    with refused(FormatError, "not_canonical", "not in canonical form (RFC 8785)"):
        loads_canonical(data)


@pytest.mark.parametrize("data", [b"[]", b'"a"', b"1", b"null"])
def test_what_is_no_object_is_refused(data: bytes) -> None:
    with refused(FormatError, "not_an_object", "Expected a JSON object."):
        loads_canonical(data)


# --- base64url and digests -------------------------------------------------------------------------


@given(st.binary(max_size=100))
def test_base64url_gives_the_bytes_back(data: bytes) -> None:
    assert b64u_decode(b64u_encode(data), len(data)) == data


@given(st.text(max_size=12) | st.text("AQgw-_=+/ \n", max_size=12))
def test_bytes_have_one_spelling(text: str) -> None:
    try:
        data = b64u_decode(text)
    except FormatError as error:
        assert error.code == "bad_base64url"  # noqa: PT017 - either outcome is fine, a second spelling is not
    else:
        assert b64u_encode(data) == text


@pytest.mark.parametrize("text", ["AQ==", "AR", "+/+/", "AAA=", "AAF", "AAA\n"])
def test_a_second_spelling_of_base64url_is_refused(text: str) -> None:
    with pytest.raises(FormatError, match="base64url") as caught:
        b64u_decode(text, where="/x")
    assert (caught.value.code, caught.value.where) == ("bad_base64url", "/x")


@pytest.mark.parametrize("text", ["AQ==", "AR", "+/+/"])
def test_padding_stray_bits_and_the_other_alphabet_are_not_canonical(text: str) -> None:
    with refused(FormatError, "bad_base64url", "padded or not canonical", "/x"):
        b64u_decode(text, where="/x")


@pytest.mark.parametrize("text", ["A", "AAAAA", "é", "A A", "!!!!"])
def test_what_is_no_base64url_is_refused(text: str) -> None:
    with refused(FormatError, "bad_base64url", "This is not base64url.", "/x"):
        b64u_decode(text, where="/x")


@pytest.mark.parametrize("value", [None, 1, b"AAAA", ["AAAA"], {}])
def test_what_is_no_text_is_refused(value: object) -> None:
    with refused(FormatError, "bad_base64url", "Expected base64url text.", "/x"):
        b64u_decode(value, where="/x")


def test_the_length_is_held_when_it_is_given() -> None:
    assert b64u_decode("", 0) == b""
    with refused(FormatError, "bad_length", "Expected 4 bytes, found 3.", "/x"):
        b64u_decode("AAAA", 4, "/x")
    with refused(FormatError, "bad_length", "Expected 0 bytes, found 3."):
        b64u_decode("AAAA", 0)


def test_a_digest_is_64_lowercase_hex_digits() -> None:
    assert sha256_hex(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert is_hex_digest(sha256_hex(b""))
    for wrong in ("", "a" * 63, "a" * 65, "A" * 64, "g" * 64, "a" * 64 + "\n", "\u0660" * 64, None, 1, b"a" * 64):
        assert not is_hex_digest(wrong), wrong
