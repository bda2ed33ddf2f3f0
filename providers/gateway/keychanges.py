"""A member's changes of its keys: drafts of ``key`` statements, and the key files that go with them (PROTOCOL §6).

::

    DIR/keys/<purpose>.key.json          the key in use
    DIR/keys/<purpose>.new.key.json      a key that is being added: on disk before anything tells of it
    DIR/keys/<purpose>.<kid…>.key.json   keys used before; still needed to decrypt, and to find older log entries

A new key is in use once its statement is registered. The old one goes on until it is retired, and for 30 days more.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from providers.client import connect
from providers.durable import sync_folder, write_whole
from providers.errors import GatewayError, HubRefusedError, UntrustedAnswerError
from providers.gateway import keystore
from providers.gateway.admissions import checked, hub_key
from providers.gateway.home import Home
from providers.network import Network
from signing.compose import payload, timestamp
from signing.drafts import Draft
from signing.encoding import JSON
from signing.keyring import KEY_OVERLAP_SECONDS
from signing.keys import curve_for
from signing.secretkeys import AgreementKey, SigningKey, possession

__all__ = [
    "Standing", "add_draft", "adopt", "change_draft", "is_known", "key_lines", "member_state", "new_key", "overlap_end",
]  # fmt: skip

_SHORT = 8


@dataclass(frozen=True, slots=True)
class Standing:
    """A member as the hub tells it: verified network, head of its chain of keys, every key it ever had."""

    network: Network
    newest: str | None
    keys: tuple[Mapping[str, JSON], ...]

    def record(self, kid: str) -> Mapping[str, JSON]:
        """The key of this kid, or the only one whose kid begins so.

        Raises:
            GatewayError: unknown_key.
        """
        found = [one for one in self.keys if str(one["kid"]).startswith(kid)]
        if len(found) != 1:
            raise GatewayError("unknown_key", "This is no key of yours, or it is not named exactly.", kid)
        return found[0]


async def member_state(home: Home) -> Standing:
    """The member's keys and the verified network.

    The head of the chain and what became of keys is the hub's word; a draft with a wrong predecessor is refused.
    """
    async with connect(home.hub) as hub:
        network = Network.verified(home.trust(), await hub.policy_chain())
        answer = await hub.member(home.actor)
    keys, newest = answer.get("keys"), answer.get("key_statement")
    if not isinstance(keys, list) or not all(isinstance(one, Mapping) and "kid" in one for one in keys):
        raise UntrustedAnswerError("bad_answer", "The hub's answer lists no keys.", home.actor, actor="hub")
    return Standing(network, None if newest is None else str(newest), tuple(keys))


def new_key(home: Home, purpose: str, secret: str) -> SigningKey | AgreementKey:
    """A new key whose file is on disk; one that was made before and not adopted yet is taken up again."""
    path = home.new_key_file(purpose)
    if path.exists():
        opening = keystore.open_signing_key if curve_for(purpose) == "Ed25519" else keystore.open_agreement_key
        return opening(path, secret)
    made = SigningKey.generate() if curve_for(purpose) == "Ed25519" else AgreementKey.generate()
    keystore.save_keys({path: made}, secret)
    return made


def add_draft(home: Home, standing: Standing, purpose: str, key: SigningKey | AgreementKey, now: int) -> Draft:
    """The statement that adds ``key``, for the current statement key and, if it can sign, the new one."""
    entry: dict[str, JSON] = {"purpose": purpose, "jwk": key.public.jwk()}
    more = []
    if isinstance(key, AgreementKey):
        inbox = hub_key(standing.network.policy, "inbox")
        entry["possession"] = possession(key, inbox, standing.network.id, home.actor)
    else:
        more = [(key.kid, "introduced")]
    body: dict[str, JSON] = {"action": "add", "owner": home.actor, "key": entry}
    return _draft(home, standing, body, more, now)


def change_draft(home: Home, standing: Standing, body: Mapping[str, JSON], now: int) -> Draft:
    """The statement that retires, revokes or confirms a key, for the current statement key."""
    return _draft(home, standing, {**body, "owner": home.actor}, [], now)


def is_known(error: HubRefusedError) -> bool:
    """Whether an addition was refused because the key is registered already: the answer to an earlier post was lost."""
    return error.code == "key_known"


def adopt(home: Home, purpose: str) -> Path:
    """Take the new key into use; the one before keeps a file of its own, which is returned.

    There is a key in use at every moment, and whoever was interrupted may do it again.

    Raises:
        GatewayError: ``file_exists``: another file stands where the key before is to be kept.
    """
    current, kid = home.key_file(purpose), home.public_key(purpose).kid
    before, octets = current.with_name(f"{purpose}.{kid[:_SHORT]}.key.json"), current.read_bytes()
    if before.exists() and before.read_bytes() != octets:
        raise GatewayError("file_exists", "There is a file for the key before already.", str(before))
    write_whole(before, octets)
    home.new_key_file(purpose).replace(current)
    sync_folder(current.parent)
    return before


def key_lines(standing: Standing, home: Home, now: int) -> list[str]:
    """Every key with what became of it, the newest last."""
    own = {kid: path for purpose in ("statement", "http", "monitor", "inbox") for kid, path in _files(home, purpose)}
    return [
        f"{one['kid']}  {one['purpose']:<9}  {_state(one, now)}" + _file_of(own.get(str(one["kid"])))
        for one in standing.keys
    ]


def overlap_end(time_now: int) -> str:
    """When the overlap of a key that is retired now ends."""
    return timestamp(time_now + KEY_OVERLAP_SECONDS)


def _draft(home: Home, standing: Standing, body: Mapping[str, JSON], more: list[tuple[str, str]], now: int) -> Draft:
    signers = [(home.public_key("statement").kid, home.type), *more]
    network, previous = standing.network.id, standing.newest
    return checked(payload("key", home.actor, body, signers, network=network, now=now, previous=previous))


def _files(home: Home, purpose: str) -> list[tuple[str, Path]]:
    return [(keystore.public_of(path).kid, path) for path in home.key_files(purpose) if path.exists()]


def _file_of(path: Path | None) -> str:
    return "" if path is None else f"  ({path.name})"


def _state(one: Mapping[str, JSON], now: int) -> str:
    if one.get("revoked_at") is not None:
        return f"revoked at log index {one['revoked_at']}, in doubt from {one['invalid_from']} on"
    if (until := one.get("retired_at")) is not None:
        return f"retired, still good until {timestamp(until)}" if now < until else f"retired since {timestamp(until)}"
    if now < (begins := one.get("active_from", 0)):
        return f"made by officers, good from {timestamp(begins)} on"
    return "current"
