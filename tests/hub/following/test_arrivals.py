"""Listeners are woken for their own name, and everybody at the end."""

from hub.following.arrivals import Arrivals


def test_each_hears_its_own_name() -> None:
    arrivals = Arrivals()
    with arrivals.listening("a") as first, arrivals.listening("a") as second, arrivals.listening("b") as other:
        assert (arrivals.waiting("a"), arrivals.waiting("b"), arrivals.waiting("c")) == (2, 1, 0)
        arrivals.arrived({"a", "c"})
        assert (first.is_set(), second.is_set(), other.is_set()) == (True, True, False)
    assert arrivals.waiting("a") == 0
    arrivals.arrived({"a"})


def test_at_the_end_nobody_waits() -> None:
    arrivals = Arrivals()
    with arrivals.listening("a") as before:
        arrivals.close()
        assert before.is_set()
    with arrivals.listening("b") as after:
        assert after.is_set()
