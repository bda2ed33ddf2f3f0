"""A bundle's log held against a checkpoint that was kept: before, at, and after the bundle's own."""

from dataclasses import replace

import pytest

from signing.continuation import continued
from signing.merkle import leaf_hash
from signing.prefix import Fetch
from signing.verification import Report, verify_award
from tests.fakes.servedlog import serving
from tests.fakes.world import World, tree_root
from tests.signing.test_scan import Case, case_of


@pytest.fixture
def case() -> Case:
    """An award, and a provider that came later."""
    found = case_of(World())
    found.world.add_provider("provider-b")
    return found


def after(
    case: Case, kept: bytes, *, proof: bytes | None = None, fetch: Fetch | None = None, report: Report | None = None
) -> Report:
    bundle = case.world.bundle(case.index)
    before = report or verify_award(bundle, case.world.trust(), None, case.world.now)
    found = continued(before, bundle, case.world.trust(), kept, proof, fetch)
    assert found.steps[:-1] == before.steps
    assert (found.steps[-1].number, found.steps[-1].title, found.steps[-1].label) == (16, "Continuity", "proven")
    assert found.status == before.status
    return found


def passes(found: Report, says: str) -> None:
    assert (found.steps[-1].outcome, found.steps[-1].code) == ("pass", ""), found.steps[-1]
    assert says in found.steps[-1].reason
    assert (found.genuine, found.exit_code) == ("yes", 0)


def refutes(found: Report, code: str) -> None:
    assert (found.steps[-1].outcome, found.steps[-1].code) == ("fail", code), found.steps[-1]
    assert (found.genuine, found.exit_code) == ("no (step 16, continuity)", 1)


def is_open(found: Report, code: str, says: str = "") -> None:
    assert (found.steps[-1].outcome, found.steps[-1].code) == ("not checkable", code), found.steps[-1]
    assert says in found.steps[-1].reason
    assert (found.genuine, found.exit_code) == ("can't tell (step 16, continuity)", 2)


def test_the_same_head_needs_nothing(case: Case) -> None:
    passes(after(case, case.world.checkpoint(cosigners=[])), "with the same root")
    refutes(after(case, case.world.checkpoint(root=bytes(32))), "two_roots")


def test_what_was_kept_at_registration_is_proven_by_the_bundle_itself(case: Case) -> None:
    """Also where it ended with a statement of the evidence."""
    for index in (case.index, case.index - 1, 0):
        passes(after(case, case.world.checkpoint(index + 1)), f"begins with that of {index + 1}")
        refutes(after(case, case.world.checkpoint(index + 1, root=bytes(32))), "history_differs")


def strange(case: Case) -> int:
    """The index of another provider's award, which no bundle of ours shows."""
    pdf = b"%PDF-1.7 another\n"
    return case.world.admit(case.world.award(case.provider, case.neutral, pdf))


def test_without_anything_at_hand_nobody_can_tell(case: Case) -> None:
    index = strange(case)
    case.world.add_provider("provider-c")
    is_open(after(case, case.world.checkpoint(index + 1)), "proof_missing", "The sizes differ")


def test_a_proof_file_decides(case: Case) -> None:
    index = strange(case)
    case.world.add_provider("provider-c")
    world = case.world
    good = world.proof(index, world.checkpoint())
    passes(after(case, world.checkpoint(index + 1), proof=good), f"begins with that of {index + 1}")
    refutes(after(case, world.checkpoint(index + 1, root=bytes(32)), proof=good), "history_differs")
    is_open(after(case, world.checkpoint(index + 1), proof=world.proof(1, b"note")), "wrong_proof")
    is_open(after(case, world.checkpoint(index + 1), proof=b"no proof"), "bad_proof")


def test_the_tiles_decide_where_nothing_else_does(case: Case) -> None:
    index = strange(case)
    case.world.add_provider("provider-c")
    world = case.world
    fetch = serving(world.entries, world.checkpoint())
    wrong = world.proof(1, b"note")
    passes(after(case, world.checkpoint(index + 1), proof=wrong, fetch=fetch), f"begins with that of {index + 1}")
    refutes(after(case, world.checkpoint(index + 1, root=bytes(32)), fetch=fetch), "history_differs")


def test_a_kept_checkpoint_that_is_newer_than_the_bundle(case: Case) -> None:
    """The bundle is old; the court has seen more of the log since."""
    world = case.world
    bundle = world.bundle(case.index)
    size = len(world.entries)
    world.add_provider("provider-c")
    kept, other = world.checkpoint(), world.checkpoint(root=bytes(32))
    report = verify_award(bundle, world.trust(), None, world.now)

    def held(note: bytes, proof: bytes | None = None, fetch: Fetch | None = None) -> Report:
        return continued(report, bundle, world.trust(), note, proof, fetch)

    is_open(held(kept), "proof_missing")
    fetch = serving(world.entries, world.checkpoint())
    passes(held(kept, fetch=fetch), f"entries begins with that of {size}.")
    passes(held(kept, world.proof(size - 1, kept)), f"begins with that of {size}")
    is_open(held(other, world.proof(size - 1, kept)), "inclusion_proof_fails")
    refutes(held(other, fetch=fetch), "two_roots")  # the log serves another head of that size now
    entries = [*world.entries]
    entries[0] = b"another"
    leaves = [leaf_hash(one) for one in entries]
    refutes(held(world.checkpoint(root=tree_root(leaves)), fetch=serving(entries, b"")), "history_differs")


def test_a_rotated_log_continues_what_was_kept_of_the_one_before(case: Case) -> None:
    """The log has another name and another key since, and the same tree."""
    world = case.world
    trust = world.trust()
    kept = world.checkpoint(case.index + 1)
    forged = world.checkpoint(case.index + 1, root=bytes(32))
    old = next(line for line in world.witness_policy.splitlines() if line.startswith("log "))
    after = World(origin="hub.example/log/2")
    after.log_key = world.signing_key("next log")
    body = after.policy_body(witness_policy=f"{old}\n{after.witness_policy}")
    changed = {name: body[name] for name in ("origin", "log_key", "witness_policy")}
    base = {"origin": world.origin, "size": 2, "root": world.root(2).hex()}
    world.add_policy(**changed, base=base)
    world.origin, world.log_key = after.origin, after.log_key
    bundle = world.bundle(case.index)
    report = verify_award(bundle, trust, None, world.now)
    assert report.exit_code == 0, report.steps

    def held(note: bytes, fetch: Fetch | None = None) -> Report:
        return continued(report, bundle, trust, note, None, fetch)

    passes(held(kept), f"begins with that of {case.index + 1}")
    refutes(held(forged), "history_differs")
    is_open(held(World(origin="hub.example/log/3").checkpoint(1)), "unknown_log")
    world.add_policy(**changed | {"witness_policy": after.witness_policy})  # drops the log that ended
    bundle = world.bundle(case.index)
    report = verify_award(bundle, trust, None, world.now)
    passes(held(kept), f"begins with that of {case.index + 1}")
    passes(held(kept, serving(world.entries, world.checkpoint())), "begins with")


def test_a_checkpoint_of_somebody_else_is_no_measure(case: Case) -> None:
    is_open(after(case, World(seed="forger").checkpoint(3)), "signature_missing")
    is_open(after(case, World(origin="other.example/log/1").checkpoint(1)), "unknown_log")
    is_open(after(case, b"<html>"), "bad_note")


@pytest.mark.parametrize(("before", "expected"), [(0, 2), (1, 1), (2, 2), (3, 2), (4, 2), (5, 2)])
def test_an_open_question_gives_way_to_not_genuine_alone(case: Case, before: int, expected: int) -> None:
    bundle = case.world.bundle(case.index)
    report = replace(verify_award(bundle, case.world.trust(), None, case.world.now), exit_code=before)
    assert after(case, b"<html>", report=report).exit_code == expected
    assert after(case, case.world.checkpoint(root=bytes(32)), report=report).exit_code == 1
    assert after(case, case.world.checkpoint(), report=report).exit_code == before


def test_an_award_that_is_not_genuine_is_held_against_nothing(case: Case) -> None:
    bundle = case.world.bundle(case.index)
    report = verify_award(bundle, World(seed="other").trust(), None, case.world.now)
    found = continued(report, bundle, case.world.trust(), case.world.checkpoint(), None, None)
    assert (found.steps[-1].code, found.exit_code, found.genuine) == ("earlier_step", 1, report.genuine)
