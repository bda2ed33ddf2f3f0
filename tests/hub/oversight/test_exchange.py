"""Transfers as figures see them, from the effects that the rules record."""

from datetime import UTC, datetime
from typing import Any

import pytest

from hub.feedback.reading import FeedbackReading
from hub.oversight.exchange import Exchange, answer, followed, neutral_facts, stored_package
from hub.oversight.exchangerates import ExchangeRates
from hub.settings import RetentionSection
from hub.storage.exchangerecords import ExchangeRecords, PackageTimes
from hub.storage.feedback import FeedbackStore
from hub.storage.values import Answered
from hub.web.appkeys import DATA_QUALITY, DATABASE, DIRECTORY, FOLLOWER, JOBS, LOG
from metrics.context import Answer, ExchangeRecord, NeutralFact, StoredPackage
from tests.hub.exchange.network import PATHS, ExchangeNetwork, at_state, exchange
from tests.hub.exchange.providers import ACME, BRIO
from tests.hub.exchange.providers import Exchange as Providers
from tests.hub.running import Hub

DAY = 86_400
LIMITS = RetentionSection(packages_days=180, unclaimed_days=30)


def context_of(app: Any) -> Exchange:
    feedback, rates = FeedbackReading(FeedbackStore(app[DATABASE])), ExchangeRates(app[DIRECTORY])
    records, size = ExchangeRecords(app[DATABASE]), lambda: app[LOG].size
    return Exchange(records, feedback, LIMITS, quality=app[DATA_QUALITY], rates=rates, size=size)


def record_of(net: ExchangeNetwork) -> ExchangeRecord:
    transfers: dict[str, ExchangeRecord] = {}
    for effects in net.effects:
        followed(transfers, [one.data for one in effects if one.type == "transfer.changed"])
    (found,) = transfers.values()
    return found


@pytest.mark.parametrize(
    ("state", "answer", "end", "defect"),
    [
        ("offered", None, None, None),
        ("accepted", "accepted", None, None),
        ("dispatched", "accepted", None, None),
        ("completed", "accepted", "completed", None),
        ("failed", "accepted", "failed", "package"),
        ("declined", "declined", "declined", None),
        ("withdrawn", "withdrawn", "withdrawn", None),
        ("expired", "expired", "expired", None),
    ],
)
def test_what_became_of_a_transfer(state: str, answer: str | None, end: str | None, defect: str | None) -> None:
    net = exchange()
    offered = net.now
    found = record_of(at_state(state, net))
    assert (found.sender, found.recipient, found.answer, found.end, found.defect) == (
        "acme", "brio", answer, end, defect,
    )  # fmt: skip
    assert (found.answered is None, found.ended is None) == (answer is None, end is None)
    assert found.offered >= offered
    if state in {"declined", "expired"}:
        assert found.answered == found.ended
    assert set(PATHS) >= {state}


def test_a_consent_that_was_missing_is_told_from_other_reasons() -> None:
    net = exchange()
    net.submit(net.offer())
    net.submit(net.decline(body={"reason": "consent_defect"}))
    assert record_of(net).defect == "consent"
    assert "reason" not in str(net.effects[-1])


@pytest.mark.parametrize(
    ("found", "due"),
    [
        (PackageTimes("acme", 0, None, held=False, ended=None, claimed=True), 180 * DAY),
        (PackageTimes("acme", 0, None, held=False, ended=None, claimed=False), 30 * DAY),
        (PackageTimes("acme", 0, None, held=False, ended=9 * DAY, claimed=True), 9 * DAY),
        (PackageTimes("acme", 10 * DAY, None, held=False, ended=9 * DAY, claimed=True), 10 * DAY),
        (PackageTimes("acme", 0, None, held=False, ended=200 * DAY, claimed=True), 180 * DAY),
        (PackageTimes("acme", 0, None, held=False, ended=9 * DAY, claimed=True, released=60 * DAY), 60 * DAY),
        (PackageTimes("acme", 0, None, held=False, ended=9 * DAY, claimed=True, released=5 * DAY), 9 * DAY),
    ],
)
def test_when_a_package_must_be_deleted(found: PackageTimes, due: int) -> None:
    assert stored_package(found, LIMITS) == StoredPackage("acme", due)


def test_a_hold_ends_with_the_package() -> None:
    held = PackageTimes("acme", 0, None, held=True, ended=0, claimed=True)
    gone = PackageTimes("acme", 0, 5, held=True, ended=0, claimed=True)
    assert (stored_package(held, LIMITS).held, stored_package(gone, LIMITS).held) == (True, False)


def test_neutrals_who_take_cases() -> None:
    profile = {"languages": ["en", "es"], "practice_fields": ["services"]}
    told = {"id": "noor", "status": "active", "nominated_by": "acme", "profile": profile}
    paused = told | {"id": "ines", "status": "paused"}
    several = told | {"id": "otto", "providers": ["acme", "brio"]}
    assert neutral_facts([told, paused, several]) == {
        "noor": NeutralFact(frozenset({"en", "es"}), frozenset({"services"}), frozenset({"acme"})),
        "otto": NeutralFact(frozenset({"en", "es"}), frozenset({"services"}), frozenset({"acme", "brio"})),
    }


def test_answers_come_with_their_source() -> None:
    told = Answered("acme", "c", "claimant", "relayed", "won", {"overall": 4}, 20_000)
    assert answer(told) == Answer("acme", "c", "claimant", "won", {"overall": 4}, 20_000, "relayed")


async def test_the_hub_s_own_records_become_figures(hub: Hub) -> None:
    providers = Providers(hub)
    await providers.admit()
    app = hub.client.app
    assert app is not None
    found = context_of(app)
    await found.refresh()
    assert (found.context.exchange, found.context.packages) == ((), ())
    await providers.come_to("dispatched")
    await app[FOLLOWER].catch_up()
    await found.refresh()
    (transfer,) = found.context.exchange
    assert (transfer.sender, transfer.recipient, transfer.answer, transfer.end) == (ACME.id, BRIO.id, "accepted", None)
    assert [one.deleted for one in found.context.packages] == [None, None]

    await hub.registered(providers.evidence("non_retrieval", reason="manifest_mismatch"))
    await app[FOLLOWER].catch_up()
    await app[JOBS].run("retention")
    before = found.changes
    await found.refresh()
    await found.refresh()
    assert found.changes == before + 1, "nothing new, nothing read"
    (transfer,) = found.context.exchange
    assert (transfer.end, transfer.defect) == ("failed", "package")
    for package in found.context.packages:
        assert package.deleted is not None
        assert transfer.ended is not None
        assert package.due == transfer.ended <= package.deleted
    again = context_of(app)
    await again.refresh()
    assert again.context == found.context

    day = datetime.fromtimestamp(hub.clock.now, UTC).date().isoformat()
    hub.clock.now += 2 * DAY
    later = datetime.fromtimestamp(hub.clock.now - DAY, UTC).date().isoformat()
    officer = hub.speaker.officers[0].http
    _, answer = await hub.get(f"/v1/indicators?view=supervised&from={day}&to={later}", officer)
    assert _value(answer, "offer_acceptance", BRIO.id) == ("1", 1)
    assert _value(answer, "transfer_defects", ACME.id, "package") == ("1", 1)
    assert _value(answer, "deletion_on_time", ACME.id) == ("1", 2)
    assert _value(answer, "offer_acceptance", ACME.id) == (None, 0)
    _, public = await hub.get(f"/v1/indicators?from={day}&to={later}")
    assert all("value" not in one for one in public["figures"] if one["indicator"].startswith(("offer", "transfer")))


def _value(answer: Any, indicator: str, subject: str, part: str = "") -> tuple[str | None, int]:
    key = (indicator, subject, part)
    (one,) = [one for one in answer["figures"] if (one["indicator"], one["subject"], one["part"]) == key]
    return one.get("value"), one["n"]
