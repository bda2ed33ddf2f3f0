from dataclasses import replace

import numpy as np
import pytest

from metrics.comparison.casemix import Cases, Question, observe
from metrics.comparison.observed import Apart, Expected
from metrics.errors import BadComparisonError
from tests.metrics.comparison.observations import cohort

Row = tuple[str, str, str, bool]


def some(subject: str, band: str, n: int, counted: int, procedure: str = "house") -> list[Row]:
    return [(subject, procedure, band, place < counted) for place in range(n)]


def columns(rows: list[Row]) -> Cases:
    subjects = tuple(sorted({row[0] for row in rows}))
    owners = np.array([subjects.index(row[0]) for row in rows], dtype=np.int64)
    procedure, band, counts = (np.array([row[place] for row in rows]) for place in (1, 2, 3))
    at, unknown = (np.array([value] * size, dtype=np.int64) for value, size in ((0, len(rows)), (2, len(subjects))))
    return Cases(subjects, owners, procedure, (band,), counts, at, unknown)


QUESTION = Question("resolved_in_time", cohort(), ("amount_band",), 20)


def test_each_provider_is_beside_what_its_own_cases_lead_to_expect() -> None:
    cases = [*some("B", "b1", 60, 48), *some("B", "b5", 40, 12), *some("A", "b1", 20, 16), *some("A", "b5", 80, 24)]
    (first, second), apart = observe(QUESTION, columns(cases), {"A": 0.9})
    assert apart == ()
    assert (first.subject, first.rate.numerator, first.rate.n, first.minimum, first.quality) == ("A", 40, 100, 20, 0.9)
    assert isinstance(first.basis, Expected)
    assert first.basis.numerator == pytest.approx(40)
    assert first.basis.strata == ("procedure", "amount_band")
    assert (second.subject, second.quality) == ("B", 0.0)


def test_who_is_alone_with_its_procedure_is_apart_and_counted() -> None:
    cases = [*some("A", "b1", 30, 3), *some("B", "b1", 30, 3), *some("C", "b1", 30, 3, procedure="other")]
    rows, apart = observe(QUESTION, columns(cases), {})
    assert ([one.subject for one in rows], apart) == (["A", "B"], (Apart("C", 30, 2),))
    assert observe(QUESTION, columns([]), {}) == ((), ())


def test_who_has_no_case_of_which_the_result_is_known_is_apart_too() -> None:
    cases = columns([*some("A", "b1", 30, 3), *some("B", "b1", 30, 3)])
    more = replace(cases, subjects=(*cases.subjects, "C"), unknown=np.array([0, 0, 7]))
    rows, apart = observe(QUESTION, more, {})
    assert ([one.subject for one in rows], apart) == (["A", "B"], (Apart("C", 0, 7),))


def test_who_is_alone_with_what_is_held_equal_is_left_out() -> None:
    """By the procedure alone C would stand beside A and B, whose cases are of another band."""
    cases = columns([*some("A", "b1", 30, 20), *some("B", "b1", 30, 20), *some("C", "b2", 30, 2)])
    assert [one.subject for one in observe(QUESTION, cases, {})[0]] == ["A", "B", "C"]
    assert [one.subject for one in observe(replace(QUESTION, held=2), cases, {})[0]] == ["A", "B"]


def test_cases_without_their_strata_are_refused() -> None:
    with pytest.raises(BadComparisonError, match=r"Each case has a value for each stratum. \(resolved_in_time\)"):
        observe(Question("resolved_in_time", cohort(), ()), columns(some("A", "b1", 3, 1)), {})
