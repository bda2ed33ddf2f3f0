"""Whom a verifier trusts: the verification policy, the one thing it must already have (PROTOCOL §8, C2SP tlog-policy).

::

    odr-policy/1
    network <digest of the genesis payload>
    policy <digest of the newest trusted policy> <its log index>
    log <vkey> [<url>]
    witness <name> <vkey> [<url>]
    group <name> all|any|<k> <member>...
    quorum <name>|none

It comes from the installation or from ``--policy``, never from a bundle. From ``log`` on it is a C2SP tlog-policy, as
each policy statement carries one too. There is exactly one quorum. A name is defined before it is used and is a member
of one group at most, so that no witness counts twice. Blank lines, tabs and ``#`` comments may stand there.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, field, replace

from .errors import FormatError, SigningError, TrustError
from .notes import COSIGNATURE, ED25519, VerifierKey, decode_number

_HEAD = re.compile(r"odr-policy/1\nnetwork ([0-9a-f]{64})\npolicy ([0-9a-f]{64}) (0|[1-9]\d{0,15})\n", re.ASCII)


@dataclass(frozen=True, slots=True)
class WitnessPolicy:
    """A policy, made and checked by ``parse_witness_policy``; groups stand after their members."""

    log_keys: dict[str, VerifierKey] = field(default_factory=dict)  # by origin
    witness_keys: dict[str, VerifierKey] = field(default_factory=dict)  # by the name given in the policy
    groups: dict[str, tuple[int, tuple[str, ...]]] = field(default_factory=dict)  # threshold and members
    urls: dict[VerifierKey, str] = field(default_factory=dict)
    quorum: str = ""  # "none" when no cosignature is asked for

    def satisfied_by(self, names: Collection[str]) -> bool:
        """Whether the witnesses of these names together meet the quorum; other names count for nothing."""
        met = self.witness_keys.keys() & set(names)
        for group, (threshold, members) in self.groups.items():
            if len(met.intersection(members)) >= threshold:
                met.add(group)
        return self.quorum == "none" or self.quorum in met

    def log_for(self, origin: str) -> VerifierKey:
        """The key of the log with this origin, or ``TrustError``."""
        if origin not in self.log_keys:
            raise TrustError("unknown_log", "The policy trusts no log of this origin.", origin)
        return self.log_keys[origin]


def parse_witness_policy(text: str) -> WitnessPolicy:
    """Read and check a policy; a refusal names the line."""
    if len(text) > 65_536 or not text.endswith("\n") or re.search(r"[\x00-\x08\x0b-\x1f\x7f]", text):
        raise FormatError("bad_policy", "A policy is text of at most 65,536 characters that ends in LF.")
    policy = WitnessPolicy()
    for number, line in enumerate(text.split("\n"), 1):
        words = re.findall("[^ \t]+", line)
        try:
            if words and not words[0].startswith("#"):
                policy = _with_line(policy, words)
        except SigningError as error:
            raise type(error)(error.code, error.message, f"line {number}") from None
    if not policy.quorum:
        raise FormatError("bad_policy", "A policy has a quorum line.")
    return policy


def _with_line(policy: WitnessPolicy, words: list[str]) -> WitnessPolicy:
    taken = {"none", *policy.witness_keys, *policy.groups}
    free = taken - {"none"}.union(*(members for _, members in policy.groups.values()))
    match words:
        case ["log", vkey, *url] if len(url) < 2:
            key = _new_key(policy, ED25519, vkey, url)
            policy.log_keys[key.name] = key
        case ["witness", name, vkey, *url] if len(url) < 2 and name not in taken:
            policy.witness_keys[name] = _new_key(policy, COSIGNATURE, vkey, url)
        case ["group", name, rule, *members] if members and name not in taken and free.issuperset(members):
            threshold = {"any": 1, "all": len(members)}.get(rule) or decode_number(rule)
            if not 1 <= threshold <= len(members) == len(set(members)):
                raise FormatError("bad_group", "The group asks for more members than it has, or names one twice.")
            policy.groups[name] = (threshold, tuple(members))
        case ["quorum", name] if name in taken and not policy.quorum:
            return replace(policy, quorum=name)
        case _:
            raise FormatError("bad_policy_line", "Not a line of a policy, or its name is unknown or taken.")
    return policy


def _new_key(policy: WitnessPolicy, kind: int, vkey: str, url: list[str]) -> VerifierKey:
    key, known = VerifierKey.parse(vkey), [*policy.log_keys.values(), *policy.witness_keys.values()]
    if key.type != kind or key.name in policy.log_keys or key.public in [other.public for other in known]:
        raise FormatError("bad_policy_key", "The key is of the wrong type, or its origin or the key is there already.")
    if url:
        policy.urls[key] = url[0]
    return key


@dataclass(frozen=True, slots=True)
class TrustFile:
    """A parsed verification policy; ``text`` holds its tlog-policy lines."""

    network: str
    policy: str
    index: int
    text: str


def parse_trust(data: bytes) -> TrustFile:
    """Read a verification policy; its tlog-policy lines are checked too."""
    text = data.decode("utf-8", "surrogateescape")
    if re.search("[\ud800-\udfff]", text):
        raise FormatError("bad_policy_file", "The verification policy is not UTF-8 text.")
    if (head := _HEAD.match(text)) is None:
        raise FormatError("bad_policy_file", "A policy file begins with odr-policy/1, network and policy.", "line 1")
    parse_witness_policy(text[head.end() :])
    return TrustFile(head[1], head[2], int(head[3]), text[head.end() :])
