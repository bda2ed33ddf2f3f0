"""What to do next follows from what is stored, and from nothing else."""

from typing import Any

import pytest

from providers.gateway.exchange.plan import Step, next_step
from providers.gateway.exchange.values import Dossier
from providers.transfer.values import Blob, Transfer

T = "urn:odr:a:t"


def dossier(role: str, state: str | None, **more: Any) -> Dossier:
    record = None
    if state is not None:
        record = Transfer(T, state, "urn:odr:a:c", "a", "b", "mediation", "o", 9, 1, 1, Blob("x", 1), 0, 1, 9)
    return Dossier(T, role, "urn:odr:a:c", "b", 1, record=record, **more)


@pytest.mark.parametrize(
    ("one", "sent", "step"),
    [
        (dossier("sender", None, offer={}), {}, Step("seal")),
        (dossier("sender", None, offer={}, sealed=True), {}, Step("compose", "brief")),
        (dossier("sender", None, offer={}, sealed=True), {"brief": "waiting"}, Step("send", "brief")),
        (dossier("sender", None, offer={}, sealed=True), {"brief": "done"}, Step("compose", "offer")),
        (dossier("sender", None, offer={}, sealed=True), {"brief": "refused"},
         Step("refuse", "brief")),
        (dossier("sender", None, offer={}, sealed=True), {"brief": "cancelled"}, None),
        (dossier("sender", None, offer={}, sealed=True), {"brief": "done", "offer": "refused"},
         Step("refuse", "offer")),
        (dossier("sender", "accepted", offer={}, package={}), {"package": "refused"}, Step("refuse", "package")),
        (dossier("sender", "accepted", offer={}, package={}), {"package": "done", "dispatch": "refused"},
         Step("refuse", "dispatch")),
        (dossier("sender", "accepted", offer={}, package={}, decision={"withdraw": "x"}), {"package": "refused"},
         Step("compose", "withdrawal")),
        (dossier("sender", None, offer={}, sealed=True), {"brief": "done", "offer": "posted"}, Step("sync", "offer")),
        (dossier("sender", None, offer={}, sealed=True), {"brief": "done", "offer": "waiting"}, Step("send", "offer")),
        (dossier("sender", None, offer={}, sealed=True, decision={"withdraw": "x"}),
         {"brief": "done", "offer": "waiting"}, Step("take_back", "offer")),
        (dossier("sender", None, offer={}, sealed=True, decision={"withdraw": "x"}),
         {"brief": "done", "offer": "posted"}, Step("sync", "offer")),
        (dossier("sender", None, offer={}, ended="cancelled"), {}, Step("close")),
        (dossier("sender", "offered", offer={}), {}, None),
        (dossier("sender", "offered", offer={}, decision={"withdraw": "x"}), {}, Step("compose", "withdrawal")),
        (dossier("sender", "offered", offer={}, decision={"withdraw": "x"}), {"withdrawal": "refused"}, None),
        (dossier("sender", "accepted", offer={}), {}, Step("pack")),
        (dossier("sender", "accepted", offer={}, package={}), {"package": "done"}, Step("compose", "dispatch")),
        (dossier("sender", "accepted", offer={}, package={}, decision={"withdraw": "x"}), {"package": "waiting"},
         Step("compose", "withdrawal")),
        (dossier("sender", "accepted"), {}, None),
        (dossier("sender", "dispatched", offer={}), {}, None),
        (dossier("sender", "completed", offer={}), {}, Step("close")),
        (dossier("sender", "completed", offer={}, closed=True), {}, None),
        (dossier("recipient", "offered"), {}, Step("read_brief")),
        (dossier("recipient", "offered", brief={}), {}, None),
        (dossier("recipient", "offered", failure={}), {}, None),
        (dossier("recipient", "offered", brief={}, decision={"answer": "accept"}), {}, Step("make_key")),
        (dossier("recipient", "offered", brief={}, decision={"answer": "accept"}, key="k"), {},
         Step("compose", "answer")),
        (dossier("recipient", "offered", brief={}, decision={"answer": "decline"}), {}, Step("compose", "answer")),
        (dossier("recipient", "offered", decision={"answer": "decline"}), {}, Step("compose", "answer")),
        (dossier("recipient", "offered", decision={"answer": "accept"}), {}, Step("read_brief")),
        (dossier("recipient", "accepted", brief={}), {"answer": "done"}, None),
        (dossier("recipient", "dispatched"), {}, Step("download")),
        (dossier("recipient", "dispatched", failure={}), {}, Step("compose", "non_retrieval")),
        (dossier("recipient", "dispatched", fetched=True), {}, Step("compose", "delivery")),
        (dossier("recipient", "dispatched", fetched=True), {"delivery": "refused"}, Step("open")),
        (dossier("recipient", "dispatched", fetched=True, opened=True), {"delivery": "done"},
         Step("compose", "retrieval")),
        (dossier("recipient", "dispatched", fetched=True, opened=True), {"delivery": "done", "retrieval": "done"},
         Step("compose", "completion")),
        (dossier("recipient", "dispatched", fetched=True, opened=True),
         {"delivery": "done", "retrieval": "done", "completion": "done"}, None),
        (dossier("recipient", "expired"), {}, Step("close")),
    ],
)  # fmt: skip
def test_the_next_step(one: Dossier, sent: dict[str, str], step: Step | None) -> None:
    assert next_step(one, sent) == step


def test_a_dossier_is_stored_whole() -> None:
    one = dossier("recipient", "dispatched", brief={"x": 1}, fetched=True)
    assert Dossier.from_json(one.to_json()) == one
