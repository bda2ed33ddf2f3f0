import inspect

from schemas import errors
from schemas.errors import SchemasError


def test_the_tree_in_the_docstring_names_every_error() -> None:
    tree = errors.__doc__ or ""
    for name, value in vars(errors).items():
        if inspect.isclass(value) and issubclass(value, Exception) and value.__module__ == errors.__name__:
            assert name in tree
            assert issubclass(value, SchemasError)


def test_where_is_shown_if_there_is_one() -> None:
    assert str(SchemasError("code", "A sentence.", "/here")) == "A sentence. (/here)"
    assert str(SchemasError("code", "A sentence.")) == "A sentence."
