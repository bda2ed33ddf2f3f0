"""Awards: drafting them from a finished document, keeping their receipts, and making bundles.

The document is finished first and hashed as it stands; nothing is ever written into it afterwards.
A bundle leaves this module only after ``odr-verify``'s own verification has accepted it.
"""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

from providers.errors import GatewayError, ProvidersError, UntrustedAnswerError
from providers.exits import CANT_TELL
from providers.gateway.admissions import checked
from providers.gateway.desk import DocumentFacts
from providers.gateway.home import Home, read_json, write_json
from providers.network import Network
from providers.receipts import AwardProofs, Registration
from signing.bundlewriter import Evidence, document_name, write_bundle
from signing.compose import new_id, new_salt, payload
from signing.drafts import Draft
from signing.encoding import JSON, canonical
from signing.errors import SigningError
from signing.trust import TrustFile
from signing.verification import FAIL, UNCHECKED, Report, verify_award

__all__ = ["award_draft", "find_registration", "make_bundle", "new_award_id", "store_registration"]

_log = logging.getLogger("providers")

DETAILS = ("type", "expression", "date", "seat", "rules_version", "brief_reasons", "procedure")
"""Members of an award's body that a details file states; the gateway computes the others."""


def new_award_id(home: Home, now: int) -> str:
    """A new award id; chosen before the document is finished, so that it can be printed on it."""
    return new_id(home.actor, now)


def award_draft(  # noqa: PLR0913 - what an award's statement is made of
    home: Home,
    network: Network,
    document: DocumentFacts,
    details: Mapping[str, JSON],
    *,
    award_id: str,
    case_id: str,
    signers: Sequence[tuple[str, str]],
    now: int,
) -> Draft:
    """The draft of an award's registration.

    Args:
        home: the provider.
        network: verified.
        document: the finished PDF, measured.
        details: what the provider states about award and procedure (``DETAILS``).
        award_id: from ``new_award_id``.
        case_id: id of the case.
        signers: (kid, role) of the neutrals and of the provider.
        now: POSIX seconds.

    Raises:
        GatewayError: ``unknown_detail``.
        SchemaViolationError: naming every missing or wrong member.
    """
    for name in details:
        if name not in DETAILS:
            message = f"{name} is not for the details file, which states {', '.join(DETAILS)}."
            raise GatewayError("unknown_detail", message, f"/{name}")
    measured = {"media_type": "application/pdf", "sha256": document.sha256, "size": document.size}
    body = {**details, "award_id": award_id, "case_id": case_id, "manifestation": measured}
    octets = payload("award", home.actor, body, signers, network=network.id, now=now, salt=new_salt())
    return checked(octets)


def store_registration(home: Home, one: Registration) -> Path:
    """Keep a verified registration in the gateway's directory; the first one stays, unless its file is damaged."""
    path = home.directory / "receipts" / f"{one.statement.digest}.json"
    if path.exists() and _readable(path) is None:
        path.unlink()
    if not path.exists():
        write_json(path, one.to_json())
    return path


def find_registration(home: Home, document: DocumentFacts) -> Registration:
    """The newest stored registration of a document.

    Raises:
        GatewayError: ``not_registered_here``.
    """
    found = [_readable(path) for path in (home.directory / "receipts").glob("*.json")]
    awards = [one for one in found if one is not None and one.statement.kind == "award"]
    fitting = [one for one in awards if one.statement.body["manifestation"]["sha256"] == document.sha256]
    if not fitting:
        message = "This gateway keeps no receipt for this document; `odr-gateway award register` obtains one."
        raise GatewayError("not_registered_here", message, document.name)
    return max(fitting, key=lambda one: one.receipt.index)


def _readable(path: Path) -> Registration | None:
    """A stored registration; None of a damaged file, which hides none of the others."""
    try:
        return Registration.from_json(read_json(path))
    except ProvidersError as error:
        _log.warning("%s can't be used: %s", path.name, error)
        return None


def make_bundle(proofs: AwardProofs, trust: TrustFile, document: tuple[str, bytes], now: int) -> tuple[bytes, Report]:
    """The bundle of an award, accepted by the offline verification against the pinned policy.

    Args:
        proofs: as the hub served them.
        trust: the pinned policy.
        document: file name and octets of the award; a name that a bundle can't hold is replaced in it.
        now: POSIX seconds.

    Raises:
        UntrustedAnswerError: ``bundle_not_genuine``, or ``bundle_without_status`` with the step that failed.
    """
    try:
        evidence = [_evidence(one) for one in proofs.evidence]
        held = {document_name(document[0]): document[1]}
        data = write_bundle(_evidence(proofs.award), evidence, canonical(proofs.status), held)
    except SigningError as error:
        raise UntrustedAnswerError(error.code, f"No bundle can be made: {error}", error.where, actor="hub") from error
    report = verify_award(data, trust, None, now)
    if report.genuine != "yes":
        message = f"The bundle that follows from the hub's answer is not accepted. Genuine: {report.genuine}"
        raise UntrustedAnswerError("bundle_not_genuine", message, document[0], actor="hub")
    if report.exit_code == CANT_TELL:
        step = next(one for one in report.steps if one.outcome in (FAIL, UNCHECKED))
        message = f"The award is genuine, but a court could not tell its status: {step.reason} (step {step.number})"
        raise UntrustedAnswerError("bundle_without_status", message, document[0], actor="hub")
    return data, report


def _evidence(one: Registration) -> Evidence:
    policy_proof = None if one.policy_proof is None else one.policy_proof.encode("utf-8")
    return Evidence(one.statement.document, one.receipt.proof.encode("utf-8"), policy_proof)
