from tests.metrics.stories import codes, days, fact


def test_the_first_answer_counts_and_further_ones_are_no_defect() -> None:
    found = fact("filed 0", "commenced 1 deadline=response due=8", "response 4", "response 6")
    assert (found.responded_at, found.silent_at, found.response_due) == (days(4), None, days(8))
    assert found.defects == ()


def test_silence_is_followed_by_a_late_answer() -> None:
    found = fact("filed 0", "no_response 7", "response 9")
    assert (found.responded_at, found.silent_at, found.defects) == (days(9), days(7), ())


def test_silence_after_an_answer_is_a_contradiction() -> None:
    assert fact("filed 0", "response 4", "no_response 7").silent_at is None
    assert codes("filed 0", "response 4", "no_response 7") == {"answered_already": 1}


def test_the_answer_falls_due_when_the_parties_agreed() -> None:
    lines = ("filed 0", "commenced 1 deadline=response due=8", "extended 5 deadline=response due=15 agreed=")
    assert fact(*lines[:-1], lines[-1] + "yes").response_due == days(15)
    assert fact(*lines[:-1], lines[-1] + "no").response_due == days(8)


def test_a_due_day_that_lapsed_gives_way_to_the_next_one() -> None:
    away = ("filed 0 deadline=response due=8", "transfer_out 5 transfer_id=t", "transfer_in 9 transfer_id=u")
    assert fact(*away).response_due == days(8), "the time was not over when the case left"
    assert fact(*away, "commenced 10 deadline=response due=20").response_due == days(20)


def test_closing_submissions_again_does_not_shorten_the_time_to_the_award() -> None:
    found = fact("filed 0", "submissions_closed 10", "submissions_closed 30")
    assert found.submissions_closed == days(10)
    assert codes("filed 0", "submissions_closed 10", "submissions_closed 30") == {"repeated_event": 1}
