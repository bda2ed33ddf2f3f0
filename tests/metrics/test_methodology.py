from metrics.defects import DEFECTS
from metrics.definitions import definitions
from metrics.methodology import methodology_page


def test_the_page_says_everything_that_the_definitions_say() -> None:
    page = methodology_page()
    for one in definitions():
        texts = (one.question, one.formula, one.cohort, one.source, one.compared, one.caveat)
        for text in (f"## {one.number}. {one.title}", *texts):
            assert text in page
    for code in DEFECTS:
        assert f"| `{code}` |" in page


def test_the_page_says_where_the_same_number_is_shown() -> None:
    page = methodology_page()
    assert "| hidden in public with | `resolved`, `incoming` |" in page
    assert "| hidden in public with | `outcome_by_time` discontinued by day 180 |" in page
    assert "`outcome_by_time` settled by day 90 + award by day 90 + " in page


def test_a_formula_does_not_break_its_table() -> None:
    assert not any("|" in one.formula + one.cohort + one.source for one in definitions())
