"""Any split of a sequence into batches stores the same."""

import tempfile
from collections import deque
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.log.deciding import BatchLimits, Candidate, Deciding, first_needs
from hub.log.rulestate import RuleStateCache
from hub.rulebook import RULEBOOK
from hub.storage.audit import Audit
from hub.storage.log_store import SqlLogStore
from hub.storage.rule_state import is_stored
from hub.storage.topics import POLICY_PROOF
from hub.storage.values import Head, StagedEntry
from signing.encoding import JSON
from signing.merkle import EMPTY_ROOT
from signing.statement import Statement
from tests.fakes.databases import BACKENDS, open_database
from tests.fakes.loghouse import found, running, sample

GIVEN = sample(6)


def decided(statements: list[Statement], cuts: set[int]) -> tuple[list[StagedEntry], dict[str, tuple[JSON, int]]]:
    """Entries and rule state after deciding in batches that end at ``cuts``."""
    cache = RuleStateCache()
    stored: dict[str, tuple[JSON, int]] = {}
    entries: list[StagedEntry] = []
    ends = [*sorted(cuts - {0, len(statements)}), len(statements)]
    start = 0
    for end in ends:
        waiting = deque(Candidate(one) for one in statements[start:end])
        while waiting:
            head = Head("origin", len(entries), EMPTY_ROOT, 0)
            batch = Deciding(head, GIVEN.world.now, cache, BatchLimits(seconds=60), RULEBOOK)
            missing = cache.missing(first_needs(waiting, RULEBOOK))
            while missing or (missing := set(batch.run(waiting))):
                cache.add(missing, {key: stored[key][0] for key in missing & stored.keys()})
                missing = set()
            entries += batch.entries
            stored.update(batch.writes)
            cache.commit({key: value for key, (value, _) in batch.writes.items()})
        start = end
    return entries, stored


WHOLE = decided(GIVEN.statements, set())


@given(st.sets(st.integers(1, len(GIVEN.statements) - 1)))
@settings(max_examples=40, deadline=None)
def test_any_split_gives_the_same_entries_effects_and_state(cuts: set[int]) -> None:
    assert decided(GIVEN.statements, cuts) == WHOLE


@given(st.permutations(GIVEN.awards), st.integers(0, 5))
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_refused_and_repeated_statements_take_no_place(awards: list[Statement], repeated: int) -> None:
    once, _ = decided([*GIVEN.founding, *awards], set())
    twice, _ = decided([*GIVEN.founding, *awards[: repeated + 1], *awards], set(range(1, 14)))
    assert [one.octets for one in once] == [one.octets for one in twice]


@pytest.mark.parametrize("backend", BACKENDS)
async def test_the_store_holds_what_was_decided(backend: str) -> None:
    with tempfile.TemporaryDirectory() as directory:
        async with open_database(Path(directory), backend) as database:
            await found(database, GIVEN)
            async with running(database, GIVEN, limits=BatchLimits(entries=3)) as log:
                for one in GIVEN.statements[1:]:
                    await log.sequencer.submit(one)
            entries, state = WHOLE
            stored = [entry async for piece in Audit(database).entries(piece=4) for entry in piece]
            assert [(one.index, one.octets, one.effects) for one in stored] == [
                (one.index, one.octets, one.effects) for one in entries
            ]
            assert await Audit(database).rule_state() == {key: row for key, row in state.items() if is_stored(key)}
            loaded = await SqlLogStore(database).run(
                lambda log: log.load([*state, "award/" + "0" * 64, "digest/" + "0" * 64])
            )
            assert loaded == {key: value for key, (value, _) in state.items()}
            assert {key.split("/")[0] for key in state if not is_stored(key)} == {"digest", "statement", "award"}


def test_only_policies_ask_for_a_policy_proof() -> None:
    assert {one.kind: one.outbox for one in WHOLE[0]}["genesis"] == ()
    assert all(POLICY_PROOF not in one.outbox for one in WHOLE[0])
