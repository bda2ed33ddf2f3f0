"""What is posted as an application: judged as far as it can be before an officer has signed.

::

    1 form of the document                          providers.application.form
    2 schema, network, kind, first statement        schemas.validation
    3 every key that a member of this type needs
    4 every new key has signed, and nobody else     signing.statement, with the keys that it introduces
    5 proofs of possession                          signing.secretkeys, with the hub's inbox secret
    6 the signers that are missing are officers     of the policy in force

What rules decide later (the actor id is free, the keys are new) is asked of the register when it is kept.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from hub.applications.errors import ApplicationError
from hub.errors import IntakeError
from hub.evidence import document_of
from hub.storage.values import StoredStatement
from providers.application.form import ApplicationForm
from schemas.errors import SchemasError, SchemaViolationError
from schemas.validation import validate
from signing.compose import assemble
from signing.drafts import Draft
from signing.encoding import JSON
from signing.errors import SigningError
from signing.keyring import Introduced, introduced_keys
from signing.keys import PublicKey
from signing.secretkeys import AgreementKey, check_possession
from signing.statement import STATEMENT_TYPE, Statement, parse_jws, parse_statement, seconds, verify_signatures

__all__ = ["AHEAD_SECONDS", "NEEDED", "Applied", "officer_kids", "receive"]

NEEDED = {
    "provider": ("statement", "http", "monitor", "inbox"),
    "court": ("statement", "http", "monitor"),
    "observer": ("statement", "http"),
}
"""Purposes of the keys without which a member of each type can't work."""

OLDEST_SECONDS = 86_400
AHEAD_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Applied:
    """An application that holds as far as it goes; ``keys`` by purpose, ``kids`` of every key."""

    form: ApplicationForm
    actor: str
    type: str
    profile: Mapping[str, JSON]
    keys: Mapping[str, PublicKey]
    kids: tuple[str, ...]
    issued_at: int


def receive(data: bytes, *, network: str, inbox: AgreementKey, officers: Collection[str], now: int) -> Applied:
    """Judge what was posted.

    Args:
        data: the document.
        network: digest of the genesis payload.
        inbox: the hub's inbox secret.
        officers: statement kids of the officers of the policy in force.
        now: POSIX seconds.

    Raises:
        IntakeError: it is not of its form, or a signature or proof does not hold.
        ApplicationError: wrong_kind, keys_incomplete, signed_already, unknown_officer_key, application_stale.
    """
    try:
        form = ApplicationForm.from_bytes(data)
        _check_payload(form.draft, network)
        introduced = introduced_keys(_statement(form.draft))
        for draft in form.drafts():
            _check_signers(draft, introduced, officers)
        _check_possession(introduced, inbox, network)
    except SigningError as error:
        raise _refusal(error) from None
    return _applied(form, introduced, now)


def officer_kids(policy: StoredStatement) -> frozenset[str]:
    """Statement kids of the officers whom a policy names."""
    officers = parse_statement(document_of(policy)).body["officers"]
    keys = [entry for officer in officers for entry in officer["keys"]]
    return frozenset(PublicKey.from_jwk(entry["jwk"]).kid for entry in keys if entry["purpose"] == "statement")


def _refusal(error: SigningError) -> IntakeError:
    """A draft that is none is told as what was posted: an application that is none; the rest keeps its code."""
    if error.code == "bad_draft":
        return IntakeError("bad_application", error.message, f"/draft{error.where}")
    return IntakeError(error.code, error.message, error.where)


def _check_payload(draft: Draft, network: str) -> None:
    payload = draft.payload
    if payload.get("kind") != "member" or type(payload.get("version")) is not int:
        raise ApplicationError("wrong_kind", "An application is a draft of kind member.", "/kind")
    try:
        validate("member", payload["version"], payload)
    except SchemaViolationError as error:
        found = [(one.pointer, one.message) for one in error.violations]
        raise IntakeError(error.code, error.message, error.where, found) from None
    except SchemasError as error:
        raise IntakeError(error.code, error.message, error.where) from None
    if payload["network"] != network:
        raise IntakeError("wrong_network", "The statement belongs to another network.", "/network")
    if payload["previous"] is not None or draft.annex is not None:
        message = "An application is a first statement without annex; a member posts updates at /v1/statements."
        raise ApplicationError("not_a_first_statement", message, "/previous")


def _check_signers(draft: Draft, introduced: Mapping[str, Introduced], officers: Collection[str]) -> None:
    """Exactly the new Ed25519 keys have signed, with signatures that verify; officers alone are missing."""
    signing = {kid: one.key for kid, one in introduced.items() if one.key.curve == "Ed25519"}
    missing = draft.missing()
    for kid in signing:
        if kid in missing or kid not in {signer["kid"] for signer in draft.payload["signers"]}:
            raise IntakeError("signature_missing", "A key that the application introduces has not signed it.", kid)
    for kid, role in missing.items():
        if role != "officer" or kid not in officers:
            message = "The draft waits for somebody who is no officer under the policy in force."
            raise ApplicationError("unknown_officer_key", message, kid)
    if not missing:
        raise ApplicationError("signed_already", "An officer's signature is not wanted before the test.", "/signers")
    jws = parse_jws(assemble(draft.octets, draft.signatures), STATEMENT_TYPE)
    if any(role != "introduced" for role in jws.roles.values()):
        raise ApplicationError("signed_already", "Only the new keys sign an application.", "/signatures")
    verify_signatures(jws, signing)


def _check_possession(introduced: Mapping[str, Introduced], inbox: AgreementKey, network: str) -> None:
    for kid, one in introduced.items():
        if one.key.curve != "X25519":
            continue
        if one.possession is None:
            raise IntakeError("possession_missing", "An X25519 key needs a proof of possession.", kid)
        check_possession(inbox, one.key, network, one.owner, one.possession)


def _applied(form: ApplicationForm, introduced: Mapping[str, Introduced], now: int) -> Applied:
    payload = form.draft.payload
    body, issued_at = payload["body"], seconds(payload["issued_at"])
    keys = {one.purpose: one.key for one in introduced.values()}
    for purpose in NEEDED[body["type"]]:
        if purpose not in keys:
            message = f"A {body['type']} needs a key of purpose {purpose} to be tested and to work."
            raise ApplicationError("keys_incomplete", message, "/body/keys")
    if len(keys) != len(introduced):
        raise ApplicationError("keys_incomplete", "An application brings one key of each purpose.", "/body/keys")
    if not now - OLDEST_SECONDS <= issued_at <= now + AHEAD_SECONDS:
        message = "The application was made more than a day ago, or is dated ahead; look at the clock and make it anew."
        raise ApplicationError("application_stale", message, "/issued_at")
    return Applied(form, payload["issuer"], body["type"], body["profile"], keys, tuple(introduced), issued_at)


def _statement(draft: Draft) -> Statement:
    """The payload as a statement that nobody has signed yet, for what reads statements."""
    payload = draft.payload
    return Statement(
        payload=payload, octets=draft.octets, digest=draft.digest, encoded="", signatures=(), roles={},
        kind="member", version=payload["version"], network=payload["network"], id=payload["id"],
        issuer=payload["issuer"], issued_at=seconds(payload["issued_at"]), previous=None, salt=None,
        body=payload["body"],
    )  # fmt: skip
