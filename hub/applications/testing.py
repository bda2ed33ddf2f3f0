"""The self-test from the hub's side: a challenge to the new keys, and what became of each item of the answer."""

import io
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from providers.application.selftest import TEST_KIND, Answer, Challenge, Outcome
from signing.agefile import encrypt
from signing.compose import new_salt
from signing.encoding import JSON, b64u_decode, canonical, loads, sha256_hex
from signing.errors import SigningError
from signing.httpsig import SKEW_SECONDS
from signing.keys import PublicKey
from signing.secretkeys import AgreementKey
from signing.statement import Statement, owner_tag, parse_statement, verify_signatures

__all__ = ["Asked", "Examined", "judge", "new_challenge"]

FILE_BYTES = 1024
TAGS, OWN_TAGS = 16, (2, 3, 4, 5)
OLDEST_SECONDS, AHEAD_SECONDS = 30 * 86_400, 300


@dataclass(frozen=True, slots=True)
class Asked:
    """A challenge and what answers it: SHA-256 of the file's content (None: not asked), the applicant's tags."""

    challenge: Challenge
    sha256: str | None
    own: tuple[str, ...]

    def text(self) -> str:
        """As it is kept."""
        members: dict[str, JSON] = {
            "challenge": self.challenge.json(),
            "sha256": self.sha256,
            "own": list(self.own),
        }
        return canonical(members).decode("utf-8")

    @classmethod
    def from_text(cls, text: str) -> "Asked":
        """Read what was kept."""
        members = loads(text.encode("utf-8"))
        return cls(Challenge.from_json(members["challenge"]), members["sha256"], tuple(members["own"]))


@dataclass(frozen=True, slots=True)
class Examined:
    """Who was asked: id of the application, actor id, type, and the new statement key."""

    application: str
    actor: str
    type: str
    statement: PublicKey


def new_challenge(keys: Mapping[str, PublicKey]) -> Asked:
    """A challenge to the keys that there are, by purpose; everything in it is random."""
    content = secrets.token_bytes(FILE_BYTES)
    age = _sealed(content, keys["inbox"]) if "inbox" in keys else None
    digest = sha256_hex(content) if "inbox" in keys else None
    own = [_tag(keys["monitor"]) for _ in range(secrets.choice(OWN_TAGS))] if "monitor" in keys else []
    others = [_tag(AgreementKey.generate().public) for _ in range(TAGS - len(own))] if own else []
    tags = [*own, *others]
    secrets.SystemRandom().shuffle(tags)
    return Asked(Challenge(age, tuple(tags), new_salt()), digest, tuple(sorted(own)))


def judge(asked: Asked, answer: Answer, tested: Examined, *, ahead: int, now: int) -> tuple[Outcome, ...]:
    """What became of each item. That the request was signed with the new http key is known already.

    Args:
        asked: what was asked.
        answer: what was answered.
        tested: who answered.
        ahead: seconds by which the date of the request was ahead of the hub's clock; negative: behind.
        now: POSIX seconds.
    """
    return (
        Outcome("http_signature", "pass", "The request is signed with the new http key."),
        _clock(ahead),
        _decryption(asked, answer),
        _owner_tags(asked, answer),
        _test_statement(asked, answer, tested, now),
    )


def _clock(ahead: int) -> Outcome:
    if abs(ahead) <= SKEW_SECONDS:
        return Outcome("clock", "pass", f"The clocks differ by {abs(ahead)} s; {SKEW_SECONDS} s are allowed.")
    message = f"Your clock is {abs(ahead)} s {'ahead' if ahead > 0 else 'behind'}: set it by a time server (NTP)."
    return Outcome("clock", "fail", message)


def _decryption(asked: Asked, answer: Answer) -> Outcome:
    if asked.sha256 is None:
        return Outcome("decryption", "not_needed", "There is no inbox key.")
    if answer.sha256 == asked.sha256:
        return Outcome("decryption", "pass", "The content of the age file has the right SHA-256.")
    what = "is missing" if answer.sha256 is None else "is another one"
    message = f"The SHA-256 of the content {what}: decrypt the age v1 file with the inbox key, hash what is in it."
    return Outcome("decryption", "fail", message)


def _owner_tags(asked: Asked, answer: Answer) -> Outcome:
    if not asked.own:
        return Outcome("owner_tags", "not_needed", "There is no monitor key.")
    found, right = set(answer.tags), set(asked.own)
    if found == right:
        message = f"All {len(right)} tags of your own were found among {len(asked.challenge.tags)}."
        return Outcome("owner_tags", "pass", message)
    message = (
        f"{len(found & right)} of {len(right)} own tags were found, and {len(found - right)} of others: "
        "recompute m·E for each tag (protocol, section 4)."
    )
    return Outcome("owner_tags", "fail", message)


def _test_statement(asked: Asked, answer: Answer, tested: Examined, now: int) -> Outcome:
    if answer.statement is None:
        return Outcome("test_statement", "fail", "There is no test statement: sign one with the statement key.")
    try:
        statement = parse_statement(answer.statement)
        verify_signatures(statement, {tested.statement.kid: tested.statement})
    except SigningError as error:
        return Outcome("test_statement", "fail", f"The test statement does not hold: {error.message} ({error.code})")
    if wrong := _wrong(statement, asked, tested, now):
        return Outcome("test_statement", "fail", f"The test statement does not say what it must: {wrong}.")
    return Outcome("test_statement", "pass", "The test statement verifies; it can't be registered.")


def _wrong(statement: Statement, asked: Asked, tested: Examined, now: int) -> str:
    """Names of the members that are not as they must be."""
    right = {
        "kind": statement.kind == TEST_KIND,
        "network": statement.network is None,
        "issuer": statement.issuer == tested.actor,
        "signers": statement.roles == {tested.statement.kid: tested.type},
        "body": statement.body == {"application": tested.application, "nonce": asked.challenge.nonce},
        "issued_at": now - OLDEST_SECONDS <= statement.issued_at <= now + AHEAD_SECONDS,
    }
    return ", ".join(name for name, holds in right.items() if not holds)


def _sealed(content: bytes, key: PublicKey) -> bytes:
    target = io.BytesIO()
    encrypt(io.BytesIO(content), target, [key])
    return target.getvalue()


def _tag(monitor: PublicKey) -> str:
    return owner_tag(b64u_decode(new_salt()), monitor)
