from typing import Any

import pytest

from metrics import intervals
from metrics.context import Context, ExchangeRecord, StoredPackage
from metrics.pairing import FEDERATION
from tests.metrics.computed import LATER, figures, limits, three
from tests.metrics.stories import days


def records(count: int, **told: Any) -> tuple[ExchangeRecord, ...]:
    members: dict[str, Any] = {"sender": "beta", "recipient": "alpha", "offered": days(1)} | told
    return tuple(ExchangeRecord(transfer=f"t{number}", **members) for number in range(count))


def answered(count: int, answer: str, at: float = 3) -> tuple[ExchangeRecord, ...]:
    return records(count, answer=answer, answered=days(at))


def test_offers_accepted_by_those_who_were_asked() -> None:
    told = (
        *answered(30, "accepted"), *answered(8, "declined"), *answered(2, "expired"), *answered(5, "withdrawn"),
        *answered(9, "accepted", 95), *records(9),
    )  # fmt: skip
    found = figures("offer_acceptance", [], context=Context(exchange=told))[""]
    assert (three(found), limits(found)) == ((0.75, 30, 40), (*intervals.wilson(30, 40), "wilson"))
    assert dict(found.counts) == {"declined": 8, "run_out_of_time": 2, "withdrawn": 5}
    assert figures("offer_acceptance", [], context=Context(exchange=told), subject="beta")[""].status == "not_reported"
    everybody = figures("offer_acceptance", [], context=Context(exchange=told), subject=FEDERATION)[""]
    assert three(everybody) == (0.75, 30, 40)


def test_from_the_offer_to_the_completion() -> None:
    """Of 50 offers 20 arrive on day 5, 10 on day 6, 10 are declined on day 2, 10 are open."""
    told = (
        *records(20, end="completed", ended=days(6.5)),
        *records(10, end="completed", ended=days(7)),
        *records(10, end="declined", ended=days(3)),
        *records(10),
        *records(9, offered=days(-1), end="completed", ended=days(2)),
    )
    context = Context(exchange=told)
    found = figures("offer_to_completion", [], context=context, subject="beta")
    assert [three(one) for one in found.values()] == [(0.4, 20, 50), (pytest.approx(0.6), 30, 50)]
    assert limits(found["within_5_days"])[2] == "aalen_johansen_loglog"
    assert found["within_5_days"].counts["declined"] == 10
    assert figures("offer_to_completion", [], context=context)["within_5_days"].status == "not_reported"
    few = figures("offer_to_completion", [], context=Context(exchange=told[:29]), subject="beta")
    assert {(one.status, one.unit) for one in few.values()} == {("too_few", "share")}


def test_what_happens_after_the_freeze_is_not_known() -> None:
    told = Context(exchange=records(40, end="completed", ended=days(95)))
    assert three(figures("offer_to_completion", [], context=told, subject="beta")["within_5_days"]) == (0.0, 0, 40)
    assert three(figures("offer_to_completion", [], LATER, context=told, subject="beta")["within_14_days"])[1] == 0


def test_broken_packages_and_missing_consents() -> None:
    told = (
        *records(80, end="completed", ended=days(9)),
        *records(15, end="failed", ended=days(9), defect="package"),
        *records(5, end="failed", ended=days(9)),
        *records(20, end="declined", ended=days(9), defect="consent"),
        *records(5, end="declined", ended=days(9)),
        *records(7, end="withdrawn", ended=days(9)),
        *records(7, end="failed", ended=days(95), defect="package"),
    )
    found = figures("transfer_defects", [], context=Context(exchange=told), subject="beta")
    assert (three(found["package"]), three(found["consent"])) == ((0.15, 15, 100), (0.16, 20, 125))
    assert limits(found["package"]) == (*intervals.clopper_pearson(15, 100), "clopper_pearson")


def test_packages_deleted_when_they_must_be() -> None:
    told = (
        *(StoredPackage("alpha", days(9), days(10)) for _ in range(30)),
        *(StoredPackage("alpha", days(9), days(10) + 1) for _ in range(5)),
        *(StoredPackage("alpha", days(9)) for _ in range(5)),
        *(StoredPackage("alpha", days(9), held=True) for _ in range(3)),
        *(StoredPackage("alpha", days(89), days(89)) for _ in range(9)),
        *(StoredPackage("beta", days(9)) for _ in range(9)),
    )
    found = figures("deletion_on_time", [], context=Context(packages=told))[""]
    assert (three(found), dict(found.counts)) == ((0.75, 30, 40), {"held": 3, "still_there": 5})
    assert figures("deletion_on_time", [])[""].status == "not_reported"
