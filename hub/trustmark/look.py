"""Words, colours and shapes of the trust mark; the badge and the script for other sites share them.

``words.json`` has the same names in each language, ``look.json`` the colours of both themes (each meets WCAG AA on
its card) and a shape with a sign in it for each state, in a box of 48 by 48. A tick and the tones *good* and
*limited* belong to the two states that are an approval; no other state has any of them.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

__all__ = ["LANGUAGES", "LOOK_FILE", "SHAPES", "THEMES", "WORDS", "WORDS_FILE", "Shape"]

WORDS_FILE: Final = Path(__file__).with_name("words.json")
LOOK_FILE: Final = Path(__file__).with_name("look.json")


@dataclass(frozen=True, slots=True)
class Shape:
    """How a state is drawn: tone (a colour's name), SVG paths of its outline and of the sign, filled or not."""

    tone: str
    filled: bool
    shape: str
    sign: str


_LOOK: Final = json.loads(LOOK_FILE.read_text(encoding="utf-8"))
WORDS: Final[dict[str, dict[str, str]]] = json.loads(WORDS_FILE.read_text(encoding="utf-8"))
LANGUAGES: Final = tuple(WORDS)
THEMES: Final[dict[str, dict[str, str]]] = _LOOK["themes"]
SHAPES: Final = {state: Shape(**members) for state, members in _LOOK["states"].items()}
