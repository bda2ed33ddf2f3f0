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
from providers.keystates import key_told, read_ring
from providers.network import Network
from providers.printable import printable
from signing.compose import payload, timestamp
from signing.drafts import Draft
from signing.encoding import JSON
from signing.errors import KeyRefusedError
from signing.keyring import KEY_OVERLAP_SECONDS, KeyRecord, Ring, require_current, suspended_by
from signing.keys import curve_for
from signing.secretkeys import AgreementKey, SigningKey, possession

__all__ = [
    "Standing", "add_draft", "adopt", "change_draft", "is_known", "key_lines", "member_state", "new_key", "overlap_end",
]  # fmt: skip

PURPOSES = ("statement", "http", "monitor", "inbox")
_SHORT = 8


@dataclass(frozen=True, slots=True)
class Standing:
    """A member as the hub tells it: verified network, head of its chain of keys, every key it ever had, log size."""

    network: Network
    newest: str | None
    ring: Ring
    size: int

    def record(self, kid: str) -> KeyRecord:
        """The key of this kid, or the only one whose kid begins so.

        Raises:
            GatewayError: unknown_key.
        """
        found = [one for one in self.ring.values() if one.kid.startswith(kid)]
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
    newest, size = answer.get("key_statement"), answer.get("size")
    if type(size) is not int:
        raise UntrustedAnswerError("bad_answer", "The hub's answer names no log size.", home.actor, actor="hub")
    ring = read_ring(answer.get("keys"), home.actor)
    return Standing(network, None if newest is None else str(newest), ring, size)


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


def kept_change(home: Home, body: Mapping[str, JSON]) -> Path:
    """Where the signed draft of a change lies until its receipt has verified; often there is none."""
    return home.directory / f"key-{body['action']}.{str(body['kid'])[:_SHORT]}.draft.json"


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
    """Every key with what became of it, the newest last; then who can do something about suspended ones."""
    own = {kid: path for purpose in PURPOSES for kid, path in _files(home, purpose)}
    lines = [
        f"{one.kid}  {one.purpose:<9}  {key_told(standing.ring, one.kid, standing.size, now)}"
        + _file_of(own.get(one.kid))
        for one in standing.ring.values()
    ]
    return [printable(line) for line in (*lines, *_way_out(standing, home, now))]


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


def _way_out(standing: Standing, home: Home, now: int) -> list[str]:
    """Who can confirm keys that are suspended and that are still here; the key that would sign may be one of them."""
    ring, size = standing.ring, standing.size
    held = [kid for purpose in PURPOSES for kid, _ in _files(home, purpose) if kid in ring]
    suspended = [kid for kid in held if ring[kid].revoked_at is None and suspended_by(ring, kid, size) is not None]
    if not suspended:
        return []
    try:
        require_current(ring, home.public_key("statement").kid, size, now)
    except KeyRefusedError:
        who = "ask the officers: as many as the threshold can confirm it, on the page of this member on their console."
        return [f"A suspended key counts for nothing. If one is yours all the same, {who}"]
    how = f"say so with odr-gateway key confirm {suspended[0]} --dir {home.directory}"
    return [f"A suspended key counts for nothing. If one is yours all the same, {how}"]
