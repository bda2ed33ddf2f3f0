"""Accreditation decisions."""

from typing import Any

import pytest

from registry import state as spaces
from registry.accreditations import TRANSITIONS
from registry.judgement import accreditation_status, in_force
from signing.compose import timestamp
from tests.registry.network import (
    DAY,
    HUB,
    START,
    Network,
    founded,
    officers,
    policy_body,
    populated,
    refuses,
    signing_key,
)

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
concern: listed conditional concern referred suspended removed expired
referred: listed conditional referred suspended removed expired
suspended: listed conditional referred suspended removed
removed: applied listed conditional removed
expired: applied suspended removed
"""
CONSULTATION = {
    "ended_on": "2026-10-01", "took_part": True, "adjusted": True, "informed_enough": True, "recommends": "remedied",
    "report_sha256": "ab" * 32,
}  # fmt: skip
APPEAL = {"until": "2027-09-01T00:00:00Z", "state": "open"}
BESIDE: dict[tuple[str, str], dict[str, Any]] = {
    ("concern", "concern"): {"cure_deadline": "2027-09-01T00:00:00Z"},
    ("referred", "referred"): {"consultation": CONSULTATION},
    ("referred", "listed"): {"consultation": CONSULTATION},
    ("referred", "conditional"): {"consultation": CONSULTATION},
    ("suspended", "suspended"): {"appeal": APPEAL},
    ("removed", "removed"): {"appeal": APPEAL},
    ("removed", "listed"): {"appeal": APPEAL | {"state": "allowed"}},
    ("removed", "conditional"): {"appeal": APPEAL | {"state": "allowed"}},
}
"""What a legal step needs besides what its status needs."""


def step(net: Network, status: str, **more: Any) -> None:
    """Decide by both officers; an expiry waits until the accreditation has lapsed."""
    if status == "expired":
        net.now = max(net.now, START + 365 * DAY)
    net.submit(net.accreditation("acme", status, BOTH, body=more))


def reach(status: str) -> Network:
    net = founded()
    net.submit(net.member("acme"))
    for one in PATHS[status]:
        step(net, one)
    return net


def test_the_machine_is_the_one_documented() -> None:
    rows = dict(line.split(": ") for line in LEGAL.strip().splitlines())
    assert {old: set(new.split()) for old, new in rows.items()} == {old: set(new) for old, new in TRANSITIONS.items()}
    assert set(TRANSITIONS) == {"none", *STATUSES}


@pytest.mark.parametrize("old", PATHS)
def test_every_transition(old: str) -> None:
    for new in STATUSES:
        net = reach(old)
        if (old, new) in {("removed", "listed"), ("removed", "conditional")}:
            step(net, "removed", appeal=APPEAL | {"state": "lodged"})
        if new in TRANSITIONS[old]:
            step(net, new, **BESIDE.get((old, new), {}))
            assert net.state.get(spaces.accreditation("acme"))["status"] == new
        else:
            refuses(
                net, net.accreditation("acme", new, BOTH), "illegal_transition", "/body/status", f"from {old} to {new}"
            )


@pytest.mark.parametrize("status", ["suspended", "removed"])
def test_what_takes_away_needs_the_threshold(status: str) -> None:
    net = reach("listed")
    refuses(net, net.accreditation("acme", status), "threshold_not_met", "/signers", "2 officers must sign")
    net.submit(net.accreditation("acme", status, BOTH))


@pytest.mark.parametrize("status", ["listed", "conditional", "concern"])
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
    assert [status for status in STATUSES if in_force(status)] == ["listed", "conditional", "concern", "referred"]


def test_what_is_valid_lapses_by_itself_and_is_followed_as_expired() -> None:
    for old, still in {
        "listed": {"applied", "suspended", "removed", "expired"},
        "referred": {"applied", "suspended", "removed", "expired"},
        "suspended": set(TRANSITIONS["suspended"]),
    }.items():
        for new in STATUSES:
            net = reach(old)
            net.now = START + 365 * DAY
            if new in still:
                longer = {"valid_to": timestamp(net.now + DAY)} if new in {"listed", "conditional"} else {}
                step(net, new, **BESIDE.get((old, new), {}), **longer)
            else:
                shown = "expired" if old != "suspended" else old
                statement = net.accreditation("acme", new, BOTH)
                refuses(net, statement, "illegal_transition", "/body/status", f"from {shown} to {new}")


def test_nobody_lets_an_accreditation_expire_before_its_end() -> None:
    net = reach("listed")
    net.now = START + 365 * DAY - 1
    refuses(net, net.accreditation("acme", "expired"), "not_lapsed", "/body/status", "until 2027-09-21T14:13:20Z")
    net.now += 1
    net.submit(net.accreditation("acme", "expired"))


@pytest.mark.parametrize(
    ("old", "new"), [(old, new) for old in PATHS for new in ("listed", "conditional") if new in TRANSITIONS[old]]
)
def test_nothing_is_listed_for_a_time_that_is_over(old: str, new: str) -> None:
    net = reach(old)
    if old == "removed":
        step(net, "removed", appeal=APPEAL | {"state": "lodged"})
    beside = BESIDE.get((old, new), {})
    for ends in (net.now, net.now - DAY):
        over = {"valid_from": timestamp(START - 9 * DAY), "valid_to": timestamp(ends), **beside}
        refuses(
            net, net.accreditation("acme", new, BOTH, body=over), "validity_over", "/body/valid_to", timestamp(ends)
        )
    last = {"valid_from": timestamp(START - 9 * DAY), "valid_to": timestamp(net.now + 1), **beside}
    if in_force(old):
        refuses(net, net.accreditation("acme", new, BOTH, body=last), "validity_cut", "/body/valid_to")
    else:
        net.submit(net.accreditation("acme", new, BOTH, body=last))


@pytest.mark.parametrize("new", ["listed", "conditional"])
@pytest.mark.parametrize("old", ["listed", "conditional", "concern", "referred"])
def test_no_renewal_ends_earlier_or_begins_later_than_what_it_renews(old: str, new: str) -> None:
    """Or one officer would end what takes the threshold to end."""
    net = reach(old)
    ends, beside = START + 365 * DAY, BESIDE.get((old, new), {})
    for name, moved, code in (
        ("valid_to", ends - 1, "validity_cut"),
        ("valid_from", net.now + 1, "validity_put_off"),
    ):
        refuses(
            net, net.accreditation("acme", new, BOTH, body={name: timestamp(moved), **beside}), code, f"/body/{name}"
        )
    kept = {"valid_from": timestamp(net.now), "valid_to": timestamp(ends), **beside}
    net.submit(net.accreditation("acme", new, body=kept))
    assert accreditation_status(net.state.get(spaces.accreditation("acme")), net.now) == new


def test_what_has_not_begun_is_not_put_off_and_what_takes_away_gives_any_validity() -> None:
    net = reach("none")
    begins, ends = START + 10 * DAY, START + 20 * DAY
    times = {"valid_from": timestamp(begins), "valid_to": timestamp(ends)}
    net.submit(net.accreditation("acme", "listed", body=times))
    later = times | {"valid_from": timestamp(begins + 1)}
    refuses(
        net, net.accreditation("acme", "listed", body=later), "validity_put_off", "/body/valid_from", timestamp(begins)
    )
    shorter = times | {"valid_to": timestamp(ends - 1)}
    refuses(net, net.accreditation("acme", "listed", body=shorter), "validity_cut", "/body/valid_to", timestamp(ends))
    net.submit(net.accreditation("acme", "listed", body=times | {"valid_from": timestamp(net.now)}))
    net.submit(net.accreditation("acme", "suspended", BOTH, body=later | {"valid_to": timestamp(ends - 1)}))
    net.submit(net.accreditation("acme", "listed", body=later))  # what is suspended can't be cut


@pytest.mark.parametrize("name", ["valid_from", "valid_to"])
def test_a_concern_leaves_the_validity_as_it_is(name: str) -> None:
    for old, new in (("listed", "concern"), ("concern", "referred")):
        net = reach(old)
        moved = {name: timestamp(START + DAY)}
        refuses(net, net.accreditation("acme", new, body=moved), "validity_moved", "/body/valid_to")
        net.submit(net.accreditation("acme", new))


def test_a_concern_takes_nothing_away() -> None:
    net = reach("referred")
    assert accreditation_status(net.state.get(spaces.accreditation("acme")), net.now) == "referred"
    net.submit(net.neutral("noor"))
    net.submit(net.accreditation("acme", "suspended", BOTH))
    refuses(net, net.neutral("nils"), "nominator_not_accredited", "/body/nominated_by")


def test_an_officer_decides_nothing_about_an_own_organisation() -> None:
    net = reach("none")
    people = [{**one, "affiliations": ["acme", "zeta"]} if one["id"] == "ann" else one for one in
              policy_body()["officers"]]  # fmt: skip
    net.submit(net.policy(policy_body() | {"officers": people}, officers(*BOTH)))
    refuses(net, net.accreditation("acme", "listed"), "officer_affiliated", "/signers", "ann is affiliated with acme")
    refuses(net, net.accreditation("acme", "listed", ("bob", "ann")), "officer_affiliated", "/signers")
    net.submit(net.accreditation("acme", "listed", ("bob",)))
    net.submit(net.neutral("noor"))
    own = net.accreditation("noor", "listed", subject_type="neutral")
    refuses(net, own, "officer_affiliated", "/signers", "ann is affiliated with acme")
    net.submit(net.accreditation("noor", "listed", ("cem",), subject_type="neutral"))
    net.submit(net.member("other"))
    net.submit(net.accreditation("other", "listed", ("bob",)))
    signers = [(signing_key("noor"), "neutral"), (signing_key("other"), "provider"), *officers("bob")]
    net.submit(net.neutral("noor", "other", first=False, signers=signers))
    again = net.accreditation("noor", "listed", subject_type="neutral")
    refuses(net, again, "officer_affiliated", "/signers", "ann is affiliated with acme")
    net.submit(net.accreditation("other", "listed"))
