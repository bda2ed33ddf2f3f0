"""One answer for ever: what the directory says of any earlier log size is what the rules knew there.

A random legal history is decided statement by statement, and registered in a real database. For each prefix, the state
that its stored effects fold into and the directory's answers at that size must say the same: members, neutrals, keys,
accreditations, references, policies.
"""

import asyncio
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, cast

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.log.genesis import initialise
from hub.log.service import open_log
from hub.rulebook import RULEBOOK
from hub.storage.directory import Directory
from hub.storage.values import StoredStatement
from hub.web.presenting import ring_of
from registry import state as spaces
from registry.effects import Effect
from registry.errors import Refused
from signing.compose import timestamp
from signing.encoding import JSON
from signing.statement import Statement, parse_statement
from tests.fakes.databases import open_database
from tests.fakes.loghouse import MemoryWitnesses
from tests.hub.tables import prepare_tables
from tests.registry.network import (
    DAY,
    FullState,
    Network,
    founded,
    introduced,
    officers,
    policy_body,
    signing_key,
    statement_entry,
)

PROVIDERS, NEUTRALS = ("acme", "brio"), ("noor", "nils")
STATUSES = ("applied", "listed", "conditional", "concern", "referred", "suspended", "removed", "expired")
BOTH = ("ann", "bob")
REFERENCE = "fair-play"


@dataclass
class History:
    """A network that writes down what it accepted, when, and the effects."""

    net: Network = field(default_factory=founded)
    accepted: list[tuple[Statement, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        genesis = Network().genesis()
        self.accepted.append((genesis, self.net.now))
        self.net.book = RULEBOOK

    def try_out(self, make: Callable[[], Statement]) -> None:
        """Submit if the rules allow it; what they refuse is no part of the history."""
        with suppress(Refused):
            statement = make()
            self.net.submit(statement)
            self.accepted.append((statement, self.net.now))

    def state_at(self, size: int) -> FullState:
        """The state that the effects of the first ``size`` entries fold into, from nothing."""
        state = FullState()
        for group in self.net.effects[:size]:
            stored = [Effect.from_json(one.to_json()) for one in group]
            state.values.update(RULEBOOK.fold(stored, state))
        return state


def _role(name: str) -> str:
    return "provider" if name in PROVIDERS else "neutral"


def _key(history: History, name: str, action: str, number: int) -> None:
    net, ring = history.net, history.net.state.get(spaces.keyring(name)) or {}
    if action == "add":
        history.try_out(lambda: net.add_key(name, f"{name} key {net.made}", name, _role(name)))
    elif ring:
        kid = sorted(ring)[number % len(ring)]
        body: dict[str, JSON] = {"action": action, "kid": kid} | ({"reason": "lost"} if action == "revoke" else {})
        if action == "revoke" and number % 2:
            history.try_out(lambda: net.officers_key(name, body | {"invalid_from": number % net.index}))
        else:
            history.try_out(lambda: net.key(name, body, [(signing_key(name), _role(name))]))


def _accredit(history: History, name: str, status: str, number: int) -> None:
    consultation = {
        "ended_on": "2026-10-01", "took_part": True, "adjusted": True, "informed_enough": True,
        "recommends": ("remedied", "removal")[number % 2], "report_sha256": "ab" * 32,
    }  # fmt: skip
    beside: dict[str, Any] = {"consultation": consultation} if number % 3 == 0 else {}
    if status in {"suspended", "removed", "listed"} and number % 4 == 0:
        beside["appeal"] = {"until": "2027-09-01T00:00:00Z", "state": ("open", "lodged", "allowed")[number % 5 % 3]}
    if status == "listed":
        beside["valid_to"] = timestamp(history.net.now + (30 + number) * DAY)
    elif (record := history.net.state.get(spaces.accreditation(name))) is not None:
        beside |= {"valid_from": timestamp(record["begins"]), "valid_to": timestamp(record["ends"])}
    history.try_out(lambda: history.net.accreditation(name, status, BOTH, _role(name), body=beside))


def _neutral(history: History, name: str, status: str, number: int) -> None:
    net = history.net
    first = net.state.get(spaces.actor(name)) is None
    nominator = PROVIDERS[number % 2]
    alone = {"signers": [(signing_key(name), "neutral")]} if status == "paused" and not first else {}
    if alone:
        nominator = net.state.get(spaces.actor(name))["nominated_by"]
    history.try_out(lambda: net.neutral(name, nominator, first=first, body={"status": status}, **alone))


def _reference(history: History, codes: int) -> None:
    newest = history.net.state.get(spaces.reference(REFERENCE))
    version = 1 if newest is None else newest["version"] + 1
    history.try_out(lambda: history.net.reference(REFERENCE, version, [f"c{n}" for n in range(codes)]))


def _policy(history: History, threshold: int, leaves: bool) -> None:  # noqa: FBT001
    named = BOTH if leaves else ("ann", "bob", "cem")
    known = history.net.state.get(spaces.actor("cem"))
    body = policy_body(named if known["active"] else BOTH, threshold)
    history.try_out(lambda: history.net.policy(body, officers(*BOTH)))


def _provider(history: History, name: str) -> None:
    net = history.net
    if net.state.get(spaces.actor(name)) is None:
        keys = [statement_entry(signing_key(name)), statement_entry(signing_key(f"{name} http"), "http")]
        with_monitor = [*keys, net.member(name).body["keys"][1]]
        who = [*introduced(name, f"{name} http"), *officers("ann")]
        history.try_out(lambda: net.member(name, keys=with_monitor, signers=who))
    else:
        history.try_out(lambda: net.member_update(name))


def _time(history: History, days: int) -> None:
    history.net.now += days * DAY


NUMBER = st.integers(0, 60)
EITHER = st.sampled_from((*PROVIDERS, *NEUTRALS))
STEPS = st.one_of(
    st.tuples(st.just(_provider), st.tuples(st.sampled_from(PROVIDERS))),
    st.tuples(st.just(_accredit), st.tuples(EITHER, st.sampled_from(STATUSES), NUMBER)),
    st.tuples(st.just(_accredit), st.tuples(st.just("acme"), st.sampled_from(STATUSES), NUMBER)),
    st.tuples(st.just(_key), st.tuples(EITHER, st.sampled_from(("add", "retire", "revoke", "confirm")), NUMBER)),
    st.tuples(st.just(_neutral), st.tuples(st.sampled_from(NEUTRALS), st.sampled_from(("active", "paused")), NUMBER)),
    st.tuples(st.just(_reference), st.tuples(st.integers(0, 3))),
    st.tuples(st.just(_policy), st.tuples(st.integers(1, 2), st.booleans())),
    st.tuples(st.just(_time), st.tuples(st.integers(1, 40))),
)


def history_of(steps: Sequence[tuple[Callable[..., None], tuple[Any, ...]]]) -> History:
    """Providers acme (listed) and brio, neutral noor, and then the steps that the rules allow."""
    history = History()
    for name in PROVIDERS:
        _provider(history, name)
    _accredit(history, "acme", "listed", 1)
    _neutral(history, "noor", "active", 0)
    for act, arguments in steps:
        act(history, *arguments)
    return history


async def hold_against_the_directory(history: History, folder: Path) -> None:
    """Register the history in a database and compare every prefix."""
    now = history.accepted[0][1]
    log_key, witnesses = signing_key("log"), MemoryWitnesses(cast("Any", None), set())
    async with open_database(folder) as database:
        await prepare_tables(database)
        await initialise(database, log_key, history.accepted[0][0], lambda: now)
        async with open_log(database, log_key, clock=lambda: now, witnesses=witnesses, on_stop=_fail) as log:
            for statement, time in history.accepted[1:]:
                now = time
                await log.sequencer.submit(statement)
        directory = Directory(database)
        for size in range(1, len(history.accepted) + 1):
            await compare(directory, history.state_at(size), size)


async def compare(directory: Directory, state: FullState, size: int) -> None:
    policies = await directory.policies(size)
    assert policies[-1].digest == state.get(spaces.POLICY)["digest"]
    for name in (*PROVIDERS, *NEUTRALS):
        kind = "member" if name in PROVIDERS else "neutral"
        newest = await (directory.member if kind == "member" else directory.neutral)(name, size)
        assert _digest(newest) == _digest(state.get(spaces.chain(kind, name)))
        decided, record = await directory.accreditation(name, size), state.get(spaces.accreditation(name))
        assert _digest(decided) == _digest(record)
        if decided is not None:
            assert _statement(decided).body["status"] == record["status"]
            assert (decided.index, decided.digest) == (record["index"], record["digest"])
        told = await directory.history(name, size)
        assert _ring(name, told) == (state.get(spaces.keyring(name)) or {})
        if newest is not None and kind == "neutral":
            assert _statement(newest).body["status"] == state.get(spaces.actor(name))["status"]
    for name in ("ann", "cem", "hub", "coordinator"):
        assert _ring(name, policies) == state.get(spaces.keyring(name))
    published, known = await directory.reference(REFERENCE, size), state.get(spaces.reference(REFERENCE))
    assert _digest(published) == _digest(known)
    if published is not None:
        body = _statement(published).body
        assert body["version"] == known["version"]
        codes = [one["code"] for one in body["criteria"]]
        assert codes == state.get(spaces.criteria(REFERENCE, known["version"]))["codes"]


def _digest(found: StoredStatement | Mapping[str, JSON] | None) -> str | None:
    if found is None:
        return None
    return found.digest if isinstance(found, StoredStatement) else str(found["digest"])


def _statement(stored: StoredStatement) -> Statement:
    assert stored.document is not None
    return parse_statement(stored.document)


def _ring(name: str, told: Sequence[StoredStatement]) -> dict[str, Any]:
    return {kid: asdict(record) for kid, record in ring_of(name, told).items()}


def _fail(error: BaseException) -> None:
    raise AssertionError(f"sequencing ended: {error!r}")


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.lists(STEPS, min_size=4, max_size=24))
def test_the_directory_of_any_size_is_the_replay_of_that_prefix(
    steps: Sequence[tuple[Callable[..., None], tuple[Any, ...]]],
) -> None:
    history = history_of(steps)
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(hold_against_the_directory(history, Path(folder)))


def test_such_histories_have_something_to_compare() -> None:
    history = history_of(
        [
            (_accredit, ("acme", "concern", 1)), (_key, ("acme", "add", 0)), (_key, ("acme", "revoke", 1)),
            (_reference, (2,)), (_reference, (3,)), (_neutral, ("noor", "paused", 0)), (_policy, (2, True)),
            (_time, (9,)), (_accredit, ("acme", "suspended", 1)), (_accredit, ("acme", "removed", 1)),
        ]
    )  # fmt: skip
    kinds = [statement.kind for statement, _ in history.accepted]
    assert kinds == [
        "genesis", "member", "member", "accreditation", "neutral", "accreditation", "key", "key", "reference",
        "reference", "neutral", "policy", "accreditation", "accreditation",
    ]  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(hold_against_the_directory(history, Path(folder)))
