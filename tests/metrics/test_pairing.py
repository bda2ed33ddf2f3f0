from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.cohorts import entered, filed
from metrics.columns import Columns
from metrics.events import STAGES, Event
from metrics.facts import CaseFact, Record, StageSpell, Stop
from metrics.flows import flows
from metrics.folding import fold
from metrics.pairing import DIFFERENCES, FEDERATION, disagreements, link, pair
from tests.metrics.stories import FREEZE, PERIOD, days, fact
from tests.metrics.test_folding import ANY_EVENT


def sent(at: float = 9, stage: str = "mediation", transfer: str = "t") -> CaseFact:
    return fact(
        "filed 0", "stage_started 2 stage=mediation", "clock_stopped 3 reason=evidence", "clock_resumed 5",
        f"transfer_out {at} transfer_id={transfer} stage={stage}",
    )  # fmt: skip


def received(at: float = 9, *more: str, stage: str = "mediation", provider: str = "beta") -> CaseFact:
    lines = more or ("stage_started 9.5 stage=mediation", "settled 15 stage=mediation", "closed 16")
    return fact(f"transfer_in {at} transfer_id=t stage={stage}", *lines, provider=provider, case="other")


def test_both_records_agree() -> None:
    [found] = pair([sent(), received(9.1)])
    assert (found.status, found.differences, found.difference_seconds) == ("paired", (), 8640)
    assert (found.sender, found.recipient) == (("alpha", "one"), ("beta", "other"))


@pytest.mark.parametrize(
    ("facts", "status", "differences"),
    [
        ([sent()], "sender_only", ()),
        ([received()], "recipient_only", ()),
        ([sent(), received(11)], "disagreeing", ("time",)),
        ([sent(), received(7)], "disagreeing", ("order",)),
        ([sent(), received(stage="negotiation")], "disagreeing", ("stage",)),
        ([sent(), received(provider="alpha")], "disagreeing", ("same_provider",)),
        ([sent(), received(), received(provider="gamma")], "disagreeing", ("repeated",)),
        ([sent(), replace(sent(), case="two")], "disagreeing", ("repeated",)),
    ],
)
def test_records_that_do_not_agree_say_where(facts: list[CaseFact], status: str, differences: tuple[str, ...]) -> None:
    [found] = pair(facts)
    assert (found.status, found.differences) == (status, differences)


def test_a_stage_that_one_side_does_not_name_is_no_difference() -> None:
    [found] = pair([sent(), fact("transfer_in 9 transfer_id=t", provider="beta")])
    assert found.status == "paired"


def test_a_case_that_moved_counts_once_and_its_whole_way() -> None:
    [found] = link([sent(), received()]).cases
    assert (found.provider, found.case, found.filed) == (FEDERATION, "alpha/one", days(0))
    assert [(one.opened, one.ended, one.ended_by) for one in found.spells] == [(days(0), days(15), "settled")]
    assert found.stages == (StageSpell("mediation", days(2), days(15)),)
    assert found.stops == (Stop("evidence", days(3), days(5)),)
    assert found.closed_at == days(16)
    assert filed(Columns.of([found]), PERIOD, FREEZE).days.tolist() == [13]
    assert entered(Columns.of([found]), "mediation", PERIOD, FREEZE)[2].causes.tolist() == [1]


def test_each_provider_has_its_own_part_of_it() -> None:
    ours, theirs = flows("alpha", Columns.of([sent()]), PERIOD), flows("beta", Columns.of([received()]), PERIOD)
    assert (ours.filed, ours.handed_over, ours.resolved, ours.pending) == (1, 1, 0, 0)
    assert (theirs.received, theirs.resolved, theirs.pending) == (1, 1, 0)
    both = flows(FEDERATION, Columns.of(link([sent(), received()]).cases), PERIOD)
    assert (both.filed, both.received, both.resolved, both.handed_over) == (1, 0, 1, 0)


@pytest.mark.parametrize(
    ("more", "open_ones", "unlinked"),
    [
        ([replace(sent(), provider="gamma")], 2, 1),
        ([replace(sent(), case="two")], 2, 1),
        ([received(provider="gamma")], 1, 2),
        ([replace(received(), case="two")], 1, 2),
    ],
)
def test_an_identifier_of_more_than_two_records_joins_nothing(
    more: list[CaseFact], open_ones: int, unlinked: int
) -> None:
    found = link([sent(), received(), *more])
    assert [one.spells[0].ended for one in found.cases] == [None] * open_ones
    assert len(found.unlinked) == unlinked
    assert disagreements(found.disagreeing) == {"repeated": 1}


def test_a_provider_that_hands_over_to_itself_joins_nothing() -> None:
    found = link([sent(), received(provider="alpha")])
    assert (len(found.cases), len(found.unlinked)) == (1, 1)
    assert disagreements(found.disagreeing) == {"same_provider": 1}


def test_records_that_disagree_about_time_or_stage_are_of_one_case_and_counted() -> None:
    found = link([sent(), received(11, stage="negotiation"), sent(30, transfer="u")])
    assert (len(found.cases), found.unlinked) == (2, ())
    assert disagreements(found.disagreeing) == {"time": 1, "stage": 1}
    assert disagreements(link([sent(), received(7)]).disagreeing) == {"order": 1}


def test_every_difference_has_its_sentence() -> None:
    assert set(DIFFERENCES) == {"repeated", "same_provider", "order", "time", "stage"}


def test_a_case_on_its_way_is_open() -> None:
    [found] = link([sent()]).cases
    assert found.spells[0].ended is None


def test_a_received_case_of_unknown_origin_is_left_out_and_named() -> None:
    found = link([received()])
    assert found.cases == ()
    assert [one.provider for one in found.unlinked] == ["beta"]


def test_a_case_over_three_providers_is_one() -> None:
    middle = fact("transfer_in 9 transfer_id=t", "transfer_out 20 transfer_id=u", provider="beta", case="b")
    last = fact("transfer_in 20 transfer_id=u", "award_issued 40 outcome=respondent", provider="gamma", case="c")
    [found] = link([last, sent(), middle]).cases
    assert found.records == (Record("alpha", "one"), Record("beta", "b"), Record("gamma", "c"))
    assert found.outcome
    assert (found.outcome.kind, found.spells[0].ended) == ("award", days(40))


@pytest.mark.parametrize(
    ("then", "lost"),
    [
        (("transfer_out 20 transfer_id=u",), 20),
        (("transfer_out 20",), 20),
        ((), None),
        (("settled 15 stage=mediation",), None),
        (("transfer_out 20 transfer_id=u", "transfer_in 30 transfer_id=v"), None),
    ],
    ids=["to nobody known", "under no name", "is there", "has ended", "has come back"],
)
def test_a_joined_case_tells_who_handed_it_over_to_somebody_without_a_record(
    then: tuple[str, ...], lost: int | None
) -> None:
    taken = fact("transfer_in 9 transfer_id=t", *then, provider="beta", case="b")
    [found] = link([sent(), taken]).cases
    assert found.records == (Record("alpha", "one"), Record("beta", "b", None if lost is None else days(lost)))
    [alone] = link([sent()]).cases
    assert alone.records == (Record("alpha", "one", days(9)),)


def test_stops_of_several_providers_are_counted_once() -> None:
    other = received(9, "clock_stopped 10 reason=transfer", "clock_resumed 14", "settled 15 stage=mediation")
    overlapping = replace(sent(), stops=(Stop("evidence", days(8), days(12)),))
    [found] = link([overlapping, other]).cases
    assert found.stops == (Stop("evidence", days(8), days(14)),)
    [found] = link([replace(sent(), stops=(Stop("evidence", days(8)),)), other]).cases
    assert found.stops == (Stop("evidence", days(8)),)


def test_a_case_handed_over_in_a_transfer_without_a_name_is_still_open_somewhere() -> None:
    [found] = link([fact("filed 0", "transfer_out 3")]).cases
    assert (found.provider, found.spells[0].ended) == (FEDERATION, None)


def test_a_case_that_never_moved_is_its_providers_own_fact() -> None:
    alone = fact("filed 0", "refused 3")
    assert link([alone]).cases == (alone,)


def test_a_fact_without_an_opening_belongs_to_no_case() -> None:
    assert link([fact("settled 3 stage=mediation")]).cases == ()


@settings(max_examples=300)
@given(st.lists(ANY_EVENT, max_size=40))
def test_any_records_can_be_linked_and_the_books_balance(events: list[Event]) -> None:
    facts = fold(events, FREEZE)
    found = link(facts)
    flows(FEDERATION, Columns.of(found.cases), PERIOD)
    assert len(found.cases) + len(found.unlinked) <= len(facts)
    assert len({(one.provider, one.case) for one in found.cases}) == len(found.cases)
    if filed(Columns.of(found.cases), PERIOD, FREEZE).n:
        assert filed(Columns.of(found.cases), PERIOD, FREEZE).days.min() >= 0
    for stage in STAGES:
        *_, cohort = entered(Columns.of(found.cases), stage, PERIOD, FREEZE)
        assert not cohort.n or cohort.days.min() >= 0


def test_what_was_said_before_the_transfer_and_what_follows_the_outcome_belong_to_the_whole_case() -> None:
    ours = fact(
        "filed 0 claim=900USD fee=40USD respondent=R declared_languages=es",
        "commenced 1 deadline=response due=8 slots=claimant:aa",
        "response 4", "appointed 5 neutral=ada", "transfer_out 9 transfer_id=t",
    )  # fmt: skip
    theirs = fact(
        "transfer_in 9 transfer_id=t fee=30USD fee_final=yes", "appointed 10 neutral=ben", "submissions_closed 20",
        "award_issued 30 outcome=claimant_full award_digest=d1", "notified 31", "complied 40",
        provider="beta", case="b",
    )  # fmt: skip
    [found] = link([theirs, ours]).cases
    assert (found.commenced, found.responded_at, found.response_due) == (days(1), days(4), days(8))
    assert [(one.neutral, one.ended_by) for one in found.appointments] == [("ada", "transfer_out"), ("ben", "award")]
    assert (found.award, found.performance, found.award_digests) == (theirs.award, theirs.performance, ("d1",))
    assert (found.fee, found.fee_final, found.claim) == (theirs.fee, True, ours.claim)
    assert (found.respondent, found.declared_languages) == ("R", ("es",))
    assert (len(found.slots), len(found.lateness)) == (1, 11)


HANDED_OVER_ON_DAY_10 = ("commenced 1 deadline=response due=20", "transfer_out 10 transfer_id=t")


@pytest.mark.parametrize(
    ("ours", "theirs", "due"),
    [
        ((), ("stage_started 11 stage=mediation deadline=response due=40", "response 30"), 40),
        ((), ("response 30",), None),
        ((), ("no_response 30",), None),
        ((), ("response 15",), 20),
        (("response 5",), (), 20),
        ((), ("no_response 12", "discontinued 15 reason=withdrawn"), 20),
        ((), ("discontinued 30 reason=withdrawn",), None),
        (("response 5", "deadline_met 5 deadline=response"), (ANEW := "commenced 11 deadline=response due=40",), 20),
        (("response 5",), (ANEW,), 40),
    ],
    ids=["set anew", "late", "silent", "in time", "before it left", "ended", "ended later", "met", "asked again"],
)
def test_a_due_day_that_lapsed_at_the_sender_is_not_that_of_the_whole_case(
    ours: tuple[str, ...], theirs: tuple[str, ...], due: int | None
) -> None:
    """What lapsed counts where the answer or the end came before it; else the first that is set at the receiver."""
    commenced, handed_over = HANDED_OVER_ON_DAY_10
    sent = fact("filed 0", commenced, *ours, handed_over)
    taken = fact("transfer_in 10 transfer_id=t", *theirs, provider="beta", case="b")
    [found] = link([sent, taken]).cases
    assert found.response_due == (None if due is None else days(due))
