"""Lists to choose from: written once, with the choice put in; nothing that a reader sends is taken as markup."""

from hub.web.options import chosen, options

LISTED = options([("CN", "China"), ("CNX", "<b>"), ("a&b", "A & B")])


def test_values_and_names_are_escaped() -> None:
    assert LISTED == (
        '<option value="CN">China</option>\n<option value="CNX">&lt;b&gt;</option>\n'
        '<option value="a&amp;b">A &amp; B</option>\n'
    )


def test_the_value_chosen_is_selected() -> None:
    assert chosen(LISTED, "CN") == str(LISTED).replace('"CN"', '"CN" selected')
    assert chosen(LISTED, "a&b") == str(LISTED).replace('"a&amp;b"', '"a&amp;b" selected')


def test_a_value_that_is_not_listed_changes_nothing() -> None:
    for value in ("", "C", "FR", 'CN">', '"', "<script>"):
        assert chosen(LISTED, value) == LISTED
