"""Consents: whether every party has agreed to what an offer does with its case.

The provider that collected a consent attests it. Checked here: that there is one for each party and
purpose, that it names the recipient, and that it holds at the entry time. Not checked, because only
the recipient sees it in the brief and the package: that the evidence behind it exists, who the person
was, and whether the text says what it should.
"""

from collections.abc import Iterable, Iterator

from providers.transfer.commands import Consent, Offer
from providers.transfer.refusals import refused

__all__ = ["check_consents", "parties", "purposes"]

_MISSING = {"transfer": "consent_missing", "data_transfer_country": "export_consent_missing",
            "item_disclosure": "item_consent_missing"}  # fmt: skip


def check_consents(offer: Offer, time: int) -> None:
    """Refuse an offer unless each party has one valid consent for each purpose it needs.

    A consent too many, or one that does not hold beside one that does, is no fault.

    Args:
        offer: the offer.
        time: its entry time, POSIX seconds.

    Raises:
        TransferRefused: consent_missing, export_consent_missing, item_consent_missing when there is none at all;
            consent_for_other_recipient, consent_expired, consent_not_yet_given when there is none that holds.
    """
    given: dict[tuple[tuple[str, int], str], list[tuple[int, Consent]]] = {}
    for number, consent in enumerate(offer.consents):
        if consent.purpose != "item_disclosure" or consent.items:
            given.setdefault((consent.party, consent.purpose), []).append((number, consent))
    for purpose in purposes(offer):
        for party in parties(offer):
            _check(given.get((party, purpose), ()), offer.recipient, time, party, purpose)


def purposes(offer: Offer) -> Iterator[str]:
    """What every party must have consented to."""
    yield "transfer"
    if offer.export_basis == "consent":
        yield "data_transfer_country"
    if "C3" in offer.data_classes:
        yield "item_disclosure"


def parties(offer: Offer) -> Iterator[tuple[str, int]]:
    """Every party of the case as (role, number), numbers from 1."""
    for role, count in offer.parties:
        for number in range(1, count + 1):
            yield role, number


def _check(
    consents: Iterable[tuple[int, Consent]], recipient: str, time: int, party: tuple[str, int], purpose: str
) -> None:
    name = f"{party[0]} {party[1]}"
    defects = [(number, _defect(consent, recipient, time)) for number, consent in consents]
    if not defects:
        raise refused(_MISSING[purpose], "/body/consents", party=name)
    if all(defect is not None for _, defect in defects):
        number, first = defects[0]
        raise refused(str(first), f"/body/consents/{number}", party=name)


def _defect(consent: Consent, recipient: str, time: int) -> str | None:
    if consent.recipient != recipient:
        return "consent_for_other_recipient"
    if consent.given > time:
        return "consent_not_yet_given"
    if consent.expires is not None and consent.expires <= time:
        return "consent_expired"
    return None
