"""Our canonical form is RFC 8785's for every value that our documents may hold."""

import json

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from signing.encoding import JSON, canonical, loads, loads_canonical
from signing.errors import FormatError

INTEGERS = st.integers(-(2**53) + 1, 2**53 - 1)
TEXT = st.text(st.characters(exclude_categories=["Cs"]))
NAMES = st.text(st.characters(max_codepoint=127))
VALUES: st.SearchStrategy[JSON] = st.recursive(
    st.none() | st.booleans() | INTEGERS | TEXT,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(NAMES, inner, max_size=5),
)


@given(VALUES)
def test_the_oracle_agrees(value: JSON) -> None:
    assert canonical(value) == rfc8785.dumps(value)


@given(VALUES)
def test_canonical_text_reads_back(value: JSON) -> None:
    assert loads(canonical(value)) == value


@given(st.dictionaries(NAMES, VALUES, max_size=4))
def test_another_spelling_of_the_same_value_is_refused(value: dict[str, JSON]) -> None:
    assert loads_canonical(canonical(value)) == value
    spaced = json.dumps(value, indent=1).encode()
    if spaced != canonical(value):
        with pytest.raises(FormatError, match="not in canonical form"):
            loads_canonical(spaced)
