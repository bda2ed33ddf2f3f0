"""Long lists to choose from, written once: a list of all countries costs more than the rest of its page."""

from collections.abc import Iterable

from markupsafe import Markup, escape

__all__ = ["chosen", "options"]


def options(named: Iterable[tuple[str, str]]) -> Markup:
    """The ``option`` elements of a list, none of them selected.

    Args:
        named: values, and what each is called.
    """
    lines = (f'<option value="{escape(value)}">{escape(words)}</option>\n' for value, words in named)
    return Markup("".join(lines))  # noqa: S704  # escaped one by one, which takes a fifth of what Markup.format does


def chosen(listed: Markup, value: str) -> Markup:
    """The same list with this value selected, where it is in it.

    Args:
        listed: what ``options`` made.
        value: whatever the reader has sent.
    """
    option = Markup('<option value="{}"').format(value)
    return Markup(str(listed).replace(f"{option}>", f"{option} selected>", 1))  # noqa: S704  # the value is escaped
