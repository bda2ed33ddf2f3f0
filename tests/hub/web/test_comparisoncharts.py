"""The charts of a comparison say of each provider what it was judged by."""

import re

from hub.web.comparisoncharts import comparison_charts
from hub.web.languages import language
from metrics.comparison.observed import Expected, MatureCohort, Observed, Rate
from metrics.comparison.policy import compare
from metrics.figures import Period

PERIOD = Period(1_759_276_800, 1_767_225_600)
COHORT = MatureCohort(PERIOD, PERIOD.end + 97 * 86_400, 90)


def observed(name: str, numerator: int, n: int, expected: float) -> Observed:
    return Observed(
        indicator="resolved_in_time", subject=name, cohort=COHORT, rate=Rate(numerator, n),
        basis=Expected(expected, ("procedure",)), quality=1.0,
    )  # fmt: skip


def test_each_row_of_the_funnels_table_has_the_providers_own_limits() -> None:
    """Two have 100 cases, of one of which 3 were expected to count: its limits are wider and not the other's."""
    rows = [observed(f"p{place:02}", 150 + place, 300 + 2 * place, 150.0 + place) for place in range(30)]
    found = compare([*rows, observed("hard", 3, 100, 3.0), observed("plain", 33, 100, 50.0)])
    funnel, _ = comparison_charts(language("en"), found, str)
    shown = {row[0]: [float(re.findall(r"[\d.]+", text)[0]) for text in row[3:7]] for row in funnel.table.rows}
    for name in ("hard", "plain"):
        judged = found.of(name)
        assert judged is not None
        limits = (judged.inner.low, judged.inner.high, judged.outer.low, judged.outer.high)
        assert shown[name] == [round(100 * one, 1) for one in limits]
    assert shown["hard"] != shown["plain"]
    plain = found.of("plain")
    assert plain is not None
    assert plain.level == "enquiry"
    assert 100 * float(plain.value) < shown["plain"][2], "what its row says agrees with its mark"
