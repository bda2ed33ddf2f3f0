"""Whether a draft, a completed invitation or one signature holds. Pure; the keys are given.

A draft is held against what intake will hold the statement against, as far as that can be done before everybody has
signed: form, network, schema, time, annex, and the signatures that are there. Whether the signers may say what the
statement says is judged by the rules, in log order, when it is registered.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace

from hub.drafts.errors import DraftRefusedError
from hub.drafts.limits import DEFAULT_SECONDS, ISSUED_AHEAD_SECONDS, MOST_SECONDS
from hub.drafts.values import NOBODY_YET, Signer
from providers.errors import InvitationError
from providers.invitations import Invitation
from schemas.errors import SchemasError, SchemaViolationError
from schemas.validation import accepts, validate, validate_annex
from signing.compose import assemble
from signing.drafts import Draft
from signing.encoding import JSON, b64u_decode, b64u_encode, canonical, loads_canonical
from signing.errors import SigningError
from signing.keyring import Introduced, KeyRecord, introduced_keys
from signing.keys import PublicKey
from signing.statement import STATEMENT_TYPE, Signature, Statement, parse_jws, parse_statement, verify_signatures

__all__ = [
    "announced_kids",
    "check_completion",
    "check_invitation",
    "check_signature",
    "check_text",
    "expiry",
    "invited_signers",
    "signers",
]

_STATEMENT_PURPOSE = "statement"
_NO_SIGNATURE = b64u_encode(bytes(64))
_PROBE = PublicKey("Ed25519", bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"))
"""The public key of RFC 8032 §7.1, test 1: stands for the key that somebody is invited to make."""


def check_text(draft: Draft, network: str, now: int) -> Statement:
    """The statement as far as it is signed, whose form, network, schema, time and annex hold.

    Raises:
        DraftRefusedError: with the code of what does not hold; schema violations stand in ``errors``.
    """
    try:
        statement = _as_if_signed(draft)
        introduced_keys(statement)
    except SigningError as error:
        raise _refused(error) from None
    if statement.network != network:
        raise DraftRefusedError("wrong_network", "The statement belongs to another network.", "/network")
    _check_schema(statement, draft.annex)
    if statement.issued_at + MOST_SECONDS <= now:
        raise DraftRefusedError("issued_too_early", "The statement was issued more than 30 days ago; make it anew.")
    if statement.issued_at > now + ISSUED_AHEAD_SECONDS:
        raise DraftRefusedError("issued_in_future", "The statement is dated ahead of the hub's clock.", "/issued_at")
    return statement


def announced_kids(statement: Statement) -> list[str]:
    """The announced kids, in their order."""
    return [one["kid"] for one in statement.payload["signers"]]


def signers(
    statement: Statement, records: Mapping[str, KeyRecord], links: Mapping[str, str]
) -> tuple[tuple[Signer, ...], dict[str, PublicKey]]:
    """The announced signers, and the keys of all of them; the signatures that are there verify.

    Args:
        statement: from ``check_text``.
        records: registered keys among ``announced_kids``.
        links: secret hashes by kid.

    Raises:
        DraftRefusedError: unknown_key, wrong_purpose, bad_signature, bad_links.
    """
    introduced = introduced_keys(statement)
    keys = {kid: _public(kid, introduced, records) for kid in announced_kids(statement)}
    try:
        verify_signatures(statement, keys)
    except SigningError as error:
        raise _refused(error) from None
    _check_links(links, keys)
    there = {one.kid: one for one in statement.signatures}
    found = [
        _signer(one["kid"], one["role"], _owner(one["kid"], records), there.get(one["kid"]), links)
        for one in statement.payload["signers"]
    ]
    return tuple(found), keys


def check_signature(draft: Draft, protected: str, signature: str, keys: Mapping[str, PublicKey]) -> str:
    """The kid of one more signature over the draft's payload, which verifies and whose role is the announced one.

    Raises:
        DraftRefusedError: signature_extra, role_mismatch, bad_signature, unknown_key; or its form is not the profile's.
    """
    members: dict[str, JSON] = {"protected": protected, "signature": signature}
    try:
        jws = parse_jws(assemble(draft.octets, [members]), STATEMENT_TYPE)
        (one,) = jws.signatures
        roles = {announced["kid"]: announced["role"] for announced in draft.payload["signers"]}
        if one.kid not in roles:
            raise DraftRefusedError("signature_extra", "The draft does not announce this key as a signer.", one.kid)
        if roles[one.kid] != one.role:
            message = f"The header says {one.role!r}, the draft {roles[one.kid]!r}."
            raise DraftRefusedError("role_mismatch", message, one.kid)
        verify_signatures(jws, keys)
    except SigningError as error:
        raise _refused(error) from None
    return one.kid


def check_invitation(invitation: Invitation, network: str, now: int) -> None:
    """Hold an invitation against its schema, as it would read with a key.

    Raises:
        DraftRefusedError: as ``check_text``.
    """
    check_text(Draft(invitation.payload(_PROBE, now), annex=invitation.annex), network, now)


def invited_signers(
    invitation: Invitation, records: Mapping[str, KeyRecord], links: Mapping[str, str]
) -> tuple[Signer, ...]:
    """Who is invited, and the other signers.

    Raises:
        DraftRefusedError: unknown_key, wrong_purpose, bad_links.
    """
    for kid, _ in invitation.signers:
        _public(kid, {}, records)
    _check_links(links, {NOBODY_YET, *records})
    others = [_signer(kid, role, records[kid].owner, None, links) for kid, role in invitation.signers]
    return (_signer(NOBODY_YET, "introduced", None, None, links), *others)


def check_completion(invitation: Invitation, draft: Draft, network: str, now: int) -> tuple[Statement, PublicKey]:
    """The statement of a draft that completes the invitation, signed by the new key and by nobody else yet.

    Raises:
        DraftRefusedError: invitation_changed, or as ``check_text``.
    """
    try:
        key = invitation.require(draft)
    except InvitationError as error:
        raise DraftRefusedError(error.code, error.message, error.where) from None
    statement = check_text(draft, network, now)
    if [one.kid for one in statement.signatures] != [key.kid]:
        message = "Who completes an invitation signs with the new key; the others sign afterwards."
        raise DraftRefusedError("invitation_changed", message, "/signatures")
    return statement, key


def expiry(wanted: int | None, issued_at: int, now: int) -> int:
    """When a draft ends (POSIX seconds): as wanted, 14 days if not said, and before the statement is too old.

    Raises:
        DraftRefusedError: bad_expiry.
    """
    last = min(now, issued_at) + MOST_SECONDS
    if wanted is None:
        return min(now + DEFAULT_SECONDS, last)
    if not now < wanted <= last:
        message = "A draft ends later than now and at most 30 days after its statement was issued."
        raise DraftRefusedError("bad_expiry", message, "/expires_at")
    return wanted


def _as_if_signed(draft: Draft) -> Statement:
    """The statement with the signatures that are there; for parsing, empty ones stand in for those missing."""
    empty = [{"protected": _header(kid, role), "signature": _NO_SIGNATURE} for kid, role in draft.missing().items()]
    whole = parse_statement(assemble(draft.octets, [*draft.signatures, *empty]))
    missing = draft.missing()
    there = tuple(one for one in whole.signatures if one.kid not in missing)
    return replace(whole, signatures=there, roles={one.kid: one.role for one in there})


def _header(kid: str, role: str) -> str:
    header = {"alg": "Ed25519", "kid": kid, "typ": STATEMENT_TYPE, "role": role, "iat": 0}
    return b64u_encode(canonical(header))


def _check_schema(statement: Statement, annex: bytes | None) -> None:
    kind, version, payload = statement.kind, statement.version, statement.payload
    try:
        if not accepts(kind, version, payload):
            validate(kind, version, payload)
        if annex is not None:
            content = loads_canonical(annex)
            b64u_decode(content.get("salt"), 32, "/salt")
            validate_annex(kind, version, content)
    except SchemaViolationError as error:
        found = [(one.pointer, one.message) for one in error.violations]
        raise DraftRefusedError(error.code, error.message, error.where, found) from None
    except (SchemasError, SigningError) as error:
        raise DraftRefusedError(error.code, error.message, error.where) from None


def _public(kid: str, introduced: Mapping[str, Introduced], records: Mapping[str, KeyRecord]) -> PublicKey:
    if kid in introduced and introduced[kid].key.curve == "Ed25519":
        return introduced[kid].key
    if kid not in records:
        raise DraftRefusedError("unknown_key", "An announced key is neither registered nor introduced here.", kid)
    if records[kid].purpose != _STATEMENT_PURPOSE:
        message = f"An announced key is a {records[kid].purpose} key; it signs no statements."
        raise DraftRefusedError("wrong_purpose", message, kid)
    return records[kid].public


def _owner(kid: str, records: Mapping[str, KeyRecord]) -> str | None:
    """Whose key it is; a key that is only introduced here is nobody's yet, whatever the statement says."""
    return records[kid].owner if kid in records else None


def _signer(kid: str, role: str, owner: str | None, there: Signature | None, links: Mapping[str, str]) -> Signer:
    if there is None:
        return Signer(kid, role, owner, secret_hash=links.get(kid))
    return Signer(kid, role, owner, True, there.protected, there.signature, links.get(kid))  # noqa: FBT003


def _check_links(links: Mapping[str, str], announced: Collection[str]) -> None:
    for kid in links:
        if kid not in announced:
            raise DraftRefusedError("bad_links", "A link is for a key that the draft does not announce.", kid)


def _refused(error: SigningError) -> DraftRefusedError:
    return DraftRefusedError(error.code, error.message, error.where)
