"""What a scan finds beside amendments: decisions about keys, policies and accreditation that a bundle does not show."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import pytest

from signing.encoding import canonical, loads
from signing.errors import ProofError
from signing.keyring import KEY_OVERLAP_SECONDS
from signing.scan import MAX_LISTED, scanned
from signing.secretkeys import AgreementKey
from signing.tiles import TILE_WIDTH
from signing.verification import Report, verify_award
from tests.fakes.servedlog import serving as served_log
from tests.fakes.world import Actor, World, neutral_body, public_key

Fetch = Callable[[str], bytes]
STATEMENTS = "../v1/statements/"


@dataclass
class Case:
    """A network with an award by a provider that has a second key."""

    world: World
    provider: Actor
    neutral: Actor
    index: int = -1

    def award(self) -> None:
        self.index = self.world.register(self.world.award(self.provider, self.neutral))

    def scan(self, fetch: Fetch, *, leave_out: tuple[int, ...] = (), size: int | None = None) -> tuple[Report, Report]:
        """The report of a bundle that leaves something out, before and after the scan."""
        honest = self.world.status(self.world.statements[self.index], size or len(self.world.entries))
        bundle = self.world.bundle(self.index, leave_out=leave_out, status=honest, size=size)
        before = verify_award(bundle, self.world.trust(), None, self.world.now)
        return before, scanned(before, bundle, self.world.trust(), fetch)


@pytest.fixture
def case() -> Case:
    world = World()
    provider = world.add_provider()
    return Case(world, provider, world.add_neutral(provider))


def serving(world: World, texts: dict[str, bytes] | None = None) -> Fetch:
    """A hub: the log, and beside it the statements (or what ``texts`` says instead)."""
    known = {one.digest: one.document for one in world.statements} if texts is None else texts

    def fetch(path: str) -> bytes:
        if not path.startswith(STATEMENTS):
            return served_log(world.entries, world.checkpoint())(path)
        if (document := known.get(path.removeprefix(STATEMENTS))) is None:
            raise ProofError("log_unreachable", "The log could not be read: HTTP Error 404: Not Found.", path)
        return canonical({"statement": loads(document), "receipt": {}})

    return fetch


def test_a_revocation_after_the_award_makes_the_status_incomplete(case: Case) -> None:
    case.award()
    revoked = case.world.change_key(case.neutral, "revoke", case.neutral.statement, reason="lost", invalid_from=1)
    before, after = case.scan(serving(case.world), leave_out=(revoked,))
    assert (before.exit_code, before.genuine) == (0, "yes")
    step = after.steps[-1]
    assert (step.outcome, step.code, after.exit_code, after.genuine) == ("fail", "undisclosed_entry", 4, "yes")
    assert step.reason.startswith(f"Entries [{revoked}] concern this award and are not in the bundle")
    assert after.status.startswith(f"incomplete: entries [{revoked}] of the log concern this award too")


@pytest.mark.parametrize("decider", ["officers", "owner"])
def test_a_revocation_before_the_award_leaves_open_whether_it_is_genuine(case: Case, decider: str) -> None:
    by = None if decider == "officers" else case.provider.statement
    revoked = case.world.change_key(case.provider, "revoke", case.provider.statement, by, reason="compromised")
    case.award()
    before, after = case.scan(serving(case.world), leave_out=(revoked,))
    assert (before.exit_code, before.genuine) == (0, "yes"), "the hub hides it"
    assert (after.exit_code, after.genuine) == (2, "can't tell (step 15, scan)")
    assert after.steps[-1].code == "undisclosed_entry"


def test_what_the_bundle_shows_is_not_undisclosed(case: Case) -> None:
    case.award()
    case.world.change_key(case.neutral, "revoke", case.neutral.statement, reason="lost")
    before, after = case.scan(serving(case.world, {}))
    assert (after.steps[-1].outcome, after.exit_code) == ("pass", before.exit_code)


@pytest.mark.parametrize("action", ["retire", "add"])
def test_other_changes_of_keys_are_read_and_change_nothing(case: Case, action: str) -> None:
    case.award()
    size = len(case.world.entries)
    second = case.world.add_key(case.provider, "second")
    if action == "retire":
        case.world.change_key(case.provider, "retire", case.provider.statement, second)
    before, after = case.scan(serving(case.world), size=size)
    assert (after.steps[-1].outcome, before.exit_code, after.exit_code) == ("pass", 0, 0)


def test_a_revocation_of_a_key_for_requests_changes_nothing(case: Case) -> None:
    case.award()
    size = len(case.world.entries)
    case.world.change_key(case.provider, "revoke", case.provider.http, case.provider.statement, reason="lost")
    _, after = case.scan(serving(case.world), size=size)
    assert (after.steps[-1].outcome, after.exit_code) == ("pass", 0)


def test_what_officers_decide_about_others_changes_nothing_once_it_is_read(case: Case) -> None:
    case.award()
    other = case.world.add_provider("provider-b")
    decided = case.world.change_key(other, "revoke", other.statement, reason="lost")
    leave_out = tuple(range(case.index + 1, decided + 1))
    _, after = case.scan(serving(case.world), leave_out=leave_out)
    assert (after.steps[-1].outcome, after.exit_code) == ("pass", 0)


def test_what_another_owner_does_with_its_own_keys_is_not_asked_for(case: Case) -> None:
    case.award()
    other = case.world.add_provider("provider-b")
    changed = case.world.change_key(other, "revoke", other.statement, other.statement, reason="lost")
    _, after = case.scan(serving(case.world, {}), leave_out=tuple(range(case.index + 1, changed + 1)))
    assert (after.steps[-1].outcome, after.exit_code) == ("pass", 0)


def test_a_revocation_after_the_bundle_that_reaches_nothing_before_it_changes_nothing(case: Case) -> None:
    second = case.world.add_key(case.provider, "second")
    case.award()
    size = len(case.world.entries)
    revoked = case.world.change_key(case.provider, "revoke", case.provider.statement, second, reason="superseded")
    _, after = case.scan(serving(case.world), size=size)
    assert (after.steps[-1].outcome, after.exit_code) == ("pass", 0)
    _, after = case.scan(serving(case.world), leave_out=(revoked,))
    assert (after.steps[-1].code, after.exit_code) == ("undisclosed_entry", 4), "below its size a bundle shows it"


@pytest.mark.parametrize(("before", "exit_code"), [(1, 0), (0, 4), (-1, 4)])
def test_a_revocation_after_the_bundle_counts_if_it_reaches_back_to_the_award(
    case: Case, before: int, exit_code: int
) -> None:
    case.award()
    size = len(case.world.entries)
    since = case.index + before
    case.world.change_key(case.neutral, "revoke", case.neutral.statement, reason="lost", invalid_from=since)
    _, after = case.scan(serving(case.world), size=size)
    assert (after.exit_code, after.genuine) == (exit_code, "yes")


def test_a_retirement_before_the_award_leaves_open_whether_it_is_genuine(case: Case) -> None:
    second = case.world.add_key(case.provider, "second")
    retired = case.world.change_key(case.provider, "retire", case.provider.statement, second)
    case.world.now += KEY_OVERLAP_SECONDS
    case.award()
    honest = verify_award(case.world.bundle(case.index), case.world.trust(), None, case.world.now)
    assert [step.code for step in honest.steps if step.outcome == "fail"] == ["key_retired"]
    before, after = case.scan(serving(case.world, {}), leave_out=(retired,))
    assert (before.exit_code, before.genuine) == (0, "yes"), "the hub hides it"
    assert (after.exit_code, after.genuine) == (2, "can't tell (step 15, scan)")
    assert (after.steps[-1].outcome, after.steps[-1].code) == ("fail", "undisclosed_entry")


def test_a_monitor_key_left_out_leaves_open_whether_the_award_is_genuine(case: Case) -> None:
    """The owner tag is made for the newest one, or its owner would not find the award."""
    key = public_key("monitor", AgreementKey(bytes(32)), case.provider.id)
    body = {"action": "add", "owner": case.provider.id, "key": key}
    signers = [(case.provider.statement, "provider")]
    added = case.world.register(case.world.compose("key", case.provider.id, body, signers))
    case.award()
    honest = verify_award(case.world.bundle(case.index), case.world.trust(), None, case.world.now)
    assert [step.code for step in honest.steps if step.outcome == "fail"] == ["entry_mismatch"]
    _, after = case.scan(serving(case.world), leave_out=(added,))
    assert (after.exit_code, after.genuine) == (2, "can't tell (step 15, scan)")


@pytest.mark.parametrize("decider", ["officers", "owner"])
def test_a_revoked_key_with_which_a_neutral_was_nominated_leaves_it_open(decider: str) -> None:
    world = World()
    provider, other = world.add_provider(), world.add_provider("provider-b")
    by = None if decider == "officers" else other.statement
    revoked = world.change_key(other, "revoke", other.statement, by, reason="compromised")
    neutral = world.actor("neutral-x", "neutral")
    signers = [(neutral.statement, "introduced"), (other.statement, "provider"), *world.officer_signers()]
    world.register(world.compose("neutral", neutral.id, neutral_body(neutral, other.id), signers))
    case = Case(world, provider, neutral)
    case.award()
    honest = verify_award(world.bundle(case.index), world.trust(), None, world.now)
    assert [step.code for step in honest.steps if step.outcome == "fail"] == ["key_revoked"]
    before, after = case.scan(serving(world), leave_out=(revoked,))
    assert (before.exit_code, after.exit_code, after.genuine) == (0, 2, "can't tell (step 15, scan)")


def test_a_nominator_may_revoke_its_keys_once_the_award_is_registered(case: Case) -> None:
    other = case.world.add_provider("provider-b")
    case.neutral = case.world.add_neutral(other, "neutral-b")
    case.award()
    size = len(case.world.entries)
    case.world.change_key(other, "revoke", other.statement, reason="lost", invalid_from=1)
    _, after = case.scan(serving(case.world), size=size)
    assert (after.steps[-1].outcome, after.exit_code) == ("pass", 0)


def renamed(case: Case) -> int:
    """A policy gives the coordinator another id; returns its index."""
    coordinator = case.world.actor("coordinator-two", "coordinator")
    named = {"id": coordinator.id, "keys": coordinator.entries("monitor")}
    index = case.world.add_policy(coordinator=named)
    case.world.coordinator = coordinator
    return index


def test_the_officers_revoke_under_the_name_that_a_later_policy_gives(case: Case) -> None:
    case.award()
    size = len(case.world.entries)
    renamed(case)
    revoked = case.world.change_key(case.neutral, "revoke", case.neutral.statement, reason="lost", invalid_from=1)
    _, after = case.scan(serving(case.world), size=size)
    assert (after.steps[-1].code, after.exit_code) == ("undisclosed_entry", 4)
    assert f"Entries [{revoked}] concern" in after.steps[-1].reason


@pytest.mark.parametrize("answer", ["none", "another statement", "of another form"])
def test_a_later_policy_whose_text_nobody_gives_leaves_it_open(case: Case, answer: str) -> None:
    case.award()
    size = len(case.world.entries)
    if answer == "of another form":
        policy = case.world.register(
            case.world.compose("policy", "coordinator", {"coordinator": []}, case.world.officer_signers(2))
        )
        case.world.coordinator = case.world.actor("coordinator-two", "coordinator")
        case.world.register(case.world.compose("key", "coordinator-two", {}, case.world.officer_signers(2)))
    else:
        policy = renamed(case)
        case.world.change_key(case.neutral, "revoke", case.neutral.statement, reason="lost", invalid_from=1)
    known = {one.digest: one.document for one in case.world.statements}
    digest = case.world.statements[policy].digest
    if answer == "none":
        del known[digest]
    elif answer == "another statement":
        known[digest] = case.world.statements[0].document
    _, after = case.scan(serving(case.world, known), size=size)
    assert (after.steps[-1].code, after.exit_code, after.genuine) == ("text_missing", 2, "yes")
    assert f"Entries [{policy}] are decisions about keys, accreditation or policy" in after.steps[-1].reason


def test_later_policies_are_not_asked_for_where_nobody_unknown_decides_about_keys(case: Case) -> None:
    case.award()
    size = len(case.world.entries)
    other = case.world.add_provider("provider-b")
    case.world.change_key(other, "revoke", other.statement, other.statement, reason="lost")
    case.world.add_policy(rules={"version": 2})
    _, after = case.scan(serving(case.world, {}), size=size)
    assert (after.steps[-1].outcome, after.exit_code) == ("pass", 0)


@pytest.mark.parametrize("given", [True, False], ids=["text given", "text withheld"])
def test_who_keeps_back_the_text_of_a_decision_before_the_award_gains_nothing(case: Case, *, given: bool) -> None:
    revoked = case.world.change_key(case.provider, "revoke", case.provider.statement, reason="compromised")
    case.award()
    _, after = case.scan(serving(case.world, None if given else {}), leave_out=(revoked,))
    assert after.steps[-1].code == ("undisclosed_entry" if given else "text_missing")
    assert (after.exit_code, after.genuine) == (2, "can't tell (step 15, scan)")


def test_what_is_found_does_not_cover_what_can_not_be_read(case: Case) -> None:
    """An entry after the award is found, and one before it has no text."""
    before = case.world.change_key(case.provider, "revoke", case.provider.statement, reason="compromised")
    case.award()
    later = case.world.change_key(case.neutral, "revoke", case.neutral.statement, case.neutral.statement, reason="lost")
    _, after = case.scan(serving(case.world, {}), leave_out=(before, later))
    assert (after.steps[-1].code, after.exit_code) == ("undisclosed_entry", 2)
    assert after.genuine == "can't tell (step 15, scan)"
    assert f"Entries [{later}] concern this award" in after.steps[-1].reason
    assert f"Entries [{before}] are decisions about keys" in after.steps[-1].reason


@pytest.mark.parametrize("given", [True, False], ids=["text given", "text withheld"])
def test_a_scan_does_not_soften_what_is_not_genuine(case: Case, *, given: bool) -> None:
    revoked = case.world.change_key(case.provider, "revoke", case.provider.statement, reason="compromised")
    case.award()
    bundle = case.world.bundle(case.index, leave_out=(revoked,))
    before = verify_award(bundle, case.world.trust(), b"%PDF forged", case.world.now)
    after = scanned(before, bundle, case.world.trust(), serving(case.world, None if given else {}))
    assert (after.genuine, after.exit_code) == (before.genuine, 1) == ("no (step 3, document)", 1)


@pytest.mark.parametrize("who", ["provider", "neutral"])
def test_a_removal_before_the_award_that_is_not_shown_makes_it_incomplete(case: Case, who: str) -> None:
    removed = case.world.accredit(getattr(case, who).id, who, "removed")
    case.award()
    before, after = case.scan(serving(case.world), leave_out=(removed,))
    assert "removed" not in before.steps[9].reason
    assert (after.steps[-1].code, after.exit_code) == ("undisclosed_entry", 4)
    assert after.genuine == "yes", "accreditation is information"
    assert f"Entries [{removed}] concern this award" in after.steps[-1].reason


def test_an_accreditation_whose_text_nobody_gives_leaves_the_status_open(case: Case) -> None:
    removed = case.world.accredit(case.provider.id, "provider", "removed")
    case.award()
    _, after = case.scan(serving(case.world, {}), leave_out=(removed,))
    assert (after.steps[-1].code, after.exit_code, after.genuine) == ("text_missing", 2, "yes")
    assert after.status.endswith("(an accreditation may have ended, see step 15)")
    assert f"Entries [{removed}] are decisions about keys, accreditation" in after.steps[-1].reason


def test_accreditations_of_others_after_the_award_or_older_ones_change_nothing(case: Case) -> None:
    old = case.world.accredit(case.provider.id, "provider", "concern")
    case.world.accredit(case.provider.id, "provider")
    case.world.accredit(case.neutral.id, "neutral")
    case.award()
    later = case.world.accredit(case.provider.id, "provider", "removed")
    _, after = case.scan(serving(case.world, {}), leave_out=(old, later))
    assert (after.steps[-1].outcome, after.exit_code) == ("pass", 0), "no text is asked for"


def test_an_accreditation_of_somebody_else_is_read_and_changes_nothing(case: Case) -> None:
    case.world.add_provider("provider-b")
    decided = case.world.accredit("provider-b", "provider", "removed")
    case.award()
    _, after = case.scan(serving(case.world), leave_out=(decided,))
    assert (after.steps[-1].outcome, after.exit_code) == ("pass", 0)


def test_where_one_signer_was_never_listed_every_accreditation_is_read() -> None:
    world = World()
    provider = world.add_provider(listed=False)
    listed = world.accredit(provider.id, "provider", "suspended")
    case = Case(world, provider, world.add_neutral(provider))
    case.award()
    _, after = case.scan(serving(world), leave_out=(listed,))
    assert (after.steps[-1].code, after.exit_code, after.genuine) == ("undisclosed_entry", 4, "yes")


def test_of_many_entries_the_first_are_named(case: Case) -> None:
    decided = [case.world.accredit(case.neutral.id, "neutral", "concern") for _ in range(MAX_LISTED + 2)]
    case.award()
    _, after = case.scan(serving(case.world), leave_out=tuple(decided))
    assert f"Entries {decided[:MAX_LISTED]} and 2 more concern this award" in after.steps[-1].reason
    _, after = case.scan(serving(case.world), leave_out=tuple(decided[2:]))
    assert f"Entries {decided[2:]} concern this award" in after.steps[-1].reason


@pytest.mark.parametrize(
    "body", [{}, {"action": "revoke", "kid": []}, {"action": "revoke", "invalid_from": ""}], ids=str
)
def test_a_later_decision_without_the_members_of_its_kind_leaves_it_open(case: Case, body: dict[str, object]) -> None:
    case.award()
    size = len(case.world.entries)
    case.world.register(
        case.world.compose("key", "coordinator", {"invalid_from": 1} | body, case.world.officer_signers(2))
    )
    _, after = case.scan(serving(case.world), size=size)
    assert (after.steps[-1].code, after.exit_code) == ("text_missing", 2)


@pytest.mark.parametrize("body", [{}, {"owner": []}], ids=str)
def test_an_earlier_decision_without_the_members_of_its_kind_leaves_it_open(
    case: Case, body: dict[str, object]
) -> None:
    decided = case.world.register(case.world.compose("key", "coordinator", body, case.world.officer_signers(2)))
    case.award()
    _, after = case.scan(serving(case.world), leave_out=(decided,))
    assert (after.steps[-1].code, after.exit_code) == ("text_missing", 2)
    assert after.genuine == "can't tell (step 15, scan)"


@pytest.mark.parametrize("answer", ["none", "another statement", "no statement", "no JSON"])
def test_a_decision_whose_text_nobody_gives_leaves_it_open(case: Case, answer: str) -> None:
    case.award()
    revoked = case.world.change_key(case.neutral, "revoke", case.neutral.statement, reason="lost")
    digest = case.world.statements[revoked].digest
    fetch = serving(case.world, {digest: case.world.statements[3].document} if answer == "another statement" else {})
    octets = {"no statement": b'{"statement":[]}', "no JSON": b"<html>"}.get(answer)

    def answering(path: str) -> bytes:
        return octets if octets is not None and path.startswith(STATEMENTS) else fetch(path)

    _, after = case.scan(answering, leave_out=(revoked,))
    step = after.steps[-1]
    assert (step.outcome, step.code, after.exit_code, after.genuine) == ("not checkable", "text_missing", 2, "yes")
    assert f"Entries [{revoked}] are decisions about keys" in step.reason
    assert "scan the hub's own log, or get a new bundle" in step.reason
    assert after.status.endswith("(keys may have been revoked, see step 15)")


def test_a_policy_left_out_below_the_bundles_size_is_found(case: Case) -> None:
    case.award()
    hidden = case.world.add_policy(rules={"version": 2})
    honest = case.world.statements[0].digest
    status = partial(case.world.status, policy={"digest": honest, "index": 0})
    bundle = case.world.bundle(
        case.index, leave_out=(hidden,), status=status(case.world.statements[case.index], len(case.world.entries))
    )
    before = verify_award(bundle, case.world.trust(), None, case.world.now)
    assert before.exit_code == 0, before.steps
    after = scanned(before, bundle, case.world.trust(), serving(case.world))
    assert (after.steps[-1].code, after.exit_code) == ("undisclosed_entry", 4)
    assert f"Entries [{hidden}]" in after.steps[-1].reason


def test_a_policy_that_came_after_the_bundle_is_none_of_its_business(case: Case) -> None:
    case.award()
    size = len(case.world.entries)
    case.world.add_policy(rules={"version": 2})
    _, after = case.scan(serving(case.world), size=size)
    assert (after.steps[-1].outcome, after.exit_code) == ("pass", 0)


def test_where_the_last_partial_bundle_is_gone_the_full_one_serves(case: Case) -> None:
    case.award()
    size = len(case.world.entries)
    note = case.world.checkpoint()
    while len(case.world.entries) < TILE_WIDTH:
        body = {"type": "provider", "profile": {"n": len(case.world.entries)}}
        case.world.register(case.world.compose("member", "provider-a", body, [(case.provider.statement, "provider")]))
    whole = served_log(case.world.entries, note, partial=False)
    _, after = case.scan(whole, size=size)
    assert (after.steps[-1].outcome, after.exit_code) == ("pass", 0)
