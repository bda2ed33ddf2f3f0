"""Transfers and evidence on the log: the register says who speaks, the transfer machine what follows.

One signer speaks for each statement, its issuer: a provider, or the hub for evidence that is the hub's.
The schema of the kind was checked before; state, gates, consents and deadlines are the machine's to judge.
"""

from contextlib import suppress
from functools import lru_cache

from hub.exchange import spaces
from hub.exchange.effects import custody_moved, transfer_changed
from hub.exchange.errors import refused_by
from providers.errors import TransferRefused
from providers.transfer.commands import Accept, Command, Evidence, Offer, read
from providers.transfer.evidence import is_the_hubs
from providers.transfer.machine import Change, decide
from providers.transfer.values import Case, Facts, Standing, Transfer
from registry import errors as register
from registry import state as registry_spaces
from registry.effects import Effect
from registry.judgement import accreditation_status
from registry.signers import sole_signer
from registry.state import StateView, get_all
from registry.statements import At, Decision, policy_of, registered, salt_tag, seal
from signing.errors import SigningError
from signing.keys import PublicKey
from signing.statement import Statement

__all__ = ["check_speaker", "decide_transfer", "needs"]


def needs(statement: Statement) -> set[str]:
    """State that a statement about a transfer reads, as far as it tells."""
    body, issuer = statement.body, statement.issuer
    keys = {
        registry_spaces.keyring(issuer),
        registry_spaces.salt(salt_tag(statement)),
        spaces.transfer(body["transfer_id"]),
    }
    if statement.kind == "transfer-offer":
        keys |= {
            registry_spaces.case(body["case_id"]),
            registry_spaces.accreditation(issuer),
            *_about(body["recipient"]),
        }
    if "key" in body:
        keys |= {registry_spaces.accreditation(issuer), spaces.transfer_key(body["key"]["x"])}
        with suppress(register.Refused):
            keys.add(registry_spaces.kid(_transfer_key(statement).kid))
    return keys


def decide_transfer(statement: Statement, state: StateView, at: At) -> Decision:
    """Register an offer, answer, dispatch, completion, withdrawal or evidence."""
    by_hub = statement.kind == "evidence" and is_the_hubs(statement.body["event"])
    check_speaker(statement, state, at, by_hub=by_hub)
    command = read(statement.kind, statement.issuer, statement.digest, statement.body)
    stored = state.get(spaces.transfer(command.transfer_id))
    transfer = None if stored is None else Transfer.from_json(stored)
    case = _case(command, transfer, state)
    try:
        change = decide(transfer, case, command, at, _facts(statement, command, state, at))
    except TransferRefused as error:
        raise refused_by(error) from None
    sealed = seal(statement, state, at)
    return Decision((registered(statement, at, sealed), *_effects(statement, command, change, at)), sealed.monitor)


def check_speaker(statement: Statement, state: StateView, at: At, *, by_hub: bool = False) -> None:
    """Refuse a statement unless the issuer may speak here and alone has signed, with one current statement key.

    Args:
        statement: a statement whose signatures verify.
        state: rule state before it.
        at: its place in the log.
        by_hub: whether the hub speaks; a provider does otherwise.
    """
    if by_hub and statement.issuer != policy_of(state).body["hub"]["id"]:
        raise register.refused("wrong_issuer", "/issuer")
    if not by_hub and state.get(registry_spaces.actor(statement.issuer))["role"] != "provider":
        raise register.refused("issuer_not_provider", "/issuer")
    sole_signer(statement, state, at, "hub" if by_hub else "provider")


def _case(command: Command, transfer: Transfer | None, state: StateView) -> Case:
    """The case before a command; only an offer has to look it up."""
    if isinstance(command, Offer):
        stored = state.get(registry_spaces.case(command.case_id))
        return Case.first(command.case_id) if stored is None else Case(command.case_id, **stored)
    return transfer.held if transfer is not None else Case("", "")  # refused before anybody looks at it


def _facts(statement: Statement, command: Command, state: StateView, at: At) -> Facts:
    if isinstance(command, Offer):
        record = state.get(registry_spaces.accreditation(command.issuer))
        return Facts(_standing(command.recipient, state, at), accreditation_status(record, at.time))
    if isinstance(command, Accept):
        key = _transfer_key(statement)
        known = get_all(state, [spaces.transfer_key(command.key), registry_spaces.kid(key.kid)])
        return Facts(_standing(command.issuer, state, at), key_known=any(one is not None for one in known))
    return Facts()


def _standing(name: str, state: StateView, at: At) -> Standing | None:
    actor, accreditation = get_all(state, _about(name))
    if actor is None:
        return None
    return Standing(actor["role"], actor["active"], accreditation_status(accreditation, at.time))


def _about(name: str) -> tuple[str, str]:
    return registry_spaces.actor(name), registry_spaces.accreditation(name)


def _transfer_key(statement: Statement) -> PublicKey:
    """The key that an acceptance gives, checked like every key that enters the log."""
    try:
        key = _checked(*(statement.body["key"][name] for name in ("crv", "x")))
    except SigningError as error:
        raise register.refused_by(error, "/body/key") from None
    if key.curve != "X25519":
        raise register.refused("bad_curve", "/body/key")
    return key


@lru_cache(maxsize=256)
def _checked(curve: str, x: str) -> PublicKey:
    return PublicKey.from_jwk({"kty": "OKP", "crv": curve, "x": x})


def _effects(statement: Statement, command: Command, change: Change, at: At) -> tuple[Effect, ...]:
    transfer, case = change.transfer, change.case
    name = command.event if isinstance(command, Evidence) else transfer.state
    if transfer.state == "completed":
        return transfer_changed(statement, at, name, transfer, None), custody_moved(transfer, case, at)
    changed = isinstance(command, Offer) or not transfer.open
    return (transfer_changed(statement, at, name, transfer, case if changed else None),)
