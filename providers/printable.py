"""Words of strangers at a terminal: it shows escapes instead of obeying them."""

__all__ = ["printable", "printable_lines"]


def printable(text: object) -> str:
    """``text`` with every character that is not plainly visible written as an escape."""
    return "".join(char if char.isprintable() else f"\\u{{{ord(char):x}}}" for char in str(text))


def printable_lines(text: object) -> str:
    """As ``printable``, of what we have divided into lines."""
    return "\n".join(map(printable, str(text).split("\n")))
