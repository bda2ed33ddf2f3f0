"""A draft word for word."""

from hub.console.words import leaves


def test_every_leaf_with_its_path_in_the_order_of_the_payload() -> None:
    value = {"a": {"b": ["x", {"c": None}], "d": []}, "e": True, "f": 7, "g": "<i>\u202e\n"}
    assert list(leaves(value)) == [
        ("a.b[1]", "x"), ("a.b[2].c", "null"), ("a.d", "[]"), ("e", "true"), ("f", "7"), ("g", "<i>\\u{202e}\\u{a}"),
    ]  # fmt: skip
