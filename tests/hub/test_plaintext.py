"""Control characters are found in names, NUL in texts, and nothing else is."""

import sys
import unicodedata

from hub.plaintext import has_controls, is_storable


def test_every_control_character_is_one() -> None:
    controls = [chr(code) for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)) == "Cc"]
    assert len(controls) == 65
    assert all(has_controls(f"a{one}b") for one in controls)
    assert [one for one in controls if not is_storable(f"a{one}b")] == ["\x00"]


def test_nothing_else_is() -> None:
    for text in ("", "urn:odr:acme-odr:1", "Größe, 大小, مقاس 😀\N{NO-BREAK SPACE}\N{ZERO WIDTH JOINER}"):
        assert not has_controls(text)
        assert is_storable(text)
