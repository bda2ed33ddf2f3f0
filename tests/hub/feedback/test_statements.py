"""Answers in a statement and back; the schema asks what the questionnaire asks."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.feedback.questions import HIGHEST, LOWEST, OUTCOMES, QUESTIONS, REQUIRED, ROLES
from hub.feedback.standing import PARTY, RELAYED
from hub.feedback.statements import KIND, answers_of, body_of, day_of
from hub.storage.values import Answered
from schemas.catalogue import catalogue

ANSWERS = st.builds(
    Answered,
    provider=st.sampled_from(("acme", "brio")),
    case=st.text("Aa0_-", min_size=22, max_size=22),
    role=st.sampled_from(ROLES),
    source=st.just(PARTY),
    outcome_side=st.sampled_from(OUTCOMES),
    scores=st.dictionaries(st.sampled_from(QUESTIONS), st.integers(LOWEST, HIGHEST), min_size=1),
    day=st.integers(day_of("1970-01-01"), day_of("2199-12-31")),
)


@given(st.lists(ANSWERS, max_size=9))
def test_what_is_told_comes_back_whatever_the_order(answers: list[Answered]) -> None:
    body = body_of(PARTY, answers)
    keys = [(one["provider"], one["case"], one["role"]) for one in body["answers"]]
    assert keys == sorted(keys)
    assert sorted(answers_of(body), key=repr) == sorted(answers, key=repr)


def test_a_text_that_is_gone_tells_nothing() -> None:
    assert answers_of({}) == []


def test_days_are_counted_and_invented_ones_refused() -> None:
    assert [day_of(text) for text in ("1970-01-01", "2026-11-27")] == [0, 20_784]
    with pytest.raises(ValueError, match="day"):
        day_of("2026-02-31")


def test_the_schema_asks_what_the_questionnaire_asks() -> None:
    document: Any = catalogue().lookup(KIND, 1).document
    answer = document["$defs"]["answer"]["properties"]
    assert tuple(answer["role"]["enum"]) == ROLES
    assert tuple(answer["outcome_side"]["enum"]) == OUTCOMES
    assert set(answer["scores"]["properties"]) == set(QUESTIONS)
    assert set(answer["scores"]["required"]) == REQUIRED
    assert (document["$defs"]["score"]["minimum"], document["$defs"]["score"]["maximum"]) == (LOWEST, HIGHEST)
    assert document["properties"]["body"]["properties"]["source"]["enum"] == [PARTY, RELAYED]
