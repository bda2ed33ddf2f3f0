"""Names that look alike: found, so that a directory can show both with their ids; neither is refused.

Two names are confusable when their *skeletons* are equal. A skeleton is what is left when differences that a reader
hardly sees are taken away: compatibility forms (NFKC), case, accents and other marks, characters that are not shown,
spaces and punctuation, and letters that other scripts and digits have in common with Latin ones (``LOOKALIKES``).
After Unicode Technical Standard 39, with a table of its own: short enough to read, for names of organisations in the
scripts that members use. Names that merely resemble each other (a letter left out) are not found.

Example::

    confusable({"acme": "Acme Centre", "acmе-odr": "ACMЕ Centre"})   # the second with a Cyrillic Е
    # (("acme", "acmе-odr"),)
"""

import unicodedata
from collections.abc import Mapping

__all__ = ["LOOKALIKES", "confusable", "like", "skeleton"]

LOOKALIKES: Mapping[str, str] = {
    # Cyrillic
    "а": "a", "ь": "b", "в": "b", "с": "c", "ԁ": "d", "е": "e", "һ": "h", "н": "h", "і": "i", "ӏ": "i", "ј": "j",
    "к": "k", "м": "m", "п": "n", "о": "o", "р": "p", "ԛ": "q", "г": "r", "ѕ": "s", "т": "t", "ѵ": "v", "ԝ": "w",
    "х": "x", "у": "y", "ү": "y",
    # Greek
    "α": "a", "β": "b", "ϲ": "c", "ε": "e", "η": "n", "ι": "i", "κ": "k", "μ": "m", "ν": "v", "ο": "o", "ρ": "p",
    "σ": "o", "ς": "c", "τ": "t", "υ": "u", "χ": "x", "ω": "w", "γ": "y", "ζ": "z",
    # Armenian and others
    "օ": "o", "ս": "u", "հ": "h", "ո": "n", "ք": "p", "ց": "g", "յ": "j", "ı": "i", "ł": "l", "ø": "o", "đ": "d",
    "ħ": "h", "ƅ": "b", "ɑ": "a", "ɡ": "g", "ɩ": "i", "ʀ": "r", "ѡ": "w",
    # digits and signs that stand for letters
    "0": "o", "1": "l", "i": "l", "|": "l", "5": "s",
}  # fmt: skip
"""A lower-case character and the one that it looks like; ``i`` counts as ``l``, because their capitals do."""

_SEQUENCES = (("rn", "m"), ("vv", "w"), ("cl", "d"))
_UNSEEN = frozenset({"Cc", "Cf", "Mn", "Me", "Zs", "Zl", "Zp"})


def skeleton(name: str) -> str:
    """What is left of a name when differences that are hardly seen are taken away; empty for a name of signs alone."""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", name).casefold()).casefold()
    seen = (one for one in folded if unicodedata.category(one) not in _UNSEEN)
    text = "".join(_plain(_plain(one)) for one in seen if one == "|" or not unicodedata.category(one).startswith("P"))
    for pair, single in _SEQUENCES:
        text = text.replace(pair, single)
    return text


def confusable(names: Mapping[str, str]) -> tuple[tuple[str, ...], ...]:
    """Groups of ids whose names look alike, each sorted, in order of their first id.

    Args:
        names: name by id.
    """
    groups: dict[str, list[str]] = {}
    for one, name in names.items():
        groups.setdefault(skeleton(name), []).append(one)
    return tuple(sorted(tuple(sorted(group)) for group in groups.values() if len(group) > 1))


def like(name: str, others: Mapping[str, str]) -> tuple[str, ...]:
    """Ids of the ``others`` (name by id) that ``name`` could be taken for, sorted."""
    wanted = skeleton(name)
    return tuple(sorted(one for one, other in others.items() if skeleton(other) == wanted))


def _plain(character: str) -> str:
    return LOOKALIKES.get(character, character)
