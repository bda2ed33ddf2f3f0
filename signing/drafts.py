"""Drafts: statements on their way from signer to signer, as files.

::

    {"odr_draft": 1, "payload": <base64url>, "signatures": [<JWS signature object>, …], "annex": <base64url or null>}

The payload is fixed before the first signature; every signer adds one. A draft proves nothing until it
is complete and registered.
"""

from dataclasses import dataclass, replace

from .compose import assemble, sign
from .encoding import JSON, b64u_decode, b64u_encode, canonical, loads, loads_canonical, sha256_hex
from .errors import FormatError, SignatureError
from .secretkeys import SigningKey
from .statement import STATEMENT_TYPE, Statement, parse_jws, parse_statement

__all__ = ["Draft"]

MAX_DRAFT = 800_000


@dataclass(frozen=True, slots=True)
class Draft:
    """Payload octets, the signatures so far, and the annex if the statement has one."""

    octets: bytes
    signatures: tuple[dict[str, JSON], ...] = ()
    annex: bytes | None = None

    @property
    def payload(self) -> dict[str, JSON]:
        """The parsed payload."""
        return loads_canonical(self.octets)

    @property
    def digest(self) -> str:
        """SHA-256 of the payload octets, hex."""
        return sha256_hex(self.octets)

    def missing(self) -> dict[str, str]:
        """Kid and role of the announced signers that have not signed yet."""
        announced = self._announced()
        for one in self._signed():
            announced.pop(one, None)
        return announced

    def signed_by(self, key: SigningKey, iat: int) -> "Draft":
        """The draft with one more signature, made at ``iat`` (POSIX seconds).

        Raises:
            SignatureError: the statement does not announce this key, or it has signed already.
        """
        roles = self._announced()
        if key.kid not in roles:
            raise SignatureError("signature_extra", "The statement does not announce this key as a signer.", key.kid)
        if key.kid in self._signed():
            raise SignatureError("already_signed", "This key has signed the draft already.", key.kid)
        return replace(self, signatures=(*self.signatures, sign(self.octets, key, roles[key.kid], iat)))

    def statement(self) -> Statement:
        """The complete statement.

        Raises:
            SignatureError: somebody has not signed yet.
        """
        if missing := self.missing():
            names = ", ".join(f"{role} {kid}" for kid, role in missing.items())
            raise SignatureError("signature_missing", f"Not everybody has signed yet: {names}.")
        return parse_statement(assemble(self.octets, self.signatures))

    def to_bytes(self) -> bytes:
        """The draft file."""
        annex = None if self.annex is None else b64u_encode(self.annex)
        members = {"odr_draft": 1, "payload": b64u_encode(self.octets), "annex": annex}
        return canonical(members | {"signatures": list(self.signatures)}) + b"\n"

    @classmethod
    def from_bytes(cls, data: bytes) -> "Draft":
        """Read a draft file; checks its form, and that the annex is the one the payload names."""
        members = loads(data.strip(), max_bytes=MAX_DRAFT)
        if not isinstance(members, dict) or type(version := members.get("odr_draft")) is not int or version != 1:
            raise FormatError("bad_draft", "This is not a draft file of version 1.")
        if set(members) != {"odr_draft", "payload", "signatures", "annex"}:
            raise FormatError("bad_draft", "A draft has exactly odr_draft, payload, signatures and annex.")
        signatures = members["signatures"]
        if not isinstance(signatures, list) or not all(isinstance(one, dict) for one in signatures):
            raise FormatError("bad_draft", "The signatures of a draft are a list of objects.", "/signatures")
        annex = None if members["annex"] is None else b64u_decode(members["annex"], where="/annex")
        draft = cls(b64u_decode(members["payload"], where="/payload"), tuple(signatures), annex)
        named = draft.payload.get("annex")
        claimed = named.get("sha256") if isinstance(named, dict) else named
        if claimed != (None if annex is None else sha256_hex(annex)):
            raise FormatError("annex_mismatch", "The annex is not the one that the statement names.", "/annex")
        draft.missing()
        return draft

    def _announced(self) -> dict[str, str]:
        try:
            return {signer["kid"]: signer["role"] for signer in self.payload["signers"]}
        except (KeyError, TypeError):
            raise FormatError("bad_signers", "A signer has exactly kid and role.", "/signers") from None

    def _signed(self) -> list[str]:
        if not self.signatures:
            return []
        return [one.kid for one in parse_jws(assemble(self.octets, self.signatures), STATEMENT_TYPE).signatures]
