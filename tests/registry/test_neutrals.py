"""Neutrals."""

import pytest

from registry import state as spaces
from signing.secretkeys import SigningKey
from signing.statement import Statement
from tests.registry.network import (
    DAY,
    Network,
    introduced,
    officers,
    populated,
    refuses,
    signing_key,
    statement_entry,
)

OWN = [(signing_key("noor"), "neutral")]


def own_and(*others: tuple[SigningKey, str]) -> list[tuple[SigningKey, str]]:
    return [*OWN, *others]


PROVIDER = (signing_key("acme"), "provider")


def test_admission_update_and_return() -> None:
    net = populated()
    net.submit(net.neutral("noor", first=False, body={"status": "left"}, signers=OWN))
    net.submit(net.neutral("noor", first=False))
    net.submit(net.neutral("noor", first=False, body={"key_custody": "provider-held"}))
    actor = net.state.get(spaces.actor("noor"))
    assert (actor["status"], actor["role"], actor["key_custody"]) == ("active", "neutral", "provider-held")


@pytest.mark.parametrize("status", ["paused", "left"])
def test_a_neutral_alone_pauses_and_leaves(status: str) -> None:
    net = populated()
    net.submit(net.neutral("noor", first=False, body={"status": status}, signers=OWN))
    assert net.state.get(spaces.actor("noor"))["status"] == status


@pytest.mark.parametrize(
    "change", [{"profile": {"display_name": "other"}}, {"key_custody": "provider-held"}, {"nominated_by": "brio"}]
)
def test_a_neutral_alone_changes_nothing_else(change: dict[str, object]) -> None:
    net = populated()
    statement = net.neutral("noor", first=False, body={"status": "paused", **change}, signers=OWN)
    refuses(net, statement, "pause_changes_more", "/body", "status only")


def test_a_neutral_alone_keeps_its_annex() -> None:
    net = populated()
    net.submit(net.neutral("noor", first=False, annex=b"{}"))
    paused = {"status": "paused"}
    other = net.neutral("noor", first=False, body=paused, signers=OWN, annex=b"[]")
    refuses(net, other, "pause_changes_more", "/annex")
    net.submit(net.neutral("noor", first=False, body=paused, signers=OWN))
    net.submit(net.neutral("noor", first=False, body={"status": "left"}, signers=OWN, annex=b"{}"))


def test_a_neutral_alone_does_not_return() -> None:
    net = populated()
    refuses(net, net.neutral("noor", first=False, signers=OWN), "signer_missing", "/signers", "acme must sign")


def test_admission_needs_provider_and_officer() -> None:
    net = populated()
    without_officer = [*introduced("omar"), PROVIDER]
    refuses(net, net.neutral("omar", signers=without_officer), "threshold_not_met", "/signers")
    without_provider = [*introduced("omar"), *officers("ann")]
    refuses(net, net.neutral("omar", signers=without_provider), "signer_missing", "/signers", "acme")
    silent = [PROVIDER, *officers("ann")]
    refuses(net, net.neutral("omar", signers=silent), "introduced_key_silent", "/signers")


def test_admission_as_paused_needs_provider_and_officer_too() -> None:
    net = populated()
    alone = net.neutral("omar", body={"status": "paused"}, signers=introduced("omar"))
    refuses(net, alone, "signer_missing", "/signers")


def test_an_update_needs_all_three_and_nobody_else() -> None:
    net = populated()
    refuses(net, net.neutral("noor", first=False, signers=own_and(*officers("ann"))), "signer_missing", "/signers")
    missing = net.neutral("noor", first=False, signers=[PROVIDER, *officers("ann")])
    refuses(net, missing, "signer_missing", "/signers", "noor")
    net.submit(net.neutral("omar"))
    extra = own_and(PROVIDER, (signing_key("omar"), "neutral"), *officers("ann"))
    refuses(net, net.neutral("noor", first=False, signers=extra), "signer_extra", "/signers", "omar")


def test_only_registered_providers_nominate() -> None:
    net = populated()
    net.submit(net.member("court", "court"))
    signers = [*introduced("omar"), (signing_key("court"), "court"), *officers("ann")]
    refuses(net, net.neutral("omar", "court", signers=signers), "nominator_not_provider", "/body/nominated_by")


def lapse(net: Network) -> None:
    net.now += 400 * DAY


def suspend(net: Network) -> None:
    net.submit(net.accreditation("acme", "suspended", ("ann", "bob")))


@pytest.mark.parametrize("change", [lapse, suspend])
def test_only_accredited_providers_nominate(change: object) -> None:
    net = populated()
    assert callable(change)
    change(net)
    refuses(net, net.neutral("omar"), "nominator_not_accredited", "/body/nominated_by", "not in force")
    net.submit(net.neutral("noor", first=False, body={"status": "left"}, signers=OWN))


def test_a_provider_without_any_accreditation_nominates_nobody() -> None:
    net = populated()
    net.submit(net.member("brio"))
    refuses(net, net.neutral("omar", "brio"), "nominator_not_accredited", "/body/nominated_by")
    net.submit(net.accreditation("brio", "applied"))
    refuses(net, net.neutral("omar", "brio"), "nominator_not_accredited", "/body/nominated_by")
    net.submit(net.accreditation("brio", "conditional"))
    net.submit(net.neutral("omar", "brio"))


def test_ids_keys_and_chain() -> None:
    net = populated()
    taken = net.neutral("acme", signers=[*introduced("acme n"), PROVIDER, *officers("ann")],
                        body={"keys": [statement_entry(signing_key("acme n"))]})  # fmt: skip
    refuses(net, taken, "actor_id_taken", "/issuer", "acme")
    with_keys = net.neutral("noor", first=False, body={"keys": [statement_entry(signing_key("noor 2"))]})
    refuses(net, with_keys, "keys_not_allowed", "/body/keys")
    refuses(net, net.neutral("omar", first=False), "keys_missing", "/body")
    refuses(net, net.neutral("noor", first=False, previous=None), "stale_previous", "/previous")
    http = net.neutral("omar", body={"keys": [statement_entry(signing_key("omar"), "http")]})
    refuses(net, http, "statement_key_missing", "/body/keys")


def several() -> Network:
    """Providers acme and brio, both listed; noor is nominated by acme."""
    net = populated()
    net.submit(net.member("brio"))
    net.submit(net.accreditation("brio", "listed"))
    return net


def nominated(net: Network, by: str, *listed: str) -> Statement:
    signers = own_and((signing_key(by), "provider"), *officers("ann"))
    more: dict[str, object] = {"providers": list(listed)} if listed else {}
    return net.neutral("noor", by, first=False, signers=signers, body=more)


def providers(net: Network) -> list[str]:
    actor = net.state.get(spaces.actor("noor"))
    found: list[str] = actor.get("providers", [actor["nominated_by"]])
    return found


def test_a_later_nomination_adds_its_provider() -> None:
    net = several()
    assert providers(net) == ["acme"]
    net.submit(nominated(net, "brio"))
    assert providers(net) == ["acme", "brio"]
    net.submit(nominated(net, "acme"))
    assert providers(net) == ["acme", "brio"]
    paused = net.neutral("noor", "acme", first=False, body={"status": "paused"}, signers=OWN)
    net.submit(paused)
    assert providers(net) == ["acme", "brio"]


def test_a_list_of_providers_leaves_others_out() -> None:
    net = several()
    net.submit(nominated(net, "brio", "acme", "brio"))
    assert providers(net) == ["acme", "brio"]
    net.submit(nominated(net, "brio", "brio"))
    assert providers(net) == ["brio"]


def test_nobody_is_listed_who_has_not_nominated() -> None:
    net = several()
    refuses(net, nominated(net, "acme", "acme", "brio"), "provider_not_nominating", "/body/providers", "brio")
    refuses(net, nominated(net, "brio", "acme"), "nominator_not_listed", "/body/providers", "do not include")
    first = net.neutral("omar", body={"providers": ["acme", "brio"]})
    refuses(net, first, "provider_not_nominating", "/body/providers", "brio")
    net.submit(net.neutral("omar", body={"providers": ["acme"]}))


def test_a_neutral_alone_does_not_change_its_providers() -> None:
    net = several()
    net.submit(nominated(net, "brio"))
    alone = {"status": "paused", "providers": ["brio"]}
    refuses(net, net.neutral("noor", "brio", first=False, body=alone, signers=OWN), "pause_changes_more", "/body")
