"""The brief: what the recipient must know to decide on an offer, encrypted to its ``inbox`` key.

Its plaintext is a ``transfer-brief`` in canonical JSON. Nothing inside says who wrote it: the offer,
which the sender signed, names the ciphertext's hash and size, and the brief names transfer and case.
"""

import io
from collections.abc import Mapping

from providers.package.casefile import Validate
from providers.package.disclosure import refuse_financial_details
from providers.package.errors import PackageRefusedError, refusal_of
from schemas.errors import SchemasError
from signing.agefile import decrypt, encrypt
from signing.encoding import JSON, canonical, loads_canonical, sha256_hex
from signing.errors import SigningError
from signing.keys import PublicKey
from signing.secretkeys import AgreementKey

__all__ = ["MAX_BRIEF", "check_brief", "open_brief", "seal_brief"]

MAX_BRIEF = 1 << 20
_NAME = "brief"


def seal_brief(brief: Mapping[str, JSON], inbox: PublicKey, *, validate: Validate) -> bytes:
    """The age file of ``brief`` for the recipient's ``inbox`` key.

    Raises:
        PackageRefusedError: ``bank_details``, ``tax_number``, ``schema_violation``, ``brief_too_large``, or a key
            that is refused.
    """
    _check(brief, validate)
    sealed = io.BytesIO()
    try:
        encrypt(io.BytesIO(canonical(brief)), sealed, [inbox])
    except SigningError as error:
        raise refusal_of(error, _NAME) from None
    if sealed.tell() > MAX_BRIEF:
        raise PackageRefusedError("brief_too_large", f"A brief has at most {MAX_BRIEF} bytes.", _NAME)
    return sealed.getvalue()


def check_brief(brief: Mapping[str, JSON], *, validate: Validate) -> None:
    """Raise what ``seal_brief`` would raise because of the brief itself, whoever it will be sealed for."""
    seal_brief(brief, AgreementKey.generate().public, validate=validate)  # how large it gets depends on no key


def open_brief(
    sealed: bytes, identity: AgreementKey, offer: Mapping[str, JSON], *, validate: Validate
) -> dict[str, JSON]:
    """The brief that came with an offer.

    Checks the hash and size that the offer's body names, decrypts, and holds the content against
    its schema and the offer's transfer and case. Not checked: whether the consents in it suffice.

    Args:
        sealed: the age file.
        identity: the secret ``inbox`` key.
        offer: body of the ``transfer-offer``, as its schema accepts it.
        validate: schema validation.

    Raises:
        PackageRefusedError: ``brief_too_large``, ``ciphertext_size_differs``, ``ciphertext_differs``, a code of the
            age file or the JSON, ``bank_details``, ``tax_number``, ``schema_violation``, ``other_transfer`` or
            ``other_case``.
    """
    try:
        return _opened(sealed, identity, offer, validate)
    except PackageRefusedError as error:
        error.actor = "sender"
        raise


def _opened(sealed: bytes, identity: AgreementKey, offer: Mapping[str, JSON], validate: Validate) -> dict[str, JSON]:
    if len(sealed) > MAX_BRIEF:
        raise PackageRefusedError("brief_too_large", f"A brief has at most {MAX_BRIEF} bytes.", _NAME)
    if len(sealed) != offer["brief"]["size"]:
        raise PackageRefusedError(
            "ciphertext_size_differs", "The brief does not have the size that the offer names.", _NAME
        )
    if sha256_hex(sealed) != offer["brief"]["sha256"]:
        raise PackageRefusedError(
            "ciphertext_differs", "The brief does not have the SHA-256 that the offer names.", _NAME
        )
    plain = io.BytesIO()
    try:
        decrypt(io.BytesIO(sealed), plain, identity)
        brief = loads_canonical(plain.getvalue(), max_bytes=MAX_BRIEF)
    except SigningError as error:
        raise refusal_of(error, _NAME) from None
    _check(brief, validate)
    for code, member, what in (("other_transfer", "transfer_id", "transfer"), ("other_case", "case_id", "case")):
        if brief[member] != offer[member]:
            raise PackageRefusedError(code, f"The brief is about another {what}.", f"{_NAME}/{member}")
    return brief


def _check(brief: Mapping[str, JSON], validate: Validate) -> None:
    refuse_financial_details(brief, _NAME)
    try:
        validate("transfer-brief", 1, brief)
    except SchemasError as error:
        raise refusal_of(error, _NAME) from error
