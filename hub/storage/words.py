"""Words of names, as a search compares them.

Case, accents and width are put aside. In scripts that write without spaces (Chinese, Japanese) each character is a
word of its own. Letters that only look alike stay different: a search never takes one for another.
"""

import re
import unicodedata

__all__ = ["words_of"]

_ALONE = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_WORD = re.compile(rf"[{_ALONE}]|[^\W_{_ALONE}]+")


def words_of(text: str) -> list[str]:
    """The words of a text, in their order."""
    if text.isascii():
        return _WORD.findall(text.lower())
    spelt = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return _WORD.findall("".join(one for one in spelt if unicodedata.category(one) != "Mn"))
