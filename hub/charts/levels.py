"""What the mark of a provider asks for: nothing, a note, or an enquiry. A mark is a question, never a grade."""

from typing import Literal

__all__ = ["LEVELS", "Level", "level_text"]

from hub.charts.words import Words

Level = Literal["none", "note", "enquiry"]
LEVELS: tuple[Level, ...] = ("none", "note", "enquiry")


def level_text(words: Words, level: Level, *, own: bool) -> str:
    """The level in words, and whether these are the reader's own figures."""
    return words.filled("both", one=words[level], other=words["own"]) if own else words[level]
