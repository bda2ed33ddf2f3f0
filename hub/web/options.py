"""Long lists to choose from, written once: a list of all countries costs more than the rest of its page."""

from collections.abc import Iterable

from markupsafe import Markup

__all__ = ["chosen", "options"]


def options(named: Iterable[tuple[str, str]]) -> Markup:
    """The ``option`` elements of a list, none of them selected.

    Args:
        named: values, and what each is called.
    """
    return Markup("").join(Markup('<option value="{}">{}</option>\n').format(*one) for one in named)


def chosen(listed: Markup, value: str) -> Markup:
    """The same list with this value selected, where it is in it.

    Args:
        listed: what ``options`` made.
        value: whatever the reader has sent.
    """
    option = Markup('<option value="{}"').format(value)
    return Markup(str(listed).replace(f"{option}>", f"{option} selected>", 1))  # noqa: S704  # the value is escaped
