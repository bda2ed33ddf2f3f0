"""Whose turn it is, as people and platforms are told."""

from typing import Any

import pytest

from providers.gateway.exchange.views import to_act
from tests.providers.gateway.exchange.test_plan import dossier

WITHDRAW = {"withdraw": "other"}


@pytest.mark.parametrize(
    ("role", "state", "more", "who"),
    [
        ("sender", None, {}, "gateway"),
        ("sender", "offered", {}, "b"),
        ("sender", "offered", {"decision": WITHDRAW}, "gateway"),
        ("sender", "accepted", {"decision": WITHDRAW}, "gateway"),
        ("sender", "dispatched", {}, "b"),
        ("sender", "dispatched", {"decision": WITHDRAW}, "b"),
        ("sender", "withdrawn", {"decision": WITHDRAW}, "nobody"),
        ("recipient", "offered", {}, "gateway"),
        ("recipient", "offered", {"brief": {}}, "you"),
        ("recipient", "offered", {"failure": {}}, "you"),
        ("recipient", "offered", {"decision": {"answer": "decline"}}, "gateway"),
        ("recipient", "dispatched", {}, "gateway"),
    ],
)
def test_who_must_act(role: str, state: str | None, more: dict[str, Any], who: str) -> None:
    assert to_act(dossier(role, state, **more)) == who
