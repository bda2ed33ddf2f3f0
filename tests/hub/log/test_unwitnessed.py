"""The age of the oldest head without a quorum: of the head, not of the last quorum."""

from hypothesis import given
from hypothesis import strategies as st

from hub.log.unwitnessed import Unwitnessed


def test_a_quiet_spell_makes_nothing_old() -> None:
    waits = Unwitnessed()
    assert waits.age(1_000_000) == 0
    waits.signed(1_000_000)
    assert (waits.age(1_000_000), waits.age(1_000_007)) == (0, 7)
    waits.asked()
    waits.witnessed()
    assert waits.age(2_000_000) == 0


def test_what_is_signed_while_witnesses_are_asked_counts_from_its_own_time() -> None:
    waits = Unwitnessed()
    waits.signed(10)
    waits.asked()
    waits.signed(12)
    waits.signed(15)
    assert waits.age(20) == 10
    waits.witnessed()
    assert waits.age(20) == 8


def test_a_round_without_a_quorum_changes_nothing() -> None:
    waits = Unwitnessed()
    waits.signed(10)
    for _ in range(3):
        waits.asked()
        waits.signed(30)
    assert waits.age(40) == 30


def test_a_head_that_is_cosigned_again_is_not_missed() -> None:
    waits = Unwitnessed()
    waits.asked()
    assert waits.age(5) == 0
    waits.witnessed()
    assert waits.age(5) == 0


def test_what_a_start_finds_counts_from_the_start_and_a_clock_set_back_counts_nothing() -> None:
    waits = Unwitnessed(100)
    assert (waits.age(130), waits.age(90)) == (30, 0)


@given(st.lists(st.sampled_from(["signed", "round", "quorum", "time"]), max_size=60))
def test_it_is_the_age_of_the_oldest_head_above_the_witnessed_one(steps: list[str]) -> None:
    waits, now, heads, asked = Unwitnessed(), 0, list[int](), 0
    for step in steps:
        if step == "signed":
            waits.signed(now)
            heads.append(now)
        elif step == "round":
            waits.asked()
            asked = len(heads)
        elif step == "quorum":
            waits.witnessed()
            heads, asked = heads[asked:], 0
            waits.asked()
            asked = len(heads)
        else:
            now += 3
        assert waits.age(now) == (now - heads[0] if heads else 0)
