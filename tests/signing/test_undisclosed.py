"""What a scan finds beside amendments: revocations and policies that a bundle does not show."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import pytest

from signing.encoding import canonical, loads
from signing.errors import ProofError
from signing.scan import scanned
from signing.tiles import TILE_WIDTH
from signing.verification import Report, verify_award
from tests.fakes.servedlog import serving as served_log
from tests.fakes.world import Actor, World

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
