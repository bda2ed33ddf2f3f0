from metrics import intervals
from tests.metrics.computed import figures, limits, many, three


def test_turnover_is_what_ended_over_what_waits() -> None:
    facts = [*many(30, "filed 1", "refused 5"), *many(10, "filed 1")]
    found = figures("case_turnover", facts)[""]
    assert (three(found), found.n) == ((3.0, 30, 10), 30)
    assert limits(found)[:2] == intervals.log_ratio(30, 10)


def test_without_pending_cases_nothing_is_turned_over() -> None:
    assert figures("case_turnover", many(40, "filed 1", "refused 5"))[""].status == "too_few"
    assert figures("case_turnover", [])[""].status == "not_reported"
    none_ended = figures("case_turnover", many(40, "filed 1"), minimum=1)[""]
    assert none_ended.status == "too_few", "n is R, and R is 0"
