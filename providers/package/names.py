"""File names that may travel: in any script, but safe on every system that a recipient may use.

A name is one path segment. Refused are whatever leaves the folder, hides, deceives the eye, or cannot
be created on Windows, and two names that some file system takes for one.
"""

import unicodedata
from collections.abc import Iterable

from providers.package.errors import PackageRefusedError

__all__ = ["MAX_NAME_BYTES", "check_name", "check_names", "folded"]

MAX_NAME_BYTES = 255
_RESERVED = {"con", "prn", "aux", "nul", "clock$", "conin$", "conout$"} | {
    f"{port}{digit}" for port in ("com", "lpt") for digit in "0123456789¹²³"
}
_JOINERS = "\u200c\u200d"  # written in Persian and in Indian scripts
_INVISIBLE = {"Cc", "Cf", "Cs", "Zl", "Zp"}
_FORBIDDEN = '<>:"|?*'


def check_name(name: str) -> None:
    """Raise ``PackageRefusedError`` unless ``name`` may name a document.

    Codes: ``backslash_in_name``, ``absolute_path``, ``path_traversal``, ``nested_name``,
    ``control_character``, ``forbidden_character``, ``name_too_long``, ``hidden_name``,
    ``trailing_dot_or_space``, ``reserved_name``, ``empty_name``. Not checked: other names beside it.
    """
    if not name:
        raise PackageRefusedError("empty_name", "A document has no name.")
    for code, message, wrong in (
        ("backslash_in_name", "A name contains a backslash.", "\\" in name),
        ("absolute_path", "A name is an absolute path.", name[0] == "/" or (name[1:2] == ":" and name[0].isalpha())),
        ("path_traversal", "A name leads out of its folder.", bool({".", ".."} & set(name.split("/")))),
        ("nested_name", "A name lies in a folder of its own.", "/" in name),
        ("control_character", "A name contains invisible or direction-changing characters.", _invisible(name)),
        ("forbidden_character", f"A name contains one of {_FORBIDDEN}", any(one in _FORBIDDEN for one in name)),
        ("name_too_long", f"A name has more than {MAX_NAME_BYTES} bytes.", _bytes(name) > MAX_NAME_BYTES),
        ("hidden_name", "A name begins with a dot or a space.", name[0] == "." or name[0].isspace()),
        ("trailing_dot_or_space", "A name ends with a dot or a space.", name[-1] == "." or name[-1].isspace()),
        ("reserved_name", "A name is that of a device.", name.partition(".")[0].rstrip().casefold() in _RESERVED),
    ):
        if wrong:
            raise PackageRefusedError(code, message, shown(name))


def check_names(names: Iterable[str]) -> None:
    """Check every name, and that no file system takes two for one (``names_collide``)."""
    seen: dict[str, str] = {}
    for name in names:
        check_name(name)
        other = seen.setdefault(folded(name), name)
        if other is not name:
            raise PackageRefusedError("names_collide", f"Two names count as one: {shown(other)}.", shown(name))


def folded(name: str) -> str:
    """What two names have in common when they differ only in case or in how characters are composed."""
    return unicodedata.normalize("NFD", unicodedata.normalize("NFD", name).casefold())


def shown(name: str) -> str:
    """The name for a message: whatever cannot be seen is escaped, and it is short."""
    return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in name)[:80]


def _invisible(name: str) -> bool:
    return any(one not in _JOINERS and unicodedata.category(one) in _INVISIBLE for one in name)


def _bytes(name: str) -> int:
    return len(name.encode("utf-8", "surrogatepass"))
