"""What an offer attests, held against what stands behind it: the brief, and the case file.

The hub judges what the offer says, because it sees nothing else. Whoever reads brief or case file sees more, and
holds one against the other:

- The parties are those that the offer counts, so that nobody's consent is left out.
- Behind every consent of the offer stands one in full that says the same, was not withdrawn, and is for the stage of
  the offer if it is for one stage only.

A party may have several consents for one purpose: each of the offer's needs one behind it. Not checked: whether the
consents suffice (``providers.transfer.consents``, ``disclosure``), and whether their evidence is there.
"""

from collections.abc import Mapping

from providers.package.disclosure import Terms
from providers.package.errors import PackageRefusedError
from signing.encoding import JSON

__all__ = ["CONSENT", "check_attested"]

CONSENT = (
    "party", "purpose", "recipient", "text_sha256", "language", "capacity", "method", "given_at", "expires_at",
    "evidence_sha256", "items",
)  # fmt: skip
"""Members of a consent that the offer repeats."""


def check_attested(terms: Terms, behind: Mapping[str, JSON], where: str) -> None:
    """Raise unless ``parties`` and ``consents`` of ``behind`` bear out what the offer says of them.

    Args:
        terms: what the offer says.
        behind: a brief or a case file that its schema accepts.
        where: which of the two, for the refusal.

    Raises:
        PackageRefusedError: ``parties_differ`` or ``consent_unfounded``.
    """
    if sorted((one["role"], one["number"]) for one in behind["parties"]) != sorted(terms.everyone()):
        message = "The parties are not those that the offer counts; each of them needs its consents."
        raise PackageRefusedError("parties_differ", message, f"{where}/parties")
    full: dict[tuple[JSON, ...], list[Mapping[str, JSON]]] = {}
    for one in behind["consents"]:
        full.setdefault(_mark(one), []).append(one)
    for one in terms.consents:
        objections = [_objection(found, one, terms.stage) for found in full.get(_mark(one), ())]
        if None not in objections:
            role, number, purpose, _ = _mark(one)
            what = objections[0] if objections else "is not there"
            message = f"The offer rests on a consent of {role} {number} ({purpose}) that {what}."
            raise PackageRefusedError("consent_unfounded", message, f"{where}/consents")


def _mark(consent: Mapping[str, JSON]) -> tuple[JSON, ...]:
    """What a consent is found by: whose it is, what for, and its evidence."""
    party = consent["party"]
    return party["role"], party["number"], consent["purpose"], consent.get("evidence_sha256")


def _objection(full: Mapping[str, JSON], attested: Mapping[str, JSON], stage: str) -> str | None:
    """Why a consent in full does not bear out the one of the offer; None if it does."""
    if "withdrawn_at" in full:
        return "was withdrawn"
    if full.get("stage", stage) != stage:
        return f"is for the stage {full['stage']} only"
    other = next((name for name in CONSENT if full.get(name) != attested.get(name)), None)
    return None if other is None else f"has another {other}"
