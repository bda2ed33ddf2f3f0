"""Asking witnesses to cosign a checkpoint (the client side of C2SP tlog-witness).

All witnesses are asked at once; a round ends when what came in is enough, while the rest is still collected. Every
line is verified over the very text that was asked about before it is handed on, and nothing that one witness answers
ends the round of the others. A witness's answer is one of five outcomes: it *cosigned*; it is *unreachable*; it
*refused*; it is *ahead*, so this log has forgotten entries; or it stands for *equivocation*: it has cosigned another
tree at a size that this log has too. The last two are alarms, and are never retried away.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TypeAlias

import aiohttp

from hub.storage.cosignatures import label_of
from providers.witness.submission import MAX_BODY, Submission, format_submission
from signing.errors import SigningError
from signing.notes import (
    Checkpoint,
    Note,
    NoteSignature,
    VerifierKey,
    check_cosignature,
    decode_number,
    line_of,
    parse_checkpoint,
    parse_note,
)
from signing.signnotes import format_note, with_lines
from signing.trust import WitnessPolicy

__all__ = ["Ahead", "CosignClient", "Cosigned", "Equivocation", "Outcome", "Refused", "Round", "Unreachable"]

TRIES = 3
BACK_OFF_SECONDS = (0.010, 0.250)
CUT_OFF_SECONDS = 1.0
_SIZE_TYPE = "text/x.tlog.size"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Cosigned:
    """The witness cosigned: its verified line and the POSIX time (seconds) in it."""

    witness: str
    line: NoteSignature
    time: int


@dataclass(frozen=True, slots=True)
class Unreachable:
    """No answer in time, or a passing failure of the witness; the next checkpoint may fare better."""

    witness: str
    reason: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The witness answered with this HTTP status, and without a usable cosignature."""

    witness: str
    status: int
    reason: str


@dataclass(frozen=True, slots=True)
class Ahead:
    """Alarm: the witness has cosigned a tree of this log with more entries (``size``) than the one offered."""

    witness: str
    size: int


@dataclass(frozen=True, slots=True)
class Equivocation:
    """Alarm: the witness answered ``status`` because the tree it cosigned at ``old_size`` is not this log's."""

    witness: str
    status: int
    old_size: int


Outcome: TypeAlias = Cosigned | Unreachable | Refused | Ahead | Equivocation
Prove: TypeAlias = Callable[[int, int], Awaitable[Sequence[bytes]]]
Observe: TypeAlias = Callable[[Checkpoint, Outcome, bool], None]
Late: TypeAlias = Callable[[NoteSignature], None]


@dataclass(frozen=True, slots=True)
class Round:
    """What came in before the round ended, in order of arrival; ``enough`` says why it ended."""

    outcomes: tuple[Outcome, ...]
    enough: bool

    @property
    def lines(self) -> list[NoteSignature]:
        """The verified cosignature lines."""
        return _lines(self.outcomes)


class _Moved(Refused):
    """The witness stands at another size than we thought; now we know it, and ask again at once."""


@dataclass(slots=True)
class _Question:
    """One checkpoint to be cosigned; witnesses that stand at the same size share one proof."""

    note: Note
    checkpoint: Checkpoint
    prove: Prove
    late: Late
    proving: set["asyncio.Task[Sequence[bytes]]"]
    proofs: dict[int, "asyncio.Task[Sequence[bytes]]"] = field(default_factory=dict)
    ended: bool = False

    async def body(self, old_size: int) -> bytes:
        """The request for a witness that stands at ``old_size``."""
        proof: Sequence[bytes] = ()
        if old_size not in (0, self.checkpoint.size):
            if old_size not in self.proofs:
                self.proofs[old_size] = self._start_proof(old_size)
            proof = await asyncio.shield(self.proofs[old_size])
        return format_submission(Submission(old_size, tuple(proof), format_note(self.note)))

    def _start_proof(self, old_size: int) -> "asyncio.Task[Sequence[bytes]]":
        task = asyncio.create_task(self._proof(old_size))
        self.proving.add(task)
        task.add_done_callback(self.proving.discard)
        return task

    async def _proof(self, old_size: int) -> Sequence[bytes]:
        return await self.prove(old_size, self.checkpoint.size)


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    kind: str
    body: bytes

    def reason(self) -> str:
        """What the witness says, made fit for a log line."""
        return self.body[:200].decode("ascii", "replace").strip() or f"status {self.status}"


def _report(checkpoint: Checkpoint, outcome: Outcome, late: bool) -> None:  # noqa: FBT001  # positional by its type
    level = logging.ERROR if isinstance(outcome, Ahead | Equivocation) else logging.DEBUG
    _log.log(level, "checkpoint of size %d: %s%s", checkpoint.size, outcome, ", late" if late else "")


def _drop(_: NoteSignature) -> None:
    """For a caller who has no use for lines that come late."""


class CosignClient:
    """Asks witnesses, and remembers where each of them stands.

    Args:
        session: an HTTP session; the caller closes it, after ``close``.
        prove: makes the consistency proof from one size to another.
        observe: gets (checkpoint, outcome, whether its round had ended before) of every outcome, once; by default
            alarms are logged as errors. It must not raise.
        cut_off: seconds that one witness has for one checkpoint, further tries included.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        prove: Prove,
        *,
        observe: Observe = _report,
        cut_off: float = CUT_OFF_SECONDS,
    ) -> None:
        self._session = session
        self._prove = prove
        self._observe = observe
        self._cut_off = cut_off
        self._sizes: dict[VerifierKey, int] = {}
        self._offered = 0
        self._running: set[asyncio.Task[Outcome]] = set()
        self._proving: set[asyncio.Task[Sequence[bytes]]] = set()

    async def close(self) -> None:
        """Give up what is still being asked; a proof that is being read is finished, since a database answers it."""
        running = [*self._running]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, *self._proving, return_exceptions=True)

    async def ask(
        self, note: Note, policies: Sequence[WitnessPolicy], enough: Callable[[Note], bool], late: Late = _drop
    ) -> Round:
        """Have ``note`` cosigned by every witness of ``policies``.

        Args:
            note: a checkpoint signed by the log; lines that the witnesses gave it before are left out and asked anew.
            policies: name the witnesses, their keys and URLs; a witness in several of them is asked once.
            enough: whether the note with the lines that came in will do; then the round ends.
            late: gets each verified line that comes after that. It must not raise.

        Raises:
            Whatever ``prove`` raises: without proofs there is nothing to ask.
        """
        witnesses = _witnesses(policies)
        bare = _without(note, witnesses)
        question = _Question(bare, parse_checkpoint(note.text), self._prove, late, self._proving)
        self._offered = max(self._offered, question.checkpoint.size)
        pending = {self._start(question, key, url) for key, url in witnesses.items()}
        outcomes: list[Outcome] = []
        satisfied = enough(bare)
        while pending and not satisfied:
            await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
            outcomes += [task.result() for task in pending if task.done()]
            pending = {task for task in pending if not task.done()}
            satisfied = enough(with_lines(bare, _lines(outcomes)))
        question.ended = True
        return Round(tuple(outcomes), satisfied)

    async def cosign(
        self, note: Note, size: int, policies: Sequence[WitnessPolicy], enough: Callable[[Note], bool], late: Late
    ) -> list[NoteSignature]:
        """The verified lines of one round of ``ask``; ``size`` is the checkpoint's."""
        del size
        return (await self.ask(note, policies, enough, late)).lines

    async def reported(self, origin: str, policies: Sequence[WitnessPolicy]) -> Mapping[str, bytes | None]:
        """By witness, the newest checkpoint of this log that it says it has cosigned. Nothing of it is verified.

        It is None where the witness answers but shows none; silent witnesses are left out. A second key under the
        same name is called by its label.
        """
        witnesses = _witnesses(policies)
        found = await asyncio.gather(*(self._newest(origin, url) for url in witnesses.values()))
        named: dict[str, bytes | None] = {}
        for key, answer in zip(witnesses, found, strict=True):
            if answer is not None:
                shown = answer.body if answer.status == 200 else None
                named[label_of(key) if key.name in named else key.name] = shown
        return named

    def _start(self, question: _Question, key: VerifierKey, url: str) -> "asyncio.Task[Outcome]":
        task = asyncio.create_task(self._outcome(question, key, url))
        self._running.add(task)
        task.add_done_callback(lambda one: self._finished(question, one))
        return task

    def _finished(self, question: _Question, task: "asyncio.Task[Outcome]") -> None:
        self._running.discard(task)
        if task.cancelled():
            return
        if (error := task.exception()) is not None:
            _log.error("a witness could not be asked", exc_info=error)
            return
        outcome = task.result()
        self._observe(question.checkpoint, outcome, question.ended)
        if question.ended and isinstance(outcome, Cosigned):
            question.late(outcome.line)

    async def _outcome(self, question: _Question, key: VerifierKey, url: str) -> Outcome:
        try:
            async with asyncio.timeout(self._cut_off):
                outcome = await self._try(question, key, url)
                for pause in BACK_OFF_SECONDS:
                    if isinstance(outcome, Unreachable):
                        await asyncio.sleep(pause)
                    elif not isinstance(outcome, _Moved):
                        break
                    outcome = await self._try(question, key, url)
                return Refused(key.name, 409, outcome.reason) if isinstance(outcome, _Moved) else outcome
        except TimeoutError:
            return Unreachable(key.name, f"no answer within {self._cut_off:g} s")

    async def _try(self, question: _Question, key: VerifierKey, url: str) -> Outcome:
        old_size = min(self._sizes.get(key, 0), question.checkpoint.size)
        body = await question.body(old_size)
        try:
            answer = await self._send("POST", f"{url}/add-checkpoint", body)
            return self._judged(question, key, answer, old_size)
        except aiohttp.ClientError as error:
            return Unreachable(key.name, str(error) or type(error).__name__)
        except Exception as error:  # noqa: BLE001  # what one witness answers must not end the round of all
            _log.warning("the witness %s gave an answer that could not be read", key.name, exc_info=error)
            return Unreachable(key.name, f"its answer could not be read: {type(error).__name__}")

    def _judged(self, question: _Question, key: VerifierKey, answer: _Answer, old_size: int) -> Outcome:
        if answer.status == 200:
            return self._cosigned(question, key, answer)
        if answer.status == 422:  # our proofs hold, so the witness's old tree is another one
            return Equivocation(key.name, 422, old_size)
        if answer.status == 409:
            return self._conflict(question, key, answer, old_size)
        if answer.status == 429 or answer.status >= 500:
            return Unreachable(key.name, answer.reason())
        return Refused(key.name, answer.status, answer.reason())

    def _cosigned(self, question: _Question, key: VerifierKey, answer: _Answer) -> Outcome:
        try:
            note = parse_note(question.note.text.encode() + b"\n" + answer.body)
            if note.text != question.note.text:  # an empty line in the answer moves where the text ends
                return Refused(key.name, 200, "its answer is not signature lines alone")
            time = check_cosignature(note, key)
        except SigningError as error:
            return Refused(key.name, 200, f"its cosignature is not usable: {error}")
        self._sizes[key] = max(self._sizes.get(key, 0), question.checkpoint.size)
        return Cosigned(key.name, NoteSignature(key.name, key.key_id, line_of(note, key, key.type)), time)

    def _conflict(self, question: _Question, key: VerifierKey, answer: _Answer, old_size: int) -> Outcome:
        if not answer.body:
            return Equivocation(key.name, 409, old_size)
        try:
            size = decode_number(answer.body.decode("ascii", "replace").removesuffix("\n"))
        except SigningError:
            size = None
        if size is None or answer.kind != _SIZE_TYPE:
            return Refused(key.name, 409, "it does not say at which size it stands")
        if size == old_size:
            return Equivocation(key.name, 409, old_size)
        if size > self._offered:
            return Ahead(key.name, size)
        self._sizes[key] = size
        superseded = size > question.checkpoint.size  # by a newer checkpoint of ours
        return (Refused if superseded else _Moved)(key.name, 409, f"it stands at size {size}")

    async def _newest(self, origin: str, url: str) -> _Answer | None:
        try:
            async with asyncio.timeout(self._cut_off):
                return await self._send("GET", f"{url}/{sha256(origin.encode()).hexdigest()}/checkpoint")
        except (aiohttp.ClientError, TimeoutError):
            return None
        except Exception:  # noqa: BLE001  # as above
            _log.warning("what the witness at %s shows could not be read", url, exc_info=True)
            return None

    async def _send(self, method: str, url: str, body: bytes | None = None) -> _Answer:
        async with self._session.request(method, url, data=body, allow_redirects=False) as response:
            data = bytearray()
            async for chunk in response.content.iter_any():
                data += chunk
                if len(data) > MAX_BODY:
                    raise aiohttp.ClientPayloadError("the answer is too long")
            return _Answer(response.status, response.content_type, bytes(data))


def _witnesses(policies: Sequence[WitnessPolicy]) -> dict[VerifierKey, str]:
    """Every witness that has a URL, with the newest one; policies are in order of age."""
    found = {key: policy.urls.get(key, "") for policy in policies for key in policy.witness_keys.values()}
    return {key: url.rstrip("/") for key, url in found.items() if url}


def _without(note: Note, witnesses: Mapping[VerifierKey, str]) -> Note:
    known = {(key.name, key.key_id) for key in witnesses}
    return Note(note.text, tuple(line for line in note.signatures if (line.name, line.key_id) not in known))


def _lines(outcomes: Sequence[Outcome]) -> list[NoteSignature]:
    return [one.line for one in outcomes if isinstance(one, Cosigned)]
