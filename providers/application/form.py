"""The application for membership as it is posted: a draft for each officer who may admit.

::

    {"odr_application": 1, "draft": <draft file>,
     "alternatives": [{"officer": <kid>, "signatures": [<JWS signature object>, …]}, …]}

A statement names all its signers, so that a draft waits for the officers that it names and no other. Where any one
officer suffices, the applicant therefore signs the same statement once for each of them: an *alternative* is the
draft with another officer's key in the place of the one that it names. All have one id, so that the log takes one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from providers.errors import GatewayError
from signing.drafts import Draft
from signing.encoding import JSON, b64u_decode, canonical, loads
from signing.errors import FormatError
from signing.secretkeys import SigningKey

__all__ = ["MAX_APPLICATION", "Alternative", "ApplicationForm", "for_officer"]

MAX_APPLICATION = 32_768
"""Largest application, in bytes (DESIGN §10)."""

MAX_ALTERNATIVES = 15
_MEMBERS = {"odr_application", "draft", "alternatives"}


@dataclass(frozen=True, slots=True)
class Alternative:
    """The same statement for another officer: their statement kid, and the applicant's signatures over it."""

    officer: str
    signatures: tuple[dict[str, JSON], ...]


@dataclass(frozen=True, slots=True)
class ApplicationForm:
    """A draft of kind ``member`` without its officers' signatures, and its alternatives."""

    draft: Draft
    alternatives: tuple[Alternative, ...] = ()

    @classmethod
    def signed(cls, octets: bytes, keys: Sequence[SigningKey], officers: Sequence[str], now: int) -> "ApplicationForm":
        """The application that the new ``keys`` sign at ``now`` (POSIX seconds).

        Args:
            octets: the payload; where it names one officer, there is an alternative for each further one.
            keys: every key that it introduces and that signs.
            officers: statement kids of the officers who may admit instead.
            now: POSIX seconds.
        """
        own = _signed(Draft(octets), keys, now)
        named = _officers(own)
        others = [kid for kid in officers if kid not in named] if len(named) == 1 else []
        made = [Alternative(kid, _signed(for_officer(own, kid), keys, now).signatures) for kid in others]
        return cls(own, tuple(made))

    def drafts(self) -> tuple[Draft, ...]:
        """The draft and every alternative, each as a draft of its own; what they say differs in the officer alone."""
        others = [_with(for_officer(self.draft, one.officer), one.signatures) for one in self.alternatives]
        return (self.draft, *others)

    def draft_for(self, kid: str) -> Draft:
        """The draft that waits for the officer's key ``kid``.

        Raises:
            GatewayError: ``officer_not_named``.
        """
        for draft in self.drafts():
            if kid in draft.missing():
                return draft
        message = "The application does not ask for this officer's signature; the applicant has to apply anew."
        raise GatewayError("officer_not_named", message, kid, actor="the applicant")

    def to_bytes(self) -> bytes:
        """The document that is posted, in canonical form."""
        others = [{"officer": one.officer, "signatures": list(one.signatures)} for one in self.alternatives]
        draft = loads(self.draft.to_bytes())
        return canonical({"odr_application": 1, "draft": draft, "alternatives": others})

    @classmethod
    def from_bytes(cls, data: bytes) -> "ApplicationForm":
        """Read an application; checks its form and no signature.

        Raises:
            FormatError: ``bad_application``, or as ``Draft.from_bytes``.
        """
        members = loads(data, max_bytes=MAX_APPLICATION)
        numbered = isinstance(members, dict) and set(members) == _MEMBERS and type(members["odr_application"]) is int
        if not numbered or members["odr_application"] != 1:
            raise FormatError("bad_application", f"An application has exactly {', '.join(sorted(_MEMBERS))}.")
        if not isinstance(members["draft"], dict):
            raise FormatError("bad_application", "The draft is an object.", "/draft")
        draft = Draft.from_bytes(canonical(members["draft"]))
        form = cls(draft, _alternatives(members["alternatives"]))
        kids = [one.officer for one in form.alternatives]
        if kids and len(_officers(draft)) != 1:
            raise FormatError("bad_application", "Only a draft for one officer has alternatives.", "/alternatives")
        if len({*kids, *_officers(draft)}) != len(kids) + len(_officers(draft)):
            raise FormatError("bad_application", "One officer is named twice.", "/alternatives")
        form.drafts()
        return form


def for_officer(draft: Draft, kid: str) -> Draft:
    """The same statement, unsigned, with the key ``kid`` in the place of the one officer that it names."""
    payload = draft.payload
    signers = [
        {**signer, "kid": kid} if signer["role"] == "officer" else signer for signer in payload.get("signers", ())
    ]
    return Draft(canonical({**payload, "signers": signers}), annex=draft.annex)


def _signed(draft: Draft, keys: Sequence[SigningKey], now: int) -> Draft:
    for key in keys:
        draft = draft.signed_by(key, now)
    return draft


def _with(draft: Draft, signatures: tuple[dict[str, JSON], ...]) -> Draft:
    found = Draft(draft.octets, signatures, draft.annex)
    found.missing()
    return found


def _officers(draft: Draft) -> list[str]:
    return [str(signer["kid"]) for signer in draft.payload["signers"] if signer["role"] == "officer"]


def _alternatives(value: JSON) -> tuple[Alternative, ...]:
    if not isinstance(value, list) or len(value) > MAX_ALTERNATIVES:
        raise FormatError("bad_application", f"There are 0 to {MAX_ALTERNATIVES} alternatives.", "/alternatives")
    return tuple(_alternative(one, f"/alternatives/{at}") for at, one in enumerate(value))


def _alternative(value: JSON, where: str) -> Alternative:
    if not isinstance(value, Mapping) or set(value) != {"officer", "signatures"}:
        raise FormatError("bad_application", "An alternative has exactly officer and signatures.", where)
    signatures = value["signatures"]
    if not isinstance(signatures, list) or not all(isinstance(one, dict) for one in signatures):
        raise FormatError("bad_application", "The signatures are a list of objects.", f"{where}/signatures")
    b64u_decode(value["officer"], 32, f"{where}/officer")
    return Alternative(value["officer"], tuple(signatures))
