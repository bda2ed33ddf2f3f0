from dataclasses import replace

import pytest

from metrics.comparison.judgements import Comparison, Judgement
from metrics.comparison.observed import Apart, Expected, OneProcedure, Rate
from metrics.comparison.policy import change, compare
from metrics.errors import BadComparisonError
from tests.metrics.comparison.observations import FIRST, SECOND, observed, plain


def of(comparison: Comparison, subject: str) -> Judgement:
    found = comparison.of(subject)
    assert found is not None
    return found


def test_among_many_alike_the_one_that_is_far_away_is_for_enquiry() -> None:
    found = compare([*plain(40), observed("far", 20, 200)])
    assert (found.method, found.indicator, found.period) == ("mad", "resolved_in_time", FIRST)
    assert found.tau2 == found.tau2_own > 0
    far = of(found, "far")
    assert (far.level, far.side, far.n, far.numerator, far.withheld) == ("enquiry", "below", 200, 20, ())
    assert float(far.value) < far.outer.low < far.inner.low < found.target < far.inner.high < far.outer.high
    assert float(far.z) < float(far.z_adjusted) < -3.09
    assert far.p < 0.002
    assert {one.level for one in found.judgements if one.subject != "far"} <= {"none", "note"}


def test_each_is_compared_with_the_others_and_not_with_itself() -> None:
    found = compare([observed("A", 90, 100), observed("B", 50, 100), observed("C", 10, 100)])
    assert [one.expected for one in found.judgements] == [30, 50, 70]
    assert found.target == pytest.approx(0.5)


def test_a_large_provider_that_differs_does_not_make_the_others_differ() -> None:
    """One that has half of all cases pulls the share of all others down; the median provider is still as expected."""
    rows = [*plain(40, seed=4), observed("large", 1600, 8000)]
    found = compare(rows)
    others = [one for one in found.judgements if one.subject != "large"]
    assert found.target == pytest.approx(0.5, abs=0.03)
    assert of(found, "large").level == "enquiry"
    assert sum(one.side == "above" for one in others) == pytest.approx(20, abs=3)
    assert found.tau2 < 0.1**2


def test_a_published_standard_is_the_target_of_all() -> None:
    found = compare([observed("A", 90, 100), observed("B", 50, 200)], target=0.8)
    assert [one.expected for one in found.judgements] == [80, 160]
    assert found.target == 0.8


def test_own_expectations_move_the_value_to_everybodys_mix() -> None:
    hard = Expected(20.0, ("procedure", "amount_band"))
    easy = Expected(80.0, ("procedure", "amount_band"))
    found = compare([observed("A", 20, 100, basis=hard), observed("B", 80, 100, basis=easy)])
    assert [float(one.value) for one in found.judgements] == pytest.approx([0.5, 0.5])
    assert [float(one.z) for one in found.judgements] == pytest.approx([0, 0])
    assert found.target == pytest.approx(0.5)


def test_fewer_than_ten_are_shown_and_not_judged() -> None:
    found = compare([*plain(8), observed("far", 2, 200)])
    assert (found.method, found.tau2) == ("none", 0.0)
    assert {one.level for one in found.judgements} == {"none"}
    assert {one.withheld for one in found.judgements} == {("too_few_providers",)}


def test_ten_to_twentynine_need_releases_to_learn_from() -> None:
    rows = [*plain(14), observed("far", 10, 200)]
    short = compare(rows, earlier_taus=[0.002, 0.002])
    assert {one.withheld for one in short.judgements} == {("history_short",)}
    found = compare(rows, earlier_taus=[0.9] * 3 + [0.002] * 7)
    assert found.method == "pooled"
    assert found.tau2 == pytest.approx((7 * 0.002 + found.tau2_own) / 8)
    assert of(found, "far").level == "enquiry"
    assert compare(rows, earlier_taus=[0.002] * 3).tau2 == pytest.approx((3 * 0.002 + found.tau2_own) / 4)


def test_from_thirty_on_history_does_not_matter() -> None:
    assert compare(plain(30), earlier_taus=[9.0] * 8) == compare(plain(30))


def test_who_has_too_few_cases_is_not_judged_and_does_not_count_among_the_ten() -> None:
    found = compare([*plain(9), observed("few", 1, 29)])
    assert of(found, "few").withheld == ("too_few", "too_few_providers")
    many = compare([*plain(40), observed("few", 0, 29)])
    assert (of(many, "few").level, of(many, "few").withheld) == ("none", ("too_few",))
    assert many.tau2 == pytest.approx(compare(plain(40)).tau2, rel=0.05)


def test_who_is_hardly_comparable_is_not_judged() -> None:
    rows = [replace(one, basis=Expected(100.0, ("procedure",))) for one in plain(40)]
    rows[3] = observed("p03", 5, 200, basis=Expected(100.0, ("procedure",), alone=51))
    rows[4] = observed("p04", 5, 200, basis=Expected(100.0, ("procedure",), alone=49))
    found = compare(rows)
    assert of(found, "p03").withheld == ("strata_alone",)
    assert (of(found, "p04").withheld, of(found, "p04").level) == ((), "enquiry")


def test_what_is_in_no_share_is_counted_and_who_has_nothing_else_is_named_beside() -> None:
    rows = [*plain(40), replace(observed("last", 10, 200), unknown=7)]
    found = compare(rows, apart=[Apart("z", 9, 0), Apart("a", 0, 4)])
    assert [one.subject for one in found.apart] == ["a", "z"]
    assert (found.left_out("z"), found.left_out("last"), found.left_out("p00")) == ((9, 0), (0, 7), (0, 0))
    assert (found.of("z"), found.left_out("nobody")) == (None, (0, 0))
    assert found.judgements == compare(rows).judgements
    with pytest.raises(BadComparisonError, match="Providers are listed by name, each once"):
        compare(rows, apart=[Apart("last", 9, 0)])
    with pytest.raises(BadComparisonError, match="Who is apart has cases, alone or unknown"):
        Apart("nobody", 0, 0)


def test_who_knows_too_few_results_is_not_judged() -> None:
    for unknown, withheld in ((133, ()), (134, ("unknown_many",))):
        last = replace(observed("last", 10, 200), unknown=unknown, reach=0.6)
        judged = of(compare([*plain(40), last]), "last")
        assert (judged.withheld, judged.level) == (withheld, "none" if withheld else "enquiry")
    with pytest.raises(BadComparisonError, match="What is not known is a number of cases"):
        replace(observed("last", 10, 200), unknown=-1)


def test_none_of_a_few_expected_is_no_surprise_although_the_scale_says_so() -> None:
    """Of 60 cases 1.2 expected, none found: asin sqrt gives z = -2.2, the exact chance of none is 0.3."""
    rows = [observed(f"p{place:02}", 1 + place % 2, 60) for place in range(40)]
    none = of(compare([*rows, observed("none", 0, 60)], target=0.02), "none")
    assert float(none.z) < -1.96
    assert none.level == "none"
    assert none.p == pytest.approx(2 * 0.98**60)
    assert none.inner.low == 0


def test_a_target_of_nobody_is_still_no_certainty() -> None:
    rows = [observed(f"p{place:02}", 0, 200) for place in range(40)]
    found = compare([*rows, observed("one", 1, 200), observed("many", 40, 200)])
    assert of(found, "many").level == "enquiry"
    assert of(found, "p00").level == "none"


def test_when_small_providers_do_worse_the_comparison_says_so() -> None:
    rows = [observed(f"p{place:02}", (40 + place) * (30 + 10 * place) // 100, 30 + 10 * place) for place in range(40)]
    assert compare(rows).volume.warns
    assert not compare(plain(40)).volume.warns


@pytest.mark.parametrize("hits", ["nobody", "everybody", "one small", "one large"])
def test_what_happened_to_nobody_or_to_one_goes_with_nothing(hits: str) -> None:
    """None of 30 and none of 59 differ by their numbers of cases alone."""
    counted = {"one small": {30}, "one large": {59}}.get(hits, set())
    rows = [observed(f"p{n}", n if hits == "everybody" else int(n in counted), n) for n in range(30, 60)]
    found = compare(rows)
    assert (found.volume.warns, found.mix.warns) == (False, False)
    assert found.volume.rho == 0 or counted


def test_who_has_the_same_kind_of_cases_as_all_has_no_mix_that_results_could_go_with() -> None:
    """Of each is expected what the others have: the more it has itself, the less."""
    rows = [observed(f"p{place:02}", 20 + place, 100) for place in range(40)]
    counted = sum(one.rate.numerator for one in rows)
    standardised = [replace(one, basis=Expected((counted - one.rate.numerator) / 39, ("procedure",))) for one in rows]
    for found in (compare(rows), compare(standardised)):
        assert (found.mix.rho, found.mix.p) == (0, 1)


def test_the_published_recipe_stands_beside() -> None:
    found = compare(plain(40))
    assert found.phi > 1
    assert 0 < found.tau2_standard < 2 * found.tau2


def test_without_adjustment_a_fifth_would_stand_out_and_with_it_hardly_anybody() -> None:
    levels, unadjusted = [], 0
    for seed in range(30):
        found = compare(plain(40, n=800, seed=seed))
        levels += [one.level for one in found.judgements]
        unadjusted += sum(abs(float(one.z)) > 3.0902 for one in found.judgements)
    assert unadjusted / len(levels) > 0.1
    assert levels.count("enquiry") / len(levels) < 0.012


def test_what_is_not_alike_is_not_compared() -> None:
    one = observed("A", 5, 50)
    cases = [
        ([one], "A comparison needs two providers"),
        ([one, observed("A", 6, 50)], "A provider is in a comparison once"),
        ([one, observed("B", 6, 50, period=SECOND)], "A comparison has one indicator, one cohort"),
        ([one, observed("B", 6, 50, indicator="deadline_compliance")], "A comparison has one indicator, one cohort"),
        ([one, observed("B", 6, 50, basis=OneProcedure("house"))], "All are of one procedure, or all are standardised"),
        ([one, observed("B", 6, 50, basis=Expected(5, ("procedure",)))], "All are of one procedure, or all are"),
    ]
    for rows, message in cases:
        with pytest.raises(BadComparisonError, match=message):
            compare(rows)
    for target in (0.0, 1.0):
        with pytest.raises(BadComparisonError, match="A target lies between 0 and 1"):
            compare([one, observed("B", 6, 50)], target=target)
    with pytest.raises(BadComparisonError, match="A target lies between 0 and 1, and is for cases of one procedure"):
        compare([replace(row, basis=Expected(5, ("procedure",))) for row in (one, observed("B", 6, 50))], target=0.5)


def test_a_change_points_somewhere_only_if_its_interval_excludes_none() -> None:
    up = change("resolved_in_time", "A", (FIRST, SECOND), (Rate(50, 100), Rate(75, 100)))
    assert (up.direction, float(up.difference)) == ("up", 0.25)
    assert 0 < up.limits.low < 0.25 < up.limits.high
    assert change("x", "A", (FIRST, SECOND), (Rate(75, 100), Rate(50, 100))).direction == "down"
    assert change("x", "A", (FIRST, SECOND), (Rate(5, 10), Rate(7, 10))).direction == "not_shown"
