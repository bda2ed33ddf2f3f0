"""The bundle: one ZIP file that a court needs besides its own verification policy (PROTOCOL §8).

::

    award/award.jws, award/award.tlog-proof      the award's statement and its proof
    evidence/<index>.jws, .tlog-proof            what made its signers entitled: genesis, policies, members, keys, …
    evidence/<index>.policy-proof                for a later policy: a checkpoint that met the quorum before it
    status.jws                                   what the hub says was recorded since
    documents/<name>                             the award itself, added by the gateway

Nothing in a bundle is trusted and nothing in it is executed. Reading checks names, numbers and sizes.
"""

import io
import re
import struct
import zipfile
import zlib
from dataclasses import dataclass
from itertools import accumulate

from .errors import FormatError
from .notes import TlogProof, parse_proof

MAX_MEMBERS, MAX_SMALL, MAX_DOCUMENT = 4096, 524_288, 1 << 30
_NAME = re.compile(
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
    """Read a bundle; checks the container only, no statement, no proof.

    Raises:
        FormatError: not a ZIP, a foreign, doubled, missing or oversized member, or a malformed proof.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = _read_members(archive, data)
    except FormatError:
        raise
    except (zipfile.BadZipFile, zlib.error, struct.error, EOFError, RuntimeError, ValueError, OverflowError):
        raise FormatError("unreadable_bundle", "The bundle is not a readable ZIP file.") from None
    names = sorted({name.partition(".")[0] for name in members if name.startswith("evidence/")})
    evidence = sorted((_item(members, name) for name in names), key=lambda item: item.proof.index)
    documents = {name.partition("/")[2]: octets for name, octets in members.items() if name.startswith("documents/")}
    return Bundle(_item(members, "award/award"), tuple(evidence), _member(members, "status.jws"), documents)


def _read_members(archive: zipfile.ZipFile, data: bytes) -> dict[str, bytes]:
    infos = archive.infolist()
    sizes = [30 + len(info.filename.encode()) + info.compress_size for info in infos]  # with their local headers
    directory = sum(46 + len(info.filename.encode()) for info in infos)
    places = [*(info.header_offset for info in infos), archive.start_dir, len(data)]
    if places != [*accumulate(sizes, initial=0), sum(sizes) + directory + 22] or any(data[-2:]):  # or others see more
        raise FormatError("unreadable_bundle", "The bundle holds octets that belong to none of its members.")
    if len(infos) > MAX_MEMBERS or len({info.filename for info in infos}) != len(infos):
        raise FormatError("unreadable_bundle", "The bundle has too many members, or one twice.")
    for info in infos:
        if not _NAME.fullmatch(info.filename):
            raise FormatError("foreign_member", "The bundle has a member that does not belong there.", info.filename)
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):  # others unpack without a bound
            raise FormatError("unreadable_bundle", "A member of the bundle is packed in a foreign way.", info.filename)
        if info.file_size > (MAX_DOCUMENT if info.filename.startswith("documents/") else MAX_SMALL):
            raise FormatError("member_too_large", "A member of the bundle is too large.", info.filename)
    if sum(info.file_size for info in infos) > MAX_DOCUMENT:
        raise FormatError("bundle_too_large", f"The bundle unpacks to more than {MAX_DOCUMENT} bytes.")
    return {info.filename: _unpack(archive, info) for info in infos}


def _unpack(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    with archive.open(info) as file:
        octets = file.read(info.file_size + 1)  # a bound, because the declared size may be a lie
    if len(octets) != info.file_size:
        raise FormatError("unreadable_bundle", "A member of the bundle is not as large as it says.", info.filename)
    return octets


def _member(members: dict[str, bytes], name: str) -> bytes:
    if name not in members:
        raise FormatError("member_missing", "The bundle is incomplete.", name)
    return members[name]


def _item(members: dict[str, bytes], name: str) -> Item:
    proof = parse_proof(_member(members, f"{name}.tlog-proof"))
    policy = members.get(f"{name}.policy-proof")
    return Item(name, _member(members, f"{name}.jws"), proof, parse_proof(policy) if policy is not None else None)
