"""The verification of an award, offline, in numbered steps.

 1 Bundle        the file can be read and is complete
 2 Statement     the award's statement is well formed; exactly the announced signers have signed
 3 Document      the document is the registered one, byte for byte
 4 Policy        the bundle belongs to the trusted network; its policies follow from the pinned one
 5 Log           the checkpoint is signed by the log that the policy names
 6 Witnesses     the quorum of independent witnesses has cosigned that checkpoint
 7 Registration  the statement stands in the log under that checkpoint
 8 Entitlement   every signing key was registered by its owner and current at that index
 9 Signatures    every signature verifies; neutral and provider have signed
10 Accreditation the provider's and the neutrals' status at registration
11 Amendments    revocations and reviews in the bundle
12 Status        what the hub says was recorded up to the checkpoint's size
13 Procedure     what the provider states about the proceedings
14 Yourself      what no software can show

Each step passes, fails, informs or can't be checked, with a reason and a label: *proven* (follows from
signatures and hashes), *asserted by the hub*, *stated by the provider*, *information*, *bring yourself*.
Two lines answer: whether the award is genuine, which never ages, and its status, which does.
"""

import json
import textwrap
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime

from .bundle import Item, read_bundle
from .encoding import JSON, sha256_hex
from .errors import FormatError, ProofError, SignatureError, SigningError, TrustError
from .notes import Checkpoint, cosigned_by, open_checkpoint, parse_checkpoint, parse_note
from .replay import Registered, Replay, check_registered
from .statement import entry_time, parse_jws, parse_statement, seconds, validity, verify_signatures
from .trust import TrustFile, parse_witness_policy

PASS, FAIL, INFORMS, UNCHECKED = "pass", "fail", "information", "not checkable"
PROVEN, ASSERTED, INFORMATION = "proven", "asserted by the hub", "information"
EARLIER, STATUS_TYPE = "earlier_step", "odr-status+jws"
_STATES = ("nothing_recorded", "confirmed", "disputed", "rejected")  # in order of gravity
_OPEN, _UNWITNESSED = ("evidence_missing", "no_document", "bundle_older"), ("unwitnessed", "policy_unwitnessed")
_MARKS = {PASS: "pass", FAIL: "FAIL", INFORMS: "info", UNCHECKED: "----"}


@dataclass(frozen=True, slots=True)
class Step:
    """The outcome of one numbered step."""

    number: int
    title: str
    label: str
    outcome: str
    reason: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """All steps, and the answers that follow from them; ``exit_code`` as in PROTOCOL §8."""

    steps: tuple[Step, ...]
    genuine: str
    status: str
    exit_code: int
    facts: dict[str, JSON] = field(default_factory=dict)


def as_text(report: Report) -> str:
    """Verdict first, then the numbered steps with reasons and labels, at most 100 columns."""
    lines = [f"Genuine: {report.genuine}", f"Status:  {report.status}", ""]
    for step in report.steps:
        head = f"{step.number:>2}  {_MARKS[step.outcome]}  {step.title:<14}"
        label = "" if step.code == EARLIER else f" [{step.label}]"
        code = f" ({step.code})" if step.outcome == FAIL else ""
        text, indent = f"{step.reason}{code}{label}", " " * len(head)
        lines += textwrap.wrap(text, 100, initial_indent=head, subsequent_indent=indent)
    return "\n".join(lines) + "\n"


def as_json(report: Report) -> str:
    """The whole report as one JSON object; member names are those of ``Report`` and ``Step``."""
    return json.dumps(asdict(report), indent=2).replace("\x7f", "\\u007f") + "\n"  # which json alone leaves as it is


def verify_award(data: bytes, trust: TrustFile, document: bytes | None, now: int, max_age: int | None = None) -> Report:
    """Verify a bundle against a pinned policy.

    Args:
        data: the bundle's octets.
        trust: the verification policy that the verifier holds.
        document: the award as the verifier received it; None to take the one in the bundle.
        now: POSIX seconds, only to judge the age of the status and that it is not of a time to come.
        max_age: seconds after which the status counts as stale; None for never.

    Checks everything that the module lists. Does not check the merits, the parties' identity beyond
    the provider's word, or anything recorded after the checkpoint.
    """
    return _Verification(data, trust, document, now).report(max_age)


class _Verification:
    def __init__(self, data: bytes, trust: TrustFile, document: bytes | None, now: int) -> None:
        self.data, self.trust, self.document, self.now = data, trust, document, now
        self.replay, self.witnesses = Replay(trust.network), parse_witness_policy(trust.text)
        self.steps: list[Step] = []
        self.state, self.status, self.facts = _STATES[0], dict[str, JSON](), dict[str, JSON]()

    def report(self, max_age: int | None) -> Report:
        for number, title, label, needed, check in _STEPS:
            self.steps.append(Step(number, title, label, *self._outcome(label, needed, check)))
        genuine, code = self._verdict()
        if not self.status:
            return Report(tuple(self.steps), genuine, "can't tell", code or 2, self.facts)
        state = max(self.state, self.status["state"], key=_STATES.index)
        stale = max_age is not None and self.now - self.status["time"] > max_age
        line = _as_of(self.status, state) + (" (older than you accept)" if stale else "")
        code = code or (4 if state in ("disputed", "rejected") else 5 if stale else 0)
        return Report(tuple(self.steps), genuine, line, code, self.facts)

    def _outcome(self, label: str, needed: int, check: "Callable[[_Verification], str]") -> tuple[str, str, str]:
        if needed and self.steps[needed - 1].outcome in (FAIL, UNCHECKED):
            return UNCHECKED, f"Step {needed} did not pass.", EARLIER
        try:
            return PASS if label in (PROVEN, ASSERTED) else INFORMS, check(self), ""
        except SigningError as error:
            return UNCHECKED if error.code in _OPEN else FAIL, str(error), error.code
        except (KeyError, TypeError, AttributeError, ValueError, OverflowError):
            # The verifier knows no schemas: what lacks the members of its kind shows up where one is read.
            return FAIL, "A statement does not have the members of its kind.", "bad_body"

    def _verdict(self) -> tuple[str, int]:
        broken = [step for step in self.steps[:9] if step.code not in ("", EARLIER)]  # the others decide nothing
        for step in broken:
            if step.outcome == FAIL and step.number > 1 and step.code not in _UNWITNESSED:
                return f"no (step {step.number}, {step.title.lower()})", 1
        if any(step.code not in _UNWITNESSED for step in broken):
            return f"can't tell (step {broken[0].number}, {broken[0].title.lower()})", 2
        return ("can't tell: unwitnessed", 3) if broken else ("yes", 0)

    def read(self) -> str:
        """Step 1."""
        self.bundle = read_bundle(self.data)
        return f"The bundle is complete: the award, {len(self.bundle.evidence)} statements of evidence, the status."

    def parse(self) -> str:
        """Step 2."""
        self.award, self.index = parse_statement(self.bundle.award.document), self.bundle.award.proof.index
        if self.award.kind != "award" or self.award.salt is None:
            raise FormatError("not_an_award", "The registered statement is not an award.", self.award.kind)
        self.evidence = [(parse_statement(item.document), item) for item in self.bundle.evidence]
        return f"{len(self.award.signatures)} announced signers, {len(self.award.signatures)} signatures."

    def hold_document(self) -> str:
        """Step 3: every file shown must be the signed octets, all of them: a viewer may show what was appended."""
        expected, size = self.award.body["manifestation"]["sha256"], self.award.body["manifestation"]["size"]
        offered = self.bundle.documents | ({} if self.document is None else {"The document": self.document})
        if not offered:
            raise ProofError("no_document", "There is no document to compare; give it with --document.")
        for name, one in offered.items():
            if len(one) > size and sha256_hex(one[:size]) == expected:
                raise ProofError("document_extended", f"Only the first {size} bytes are the award; more was appended.")
            if len(one) != size or sha256_hex(one) != expected:
                raise ProofError("document_changed", f"{name} is not the registered award: its SHA-256 differs.")
        return f"SHA-256 {expected}, {size} bytes."

    def follow_policies(self) -> str:
        """Step 4: by hash from genesis to the pinned policy, by the quorum before it from there on."""
        chain = [(one, item) for one, item in self.evidence if one.kind in ("genesis", "policy")]
        if not chain or chain[0][0].digest != self.trust.network:
            raise TrustError("wrong_network", "The bundle comes from another network than the one you trust.")
        previous = None
        for one, item in chain:
            if one.previous != previous or (one.kind == "genesis") != (previous is None):
                raise TrustError("policy_chain_broken", "The policies do not follow each other.", item.name)
            previous = one.digest
            if item.proof.index > self.trust.index:
                self._require_old_quorum(item)
                self.witnesses = parse_witness_policy(one.body["witness_policy"])
        if (self.trust.policy, self.trust.index) not in [(one.digest, item.proof.index) for one, item in chain]:
            if self.trust.index >= parse_checkpoint(parse_note(self.bundle.award.proof.checkpoint).text).size:
                raise TrustError("bundle_older", "The bundle is older than the policy that you trust; get a new one.")
            raise TrustError("pinned_policy_missing", "The bundle does not contain the policy that you trust.")
        return f"Network {self.trust.network[:16]}…, policy {chain[-1][0].digest[:16]}…."

    def _require_old_quorum(self, policy: Item) -> None:
        proof = policy.policy_proof or policy.proof  # a policy that still waits has the bundle's checkpoint only
        head, times = self._open(proof.checkpoint)
        if not self.witnesses.satisfied_by(times):
            raise TrustError("policy_unwitnessed", "The quorum before it has not cosigned a later policy.", policy.name)
        if check_registered(proof, head) != policy.proof.extra or proof.index != policy.proof.index:
            raise TrustError("policy_chain_broken", "A later policy has two different log entries.", policy.name)

    def _open(self, checkpoint: bytes) -> tuple[Checkpoint, dict[str, int]]:
        note = parse_note(checkpoint)
        head = open_checkpoint(note, self.witnesses.log_for(note.text.partition("\n")[0]))
        return head, cosigned_by(note, self.witnesses.witness_keys)

    def open_head(self) -> str:
        """Step 5: every proof must lead to one and the same checkpoint."""
        checkpoint = self.bundle.award.proof.checkpoint
        self.head, self.times = self._open(checkpoint)
        for item in self.bundle.evidence:
            if item.proof.checkpoint != checkpoint:
                raise ProofError("several_checkpoints", "The proofs do not lead to one checkpoint.", item.name)
        return f"{self.head.origin}, size {self.head.size}, root {self.head.root.hex()[:16]}…."

    def count_witnesses(self) -> str:
        """Step 6: the quorum's earliest time bounds the registration from above."""
        if self.witnesses.quorum == "none" or not self.witnesses.satisfied_by(self.times):
            raise TrustError("unwitnessed", f"The quorum is not met: {len(self.times)} trusted witnesses cosigned.")
        by_then = {time: [name for name, at in self.times.items() if at <= time] for time in self.times.values()}
        first = min(time for time, names in by_then.items() if self.witnesses.satisfied_by(names))
        return f"Cosigned by {', '.join(sorted(self.times))}; in the log not later than {_date(first)}."

    def locate(self) -> str:
        """Step 7: the award and all evidence have their entries under the checkpoint."""
        items = [self.bundle.award, *self.bundle.evidence]
        self.entries = {item.proof.index: check_registered(item.proof, self.head) for item in items}
        if len(self.entries) != len(items):
            raise ProofError("index_twice", "Two statements claim one index of the log.")
        return f"Entry {self.index} of {self.head.size}."

    def retell(self) -> str:
        """Step 8: the evidence before the award, in log order."""
        self._admit(range(self.index))
        found = [self.replay.current(kid, self.index, entry_time(self.entries[self.index])) for kid in self.award.roles]
        self.signers = sorted(found, key=lambda record: (record.role, record.owner))
        return f"Registered and current at entry {self.index}: {'; '.join(map(self.replay.name_of, self.signers))}."

    def _admit(self, indexes: range) -> None:
        for one, item in self.evidence:
            if item.proof.index in indexes:
                self.replay.admit(one, item.proof.index, self.entries[item.proof.index])

    def check_signatures(self) -> str:
        """Step 9."""
        self.registered = self.replay.admit(self.award, self.index, self.entries[self.index])
        self.facts = {name: self.award.body[name] for name in ("award_id", "date", "manifestation", "seat", "type")}
        self.facts |= {"award": self.award.digest, "index": self.index, "registered_at": self.registered.time}
        self.facts |= {"log_size": self.head.size, "signers": [self.replay.name_of(record) for record in self.signers]}
        return f"{len(self.signers)} signatures verify: {', '.join(f'{one.role} {one.owner}' for one in self.signers)}."

    def show_accreditations(self) -> str:
        """Step 10."""
        newest = {one.statement.body["subject"]: self._told(one) for one in self.replay.told("accreditation")}
        found = [f"{owner}: {newest.get(owner, 'none shown')}" for owner in sorted({one.owner for one in self.signers})]
        return f"When the award was registered: {'; '.join(found)}."

    def _told(self, decision: Registered) -> str:
        body, since = decision.statement.body, _date(decision.time)
        judged = validity(body["status"], seconds(body["valid_from"]), seconds(body["valid_to"]), self.registered.time)
        told = {"pending": f", in force only from {body['valid_from'][:10]},", "lapsed": ", lapsed"}.get(judged, "")
        return f"{body['status']}{told} since {since}, valid to {body['valid_to'][:10]}"

    def amend(self) -> str:
        """Step 11: evidence after the award, in log order; the newest review decides, until keys revoked after it."""
        self._admit(range(self.index + 1, self.head.size))
        decisions = [one.statement.body["decision"] for one in self.replay.reviews_of(self.award.digest)]
        dispute = self.replay.doubt(self.registered, self.head.size)
        said = {"confirm": "confirmed", "reject": "rejected"}[decisions[-1]] if decisions else self.state
        self.state = "disputed" if dispute else said
        if dispute is not None:
            owners = " and ".join(sorted(dispute.owners))
            return f"Reviews: {decisions}; a key of {owners} was revoked with effect from before the award."
        return f"Reviews: {decisions}." if decisions else "Nothing in the bundle amends or disputes the award."

    def read_status(self) -> str:
        """Step 12."""
        jws, policy = parse_jws(self.bundle.status, STATUS_TYPE), self.replay.policies[-1]
        keys = {one.kid: self.replay.current(one.kid, self.head.size, self.registered.time) for one in jws.signatures}
        hub = (policy.body["hub"]["id"], "hub", "statement")
        if any((one.owner, one.role, one.purpose) != hub for one in keys.values()):
            raise SignatureError("not_the_hub", "The status is not signed with the hub's statement key.")
        verify_signatures(jws, {kid: record.public for kid, record in keys.items()})
        status = jws.payload
        expected = {"network": self.trust.network, "award": self.award.digest, "size": self.head.size}
        expected |= {"root": self.head.root.hex(), "policy": {"digest": policy.digest, "index": policy.index}}
        for name, value in expected.items():
            if status.get(name) != value:
                raise ProofError("status_mismatch", "The status speaks of something else.", name)
        if type(status.get("time")) is not int or status.get("state") not in _STATES:
            raise FormatError("bad_status", "The status has no time, or a state that is not known.")
        if status["time"] > self.now + 300:  # clocks differ; what is dated ahead never grows old
            message = f"The status is dated {_date(status['time'])}, later than this machine's clock. Set the clock"
            raise FormatError("status_in_future", f"{message} right if it is wrong, else ask the hub for a new status.")
        shown = {one.statement.digest for one in self.replay.reviews_of(self.award.digest)}
        if {one["digest"] for one in status.get("amendments", ())} != shown:
            raise ProofError("amendment_hidden", "The bundle shows other amendments than the hub names.")
        told, self.status = _as_of(status, status["state"]), status
        return f"{told}."

    def state_procedure(self) -> str:
        """Step 13."""
        told = self.award.body["procedure"]
        method = f"{len(told['notices'])} notices, neutral appointed by {told['appointment']['method']}"
        return f"Agreement SHA-256 {told['agreement_sha256'][:16]}…, {method}, {told['transfers']} transfers."

    def point_out(self) -> str:
        """Step 14."""
        return "The arbitration agreement, translations, the parties' identity, arbitrability and public policy."


def _as_of(status: dict[str, JSON], state: str) -> str:
    return f"{state.replace('_', ' ')}, as of {_date(status['time'])}, size {status['size']}"


def _date(time: int) -> str:
    if not 0 <= time < 253_402_300_800:  # the first second of the year 10000
        raise FormatError("bad_time", f"{time} seconds after 1970 is not in the calendar.")
    return datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


_STEPS: tuple[tuple[int, str, str, int, Callable[[_Verification], str]], ...] = (
    (1, "Bundle", PROVEN, 0, _Verification.read),
    (2, "Statement", PROVEN, 1, _Verification.parse),
    (3, "Document", PROVEN, 2, _Verification.hold_document),
    (4, "Policy", PROVEN, 2, _Verification.follow_policies),
    (5, "Log", PROVEN, 4, _Verification.open_head),
    (6, "Witnesses", PROVEN, 5, _Verification.count_witnesses),
    (7, "Registration", PROVEN, 5, _Verification.locate),
    (8, "Entitlement", PROVEN, 7, _Verification.retell),
    (9, "Signatures", PROVEN, 8, _Verification.check_signatures),
    (10, "Accreditation", INFORMATION, 9, _Verification.show_accreditations),
    (11, "Amendments", PROVEN, 9, _Verification.amend),
    (12, "Status", ASSERTED, 11, _Verification.read_status),
    (13, "Procedure", "stated by the provider", 9, _Verification.state_procedure),
    (14, "Yourself", "bring yourself", 0, _Verification.point_out),
)
