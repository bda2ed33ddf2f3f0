"""The bundle: one ZIP file that a court needs besides its own verification policy (PROTOCOL §8).

::

    award/award.jws, award/award.tlog-proof      the award's statement and its proof
    evidence/<index>.jws, .tlog-proof            what made its signers entitled: genesis, policies, members, keys, …
    evidence/<index>.policy-proof                for a later policy: a checkpoint that met the quorum before it
    status.jws                                   what the hub says was recorded since
    documents/<name>                             the award itself, added by the gateway

Its members are stored one behind the other in the order of their names, and every octet between them follows from
them: two programs can't see two different bundles. Nothing in a bundle is trusted and nothing in it is executed.
"""

import re
import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from .errors import FormatError
from .notes import TlogProof, parse_proof

MAX_MEMBERS, MAX_SMALL, MAX_BUNDLE = 4096, 524_288, 1 << 30
MEMBER_NAME = re.compile(
    r"award/award\.(jws|tlog-proof)|evidence/[0-9]{8,}\.(jws|tlog-proof|policy-proof)|status\.jws"
    r"|documents/[^./\\\x00-\x1f][^/\\\x00-\x1f]*"
)


@dataclass(frozen=True, slots=True)
class Item:
    """One statement's octets with the proof that it is in the log."""

    name: str
    document: bytes
    proof: TlogProof
    policy_proof: TlogProof | None = None


@dataclass(frozen=True, slots=True)
class Bundle:
    """A read bundle; evidence in the order of the log."""

    award: Item
    evidence: tuple[Item, ...]
    status: bytes
    documents: dict[str, bytes]


def read_bundle(data: bytes) -> Bundle:
    """Read a bundle, which must be octet for octet as it is written; checks no statement and no proof."""
    members = _read_members(data)
    names = sorted({name.partition(".")[0] for name in members if name.startswith("evidence/")})
    evidence = sorted((_item(members, name) for name in names), key=lambda item: item.proof.index)
    documents = {name.partition("/")[2]: octets for name, octets in members.items() if name.startswith("documents/")}
    return Bundle(_item(members, "award/award"), tuple(evidence), _member(members, "status.jws"), documents)


def pieces(members: Mapping[str, bytes]) -> Iterator[bytes]:
    """The only ZIP file of these members: in the order of their names, stored as they are, nothing optional."""
    directory, offset = bytearray(), 0  # grows in place: names may be long and many
    for name, octets in sorted(members.items()):
        raw, flags = name.encode(), 0 if name.isascii() else 0x800
        fixed = 20, flags, 0, 0, 0x21, zlib.crc32(octets), len(octets), len(octets), len(raw), 0
        common = struct.pack("<5H3I2H", *fixed)
        yield b"PK\3\4" + common + raw
        yield octets
        directory += b"PK\1\2\x14\3" + common + struct.pack("<3H2I", 0, 0, 0, 0o644 << 16, offset) + raw
        offset += 30 + len(raw) + len(octets)
    yield bytes(directory)
    yield struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, len(members), len(members), len(directory), offset, 0)


def _read_members(data: bytes) -> dict[str, bytes]:
    members, at = dict[str, bytes](), 0
    while data.startswith(b"PK\3\4", at) and len(members) < MAX_MEMBERS:
        size = int.from_bytes(data[at + 18 : at + 22], "little")
        begin = at + 30 + int.from_bytes(data[at + 26 : at + 28], "little")
        name = data[at + 30 : begin].decode(errors="backslashreplace")  # which no name may hold
        if not MEMBER_NAME.fullmatch(name):
            raise FormatError("foreign_member", "The bundle has a member that does not belong there.", name)
        if size > MAX_SMALL and not name.startswith("documents/"):
            raise FormatError("member_too_large", "A member of the bundle is too large.", name)
        members[name], at = data[begin : begin + size], begin + size
    if len(data) > MAX_BUNDLE or b"".join(pieces(members)) != data:  # so that every program finds the same in it
        raise FormatError("unreadable_bundle", "The file is no bundle, or is damaged or packed anew; get a new one.")
    return members


def _member(members: dict[str, bytes], name: str) -> bytes:
    if name not in members:
        raise FormatError("member_missing", "The bundle is incomplete.", name)
    return members[name]


def _item(members: dict[str, bytes], name: str) -> Item:
    proof = parse_proof(_member(members, f"{name}.tlog-proof"))
    policy = members.get(f"{name}.policy-proof")
    return Item(name, _member(members, f"{name}.jws"), proof, parse_proof(policy) if policy is not None else None)
