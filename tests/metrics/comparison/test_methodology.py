from metrics.comparison.flags import CONDITIONS
from metrics.comparison.judgements import LEVELS, METHODS, WITHHELD
from metrics.comparison.methodology import methodology_page


def test_the_page_states_every_code_and_number_of_the_policy() -> None:
    page = methodology_page()
    for rows in (LEVELS, METHODS, WITHHELD, CONDITIONS):
        for code, meaning in rows.items():
            assert f"| `{code}` | {meaning} |" in page
    assert "| score of data quality that a public flag needs | 0.8 |" in page
    assert "20% of its cases" in page
    assert "`resolved_in_time`" in page
    assert "`disposition_time`" not in page
