"""What an answer, a request for slots and a relayed answer may say, and nothing else."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.feedback.errors import BadAnswerError
from hub.feedback.questions import OUTCOMES, QUESTIONS, Given, read_given, read_relayed, read_wanted

CASE = "C" * 22
ANSWER = {"outcome_side": "won", "scores": {"overall": 4, "cost": 1}}
SLOTS = [{"role": "claimant", "language": "es"}, {"role": "respondent", "language": "zh-Hans"}]
TAGS = ("en", "es", "zh-Hans")


def wanted(members: Any) -> object:
    return read_wanted(members, TAGS)


def test_an_answer_keeps_the_order_of_the_questions() -> None:
    found = read_given({"outcome_side": "settled", "scores": {"cost": 1, "overall": 5}})
    assert found == Given("settled", {"overall": 5, "cost": 1})
    assert list(found.scores) == ["overall", "cost"]


def test_slots_are_read_by_role() -> None:
    found = read_wanted({"case": CASE, "slots": SLOTS}, TAGS)
    assert (found.case, dict(found.languages)) == (CASE, {"claimant": "es", "respondent": "zh-Hans"})


@pytest.mark.parametrize(
    ("read", "members", "where", "sentence"),
    [
        (read_given, [], "", "exactly outcome_side, scores"),
        (read_given, {**ANSWER, "free_text": "They were rude."}, "", "exactly outcome_side, scores"),
        (read_given, {**ANSWER, "outcome_side": "great"}, "/outcome_side", "won, lost"),
        (read_given, {**ANSWER, "outcome_side": ["won"]}, "/outcome_side", "won, lost"),
        (read_given, {**ANSWER, "scores": [4]}, "/scores", "an object"),
        (read_given, {**ANSWER, "scores": {"overall": 4, "smell": 3}}, "/scores", "There is no such question"),
        (read_given, {**ANSWER, "scores": {"cost": 4}}, "/scores/overall", "is to be answered"),
        (read_given, {**ANSWER, "scores": {"overall": 0}}, "/scores/overall", "from 1 to 5"),
        (read_given, {**ANSWER, "scores": {"overall": 6}}, "/scores/overall", "from 1 to 5"),
        (read_given, {**ANSWER, "scores": {"overall": True}}, "/scores/overall", "from 1 to 5"),
        (read_given, {**ANSWER, "scores": {"overall": "4"}}, "/scores/overall", "from 1 to 5"),
        (wanted, {"case": CASE}, "", "exactly case, slots"),
        (wanted, {"case": "C" * 21, "slots": SLOTS}, "/case", "pseudonym"),
        (wanted, {"case": 7, "slots": SLOTS}, "/case", "pseudonym"),
        (wanted, {"case": CASE, "slots": []}, "/slots", "one slot for each party"),
        (wanted, {"case": CASE, "slots": [*SLOTS, SLOTS[0]]}, "/slots", "one slot for each party"),
        (wanted, {"case": CASE, "slots": [SLOTS[0], SLOTS[0]]}, "/slots/1/role", "Each role has one slot"),
        (wanted, {"case": CASE, "slots": [{"role": "joined", "language": "es"}]}, "/slots/0/role", "claimant"),
        (wanted, {"case": CASE, "slots": [{"role": "claimant", "language": "xx"}]}, "/slots/0/language", "en, es"),
        (wanted, {"case": CASE, "slots": [{"role": "claimant"}]}, "/slots/0", "exactly language, role"),
        (read_relayed, {**ANSWER, "case": CASE}, "", "exactly case, outcome_side, role, scores"),
        (read_relayed, {**ANSWER, "case": CASE, "role": []}, "/role", "claimant, respondent"),
        (read_relayed, {**ANSWER, "case": CASE + "\n", "role": "claimant"}, "/case", "pseudonym"),
        (read_relayed, {**ANSWER, "case": CASE, "role": "claimant", "scores": {}}, "/scores/overall", "answered"),
    ],
)
def test_what_is_refused(read: Callable[[Any], object], members: Any, where: str, sentence: str) -> None:
    with pytest.raises(BadAnswerError) as caught:
        read(members)
    assert (caught.value.code, caught.value.where) == ("bad_feedback", where)
    assert sentence in caught.value.message


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-1, 7) | st.sampled_from([*OUTCOMES, *QUESTIONS, CASE, "claimant"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["outcome_side", "scores", "case", "role", *QUESTIONS]), inner, max_size=5)
    ),
    max_leaves=12,
)


@given(JSON)
def test_whatever_comes_is_read_wholly_or_refused(members: Any) -> None:
    try:
        found = read_given(members)
    except BadAnswerError:
        return
    assert members == {"outcome_side": found.outcome_side, "scores": found.scores}
