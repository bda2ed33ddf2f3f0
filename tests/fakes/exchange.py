"""A whole exchange in memory, without signatures: a hub's log, two gateways, and a network that fails.

Everything random comes from one ``Random``, so a seed is a history. Messages are lost, doubled and reordered;
answers to them too; gateways and hub restart; the clock jumps. A gateway stores what it will say before it
says it, says it until it hears a verdict, and acts on the log alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from providers.errors import TransferRefused
from providers.transfer.commands import (
    Accept,
    Command,
    Completion,
    Consent,
    Decline,
    Dispatch,
    Evidence,
    Offer,
    Withdrawal,
)
from providers.transfer.evidence import due
from providers.transfer.machine import decide
from providers.transfer.refusals import REFUSALS
from providers.transfer.values import Blob, Case, Facts, Standing, Transfer

START, HOUR = 1_790_000_000, 3600
PROVIDERS = ("acme", "brio")
CASES = ("urn:odr:acme:1", "urn:odr:brio:2")
_LISTED = Facts(Standing("provider", active=True, accreditation="listed"))
_BRIEF, _CIPHERTEXT = Blob("b1" * 32, 900), Blob("c1" * 32, 5000)


@dataclass(frozen=True, slots=True)
class Logged:
    """An entry of the log: its place, and what was said."""

    index: int
    time: int
    command: Command


@dataclass
class Replica:
    """Transfers and cases as the entries applied so far leave them; an entry is applied once."""

    transfers: dict[str, Transfer] = field(default_factory=dict)
    cases: dict[str, Case] = field(default_factory=lambda: {one: Case.first(one) for one in CASES})
    size: int = 0

    def apply(self, entry: Logged) -> None:
        """Judge and remember; raises ``TransferRefused`` and then nothing has changed."""
        command = entry.command
        before = self.transfers.get(command.transfer_id)
        case = self.cases[command.case_id if isinstance(command, Offer) else before.case if before else CASES[0]]
        change = decide(before, case, command, entry, _LISTED)
        self.transfers[command.transfer_id] = change.transfer
        self.cases[change.case.case_id] = change.case
        self.size = entry.index + 1


@dataclass
class Hub:
    """The log, what follows from it, and the digests it holds."""

    log: list[Logged] = field(default_factory=list)
    state: Replica = field(default_factory=Replica)
    known: set[str] = field(default_factory=set)
    refusals: set[str] = field(default_factory=set)

    def post(self, command: Command, now: int) -> str | None:
        """The verdict on a statement: None when it is registered, now or before, else the code of the refusal."""
        if command.digest in self.known:
            return None
        entry = Logged(len(self.log), max(now, self.log[-1].time if self.log else 0), command)
        try:
            self.state.apply(entry)
        except TransferRefused as refusal:
            self.refusals.add(refusal.code)
            return refusal.code
        self.log.append(entry)
        self.known.add(command.digest)
        return None

    def tick(self, now: int) -> None:
        """Synthesise what is due."""
        for transfer in list(self.state.transfers.values()):
            late = due(transfer, now)
            if late is not None:
                digest = f"hub {late.event} {late.transfer_id}"
                self.post(Evidence("hub", digest, late.transfer_id, late.event, late.of), now)

    def restart(self) -> None:
        """Come up again with nothing but the log."""
        state, self.state = self.state, Replica()
        for entry in self.log:
            self.state.apply(entry)
        assert self.state == state


@dataclass
class Gateway:
    """One provider's gateway. ``outbox`` and ``acted`` are stored; the replica is read from the log."""

    name: str
    random: Random
    replica: Replica = field(default_factory=Replica)
    outbox: dict[str, Command] = field(default_factory=dict)
    acted: set[tuple[str, str]] = field(default_factory=set)
    said: int = 0

    @property
    def other(self) -> str:
        return PROVIDERS[self.name == PROVIDERS[0]]

    def read(self, log: list[Logged], most: int) -> None:
        """Take in up to ``most`` entries, and decide what to say to each."""
        for entry in log[self.replica.size : self.replica.size + most]:
            self.replica.apply(entry)
            self.outbox.pop(entry.command.digest, None)
            for command in self.react(self.replica.transfers[entry.command.transfer_id]):
                self.outbox[command.digest] = command

    def hear(self, digest: str, verdict: str | None) -> None:
        """A verdict has come; only a refusal that may change is worth saying again."""
        if verdict is None or not REFUSALS[verdict][2]:
            self.outbox.pop(digest, None)

    def restart(self) -> None:
        """Come up with what is stored, and read the log from its beginning."""
        self.replica = Replica()

    def react(self, transfer: Transfer) -> Iterator[Command]:
        """What this side says to a state it sees for the first time; sometimes nothing, sometimes too much."""
        if (transfer.transfer_id, transfer.state) in self.acted:
            return
        self.acted.add((transfer.transfer_id, transfer.state))
        chance = self.random.random()
        if self.name == transfer.recipient:
            yield from self._as_recipient(transfer, chance)
        elif transfer.state == "offered" and chance < 0.1:
            yield Withdrawal(*self._own(transfer), transfer.offer)
        elif transfer.state == "accepted" and transfer.answer:
            if chance < 0.85:
                yield Dispatch(*self._own(transfer), transfer.answer, "root", _CIPHERTEXT)
            if chance > 0.8:
                yield Withdrawal(*self._own(transfer), transfer.offer)

    def _as_recipient(self, transfer: Transfer, chance: float) -> Iterator[Command]:
        if transfer.state == "offered":
            if chance < 0.8:
                yield Accept(*self._own(transfer), transfer.offer, f"key {self.name} {self.said}")
            if chance > 0.75:
                yield Decline(*self._own(transfer), transfer.offer)
        elif transfer.state == "dispatched" and transfer.dispatch:
            events = [(), ("delivery",), ("delivery", "retrieval"), ("retrieval",), ("delivery", "non_retrieval"),
                      ("non_retrieval", "retrieval")][int(chance * 6)]  # fmt: skip
            for event in events:
                yield Evidence(*self._own(transfer), event, transfer.dispatch, (_CIPHERTEXT,))
            if chance < 0.7:
                root = "root" if chance < 0.65 else "other"
                yield Completion(*self._own(transfer), transfer.dispatch, root, transfer.sender, self.name)

    def offer(self, case: str, now: int) -> None:
        """Offer a case that the replica says is ours; it may be ours no longer."""
        if self.replica.cases[case].custodian != self.name:
            return
        issuer, digest, _ = self._own(None)
        self.outbox[digest] = Offer(
            issuer, digest, f"urn:odr:{issuer}:{digest}", case, self.other, "mediation", "capacity", "rules", True,  # noqa: FBT003
            "contract",
            frozenset({"C2"}), (("claimant", 1),), (Consent(("claimant", 1), "transfer", self.other, START - 9),),
            _BRIEF, now + self.random.choice((2, 30, 100)) * HOUR, self.random.choice((1, 40)),
            self.random.choice((1, 40)),
        )  # fmt: skip

    def _own(self, transfer: Transfer | None) -> tuple[str, str, str]:
        self.said += 1
        return self.name, f"{self.name} {self.said}", transfer.transfer_id if transfer else ""


@dataclass
class Exchange:
    """Hub, two gateways and what is on its way between them."""

    random: Random
    hub: Hub = field(default_factory=Hub)
    now: int = START
    on_its_way: list[Command] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.gateways = {name: Gateway(name, self.random) for name in PROVIDERS}
        self._acts = (self._offer, self._say, self._say, self._say, self._arrive, self._arrive, self._arrive,
                      self._arrive, self._read, self._read, self._read, self._read, self._wait, self._tick,
                      self._restart)  # fmt: skip

    def run(self, steps: int) -> None:
        """A stretch of history in which everything may fail."""
        for _ in range(steps):
            self.random.choice(self._acts)()

    def settle(self) -> None:
        """Let everything arrive and every deadline pass, until nobody has anything to say."""
        for _ in range(2000):
            for gateway in self.gateways.values():
                gateway.read(self.hub.log, len(self.hub.log))
                for command in list(gateway.outbox.values()):
                    gateway.hear(command.digest, self.hub.post(command, self.now))
            if self.on_its_way:
                self.hub.post(self.on_its_way.pop(), self.now)
                continue
            if any(gateway.replica.size < len(self.hub.log) or gateway.outbox for gateway in self.gateways.values()):
                self.now += HOUR
                self.hub.tick(self.now)
                continue
            ends = [one.deadline for one in self.hub.state.transfers.values() if one.deadline is not None]
            if not ends:
                return
            self.now = max(self.now, *ends)
            self.hub.tick(self.now)
        raise AssertionError("the exchange does not come to rest")

    def _one(self) -> Gateway:
        return self.gateways[self.random.choice(PROVIDERS)]

    def _offer(self) -> None:
        self._one().offer(self.random.choice(CASES), self.now)

    def _say(self) -> None:
        gateway = self._one()
        if gateway.outbox:
            command = self.random.choice(list(gateway.outbox.values()))
            self.on_its_way += [command] * self.random.choice((0, 1, 1, 1, 2))

    def _arrive(self) -> None:
        if self.on_its_way:
            command = self.on_its_way.pop(self.random.randrange(len(self.on_its_way)))
            verdict = self.hub.post(command, self.now)
            if self.random.random() < 0.7:  # the answer may be lost
                self.gateways[command.issuer].hear(command.digest, verdict)

    def _read(self) -> None:
        self._one().read(self.hub.log, self.random.choice((1, 2, 9)))

    def _wait(self) -> None:
        self.now += self.random.choice((-60, 60, 600, 2 * HOUR, 2 * HOUR, 20 * HOUR))

    def _tick(self) -> None:
        self.hub.tick(self.now)

    def _restart(self) -> None:
        if self.random.random() < 0.3:
            self.hub.restart()
        else:
            self._one().restart()
