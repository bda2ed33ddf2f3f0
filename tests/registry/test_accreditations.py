"""Accreditation decisions."""

import pytest

from registry import state as spaces
from registry.accreditations import TRANSITIONS
from registry.judgement import accreditation_status, in_force
from signing.compose import timestamp
from tests.registry.network import DAY, HUB, Network, founded, officers, populated, refuses, signing_key

STATUSES = ("applied", "listed", "conditional", "concern", "referred", "suspended", "removed", "expired")
BOTH = ("ann", "bob")
PATHS = {
    "none": (),
    "applied": ("applied",),
    "listed": ("listed",),
    "conditional": ("listed", "conditional"),
    "concern": ("listed", "concern"),
    "referred": ("listed", "concern", "referred"),
    "suspended": ("listed", "suspended"),
    "removed": ("listed", "removed"),
    "expired": ("listed", "expired"),
}
LEGAL = """
none: applied listed
applied: listed conditional removed
listed: listed conditional concern suspended removed expired
conditional: listed conditional concern suspended removed expired
concern: listed conditional referred suspended removed expired
referred: listed suspended removed
suspended: listed removed
removed: applied
expired: applied
"""


def reach(status: str) -> Network:
    net = founded()
    net.submit(net.member("acme"))
    for step in PATHS[status]:
        net.submit(net.accreditation("acme", step, BOTH))
    return net


def test_the_machine_is_the_one_documented() -> None:
    rows = dict(line.split(": ") for line in LEGAL.strip().splitlines())
    assert {old: set(new.split()) for old, new in rows.items()} == {old: set(new) for old, new in TRANSITIONS.items()}
    assert set(TRANSITIONS) == {"none", *STATUSES}


@pytest.mark.parametrize("old", PATHS)
def test_every_transition(old: str) -> None:
    for new in STATUSES:
        net = reach(old)
        statement = net.accreditation("acme", new, BOTH)
        if new in TRANSITIONS[old]:
            net.submit(statement)
            assert net.state.get(spaces.accreditation("acme"))["status"] == new
        else:
            refuses(net, statement, "illegal_transition", "/body/status", f"from {old} to {new}")


@pytest.mark.parametrize("status", ["suspended", "removed"])
def test_what_takes_away_needs_the_threshold(status: str) -> None:
    net = reach("listed")
    refuses(net, net.accreditation("acme", status), "threshold_not_met", "/signers", "2 officers must sign")
    net.submit(net.accreditation("acme", status, BOTH))


@pytest.mark.parametrize("status", ["listed", "concern", "expired"])
def test_the_rest_takes_one_officer(status: str) -> None:
    net = reach("listed")
    net.submit(net.accreditation("acme", status))


def test_only_officers_sign_as_the_coordinator() -> None:
    net = reach("listed")
    refuses(net, net.accreditation("acme", "concern", issuer=HUB), "wrong_issuer", "/issuer", "coordinator")
    extra = net.accreditation("acme", "concern", signers=[*officers("ann"), (signing_key("acme"), "provider")])
    refuses(net, extra, "signer_extra", "/signers", "acme")
    own = net.accreditation("acme", "concern", signers=[(signing_key("acme"), "provider")])
    refuses(net, own, "signer_extra", "/signers")


def test_a_subject_is_a_provider_or_neutral_of_that_type() -> None:
    net = populated()
    refuses(net, net.accreditation("zed", "listed"), "unknown_subject", "/body/subject", "zed")
    net.submit(net.member("court", "court"))
    refuses(net, net.accreditation("court", "listed"), "unknown_subject", "/body/subject")
    refuses(net, net.accreditation("noor", "listed"), "subject_type_mismatch", "/body/subject_type", "as provider")
    net.submit(net.accreditation("noor", "listed", subject_type="neutral"))


@pytest.mark.parametrize("end", [0, -1])
def test_validity_has_a_length(end: int) -> None:
    net = reach("none")
    times = {"valid_from": timestamp(net.now), "valid_to": timestamp(net.now + end)}
    refuses(net, net.accreditation("acme", "listed", body=times), "validity_reversed", "/body/valid_to")


def test_decisions_are_chained_but_suspensions_never_stale() -> None:
    net = reach("listed")
    for status in ("concern", "removed"):
        stale = net.accreditation("acme", status, BOTH, previous=None)
        refuses(net, stale, "stale_previous", "/previous")
    net.submit(net.accreditation("acme", "suspended", BOTH, previous="0" * 64))
    net.submit(net.accreditation("acme", "listed"))


def test_status_at_a_time() -> None:
    net = reach("listed")
    record = net.state.get(spaces.accreditation("acme"))
    assert accreditation_status(None, net.now) == "none"
    assert accreditation_status(record, record["begins"] - 1) == "pending"
    assert accreditation_status(record, record["begins"]) == "listed"
    assert accreditation_status(record, record["ends"] - 1) == "listed"
    assert accreditation_status(record, record["ends"]) == "expired"
    assert accreditation_status(record | {"status": "suspended"}, record["ends"] + DAY) == "suspended"
    assert [status for status in STATUSES if in_force(status)] == ["listed", "conditional"]
