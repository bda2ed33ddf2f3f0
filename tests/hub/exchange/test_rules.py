"""Transfers on the log: who may speak, what follows, and what it leaves in the state."""

import json
from typing import Any

import pytest

from hub.exchange import spaces
from hub.exchange.errors import REFUSALS
from hub.rulebook import RULEBOOK
from providers.transfer.values import TRANSITIONS
from registry import state as registry_spaces
from registry.custody import custodian_of
from registry.effects import Effect
from registry.errors import REFUSALS as REGISTER_REFUSALS
from registry.errors import Refused
from registry.state import Loaded
from signing.entryform import parse_entry
from signing.statement import Statement, entry_octets
from tests.hub.exchange.network import CIPHERTEXT, HOUR, ROOT, ExchangeNetwork, at_state, exchange, keys_of
from tests.registry.network import (
    DAY,
    HUB,
    FullState,
    agreement_key,
    introduced,
    officers,
    salt_of,
    signing_key,
    statement_entry,
    urn,
)


def refuses(net: ExchangeNetwork, statement: Statement, code: str, where: str, saying: str = "") -> None:
    """The statement is refused with this code, place and part of the sentence, and nothing changes."""
    before = dict(net.state.values)
    with pytest.raises(Refused) as caught:
        net.submit(statement)
    refusal = caught.value
    assert (refusal.code, refusal.where) == (code, where), str(refusal)
    assert saying in refusal.message
    assert "{" not in refusal.message
    assert (refusal.actor, refusal.retryable) == (REFUSALS.get(code) or REGISTER_REFUSALS[code])[1:]
    assert net.state.values == before


def case_of(net: ExchangeNetwork) -> Any:
    return net.state.get(registry_spaces.case(net.case))


def test_a_whole_transfer_moves_custody_once() -> None:
    net = exchange()
    assert case_of(net) is None
    seen = []
    for make in (net.offer, net.accept, net.dispatch):
        net.submit(make())
        seen.append((net.record()["state"], custodian_of(net.case, net.state), case_of(net)["transfer"]))
    net.submit(net.evidence("delivery", "dispatch"))
    net.submit(net.evidence("retrieval", "dispatch"))
    assert (net.record()["delivered"], net.record()["retrieved"]) == (True, True)
    net.submit(net.completion())
    assert seen == [(state, "acme", net.transfer) for state in ("offered", "accepted", "dispatched")]
    assert case_of(net) == {"custodian": "brio", "transfer": None, "moves": 1}
    assert [effect.type for effect in net.effects[-1]] == ["statement.registered", "transfer.changed", "custody.moved"]


def test_the_record_says_what_everybody_needs() -> None:
    net = exchange()
    statements = [net.offer()]
    net.submit(statements[0])
    for make in (net.accept, net.dispatch):
        statements.append(make())
        net.submit(statements[-1])
    assert net.record() == {
        "transfer_id": net.transfer,
        "state": "dispatched",
        "case": net.case,
        "sender": "acme",
        "recipient": "brio",
        "stage": "mediation",
        "offer": statements[0].digest,
        "answer": statements[1].digest,
        "dispatch": statements[2].digest,
        "completion": None,
        "expires": net.now + 5 * DAY,
        "dispatch_hours": 24,
        "completion_hours": 48,
        "deadline": net.now + 48 * HOUR,
        "brief": {"sha256": "b1" * 32, "size": 900},
        "key": statements[1].body["key"]["x"],
        "manifest_root": ROOT,
        "ciphertext": CIPHERTEXT,
        "delivered": False,
        "retrieved": False,
        "moves": 0,
        "index": net.index - 1,
    }
    assert net.state.get(spaces.transfer_key(statements[1].body["key"]["x"])) == {"transfer": net.transfer}


@pytest.mark.parametrize("state", sorted(TRANSITIONS))
def test_every_state_is_reached_and_only_completion_moves_custody(state: str) -> None:
    net = at_state(state)
    assert net.record()["state"] == state
    assert custodian_of(net.case, net.state) == ("brio" if state == "completed" else "acme")
    assert case_of(net)["transfer"] == (net.transfer if TRANSITIONS[state] else None)
    assert (net.record()["deadline"] is None) == (not TRANSITIONS[state])


@pytest.mark.parametrize("state", ["declined", "withdrawn", "expired", "failed", "completed"])
def test_after_any_end_the_custodian_may_offer_again(state: str) -> None:
    net = at_state(state)
    sender, recipient = ("brio", "acme") if state == "completed" else ("acme", "brio")
    consents = net.consents(recipient=recipient)
    body = {"transfer_id": urn(sender, 9), "recipient": recipient, "consents": consents}
    refused = net.offer(recipient, body=body | {"transfer_id": urn(recipient, 9)})
    refuses(net, refused, "not_custodian", "/body/case_id", f"{recipient} is not the custodian")
    net.submit(net.offer(sender, body=body))
    assert case_of(net) == {"custodian": sender, "transfer": urn(sender, 9), "moves": state == "completed"}


def test_custody_travels_on_and_back() -> None:
    net = at_state("completed")
    net.transfer = urn("brio", 2)
    net.submit(net.offer("brio", body={"recipient": "acme", "consents": net.consents(recipient="acme")}))
    net.submit(net.accept("acme"))
    net.submit(net.dispatch("brio"))
    net.submit(net.completion("acme", body={"custodian_from": "brio", "custodian_to": "acme"}))
    assert case_of(net) == {"custodian": "acme", "transfer": None, "moves": 2}


def test_only_the_custodian_registers_the_award() -> None:
    net = at_state("completed")
    by = [(signing_key("noor"), "neutral")]
    body = {"case_id": net.case}
    refuses(net, net.award(body=body), "not_custodian", "/body/case_id", "acme is not the custodian")
    net.submit(net.award("brio", signers=[*by, *keys_of("brio")], body=body | {"award_id": urn("brio", 1)}))


# who may speak


def about_to(net: ExchangeNetwork, kind: str, **more: Any) -> Statement:
    makers = {
        "transfer-offer": lambda: net.offer(**more),
        "transfer-answer": lambda: net.accept(**more),
        "transfer-dispatch": lambda: net.dispatch(**more),
        "transfer-completion": lambda: net.completion(**more),
        "transfer-withdrawal": lambda: net.withdrawal(**more),
        "evidence": lambda: net.evidence("delivery", "dispatch", **more),
        "case-events": lambda: net.events([("one", 1)], **more),
    }
    return makers[kind]()


BEFORE = {"transfer-offer": None, "transfer-answer": "offered", "transfer-dispatch": "accepted",
          "transfer-completion": "dispatched", "transfer-withdrawal": "accepted", "evidence": "dispatched",
          "case-events": None}  # fmt: skip
BY = {"transfer-answer": "brio", "transfer-completion": "brio", "evidence": "brio"}


def ready(kind: str) -> ExchangeNetwork:
    state = BEFORE[kind]
    return at_state(state) if state else exchange()


@pytest.mark.parametrize("kind", BEFORE)
def test_exactly_one_current_statement_key_of_the_issuer_signs(kind: str) -> None:
    net = ready(kind)
    issuer = BY.get(kind, "acme")
    other = "acme" if issuer == "brio" else "brio"
    net.submit(net.add_key(issuer, "new", issuer))
    http = {"action": "add", "key": statement_entry(signing_key("web"), "http")}
    net.submit(net.key(issuer, http, [*keys_of(issuer), *introduced("web")]))
    net.submit(net.key(issuer, {"action": "revoke", "kid": signing_key(issuer).kid, "reason": "lost"}, keys_of("new")))
    for signers, code, where in (
        (keys_of("new", other), "signer_extra", "/signers"),
        ([*keys_of("new"), *officers("ann")], "signer_extra", "/signers"),
        (keys_of(other), "signer_missing", "/signers"),
        (keys_of("web"), "wrong_purpose", "/signers/0"),
        (keys_of(issuer), "key_revoked", "/signers/0"),
        (keys_of("zed"), "unknown_key", "/signers/0"),
        ([(signing_key("new"), "hub")], "role_mismatch", "/signers/0"),
    ):
        refuses(net, about_to(net, kind, signers=signers), code, where)
    net.submit(about_to(net, kind, signers=keys_of("new")))


@pytest.mark.parametrize("kind", BEFORE)
def test_only_providers_speak(kind: str) -> None:
    net = ready(kind)
    net.submit(net.member("court", "court"))
    statement = about_to(net, kind, issuer="court", signers=[(signing_key("court"), "court")])
    refuses(net, statement, "issuer_not_provider", "/issuer", "Only a provider")


@pytest.mark.parametrize("kind", BEFORE)
def test_what_is_said_is_sealed_and_no_salt_serves_twice(kind: str) -> None:
    net = ready(kind)
    used = net.award()
    net.submit(used)
    refuses(net, about_to(net, kind, salt=used.payload["salt"]), "salt_reused", "/salt")
    statement = about_to(net, kind)
    decision = net.submit(statement)
    entry = parse_entry(entry_octets(statement, net.now, decision.monitor, decision.ref))
    assert entry["kind"] == "sealed"
    assert "ref" not in entry


def test_evidence_of_the_hub_comes_from_the_hub() -> None:
    net = at_state("offered")
    net.now += 5 * DAY
    for issuer in ("acme", "brio"):
        refuses(net, net.evidence("offer_expired", "offer", issuer), "wrong_issuer", "/issuer")
    refuses(net, net.evidence("offer_expired", "offer", HUB, signers=keys_of("acme")), "signer_missing", "/signers")
    net.submit(net.evidence("offer_expired", "offer", HUB))
    net = at_state("dispatched")
    refuses(net, net.evidence("delivery", "dispatch", HUB), "issuer_not_provider", "/issuer")
    net.submit(net.evidence("submission_rejection", "dispatch", HUB, body={"reason": "hash_mismatch"}))
    assert net.record()["state"] == "failed"


def test_a_member_without_monitor_key_keeps_no_secrets() -> None:
    net = at_state("dispatched")
    monitor = agreement_key("brio monitor").public.kid
    net.submit(net.key("brio", {"action": "revoke", "kid": monitor, "reason": "lost"}, keys_of("brio")))
    refuses(net, net.completion(), "no_monitor_key", "/issuer", "brio has no current monitor key")


# what the register knows and the machine is told


@pytest.mark.parametrize(
    ("name", "code", "saying"),
    [
        ("zed", "recipient_unknown", "zed"),
        ("ann", "recipient_not_provider", "ann is not a provider"),
        ("noor", "recipient_not_provider", "noor is not a provider"),
        ("acme", "recipient_is_sender", "own custodian"),
    ],
)
def test_a_case_goes_to_another_provider(name: str, code: str, saying: str) -> None:
    net = exchange()
    body = {"recipient": name, "consents": net.consents(recipient=name)}
    refuses(net, net.offer(body=body), code, "/body/recipient", saying)


@pytest.mark.parametrize("status", ["suspended", "removed"])
def test_a_provider_out_of_office_gets_no_case(status: str) -> None:
    net = at_state("offered")
    decided = net.accreditation("brio", status, ("ann", "bob"))
    net.submit(decided)
    refuses(net, net.accept(), "recipient_not_active", "/issuer", f"brio is {status}")
    net.submit(net.decline())
    offer = net.offer(body={"transfer_id": urn("acme", 9)})
    refuses(net, offer, "recipient_not_active", "/body/recipient", f"brio is {status}")


@pytest.mark.parametrize("status", ["suspended", "removed"])
def test_a_provider_out_of_office_runs_off_what_it_holds(status: str) -> None:
    net = exchange()
    net.submit(net.accreditation("acme", status, ("ann", "bob")))
    assert registry_spaces.accreditation("acme") in net.book.needs(net.offer())
    refuses(net, net.offer(), "sender_must_exit", "/body/reason", f"acme is {status}")
    net.submit(net.award())
    net.submit(net.offer(body={"reason": "provider_exit"}))
    net.submit(net.accept())
    net.submit(net.dispatch())
    net.submit(net.completion())
    assert custodian_of(net.case, net.state) == "brio"


def test_a_lapsed_accreditation_is_no_bar() -> None:
    net = exchange()
    net.now += 400 * DAY
    net.submit(net.offer())


def test_the_key_of_a_transfer_is_made_for_it_alone() -> None:
    net = at_state("accepted")
    used = {"crv": "X25519", "kty": "OKP", "x": net.record()["key"]}
    net.submit(net.withdrawal())
    net.transfer = urn("acme", 9)
    net.submit(net.offer())
    refuses(net, net.accept(body={"key": used}), "transfer_key_reused", "/body/key", "used or registered")
    monitor = agreement_key("brio monitor").public.jwk()
    refuses(net, net.accept(body={"key": monitor}), "transfer_key_reused", "/body/key")
    refuses(net, net.accept(body={"key": signing_key("x").public.jwk()}), "bad_curve", "/body/key")
    small = {"crv": "X25519", "kty": "OKP", "x": "A" * 43}
    refuses(net, net.accept(body={"key": small}), "small_order_key", "/body/key")
    refuses(net, net.accept(body={"key": small | {"x": "A"}}), "bad_base64url", "/body/key")
    net.submit(net.accept())


def test_refusals_of_the_machine_arrive_with_all_they_say() -> None:
    net = exchange()
    refuses(net, net.accept(), "unknown_transfer", "/body/transfer_id", "No transfer is registered")
    net.submit(net.offer())
    second = net.offer(body={"transfer_id": urn("acme", 9)})
    refuses(net, second, "transfer_open", "/body/case_id", "must end before another begins")
    refuses(net, net.offer(body={"case_id": urn("acme", 3)}), "transfer_id_taken", "/body/transfer_id")
    refuses(net, net.completion(), "wrong_state", "/body/dispatch", "is offered; this needs one that is dispatched")


# state


def test_folding_stored_effects_from_nothing_gives_the_same_state() -> None:
    for state in TRANSITIONS:
        net = at_state(state)
        net.submit(net.events([("one", 1), ("two", 1)]))
        rebuilt = FullState()
        for group in net.effects:
            text = json.dumps([effect.to_json() for effect in group])
            rebuilt.values.update(RULEBOOK.fold([Effect.from_json(one) for one in json.loads(text)], rebuilt))
        assert rebuilt.values == net.state.values


@pytest.mark.parametrize("kind", BEFORE)
def test_what_a_rule_reads_is_foreseen(kind: str) -> None:
    """So that a batch loads it at once; only the hub's own evidence and strangers' keys ask for more."""
    net = ready(kind)
    statement = about_to(net, kind)
    loaded = Loaded({key: net.state.get(key) for key in RULEBOOK.needs(statement)})
    RULEBOOK.decide(statement, loaded, net.at())


def test_effects_hold_no_consents_and_no_reasons() -> None:
    for state in ("completed", "failed", "declined", "withdrawn"):
        net = at_state(state)
        text = json.dumps([effect.to_json() for group in net.effects for effect in group if "transfer" in effect.type])
        for word in ("claimant", "consent", "reason", "evidence_sha256", salt_of(1)):
            assert word not in text
