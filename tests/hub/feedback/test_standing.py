"""What a provider sees never tells who answered or what one party said; officers see everything exactly."""

from collections import Counter
from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from hub.feedback.standing import DAY, GROUP, PARTY, RELAYED, Mismatch, Month, Standing, standing
from hub.storage.feedback import Claimed, Slot
from hub.storage.values import Answered

NOW = 20_500 * DAY + 3600  # 2026-02-16
ROLE = "claimant"


def slot(number: int, expires: int = NOW + DAY, role: str = ROLE, token: str | None = None) -> Slot:
    return Slot("acme", f"case-{number:04}", role, token or f"{number:064x}", NOW - 400 * DAY, expires)


def answer(number: int, score: int = 3, day: int = 20_000, source: str = PARTY, cost: int | None = None) -> Answered:
    scores = {"overall": score} | ({} if cost is None else {"cost": cost})
    return Answered("acme", f"case-{number:04}", ROLE, source, "won", scores, day)


def seen(slots: list[Slot], answers: list[Answered], *, now: int = NOW, officer: bool = False) -> Standing:
    return standing("acme", slots, answers, [], now, officer=officer)


def scored(found: Standing) -> dict[tuple[str, str], tuple[int, ...]]:
    return {(one.role, one.question): one.counts for one in found.scores if one.n}


def test_four_answers_are_not_shown_and_five_are() -> None:
    slots = [slot(number) for number in range(5)]
    answers = [answer(number, score=number + 1) for number in range(5)]
    assert scored(seen(slots, answers[:4])) == {}
    assert scored(seen(slots, answers)) == {(ROLE, "overall"): (1, 1, 1, 1, 1)}
    assert scored(seen(slots, answers[:4], officer=True)) == {(ROLE, "overall"): (1, 1, 1, 1, 0)}


def test_each_question_waits_for_its_own_group() -> None:
    answers = [answer(number, cost=2) for number in range(4)] + [answer(number) for number in range(4, 6)]
    assert scored(seen([], answers)) == {(ROLE, "overall"): (0, 0, 5, 0, 0)}
    assert scored(seen([], answers, officer=True))[(ROLE, "cost")] == (0, 4, 0, 0, 0)


def test_what_a_provider_relayed_is_not_in_its_groups() -> None:
    """It knows those answers, and could take them away from the total."""
    answers = [answer(number) for number in range(4)] + [answer(9, source=RELAYED)]
    assert scored(seen([], answers)) == {}
    assert scored(seen([], answers, officer=True)) == {(ROLE, "overall"): (0, 0, 4, 0, 0)}


def test_a_day_that_is_not_over_does_not_count_for_the_provider() -> None:
    answers = [answer(number, day=NOW // DAY) for number in range(5)]
    assert scored(seen([], answers)) == {}
    assert scored(seen([], answers, now=NOW + DAY)) == {(ROLE, "overall"): (0, 0, 5, 0, 0)}
    assert scored(seen([], answers, officer=True)) == {(ROLE, "overall"): (0, 0, 5, 0, 0)}


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 5), st.booleans()), max_size=40))
def test_two_looks_of_a_provider_never_differ_by_less_than_a_group(told: list[tuple[int, int, bool]]) -> None:
    """Whenever it looks, day after day, the difference of what it sees covers whole groups of answers."""
    answers = [
        answer(number, score, 20_000 + day, cost=score if more else None)
        for number, (day, score, more) in enumerate(told)
    ]
    before: dict[tuple[str, str], tuple[int, ...]] = {}
    for day in range(20_000, 20_043):
        known = [one for one in answers if one.day <= day]
        shown = scored(seen([], known, now=day * DAY + 7))
        for key, counts in shown.items():
            grown = [now - then for now, then in zip(counts, before.get(key, (0,) * 5), strict=True)]
            assert min(grown) >= 0
            assert sum(grown) % GROUP == 0
        assert before.keys() <= shown.keys()
        before = shown
    total = Counter(question for one in answers for question in one.scores)
    assert all(sum(before[ROLE, question]) == count // GROUP * GROUP for question, count in total.items()
               if count >= GROUP)  # fmt: skip


MARCH, APRIL, MAY = (20_514 * DAY, 20_545 * DAY, 20_575 * DAY)  # 2026-03-02, 2026-04-02, 2026-05-02


def ended(numbers: Iterable[int], expires: int) -> list[Slot]:
    return [slot(number, expires) for number in numbers]


def test_months_with_few_slots_are_joined_with_later_ones() -> None:
    slots = ended(range(3), MARCH) + ended(range(3, 6), APRIL) + ended(range(6, 8), MAY)
    answers = [answer(0), answer(1, source=RELAYED), answer(2, source=RELAYED), answer(2)]
    found = seen(slots, answers, now=MAY + 40 * DAY)
    assert found.months == (Month("2026-03", "2026-04", 6, 2, 1, 3),)
    assert found.issued == 8
    exact = seen(slots, answers, now=MAY + 40 * DAY, officer=True)
    assert [(one.month, one.slots, one.answered, one.relayed, one.unused) for one in exact.months] == [
        ("2026-03", 3, 2, 1, 0), ("2026-04", 3, 0, 0, 3), ("2026-05", 2, 0, 0, 2),
    ]  # fmt: skip


def test_a_month_that_runs_is_not_shown_to_the_provider() -> None:
    slots = ended(range(9), MARCH)
    assert seen(slots, [], now=MARCH + DAY).months == ()
    assert seen(slots, [], now=MARCH + DAY, officer=True).months == (Month("2026-03", "2026-03", 9, 0, 0, 9),)
    assert seen(slots, [], now=APRIL).months == (Month("2026-03", "2026-03", 9, 0, 0, 9),)


def test_how_many_are_open_is_for_officers_because_it_falls_with_each_answer() -> None:
    slots = [slot(number) for number in range(3)]
    answers = [answer(0), answer(1, source=RELAYED)]
    assert seen(slots, answers).open is None
    assert seen(slots, answers, officer=True).open == 2


def test_slots_that_the_case_events_do_not_know_and_the_other_way_round() -> None:
    slots = [slot(1, token="a" * 64), slot(2, token="b" * 64), slot(3, token="c" * 64)]
    claimed = [
        Claimed("acme", f"case-{number:04}", ROLE, letter * 64) for number, letter in ((1, "a"), (2, "x"), (9, "z"))
    ]
    assert standing("acme", slots, [], claimed, NOW, officer=True).mismatch == Mismatch(unregistered=2, unknown=1)
    assert standing("acme", slots, [], claimed, NOW, officer=False).mismatch is None
