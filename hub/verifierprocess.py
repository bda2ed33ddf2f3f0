"""A child process that checks statements: reads frames on standard input, answers each on standard output.

A frame is a 4-byte length (big-endian) and a pickle of plain values. A question is ``(keys, monitors, documents)``:
registered keys that the child has not been told of yet (kid -> 32 bytes), the monitor keys that issuers were last seen
to have (issuer -> 32 bytes, the changed ones), and posted octets. The answer has for each document ``taken_apart`` if
*everything* about it holds here (form, network, schema, no key introduced, no annex, every signature under a key told
before), else None. None is no refusal: the hub then checks the document itself and says what is wrong. What the hub can
read off the octets it sent does not come back, so that the answers of a frame fit into the pipe at once.

A confidential statement comes back with the owner tag that its entry has *if* the issuer's monitor key is still that
one; the hub, which knows at its place in the log, makes it anew if not.

The pickles pass between two processes of one program over a pipe that nobody else can open; no octet of them comes
from outside. The child keeps no state but keys, and ends when the pipe does, so that a killed hub leaves none behind.
"""

import pickle
import signal
import sys
from base64 import urlsafe_b64decode
from collections.abc import Mapping, Sequence
from typing import BinaryIO

import orjson

from hub.ownertags import OwnerTag
from providers.memory import collect_seldom, keep
from schemas.errors import SchemasError
from schemas.validation import accepts, prepare
from signing.errors import SigningError
from signing.keyring import introduced_keys
from signing.keys import PublicKey
from signing.statement import Signature, Statement, owner_tag, parse_statement, verify_signatures

__all__ = ["HEAD_BYTES", "Answer", "Parts", "check", "frame", "put_together", "serve", "tag_made", "taken_apart"]

HEAD_BYTES = 4
_HEAD = b'{"payload":"'
_KEPT = ("kind", "version", "network", "id", "issuer", "previous", "body")
Parts = tuple[str, list[tuple[str, str, str, str]], int, bytes | None, str | None]
Answer = tuple[Parts, tuple[bytes, str] | None]


def frame(value: object) -> bytes:
    """``value`` as one frame."""
    octets = pickle.dumps(value, protocol=5)
    return len(octets).to_bytes(HEAD_BYTES, "big") + octets


def check(document: bytes, network: str, keys: Mapping[str, PublicKey]) -> Statement | None:
    """The statement in ``document`` if it holds in every point that this process can judge, else None."""
    try:
        statement = parse_statement(document)
        if statement.network != network or not accepts(statement.kind, statement.version, statement.payload):
            return None
        if "annex" in statement.payload or introduced_keys(statement):
            return None
        verify_signatures(statement, keys)
    except (SigningError, SchemasError):
        return None
    return statement


def tag_made(one: Statement, monitors: Mapping[str, PublicKey]) -> tuple[bytes, str] | None:
    """The members of an ``OwnerTag`` of a confidential statement under the monitor key last seen of its issuer."""
    if one.salt is None or (monitor := monitors.get(one.issuer)) is None:
        return None
    return monitor.x, owner_tag(one.salt, monitor)


def taken_apart(one: Statement, posted: bytes) -> Parts:
    """A checked statement as plain values; its encoded payload only where ``posted`` does not begin with it."""
    signatures = [(each.kid, each.role, each.protected, each.signature) for each in one.signatures]
    begins = posted.startswith(b'%s%s"' % (_HEAD, one.encoded.encode("ascii")))
    return one.digest, signatures, one.issued_at, one.salt, None if begins else one.encoded


def put_together(answer: Answer, posted: bytes) -> tuple[Statement, OwnerTag | None]:
    """The statement that ``taken_apart`` took apart, with its owner tag; checks nothing.

    Its payload was found to be strict and canonical, so that a quick parser reads the same from it.
    """
    (digest, signatures, issued_at, salt, elsewhere), tag = answer
    encoded = elsewhere or posted[len(_HEAD) : posted.index(b'"', len(_HEAD))].decode("ascii")
    octets = urlsafe_b64decode(f"{encoded}==")
    payload = orjson.loads(octets)
    kept = {name: payload.get(name) for name in _KEPT}
    signed = tuple(Signature(*each) for each in signatures)
    roles = {each.kid: each.role for each in signed}
    statement = Statement(payload, octets, digest, encoded, signed, roles, **kept, salt=salt, issued_at=issued_at)
    return statement, None if tag is None else OwnerTag(*tag)


def serve(network: str, questions: BinaryIO, answers: BinaryIO) -> None:
    """Say that this process is ready (an empty answer), then answer until ``questions`` ends."""
    _send(answers, [])
    keys: dict[str, PublicKey] = {}
    monitors: dict[str, PublicKey] = {}
    while len(head := questions.read(HEAD_BYTES)) == HEAD_BYTES:
        told, seen, documents = pickle.loads(questions.read(int.from_bytes(head, "big")))  # noqa: S301  # our parent's
        keys.update((kid, PublicKey("Ed25519", x)) for kid, x in told.items())
        monitors.update((issuer, PublicKey("X25519", x)) for issuer, x in seen.items())
        _send(answers, [_answered(document, network, keys, monitors) for document in documents])


def _answered(
    posted: bytes, network: str, keys: Mapping[str, PublicKey], monitors: Mapping[str, PublicKey]
) -> Answer | None:
    one = check(posted, network, keys)
    return None if one is None else (taken_apart(one, posted), tag_made(one, monitors))


def _send(answers: BinaryIO, found: Sequence[Answer | None]) -> None:
    answers.write(frame(found))
    answers.flush()


def main(network: str) -> None:
    """Serve the parent over the standard streams; an interrupt of the terminal is the parent's to handle."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # nobody reads what a killed hub asked for: end quietly
    prepare()
    collect_seldom()
    keep()
    serve(network, sys.stdin.buffer, sys.stdout.buffer)


if __name__ == "__main__":
    main(sys.argv[1])
