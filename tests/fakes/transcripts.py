"""The status table of C2SP tlog-witness as transcripts: what is asked, what is answered, what the asker makes of it.

Each is played twice: our witness must give the answer, and our client must judge it. Those of other witnesses, which
answer as older texts of the protocol say or plainly wrong, are judged alone.
"""

from collections.abc import Callable
from dataclasses import dataclass

from hub.log.cosigning import Ahead, Cosigned, Equivocation, Outcome, Refused, Unreachable
from providers.witness.submission import Submission, format_submission
from signing.notes import Note, NoteSignature, parse_note
from signing.secretkeys import SigningKey
from signing.signnotes import NoteSigner, cosign, format_note, format_signature_lines, witness_signer
from tests.fakes.memorylog import MemoryLog

__all__ = ["FOREIGN", "TRANSCRIPTS", "Foreign", "Logs", "Transcript"]

SIZE_TYPE = "text/x.tlog.size"
TIME = 1_790_000_000


class Logs:
    """A log of twelve entries, its fork under the same key, a stranger under the same name, one nobody watches."""

    def __init__(self) -> None:
        self.log = MemoryLog()
        self.fork = MemoryLog(entries=[b"forged"])
        self.stranger = MemoryLog(seed=b"S" * 32)
        self.unknown = MemoryLog("other.example/log/1")
        for one in (self.log, self.fork, self.stranger, self.unknown):
            one.grow_to(12)


@dataclass(frozen=True)
class Transcript:
    """One exchange.

    Args:
        stands: size that the witness has cosigned before; 0 is never.
        old, new: sizes that are asked about.
        request: the body.
        status: of the answer.
        body: of the answer; None where it is a cosignature, or a sentence for people.
        judged: what the client makes of it.
    """

    name: str
    stands: int
    old: int
    new: int
    request: Callable[[Logs], bytes]
    status: int
    judged: type[Outcome]
    kind: str = "text/plain"
    body: bytes | None = None


@dataclass(frozen=True)
class Foreign:
    """An answer of another witness to a client that has it at size 5 and asks about 9; ``tries`` counts requests."""

    name: str
    status: int
    judged: type[Outcome]
    body: Callable[[Note, NoteSigner], bytes]
    kind: str = "text/plain"
    tries: int = 1


def _asks(old: int, new: int, *, which: str = "log", proof: tuple[int, int] | None = None) -> Callable[[Logs], bytes]:
    """A submission; ``proof`` are the sizes that it is between if not the right ones."""

    def request(logs: Logs) -> bytes:
        log: MemoryLog = getattr(logs, which)
        first, last = proof or (old, new)
        hashes = tuple(log.tree.consistency(first, last)) if 0 < first < last else ()
        return format_submission(Submission(old, hashes, log.checkpoint(new)))

    return request


def _with_hashes(
    old: int, new: int, change: Callable[[tuple[bytes, ...]], tuple[bytes, ...]]
) -> Callable[[Logs], bytes]:
    def request(logs: Logs) -> bytes:
        hashes = tuple(logs.log.tree.consistency(old, new)) if 0 < old < new else ()
        return format_submission(Submission(old, change(hashes), logs.log.checkpoint(new)))

    return request


def _with_extension(logs: Logs) -> bytes:
    return _asks(0, 5)(logs).replace(b"=\n\n\xe2", b"=\nextension\n\n\xe2")


def _bad_line(logs: Logs) -> bytes:
    """The trusted key's own line, over another checkpoint."""
    note, other = parse_note(logs.log.checkpoint(5)), parse_note(logs.log.checkpoint(6))
    return format_submission(Submission(0, (), format_note(Note(note.text, other.signatures))))


def _lying_root(logs: Logs) -> bytes:
    return format_submission(Submission(0, (), logs.log.checkpoint(0, root=bytes(32))))


TRANSCRIPTS = [
    Transcript("the first checkpoint", 0, 0, 5, _asks(0, 5), 200, Cosigned),
    Transcript("growth", 5, 5, 9, _asks(5, 9), 200, Cosigned),
    Transcript("the same again", 5, 5, 5, _asks(5, 5), 200, Cosigned),
    Transcript("nothing at all", 0, 0, 5, lambda _: b"", 400, Refused),
    Transcript("an extension line", 0, 0, 5, _with_extension, 400, Refused),
    Transcript("an old size above the new one", 9, 9, 5, _asks(9, 5), 400, Refused),
    Transcript("a stranger's signature", 0, 0, 5, _asks(0, 5, which="stranger"), 403, Refused),
    Transcript("a line of the trusted key that fails", 0, 0, 5, _bad_line, 403, Refused),
    Transcript("an origin that nobody watches", 0, 0, 5, _asks(0, 5, which="unknown"), 404, Refused),
    Transcript("an old size that is too small", 5, 0, 9, _asks(0, 9), 409, Cosigned, SIZE_TYPE, b"5\n"),
    Transcript("an old size that is too large", 5, 8, 9, _asks(8, 9), 409, Cosigned, SIZE_TYPE, b"5\n"),
    Transcript("an old size of a witness that never cosigned", 0, 5, 9, _asks(5, 9), 409, Cosigned, SIZE_TYPE, b"0\n"),
    Transcript("a stale proof", 5, 5, 9, _asks(5, 9, proof=(5, 8)), 422, Equivocation),
    Transcript("a proof from another size", 5, 5, 9, _asks(5, 9, proof=(4, 9)), 422, Equivocation),
    Transcript("a wrong hash", 5, 5, 9, _with_hashes(5, 9, lambda some: (bytes(32), *some[1:])), 422, Equivocation),
    Transcript("a hash too few", 5, 5, 9, _with_hashes(5, 9, lambda some: some[:-1]), 422, Equivocation),
    Transcript("a hash too many", 5, 5, 9, _with_hashes(5, 9, lambda some: (*some, bytes(32))), 422, Equivocation),
    Transcript("no proof", 5, 5, 9, _with_hashes(5, 9, lambda _: ()), 422, Equivocation),
    Transcript("a proof from nothing", 0, 0, 5, _with_hashes(0, 5, lambda _: (bytes(32),)), 422, Equivocation),
    Transcript("another root at the same size", 5, 5, 5, _asks(5, 5, which="fork"), 422, Equivocation),
    Transcript("a fork that grows, with its own proof", 5, 5, 9, _asks(5, 9, which="fork"), 422, Equivocation),
    Transcript("an empty log with a root", 0, 0, 0, _lying_root, 422, Equivocation),
]


def _text(body: bytes) -> Callable[[Note, NoteSigner], bytes]:
    return lambda _note, _signer: body


def _line(line: NoteSignature) -> bytes:
    return format_signature_lines([line]).encode()


def _by_another_key(note: Note, signer: NoteSigner) -> bytes:
    return _line(cosign(note.text, TIME, witness_signer(signer.name, SigningKey(b"?" * 32))))


def _under_another_name(note: Note, signer: NoteSigner) -> bytes:
    line = cosign(note.text, TIME, signer)
    return _line(NoteSignature("other.example", line.key_id, line.signature))


def _of_another_size(note: Note, signer: NoteSigner) -> bytes:
    return _line(cosign(note.text.replace("\n9\n", "\n8\n"), TIME, signer))


def _broken(note: Note, signer: NoteSigner) -> bytes:
    line = cosign(note.text, TIME, signer)
    return _line(NoteSignature(line.name, line.key_id, line.signature[:-1] + bytes([line.signature[-1] ^ 1])))


def _twice(note: Note, signer: NoteSigner) -> bytes:
    return _line(cosign(note.text, TIME, signer)) + _line(cosign(note.text, TIME + 1, signer))


def _of_the_log(note: Note, _: NoteSigner) -> bytes:
    return _line(note.signatures[0])


def _good(note: Note, signer: NoteSigner) -> bytes:
    return _line(cosign(note.text, TIME, signer))


def _good_among_others(note: Note, signer: NoteSigner) -> bytes:
    return _by_another_key(note, witness_signer("other.example", SigningKey(b"!" * 32))) + _good(note, signer)


FOREIGN = [
    Foreign("a cosignature among lines of others", 200, Cosigned, _good_among_others),
    Foreign("a cosignature of another media type", 200, Cosigned, _good, "application/octet-stream"),
    Foreign("v1.0.0: a fork is a conflict without a body", 409, Equivocation, _text(b""), ""),
    Foreign("a conflict at the very size that was sent", 409, Equivocation, _text(b"5\n"), SIZE_TYPE),
    Foreign("a conflict beyond everything that was offered", 409, Ahead, _text(b"10\n"), SIZE_TYPE),
    Foreign("a conflict in words", 409, Refused, _text(b"another size\n"), SIZE_TYPE),
    Foreign("a conflict that is a page", 409, Refused, _text(b"8\n"), "text/html"),
    Foreign("a conflict below zero", 409, Refused, _text(b"-1\n"), SIZE_TYPE),
    Foreign("a conflict with a leading zero", 409, Refused, _text(b"08\n"), SIZE_TYPE),
    Foreign("torchwood: an unknown origin is forbidden", 403, Refused, _text(b"unknown log\n")),
    Foreign("a busy one", 429, Unreachable, _text(b"slow down\n"), tries=3),
    Foreign("a broken one", 500, Unreachable, _text(b"oops\n"), tries=3),
    Foreign("one that sends elsewhere", 302, Refused, _text(b"")),
    Foreign("200 with nothing", 200, Refused, _text(b"")),
    Foreign("200 with a page", 200, Refused, _text(b"<html>welcome</html>\n"), "text/html"),
    Foreign("200 with half a line", 200, Refused, _text("— w1.example AAAA".encode())),
    Foreign("200 with a line by another key", 200, Refused, _by_another_key),
    Foreign("200 with a line under another name", 200, Refused, _under_another_name),
    Foreign("200 with a line over another size", 200, Refused, _of_another_size),
    Foreign("200 with a line that fails", 200, Refused, _broken),
    Foreign("200 with two lines", 200, Refused, _twice),
    Foreign("200 with the log's own line", 200, Refused, _of_the_log),
]
