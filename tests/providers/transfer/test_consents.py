"""Consents: one that holds, from each party, for each purpose."""

from typing import Any

import pytest

from providers.transfer.consents import check_consents, parties, purposes
from providers.transfer.values import Case
from tests.providers.transfer.samples import DAY, NOW, consent, consents, offer, refuses

FRESH = Case.first(offer().case_id)
CROWD = (("claimant", 2), ("respondent", 1), ("joined", 1))


def test_every_party_is_asked() -> None:
    given = offer(parties=CROWD)
    everybody = [("claimant", 1), ("claimant", 2), ("respondent", 1), ("joined", 1)]
    assert list(parties(given)) == everybody
    for missing in everybody:
        present = tuple(consent(*party) for party in everybody if party != missing)
        name = f"{missing[0]} {missing[1]}"
        refused = offer(parties=CROWD, consents=present)
        refuses(FRESH, refused, "consent_missing", "/body/consents", f"no consent of {name} to the transfer")
    check_consents(offer(parties=CROWD, consents=tuple(consent(*party) for party in everybody)), NOW)


@pytest.mark.parametrize(
    ("change", "code", "saying"),
    [
        ({"recipient": "cargo"}, "consent_for_other_recipient", "claimant 1 names another recipient"),
        ({"expires": NOW + 9}, "consent_expired", "claimant 1 has expired"),
        ({"given": NOW + 10}, "consent_not_yet_given", "claimant 1 is dated ahead"),
    ],
)
@pytest.mark.parametrize("purpose", ["transfer", "data_transfer_country", "item_disclosure"])
def test_a_consent_that_does_not_hold(purpose: str, change: dict[str, Any], code: str, saying: str) -> None:
    classes = frozenset({"C2", "C3"})
    bad = consent("claimant", 1, purpose, items=1, **change)
    others = [
        one
        for wanted in ("transfer", "data_transfer_country", "item_disclosure")
        for one in consents(wanted, items=1)
        if (one.purpose, one.party) != (purpose, bad.party)
    ]
    given = offer(consents=(*others, bad), export_basis="consent", data_classes=classes)
    refuses(FRESH, given, code, f"/body/consents/{len(others)}", saying)
    good = consent("claimant", 1, purpose, items=1)
    check_consents(offer(consents=(bad, *others, good), export_basis="consent", data_classes=classes), NOW + 9)


def test_a_consent_holds_from_its_time_until_its_end() -> None:
    check_consents(offer(consents=consents(given=NOW, expires=NOW + 1)), NOW)


def test_only_the_purpose_counts() -> None:
    given = offer(consents=(*consents("negotiation_data_to_neutral"), consent("respondent")))
    refuses(FRESH, given, "consent_missing", "/body/consents", "claimant 1")


def test_privileged_documents_need_named_items_from_everybody() -> None:
    classes = frozenset({"C3"})
    assert list(purposes(offer(data_classes=classes))) == ["transfer", "item_disclosure"]
    for given in (
        consents(),
        (*consents(), consent("claimant", 1, "item_disclosure", items=2)),
        (*consents(), *consents("item_disclosure", items=0)),
    ):
        refused = offer(data_classes=classes, consents=given)
        refuses(FRESH, refused, "item_consent_missing", "/body/consents", "to disclose named documents")
    check_consents(offer(data_classes=classes, consents=(*consents(), *consents("item_disclosure", items=1))), NOW)


def test_an_export_on_consent_needs_that_consent_from_everybody() -> None:
    for given in (consents(), (*consents(), consent("respondent", 1, "data_transfer_country"))):
        refused = offer(export_basis="consent", consents=given)
        refuses(FRESH, refused, "export_consent_missing", "/body/consents", "claimant 1 to the export")
    given = (*consents(), *consents("data_transfer_country"))
    check_consents(offer(export_basis="consent", consents=given), NOW)
    for basis in ("contract", "legal_claim", "scc", "cac_standard_contract", "cbpr"):
        check_consents(offer(export_basis=basis), NOW)


def test_consents_of_strangers_are_no_fault() -> None:
    check_consents(offer(consents=(*consents(), consent("joined", 7, expires=NOW - 9 * DAY))), NOW)
