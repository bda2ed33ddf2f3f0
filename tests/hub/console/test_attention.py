"""What needs attention: one row for each line of the table, at the second before and at the second of each deadline."""

from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.console.attention import DAY, Item, Urgency, attention
from hub.console.facts import (
    AlarmFact,
    AnswersFact,
    ApplicationFact,
    DecisionFact,
    DoubtFact,
    DraftFact,
    EnquiryFact,
    Facts,
    KeyFact,
)

NOW = 1_795_000_000
LONG = NOW + 1000 * DAY
LISTED = DecisionFact("provider-a", "Sample A Ltd", "listed", NOW - DAY, LONG)
DRAFT = DraftFact(
    "d-1", "accreditation", "provider-a", "listed", yours=True, missing=1, since=NOW, expires=NOW + 9 * DAY
)
APPLICATION = ApplicationFact("a-1", "Sample B Ltd", "ready", NOW - 5, NOW + 20 * DAY)


def found(now: int = NOW, **facts: object) -> list[tuple[str, str, int | None]]:
    return [(one.code, one.urgency.name, one.due) for one in attention(Facts(**facts), now)]  # type: ignore[arg-type]


def test_what_members_put_before_officers_comes_behind_what_is_as_urgent() -> None:
    grave = replace(DRAFT, id="d-2", status="suspended", expires=NOW + 8 * DAY)
    crowd = [replace(DRAFT, id=f"c-{n}", status="suspended", expires=NOW + DAY, official=False) for n in range(3)]
    items = attention(Facts(drafts=[*crowd, grave]), NOW)
    assert [one.subject for one in items] == ["d-2", "c-0", "c-1", "c-2"]
    assert {one.urgency for one in items} == {Urgency.NOW}


def test_answers_that_the_rules_refuse() -> None:
    (item,) = attention(Facts(answers=[AnswersFact("feedback_day", 7, NOW - 3 * DAY)]), NOW)
    assert (item.code, item.urgency, item.subject) == ("answers_refused", Urgency.WEEK, "feedback_day")
    assert (item.count, item.since, item.due, item.link) == (7, NOW - 3 * DAY, None, "/docs/problems#feedback_day")


def test_nothing_needs_nobody() -> None:
    assert attention(Facts(decisions=[LISTED]), NOW) == []


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (91, None), (90, "LATER"), (30, "LATER"), (8, "LATER"), (7, "WEEK"), (1, "WEEK"), (0, "NOW"), (-400, "NOW"),
    ],
)  # fmt: skip
def test_validity_that_ends(days: int, expected: str | None) -> None:
    ends = NOW + days * DAY
    code = "ended" if days <= 0 else "ends"
    assert found(decisions=[replace(LISTED, ends=ends)]) == ([] if expected is None else [(code, expected, ends)])


def test_validity_has_ended_at_its_very_second() -> None:
    fact = replace(LISTED, ends=NOW)
    assert found(NOW - 1, decisions=[fact]) == [("ends", "WEEK", NOW)]
    assert found(NOW, decisions=[fact]) == [("ended", "NOW", NOW)]


@pytest.mark.parametrize("status", ["suspended", "removed", "expired", "applied"])
def test_no_bad_status_is_said_to_end(status: str) -> None:
    codes = [code for code, *_ in found(decisions=[replace(LISTED, status=status, ends=NOW - 1)])]
    assert "ended" not in codes
    assert "ends" not in codes


@pytest.mark.parametrize(
    ("status", "cure", "expected"),
    [
        ("concern", 8 * DAY, ("cure_open", "LATER")),
        ("concern", 7 * DAY, ("cure_open", "WEEK")),
        ("concern", 1, ("cure_open", "WEEK")),
        ("concern", 0, ("cure_passed", "NOW")),
        ("referred", -DAY, ("cure_passed", "NOW")),
        ("conditional", 8 * DAY, ("condition_open", "LATER")),
        ("conditional", 7 * DAY, ("condition_open", "WEEK")),
        ("conditional", 0, ("condition_passed", "NOW")),
    ],
)
def test_deadlines_of_concerns_and_conditions(status: str, cure: int, expected: tuple[str, str]) -> None:
    assert found(decisions=[replace(LISTED, status=status, cure=NOW + cure)]) == [(*expected, NOW + cure)]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"status": "concern"}, [("cure_open", "WEEK", None)]),
        ({"status": "conditional"}, []),
        ({"status": "referred"}, [("referred", "LATER", None)]),
        ({"status": "referred", "consulted": True, "cure": NOW - 1}, [("consulted", "WEEK", None)]),
        ({"status": "referred", "cure": NOW + 7 * DAY}, [("referred", "WEEK", NOW + 7 * DAY)]),
        ({"status": "referred", "cure": NOW + 8 * DAY}, [("referred", "LATER", NOW + 8 * DAY)]),
        ({"status": "applied"}, [("applied", "WEEK", None)]),
        ({"status": "suspended"}, [("suspended", "LATER", None)]),
        ({"status": "removed"}, []),
        ({"status": "removed", "appeal": "lodged"}, [("appeal_lodged", "WEEK", None)]),
        ({"status": "removed", "appeal": "open", "appeal_until": NOW + 1}, [("appeal_open", "LATER", NOW + 1)]),
        ({"status": "removed", "appeal": "open", "appeal_until": NOW}, []),
        ({"status": "removed", "appeal": "dismissed", "appeal_until": NOW + 1}, []),
    ],
)
def test_states_of_decisions(changes: dict[str, object], expected: list[tuple[str, str, int | None]]) -> None:
    assert found(decisions=[replace(LISTED, **changes)]) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ("draft_yours", "WEEK")),
        ({"status": "suspended"}, ("draft_yours", "NOW")),
        ({"status": "removed"}, ("draft_yours", "NOW")),
        ({"kind": "key", "status": "revoke"}, ("draft_yours", "NOW")),
        ({"kind": "policy", "status": ""}, ("draft_yours", "NOW")),
        ({"expires": NOW + 3 * DAY}, ("draft_yours", "NOW")),
        ({"expires": NOW + 3 * DAY + 1}, ("draft_yours", "WEEK")),
        ({"yours": False, "status": "removed"}, ("draft_others", "LATER")),
    ],
)
def test_drafts(changes: dict[str, object], expected: tuple[str, str]) -> None:
    fact = replace(DRAFT, **changes)  # type: ignore[arg-type]
    assert found(drafts=[fact]) == [(*expected, fact.expires)]
    assert found(fact.expires, drafts=[fact]) == []


@pytest.mark.parametrize(
    ("state", "left", "expected"),
    [
        ("ready", 20 * DAY, [("application_ready", "WEEK")]),
        ("stuck", 20 * DAY, [("application_stuck", "WEEK")]),
        ("ready", 3 * DAY, [("application_ready", "NOW")]),
        ("stuck", 1, [("application_stuck", "NOW")]),
        ("testing", 20 * DAY, []),
        ("ready", 0, []),
    ],
)
def test_applications(state: str, left: int, expected: list[tuple[str, str]]) -> None:
    fact = replace(APPLICATION, state=state, expires=NOW + left)
    assert [one[:2] for one in found(applications=[fact])] == expected


@pytest.mark.parametrize(
    ("state", "until", "expected"),
    [
        ("waiting", NOW + 72 * 3600, [("key_waiting", "WEEK", NOW + 72 * 3600)]),
        ("waiting", NOW, []),
        ("overlap", NOW + 1, [("key_overlap", "LATER", NOW + 1)]),
        ("overlap", NOW, []),
        ("suspended", None, [("key_suspended", "NOW", None)]),
    ],
)
def test_keys(state: str, until: int | None, expected: list[tuple[str, str, int | None]]) -> None:
    assert found(keys=[KeyFact("provider-a", "kid", state, NOW - 1, until)]) == expected


def test_awards_in_doubt_are_counted_and_none_are_no_item() -> None:
    items = attention(Facts(doubts=[DoubtFact("neutral-a", "kid", 3, NOW, at_least=True)]), NOW)
    assert [(one.code, one.count, one.at_least, one.urgency) for one in items] == [
        ("awards_in_doubt", 3, True, Urgency.NOW)
    ]
    assert found(doubts=[DoubtFact("neutral-a", "kid", 0, NOW)]) == []


def test_enquiries_are_counted_while_they_wait_and_when_they_are_late() -> None:
    facts = [EnquiryFact(NOW - 5 * DAY, NOW + 23 * DAY), EnquiryFact(NOW - 9 * DAY, NOW + 19 * DAY)]
    late = EnquiryFact(NOW - 28 * DAY, NOW)
    assert found(enquiries=facts) == [("enquiries_open", "LATER", NOW + 19 * DAY)]
    assert found(NOW - 1, enquiries=[late]) == [("enquiries_open", "LATER", NOW)]
    first, second = attention(Facts(enquiries=[*facts, late, replace(late, due=NOW - DAY)]), NOW)
    assert (first.code, first.urgency, first.count, first.since) == ("enquiries_late", Urgency.WEEK, 2, NOW - DAY)
    assert (second.code, second.count, second.since, second.link) == (
        "enquiries_open", 2, NOW - 9 * DAY, "/console/oversight"
    )  # fmt: skip
    assert found(enquiries=[]) == []


def test_every_item_leads_to_a_page_and_names_its_subject() -> None:
    facts = Facts([DRAFT], [APPLICATION], [replace(LISTED, ends=NOW)], [KeyFact("n-1", "kid", "suspended", NOW)],
                  [DoubtFact("n-1", "kid", 1, NOW)], [AlarmFact("quorum_missing", NOW)])  # fmt: skip
    links = {one.code: (one.link, one.name) for one in attention(facts, NOW)}
    assert links == {
        "alarm": ("/", "quorum_missing"),
        "awards_in_doubt": ("/console/subjects/n-1/keys/kid/awards", "n-1"),
        "key_suspended": ("/console/subjects/n-1", "n-1"),
        "ended": ("/console/subjects/provider-a", "Sample A Ltd"),
        "draft_yours": ("/console/drafts/d-1", "provider-a"),
        "application_ready": ("/console/applications/a-1", "Sample B Ltd"),
    }


def test_a_subject_without_a_name_is_called_by_its_id() -> None:
    (item,) = attention(Facts(decisions=[replace(LISTED, name="", ends=NOW)]), NOW)
    assert item.name == "provider-a"


def test_the_most_urgent_comes_first_whatever_the_order_of_the_facts() -> None:
    near, late = replace(LISTED, subject="near", ends=NOW + DAY), replace(LISTED, subject="late", ends=NOW - DAY)
    later = replace(LISTED, subject="later", ends=NOW - 1)
    for order in permutations([near, late, later, replace(LISTED, subject="far", ends=NOW + 60 * DAY)]):
        items = attention(Facts(decisions=order, alarms=[AlarmFact("quorum_missing", NOW)]), NOW)
        assert [one.subject for one in items] == ["late", "later", "quorum_missing", "near", "far"]


FACTS = st.builds(
    Facts,
    drafts=st.lists(st.builds(DraftFact, st.text(), st.sampled_from(["policy", "member"]), st.just(""), st.just(""),
                              st.booleans(), st.integers(0, 3), st.integers(0, 99), st.integers(0, 99))),
    decisions=st.lists(st.builds(DecisionFact, st.text(), st.text(), st.sampled_from(
        ["listed", "conditional", "concern", "referred", "suspended", "removed", "applied", "expired"]),
        st.integers(0, 99), st.integers(0, 99), st.none() | st.integers(0, 99), st.booleans(),
        st.sampled_from(["", "open", "lodged"]), st.none() | st.integers(0, 99))),
    keys=st.lists(st.builds(KeyFact, st.text(), st.text(), st.sampled_from(["waiting", "overlap", "suspended"]),
                            st.integers(0, 99), st.none() | st.integers(0, 99))),
    enquiries=st.lists(st.builds(EnquiryFact, st.integers(0, 99), st.integers(0, 99))),
)  # fmt: skip


@given(FACTS, st.integers(0, 99), st.integers(0, 9))
def test_while_the_clock_moves_nothing_becomes_less_urgent(facts: Facts, now: int, moved: int) -> None:
    """What is still there later is at least as urgent as before; only what has lapsed goes."""

    def urgency(items: list[Item]) -> dict[tuple[str, int, int | None], Urgency]:
        return {(one.subject, 0, one.due): one.urgency for one in reversed(items)}

    before, after = urgency(attention(facts, now)), urgency(attention(facts, now + moved))
    assert all(after[key] <= before[key] for key in before.keys() & after.keys())
    assert [one.urgency for one in attention(facts, now)] == sorted(one.urgency for one in attention(facts, now))
