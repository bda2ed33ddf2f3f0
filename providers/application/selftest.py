"""The self-test exchange: whether an applicant's gateway can do with its keys what a member must do with them.

The hub's *challenge* holds an age file to the new inbox key, owner tags of which some belong to the new monitor key,
and a nonce; the *answer* the SHA-256 of the file's content, the tags found, and a test statement signed with the new
statement key. The answer comes in a request signed with the new http key, whose date shows the clock. A test statement
verifies like any other and can't be registered: it names no network, and its kind is none that the log knows.

    answer = answered(challenge, keys, applicant, now)
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass

from signing.agefile import decrypt
from signing.compose import payload, sign_all
from signing.encoding import JSON, b64u_decode, b64u_encode, canonical, is_hex_digest, loads, sha256_hex
from signing.errors import FormatError, SigningError
from signing.secretkeys import AgreementKey, SigningKey, owns_tag

__all__ = ["ITEMS", "TEST_KIND", "Answer", "Applicant", "Challenge", "Outcome", "answered"]

TEST_KIND = "self-test"
"""Kind of the test statement; no schema has it."""

ITEMS = {
    "http_signature": "Signs requests with the http key",
    "clock": "Its clock is right",
    "decryption": "Decrypts what comes for the inbox key",
    "owner_tags": "Finds its own log entries with the monitor key",
    "test_statement": "Signs statements with the statement key",
}
"""What is tested, and in words for people."""

MAX_TAGS = 64
_MAX_FILE = 8_192
_ANSWER = {"sha256", "tags", "statement"}


@dataclass(frozen=True, slots=True)
class Challenge:
    """What the hub asks: an age file (None without an inbox key), owner tags (empty without a monitor key), a nonce."""

    age: bytes | None
    tags: tuple[str, ...]
    nonce: str

    def json(self) -> dict[str, JSON]:
        """As it is sent."""
        age = None if self.age is None else b64u_encode(self.age)
        return {"age": age, "tags": list(self.tags), "nonce": self.nonce}

    @classmethod
    def from_json(cls, value: JSON) -> "Challenge":
        """Read a challenge.

        Raises:
            FormatError: ``bad_challenge``.
        """
        if not isinstance(value, Mapping) or set(value) != {"age", "tags", "nonce"}:
            raise FormatError("bad_challenge", "A challenge has exactly age, tags and nonce.")
        age, tags = value["age"], value["tags"]
        if not isinstance(tags, list) or len(tags) > MAX_TAGS or not all(isinstance(one, str) for one in tags):
            raise FormatError("bad_challenge", "The tags of a challenge are a list of texts.", "/tags")
        b64u_decode(value["nonce"], 32, "/nonce")
        return cls(None if age is None else b64u_decode(age, where="/age"), tuple(tags), value["nonce"])


@dataclass(frozen=True, slots=True)
class Answer:
    """What the gateway answers; what it could not do is None or missing."""

    sha256: str | None
    tags: tuple[str, ...]
    statement: bytes | None

    def json(self) -> dict[str, JSON]:
        """As it is sent."""
        statement = None if self.statement is None else loads(self.statement)
        return {"sha256": self.sha256, "tags": list(self.tags), "statement": statement}

    @classmethod
    def from_json(cls, value: JSON) -> "Answer":
        """Read an answer; the statement is not read yet.

        Raises:
            FormatError: ``bad_answer_form``.
        """
        if not isinstance(value, Mapping) or set(value) != _ANSWER:
            raise FormatError("bad_answer_form", f"An answer has exactly {', '.join(sorted(_ANSWER))}.")
        sha256, tags, statement = value["sha256"], value["tags"], value["statement"]
        if sha256 is not None and not is_hex_digest(sha256):
            raise FormatError("bad_answer_form", "The SHA-256 is 64 hexadecimal digits, or null.", "/sha256")
        if not isinstance(tags, list) or len(tags) > MAX_TAGS or not all(isinstance(one, str) for one in tags):
            raise FormatError("bad_answer_form", "The tags are a list of texts.", "/tags")
        if statement is not None and not isinstance(statement, dict):
            raise FormatError("bad_answer_form", "The statement is a JWS object, or null.", "/statement")
        return cls(sha256, tuple(tags), None if statement is None else canonical(statement))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one item: ``pass``, ``fail``, ``not_needed``, and what was found or what to do."""

    item: str
    state: str
    message: str

    @property
    def holds(self) -> bool:
        """Whether it stands in nobody's way."""
        return self.state != "fail"

    def json(self) -> dict[str, JSON]:
        """As it is sent."""
        return {"item": self.item, "state": self.state, "message": self.message}

    @classmethod
    def from_json(cls, value: JSON) -> "Outcome":
        """Read an outcome.

        Raises:
            FormatError: ``bad_outcome``.
        """
        if not isinstance(value, Mapping) or set(value) != {"item", "state", "message"}:
            raise FormatError("bad_outcome", "An outcome has exactly item, state and message.")
        return cls(str(value["item"]), str(value["state"]), str(value["message"]))


@dataclass(frozen=True, slots=True)
class Applicant:
    """Who applies: id of the application, actor id asked for, type of member."""

    application: str
    actor: str
    type: str


def answered(
    challenge: Challenge, keys: Mapping[str, SigningKey | AgreementKey], applicant: Applicant, now: int
) -> Answer:
    """The answer to a challenge, with the same functions that receive cases, follow the log and sign statements.

    What a key can't do is left out of the answer; the hub then says what is to be done.

    Args:
        challenge: as the hub sent it.
        keys: purpose -> secret key.
        applicant: who applies.
        now: POSIX seconds.
    """
    inbox, monitor, statement = keys.get("inbox"), keys.get("monitor"), keys.get("statement")
    digest = _content_digest(challenge.age, inbox) if isinstance(inbox, AgreementKey) else None
    tags = _own(challenge.tags, monitor) if isinstance(monitor, AgreementKey) else ()
    signed = _test_statement(challenge.nonce, statement, applicant, now) if isinstance(statement, SigningKey) else None
    return Answer(digest, tags, signed)


def _content_digest(age: bytes | None, inbox: AgreementKey) -> str | None:
    if age is None or len(age) > _MAX_FILE:
        return None
    content = io.BytesIO()
    try:
        decrypt(io.BytesIO(age), content, inbox)
    except SigningError:
        return None
    return sha256_hex(content.getvalue())


def _own(tags: tuple[str, ...], monitor: AgreementKey) -> tuple[str, ...]:
    try:
        return tuple(tag for tag in tags if owns_tag(tag, monitor))
    except SigningError:
        return ()


def _test_statement(nonce: str, key: SigningKey, applicant: Applicant, now: int) -> bytes:
    body: dict[str, JSON] = {"application": applicant.application, "nonce": nonce}
    octets = payload(TEST_KIND, applicant.actor, body, [(key.kid, applicant.type)], network=None, now=now)
    return sign_all(octets, [(key, applicant.type)], now)
