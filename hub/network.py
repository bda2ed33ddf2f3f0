"""A new network: its genesis payload, its witness policy, and the policy file that verifiers pin.

Genesis fixes what everything later is judged by: the log's origin and key, the hub's keys, the first
officers and their threshold, and which witnesses must have cosigned. It is signed by every Ed25519 key
that it introduces; the digest of its payload is the name of the network for ever.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from hub.errors import NetworkError
from signing.compose import payload
from signing.encoding import JSON, canonical, loads
from signing.errors import SigningError
from signing.keys import PublicKey, curve_for
from signing.signnotes import format_trust
from signing.statement import Statement
from signing.trust import TrustFile, parse_witness_policy

__all__ = [
    "Founding",
    "OfficerFile",
    "default_origin",
    "genesis_payload",
    "read_officer",
    "trust_file",
    "with_log",
    "witness_policy_of",
]

_NAME = re.compile(r"[!-*,-~]{1,200}")


@dataclass(frozen=True, slots=True)
class OfficerFile:
    """What an officer hands over: actor id, name, and public keys (purpose to key); no secret."""

    id: str
    name: str
    keys: tuple[tuple[str, PublicKey], ...]

    def to_bytes(self) -> bytes:
        """The file, canonical JSON and a newline."""
        members: dict[str, JSON] = {"odr_officer": 1, "id": self.id, "name": self.name, "keys": _key_list(self.keys)}
        return canonical(members) + b"\n"

    def body(self) -> dict[str, JSON]:
        """The officer as a policy body names them."""
        return {"id": self.id, "name": self.name, "keys": _key_list(self.keys)}


@dataclass(frozen=True, slots=True)
class Founding:
    """What a network is founded with.

    Args:
        origin: name of the log, ``host/log/1``.
        log_key: the log's verifier key (vkey text).
        hub: actor id of the hub, and its keys by purpose.
        coordinator: actor id of the coordinator, and its monitor key.
        officers: the first officers.
        threshold: how many of them decide what needs the threshold.
        witness_policy: C2SP tlog-policy text.
    """

    origin: str
    log_key: str
    hub: tuple[str, Mapping[str, PublicKey]]
    coordinator: tuple[str, PublicKey]
    officers: tuple[OfficerFile, ...]
    threshold: int
    witness_policy: str


def read_officer(data: bytes, where: str = "") -> OfficerFile:
    """Read an officer's public file; checks every key, and that there is a statement key.

    Raises:
        NetworkError: bad_officer_file.
    """
    try:
        members = loads(data, max_bytes=16_384)
        if not isinstance(members, dict) or members.get("odr_officer") != 1:
            raise NetworkError("bad_officer_file", "This is not an officer's public file of version 1.", where)
        keys = tuple((one["purpose"], _read_key(one)) for one in members["keys"])
        officer = OfficerFile(members["id"], members["name"], keys)
    except (KeyError, TypeError):
        raise NetworkError("bad_officer_file", "The officer's public file lacks members of its form.", where) from None
    except SigningError as error:
        raise NetworkError("bad_officer_file", f"The officer's public file can't be used: {error}", where) from None
    if "statement" not in dict(keys):
        raise NetworkError("bad_officer_file", "The officer's public file names no statement key.", where)
    return officer


def genesis_payload(founding: Founding, now: int) -> bytes:
    """Canonical octets of the genesis payload; every Ed25519 key it introduces is a signer.

    Args:
        founding: what the network is founded with.
        now: POSIX seconds, becomes ``issued_at``.

    Raises:
        NetworkError: bad_threshold, officer_twice.
    """
    if not 1 <= founding.threshold <= len(founding.officers):
        count = len(founding.officers)
        raise NetworkError(
            "bad_threshold", f"The threshold is between 1 and the number of officers, {count}.", "threshold"
        )
    if len({officer.id for officer in founding.officers}) != len(founding.officers):
        raise NetworkError("officer_twice", "Two officers have one id.", "officer")
    hub_id, hub_keys = founding.hub
    keys = [*hub_keys.values(), *(key for officer in founding.officers for _, key in officer.keys)]
    signers = [(key.kid, "introduced") for key in keys if key.curve == "Ed25519"]
    return payload("genesis", hub_id, _policy_body(founding), signers, network=None, now=now)


def _policy_body(founding: Founding) -> dict[str, JSON]:
    hub_id, hub_keys = founding.hub
    coordinator_id, monitor = founding.coordinator
    return {
        "origin": founding.origin,
        "log_key": founding.log_key,
        "hub": {"id": hub_id, "keys": _key_list(tuple(hub_keys.items()))},
        "coordinator": {"id": coordinator_id, "keys": _key_list((("monitor", monitor),))},
        "officers": [officer.body() for officer in founding.officers],
        "threshold": founding.threshold,
        "witness_policy": founding.witness_policy,
        "rules": {"version": 1},
    }


def default_origin(url: str) -> str:
    """The origin of a hub's first log: the authority of its address and ``/log/1``."""
    return f"{urlsplit(url).netloc.lower()}/log/1"


def witness_policy_of(witnesses: Sequence[str], quorum: int | None) -> str:
    """Witness and quorum lines of a tlog-policy from ``name vkey url`` texts.

    Args:
        witnesses: one text per witness; none means that nobody cosigns.
        quorum: how many must have cosigned; all of them when None.

    Raises:
        NetworkError: bad_witness, bad_quorum.
    """
    if not witnesses:
        if quorum:
            raise NetworkError("bad_quorum", "A quorum needs witnesses.", "quorum")
        return "quorum none\n"
    parts = [text.split() for text in witnesses]
    for text, part in zip(witnesses, parts, strict=True):
        if len(part) != 3 or not _NAME.fullmatch(part[0]) or part[0] == "quorum":
            raise NetworkError("bad_witness", "A witness is given as 'name vkey url'.", text[:60])
    least = len(parts) if quorum is None else quorum
    if not 1 <= least <= len(parts):
        raise NetworkError(
            "bad_quorum", f"The quorum is between 1 and the number of witnesses, {len(parts)}.", "quorum"
        )
    lines = [f"witness {' '.join(part)}" for part in parts]
    return "\n".join([*lines, f"group witnesses {least} {' '.join(part[0] for part in parts)}", "quorum witnesses", ""])


def with_log(policy: str, log_key: str, url: str) -> str:
    """The policy text with this log's line in front, unless it stands there; the whole is checked.

    Raises:
        NetworkError: bad_witness_policy.
    """
    named = any(line.split()[:2] == ["log", log_key] for line in policy.splitlines())
    text = policy if named else f"log {log_key} {url}/log\n{policy}"
    try:
        parse_witness_policy(text)
    except SigningError as error:
        raise NetworkError("bad_witness_policy", f"The witness policy can't be used: {error}", error.where) from None
    return text


def trust_file(genesis: Statement) -> bytes:
    """``verification-policy.txt`` of a network that has only its genesis (PROTOCOL §8)."""
    return format_trust(TrustFile(genesis.digest, genesis.digest, 0, genesis.body["witness_policy"]))


def _key_list(keys: Sequence[tuple[str, PublicKey]]) -> list[JSON]:
    return [{"purpose": purpose, "jwk": key.jwk()} for purpose, key in keys]


def _read_key(entry: Mapping[str, JSON]) -> PublicKey:
    key = PublicKey.from_jwk(entry["jwk"])
    if curve_for(entry["purpose"]) != key.curve or set(entry) != {"purpose", "jwk"}:
        raise NetworkError("bad_officer_file", "A key's purpose does not fit its curve.")
    return key
