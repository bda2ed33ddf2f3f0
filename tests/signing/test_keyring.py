"""When a key counts: every judgement of PROTOCOL §6, at its boundaries."""

from dataclasses import asdict
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signing.compose import payload, sign_all
from signing.encoding import b64u_encode
from signing.errors import FormatError, KeyRefusedError
from signing.keyring import (
    KEY_OVERLAP_SECONDS,
    OFFICER_KEY_WAIT_SECONDS,
    Introduced,
    KeyRecord,
    Ring,
    dispute,
    introduced_keys,
    newest_current,
    require_current,
    suspended_by,
    updated_ring,
)
from signing.secretkeys import AgreementKey, SigningKey
from signing.statement import Statement, parse_statement
from tests.fakes.refusals import refused
from tests.fakes.world import World, public_key

NOW = 1_790_000_000
DAY = 86_400
OWNER = "provider-a"
SIGNER = SigningKey(b"\x63" * 32)
A, B, C, D = (SigningKey(bytes([n]) * 32) for n in range(1, 5))
MONITOR = AgreementKey(b"\x09" * 32)


def statement(kind: str, body: Any, issuer: str = OWNER) -> Statement:
    """A parsed statement; who signs it plays no part here."""
    made = payload(kind, issuer, body, [(SIGNER.kid, "x")], network="ab" * 32, now=NOW)
    return parse_statement(sign_all(made, [(SIGNER, "x")], NOW))


def entry(key: SigningKey | AgreementKey, purpose: str = "statement") -> dict[str, Any]:
    return public_key(purpose, key, OWNER)


@cache
def add(key: SigningKey | AgreementKey, purpose: str = "statement") -> Statement:
    return statement("key", {"action": "add", "owner": OWNER, "key": entry(key, purpose)})


@cache
def change(action: str, key: SigningKey, **more: Any) -> Statement:
    return statement("key", {"action": action, "owner": OWNER, "kid": key.kid, **more})


def member(*entries: Any) -> Statement:
    return statement("member", {"type": "provider", "keys": list(entries)})


FIRST = member(entry(A))


def folded(*events: tuple[Statement, str | None], step: int = 60) -> dict[str, KeyRecord]:
    """The ring after a member statement for key A at index 1, then events at the indexes that follow."""
    return grown(*events, step=step)[-1]


def grown(*events: tuple[Statement, str | None], step: int = 60) -> list[dict[str, KeyRecord]]:
    """The rings after the member statement and after each event."""
    rings = [updated_ring(FIRST, OWNER, {}, 1, NOW, None)]
    for number, (one, signer) in enumerate(events, 1):
        rings.append(updated_ring(one, OWNER, rings[-1], 1 + number, NOW + number * step, signer))
    return rings


def code(ring: Ring, key: SigningKey | AgreementKey, index: int, time: int = NOW) -> str:
    try:
        assert require_current(ring, key.kid, index, time) == ring[key.kid]
    except KeyRefusedError as error:
        assert error.where == key.kid  # noqa: PT017 - either outcome is read
        return error.code
    return "current"


# --- which keys a statement introduces -------------------------------------------------------------


def test_a_genesis_introduces_the_keys_of_hub_coordinator_and_officers() -> None:
    world = World()
    found = introduced_keys(world.genesis)
    expected = [(world.hub, purpose) for purpose in ("statement", "http", "monitor", "inbox")]
    expected += [(world.coordinator, "monitor")]
    expected += [(one, purpose) for one in world.officers for purpose in ("statement", "http")]
    assert found == {
        getattr(actor, purpose).kid: Introduced(actor.id, actor.role, purpose, getattr(actor, purpose).public, None)
        for actor, purpose in expected
    }


def test_a_policy_carries_the_same_keys() -> None:
    world = World()
    assert introduced_keys(statement("policy", world.policy_body(), "coordinator")) == introduced_keys(world.genesis)


@pytest.mark.parametrize(("kind", "role"), [("member", "court"), ("neutral", "neutral")])
def test_a_first_statement_introduces_its_subjects_keys(kind: str, role: str) -> None:
    keys = [entry(A), entry(MONITOR, "monitor") | {"possession": "proof"}]
    assert introduced_keys(statement(kind, {"type": "court", "keys": keys})) == {
        A.kid: Introduced(OWNER, role, "statement", A.public, None),
        MONITOR.kid: Introduced(OWNER, role, "monitor", MONITOR.public, "proof"),
    }
    assert introduced_keys(statement(kind, {"type": "court"})) == {}


def test_a_key_statement_introduces_one_key_of_an_owner_whose_role_is_known() -> None:
    assert introduced_keys(add(B, "http")) == {B.kid: Introduced(OWNER, "", "http", B.public, None)}
    for action in ("retire", "revoke", "confirm"):
        assert introduced_keys(change(action, B)) == {}


@pytest.mark.parametrize("kind", ["award", "award-review", "accreditation", "unheard-of"])
def test_other_kinds_introduce_none(kind: str) -> None:
    assert introduced_keys(statement(kind, {"keys": [entry(A)], "key": entry(A), "action": "add"})) == {}


@pytest.mark.parametrize(
    ("key", "purpose"), [(A, "monitor"), (A, "inbox"), (MONITOR, "statement"), (MONITOR, "http"), (MONITOR, "witness")]
)
def test_a_key_of_the_wrong_curve_for_its_purpose_is_refused(key: SigningKey | AgreementKey, purpose: str) -> None:
    says = f"A {key.public.curve} key can't serve as {purpose} key."
    with refused(KeyRefusedError, "wrong_purpose", says, "/body/keys/1"):
        introduced_keys(member(entry(B), entry(key, purpose)))


@pytest.mark.parametrize("purpose", ["", "log", "absent"])
def test_an_unknown_purpose_is_refused(purpose: str) -> None:
    given = {name: value for name, value in (entry(A) | {"purpose": purpose}).items() if value != "absent"}
    with refused(KeyRefusedError, "wrong_purpose", "is no key purpose."):
        introduced_keys(member(given))


def test_a_key_that_is_introduced_twice_is_refused() -> None:
    with refused(KeyRefusedError, "duplicate_key", "One key is introduced twice.", "/body/keys/1"):
        introduced_keys(member(entry(A), entry(A, "http")))


@pytest.mark.parametrize(
    ("kind", "body", "where"),
    [
        ("member", {"type": "provider", "keys": [{"purpose": "statement", "jwk": {}}]}, "/body/keys/0/jwk"),
        ("key", {"action": "add", "owner": OWNER, "key": {"purpose": "statement"}}, "/body/key/jwk"),
        ("policy", World().policy_body(officers=[{"id": "o", "keys": [{"jwk": 1}]}]), "/body/officers/0/keys/0/jwk"),
    ],
)
def test_a_malformed_key_is_refused_where_it_stands(kind: str, body: Any, where: str) -> None:
    with refused(FormatError, "bad_jwk", "Expected a public OKP key", where):
        introduced_keys(statement(kind, body))


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("genesis", {}), ("policy", {"hub": 1}), ("policy", World().policy_body(officers=5)),
        ("policy", World().policy_body(coordinator={"id": "coordinator"})), ("member", {}), ("key", {}),
        ("member", {"type": "provider", "keys": 5}), ("neutral", {"keys": ["text"]}), ("key", {"action": "add"}),
        ("neutral", {"keys": [{"purpose": [], "jwk": A.public.jwk()}]}), ("key", {"action": "add", "owner": OWNER}),
    ],
)  # fmt: skip
def test_a_body_without_the_members_of_its_kind_is_refused(kind: str, body: Any) -> None:
    with refused(FormatError, "bad_body", f"The {kind} statement does not have the members of its kind.", "/body"):
        introduced_keys(statement(kind, body))


# --- entering and leaving --------------------------------------------------------------------------


def test_a_first_key_is_recorded_with_its_place() -> None:
    ring = updated_ring(member(entry(A), entry(MONITOR, "monitor")), OWNER, {}, 7, NOW, None)
    assert ring == {
        A.kid: KeyRecord(A.kid, OWNER, "provider", "statement", b64u_encode(A.public.x), 7),
        MONITOR.kid: KeyRecord(MONITOR.kid, OWNER, "provider", "monitor", b64u_encode(MONITOR.public.x), 7),
    }
    assert ring[A.kid].public == A.public
    assert ring[MONITOR.kid].public == MONITOR.public


def test_a_record_survives_json() -> None:
    record = folded((add(B), A.kid))[B.kid]
    assert KeyRecord(**asdict(record)) == record


def test_a_key_counts_from_the_index_after_its_introduction() -> None:
    ring = folded()
    assert code(ring, A, 2) == "current"
    with refused(KeyRefusedError, "unknown_key", "was not registered at that point", A.kid):
        require_current(ring, A.kid, 1, NOW)
    with refused(KeyRefusedError, "unknown_key", "was not registered at that point", B.kid):
        require_current(ring, B.kid, 2, NOW)


def test_a_key_added_by_a_key_remembers_it() -> None:
    record = folded((add(B), A.kid))[B.kid]
    assert (record.introduced_by, record.by_officers, record.active_from) == (A.kid, False, 0)
    assert (record.owner, record.role, record.purpose, record.index) == (OWNER, "provider", "statement", 2)


def test_the_ring_before_is_left_as_it_was() -> None:
    before = folded()
    copy = dict(before)
    updated_ring(change("revoke", A), OWNER, before, 2, NOW, A.kid)
    updated_ring(add(B), OWNER, before, 2, NOW, A.kid)
    assert before == copy


def test_keys_of_other_owners_do_not_enter_the_ring() -> None:
    world = World()
    ring = updated_ring(world.genesis, "officer-a", {}, 0, NOW, None)
    assert set(ring) == {world.officers[0].statement.kid, world.officers[0].http.kid}


@pytest.mark.parametrize("one", [add(B), change("retire", A), change("revoke", A), change("confirm", A)])
def test_an_owner_without_keys_has_none_to_change(one: Statement) -> None:
    with refused(KeyRefusedError, "unknown_key", "The owner has no such key.", "/body"):
        updated_ring(one, OWNER, {}, 2, NOW, A.kid)


@pytest.mark.parametrize("action", ["retire", "revoke", "confirm"])
def test_a_key_that_the_owner_does_not_have_is_not_changed(action: str) -> None:
    with refused(KeyRefusedError, "unknown_key", "The owner has no such key.", "/body"):
        updated_ring(change(action, B), OWNER, folded(), 2, NOW, A.kid)


# --- waiting, retiring, revoking -------------------------------------------------------------------


def test_a_key_made_by_officers_waits_72_hours_to_the_second() -> None:
    ring = folded((add(B), None))
    made = NOW + 60
    assert (ring[B.kid].by_officers, ring[B.kid].introduced_by) == (True, None)
    assert OFFICER_KEY_WAIT_SECONDS == 72 * 3600
    assert code(ring, B, 3, made + OFFICER_KEY_WAIT_SECONDS) == "current"
    with refused(KeyRefusedError, "key_not_yet_active", "The officers' key waits 72 hours", B.kid):
        require_current(ring, B.kid, 3, made + OFFICER_KEY_WAIT_SECONDS - 1)


def test_a_first_key_does_not_wait_although_officers_signed() -> None:
    assert code(folded(), A, 2, NOW) == "current"
    assert not folded()[A.kid].by_officers


def test_a_retired_key_overlaps_30_days_to_the_second() -> None:
    ring = folded((change("retire", A), A.kid))
    retired = NOW + 60
    assert KEY_OVERLAP_SECONDS == 30 * DAY
    assert code(ring, A, 9, retired + KEY_OVERLAP_SECONDS - 1) == "current"
    with refused(KeyRefusedError, "key_retired", "its overlap has ended", A.kid):
        require_current(ring, A.kid, 9, retired + KEY_OVERLAP_SECONDS)


def test_a_revoked_key_signs_its_own_revocation_last() -> None:
    ring = folded((add(B), A.kid), (change("revoke", A), A.kid))
    assert (ring[A.kid].revoked_at, ring[A.kid].invalid_from) == (3, 3)
    assert code(ring, A, 3) == "current"
    with refused(KeyRefusedError, "key_revoked", "was revoked at log index 3.", A.kid):
        require_current(ring, A.kid, 4, NOW)
    assert code(ring, B, 4) == "current"


def test_revocation_outranks_retirement_and_waiting() -> None:
    ring = folded((add(B), None), (change("retire", B), A.kid), (change("revoke", B), A.kid))
    assert code(ring, B, 5, NOW) == "key_revoked"
    assert code(ring, B, 4, NOW + 60 * DAY) == "key_retired"
    assert code(ring, B, 4, NOW) == "key_not_yet_active"


# --- suspension ------------------------------------------------------------------------------------

GENERATIONS = ((add(B), A.kid), (add(C), B.kid), (add(D), C.kid))  # A 1, B 2, C 3, D 4


def test_a_revocation_suspends_all_generations_from_its_start_on() -> None:
    ring = folded(*GENERATIONS, (change("revoke", A, invalid_from=2), None))
    assert [suspended_by(ring, key.kid, 6) for key in (A, B, C, D)] == [None, A.kid, A.kid, A.kid]
    assert [code(ring, key, 6) for key in (A, B, C, D)] == ["key_revoked", *["key_suspended"] * 3]
    with refused(KeyRefusedError, "key_suspended", f"came in through revoked key {A.kid}.", D.kid):
        require_current(ring, D.kid, 6, NOW)


def test_what_came_in_before_its_start_stays_and_so_do_its_children() -> None:
    ring = folded(*GENERATIONS, (change("revoke", A, invalid_from=3), None))
    assert [code(ring, key, 6) for key in (B, C, D)] == ["current"] * 3
    ring = folded(*GENERATIONS, (change("revoke", B, invalid_from=2), None))
    assert [code(ring, key, 6) for key in (A, B, C, D)] == ["current", "key_revoked", "key_suspended", "key_suspended"]
    assert suspended_by(ring, D.kid, 6) == B.kid


def test_without_a_start_in_the_past_nothing_is_suspended() -> None:
    ring = folded(*GENERATIONS, (change("revoke", A), A.kid))
    assert [code(ring, key, 6) for key in (B, C, D)] == ["current"] * 3


def test_a_suspension_does_not_exist_before_its_revocation() -> None:
    ring = folded(*GENERATIONS, (change("revoke", A, invalid_from=2), None))
    assert [suspended_by(ring, key.kid, 5) for key in (B, C, D)] == [None] * 3
    assert [code(ring, key, 5) for key in (A, B, C, D)] == ["current"] * 4


def test_a_confirmation_frees_the_key_and_what_came_in_through_it() -> None:
    ring = folded(*GENERATIONS, (change("revoke", A, invalid_from=2), None), (change("confirm", C), None))
    assert ring[C.kid].confirmed_at == 6
    assert [code(ring, key, 7) for key in (B, C, D)] == ["key_suspended", "current", "current"]
    assert [code(ring, key, 6) for key in (B, C, D)] == ["key_suspended"] * 3


def test_a_confirmation_answers_earlier_revocations_only() -> None:
    first, then = change("revoke", B, invalid_from=2), change("revoke", A, invalid_from=2)
    confirm = change("confirm", C)
    between = folded(*GENERATIONS, (first, None), (confirm, None), (then, None))
    assert [suspended_by(between, C.kid, index) for index in (6, 7, 8)] == [B.kid, None, A.kid]
    after = folded(*GENERATIONS, (first, None), (then, None), (confirm, None))
    assert [suspended_by(after, C.kid, index) for index in (7, 8)] == [B.kid, None]
    assert suspended_by(after, D.kid, 8) is None


def test_what_is_settled_counts_like_a_confirmation() -> None:
    ring = folded(*GENERATIONS, (change("revoke", A, invalid_from=2), None))
    assert suspended_by(ring, D.kid, 9, settled=6) is None
    assert suspended_by(ring, D.kid, 9, settled=5) is None
    assert suspended_by(ring, D.kid, 9, settled=4) == A.kid


def test_a_key_made_by_officers_descends_from_nobody() -> None:
    ring = folded((add(B), None), (change("revoke", A, invalid_from=0), None))
    assert suspended_by(ring, B.kid, 9) is None


# --- policies --------------------------------------------------------------------------------------


def test_a_policy_drops_keys_from_the_next_index_on() -> None:
    world = World()
    old, new = world.officers[0], world.actor("officer-a-new", "officer")
    ring = updated_ring(world.genesis, "officer-a", {}, 0, NOW, None)
    officers = [{"id": "officer-a", "name": "a", "keys": new.entries("statement", "http")}]
    ring = updated_ring(statement("policy", world.policy_body(officers=officers)), "officer-a", ring, 5, NOW, None)
    assert (ring[old.statement.kid].revoked_at, ring[old.statement.kid].invalid_from) == (5, 6)
    assert [code(ring, old.statement, index) for index in (5, 6)] == ["current", "key_revoked"]
    assert [code(ring, new.statement, index) for index in (5, 6)] == ["unknown_key", "current"]
    assert new.statement.kid in ring
    assert suspended_by(ring, new.statement.kid, 9) is None


def test_a_policy_that_drops_an_officer_ends_all_its_keys() -> None:
    world = World()
    ring = updated_ring(world.genesis, "officer-b", {}, 0, NOW, None)
    body = world.policy_body(officers=world.policy_body()["officers"][:1])
    after = updated_ring(statement("policy", body), "officer-b", ring, 5, NOW, None)
    assert {code(after, key, 6) for key in (world.officers[1].statement, world.officers[1].http)} == {"key_revoked"}
    again = updated_ring(statement("policy", body), "officer-b", after, 9, NOW, None)
    assert again == after, "what ended once does not end again"


def test_a_policy_that_names_the_same_keys_changes_nothing() -> None:
    world = World()
    ring = updated_ring(world.genesis, "odr-hub", {}, 0, NOW, None)
    assert updated_ring(statement("policy", world.policy_body()), "odr-hub", ring, 5, NOW, None) == ring


# --- the newest key of a purpose -------------------------------------------------------------------


def test_the_newest_current_key_of_a_purpose_is_taken() -> None:
    ring = folded((add(B), A.kid), (add(MONITOR, "monitor"), A.kid), (add(C), A.kid), (change("revoke", C), A.kid))
    kid = {index: getattr(newest_current(ring, "statement", index, NOW), "kid", None) for index in range(1, 8)}
    assert kid == {1: None, 2: A.kid, 3: B.kid, 4: B.kid, 5: C.kid, 6: B.kid, 7: B.kid}
    assert newest_current(ring, "monitor", 9, NOW) == ring[MONITOR.kid]
    assert newest_current(ring, "inbox", 9, NOW) is None
    assert newest_current({}, "statement", 9, NOW) is None


def test_keys_of_one_index_are_ordered_by_kid() -> None:
    ring = updated_ring(member(entry(A), entry(B), entry(C)), OWNER, {}, 1, NOW, None)
    assert newest_current(ring, "statement", 2, NOW) == ring[max(A.kid, B.kid, C.kid)]


# --- disputes --------------------------------------------------------------------------------------


def test_an_award_from_the_start_of_a_revocation_on_is_disputed() -> None:
    ring = folded(*GENERATIONS, (change("revoke", A, invalid_from=3), None))
    assert [dispute(ring, A.kid, award, 6) for award in (2, 3, 4)] == [None, A.kid, A.kid]
    assert dispute(ring, A.kid, 4, 5) is None, "seen before the revocation, there is no dispute"


def test_an_award_by_a_suspended_key_is_disputed_through_the_revoked_one() -> None:
    ring = folded(*GENERATIONS, (change("revoke", A, invalid_from=2), None))
    assert [dispute(ring, key.kid, 4, 6) for key in (B, C)] == [A.kid, A.kid]
    assert [dispute(ring, key.kid, 4, 5) for key in (B, C)] == [None, None]


def test_a_review_answers_what_was_revoked_before_it() -> None:
    ring = folded(*GENERATIONS, (change("revoke", A, invalid_from=2), None))  # at 5
    assert [dispute(ring, key.kid, 4, 9, reviewed_at=6) for key in (A, B)] == [None, None]
    assert [dispute(ring, key.kid, 4, 9, reviewed_at=4) for key in (A, B)] == [A.kid, A.kid]


def test_a_later_revocation_leaves_earlier_awards_alone() -> None:
    ring = folded((add(B), A.kid), (change("revoke", A), A.kid))
    assert dispute(ring, A.kid, 2, 9) is None
    assert dispute(ring, B.kid, 2, 9) is None


def test_a_key_dropped_by_a_policy_puts_nothing_in_doubt() -> None:
    world = World()
    ring = updated_ring(world.genesis, "officer-b", {}, 0, NOW, None)
    body = world.policy_body(officers=world.policy_body()["officers"][:1])
    after = updated_ring(statement("policy", body), "officer-b", ring, 5, NOW, None)
    assert dispute(after, world.officers[1].statement.kid, 5, 9) is None


# --- what happens later does not exist yet ---------------------------------------------------------

KEYS = [SigningKey(bytes([n]) * 32) for n in range(1, 7)]
STEP = 5 * DAY


@st.composite
def histories(draw: st.DrawFn) -> list[tuple[Statement, str | None]]:
    """Additions by any key or by officers, and at most one retirement, revocation and confirmation of each key."""
    events: list[tuple[Statement, str | None]] = []
    present, done = [KEYS[0]], set[tuple[str, str]]()
    for _ in range(draw(st.integers(1, 12))):
        action = draw(st.sampled_from(["add", "add", "retire", "revoke", "confirm"]))
        by = draw(st.none() | st.sampled_from(present).map(lambda key: key.kid))
        if action == "add" and len(present) < len(KEYS):
            present.append(KEYS[len(present)])
            events.append((add(present[-1]), by))
        elif action != "add":
            key = draw(st.sampled_from(present))
            if (action, key.kid) not in done:
                done.add((action, key.kid))
                start = {"invalid_from": draw(st.integers(0, len(events) + 2))} if action == "revoke" else {}
                events.append((change(action, key, **start), by))
    return events


def outcome(ring: Ring, key: SigningKey, index: int) -> tuple[str, str | None, str | None]:
    judged = code(ring, key, index, NOW + (index - 1) * STEP)
    if judged == "unknown_key":
        return judged, None, None
    return judged, suspended_by(ring, key.kid, index), dispute(ring, key.kid, index - 1, index)


@settings(max_examples=100)
@given(histories())
def test_dropping_later_events_never_changes_an_earlier_judgement(events: list[tuple[Statement, str | None]]) -> None:
    rings = grown(*events, step=STEP)
    for count, ring in enumerate(rings):
        index = count + 2  # the first index after these events
        for key in KEYS:
            expected = outcome(ring, key, index)
            assert all(outcome(later, key, index) == expected for later in rings[count:])


@settings(max_examples=60)
@given(histories())
def test_only_a_revoked_ancestor_suspends_and_only_keys_not_its_own(
    events: list[tuple[Statement, str | None]],
) -> None:
    ring = folded(*events, step=STEP)
    for kid in ring:
        ancestors: list[str] = []
        while (parent := ring[ancestors[-1] if ancestors else kid].introduced_by) is not None:
            ancestors.append(parent)
        cause = suspended_by(ring, kid, 99)
        assert cause is None or (cause in ancestors and ring[cause].revoked_at is not None)
        assert cause != kid
