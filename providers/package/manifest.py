"""The manifest of a case package: ``index.json``, signed by the sender (PROTOCOL §7).

``index.json`` is a JWS of the profile with ``typ`` ``odr-index+jws``; its payload is canonical JSON::

    {"files": [{"class", "media_type", "name", "sha256", "size"}, …],
     "recipient", "salt", "sender", "transfer_id", "v": 1}

``files`` names every other file of the package, sorted by name: ``case.json`` and ``documents/<name>``.
The *manifest root*, which the dispatch states, is the SHA-256 of the payload octets; the salt keeps it
from saying which documents these are. Sender, recipient and transfer stand inside the encryption, so
that a recipient cannot pass a package on as if it had been meant for someone else.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from providers.package.errors import PackageRefusedError
from providers.package.names import check_name, check_names, shown
from signing.compose import sign_all
from signing.encoding import JSON, b64u_decode, canonical, is_hex_digest, sha256_hex
from signing.errors import SigningError
from signing.keys import PublicKey
from signing.secretkeys import SigningKey
from signing.statement import MAX_PAYLOAD, has_members, parse_jws, verify_signatures

__all__ = [
    "CASE",
    "CLASSES",
    "DOCUMENTS",
    "INDEX",
    "INDEX_TYPE",
    "Item",
    "Manifest",
    "Route",
    "read_index",
    "sign_index",
]

INDEX_TYPE = "odr-index+jws"
CASE, INDEX, DOCUMENTS = "case.json", "index.json", "documents/"
CLASSES = ("C1", "C2", "C3")
_FILE = {"class": str, "media_type": str, "name": str, "sha256": str, "size": int}
_PAYLOAD = {"files": list, "recipient": str, "salt": str, "sender": str, "transfer_id": str, "v": int}
_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9.+-]{0,62}/[a-z0-9][a-z0-9.+-]{0,62}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Route:
    """Which transfer a package belongs to, from whom and for whom (actor ids)."""

    transfer_id: str
    sender: str
    recipient: str


@dataclass(frozen=True, slots=True)
class Item:
    """One file of a package; ``data_class`` is C1, C2 or C3."""

    name: str
    size: int
    media_type: str
    data_class: str
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What a package holds. ``salt`` is base64url of 32 bytes."""

    route: Route
    salt: str
    items: tuple[Item, ...]

    @cached_property
    def payload(self) -> bytes:
        """The canonical octets that the sender signs.

        Raises:
            PackageRefusedError: ``index_too_large``: too many files for one index.
        """
        octets = canonical(
            {
                "v": 1,
                "transfer_id": self.route.transfer_id,
                "sender": self.route.sender,
                "recipient": self.route.recipient,
                "salt": self.salt,
                "files": [
                    {
                        "name": o.name,
                        "size": o.size,
                        "media_type": o.media_type,
                        "class": o.data_class,
                        "sha256": o.sha256,
                    }
                    for o in sorted(self.items, key=lambda item: item.name)
                ],
            }
        )
        if len(octets) > MAX_PAYLOAD:
            raise PackageRefusedError(
                "index_too_large", f"The index is larger than {MAX_PAYLOAD} bytes: too many files."
            )
        return octets

    @cached_property
    def root(self) -> str:
        """The manifest root, hex."""
        return sha256_hex(self.payload)


def sign_index(payload: bytes, key: SigningKey, now: int) -> bytes:
    """``index.json``: the payload signed with the sender's statement key."""
    return sign_all(payload, [(key, "provider")], now, INDEX_TYPE)


def read_index(data: bytes, root: str, keys: Mapping[str, PublicKey]) -> Manifest:
    """The manifest that ``index.json`` holds.

    Checks that it has the ``root`` which the sender dispatched, that exactly one of ``keys`` (the
    sender's statement keys, by kid) signed it, and its form: members, classes, names. Not checked:
    whether the transfer is the expected one, and whether files fit.

    Raises:
        PackageRefusedError: ``manifest_differs``, ``index_not_signed_by_sender``, ``bad_index``, ``file_doubled``,
            a code of ``names`` or of the JWS rule that is broken.
    """
    try:
        jws = parse_jws(data, INDEX_TYPE)
        if jws.digest != root:
            message = "The index is not the one whose manifest root the sender dispatched."
            raise PackageRefusedError("manifest_differs", message, INDEX)
        if len(jws.signatures) != 1 or jws.signatures[0].kid not in keys:
            message = "The index is not signed by a statement key of the sender, and by that alone."
            raise PackageRefusedError("index_not_signed_by_sender", message, INDEX)
        verify_signatures(jws, keys)
        manifest = _manifest(jws.payload)
    except SigningError as error:
        code = "index_not_signed_by_sender" if error.code == "bad_signature" else error.code
        raise PackageRefusedError(code, error.message, f"{INDEX}{error.where}") from None
    return manifest


def _manifest(payload: Mapping[str, JSON]) -> Manifest:
    if not has_members(payload, _PAYLOAD) or payload["v"] != 1:
        raise PackageRefusedError("bad_index", "The index does not have exactly the members of version 1.", INDEX)
    b64u_decode(payload["salt"], 32, "/salt")
    items = tuple(_item(one, f"{INDEX}/files/{at}") for at, one in enumerate(payload["files"]))
    names = [one.name for one in items]
    if twice := {name for name in names if names.count(name) > 1} if len(set(names)) != len(names) else set():
        raise PackageRefusedError("file_doubled", "The index names one file twice.", shown(min(twice)))
    if CASE not in names or names != sorted(names):
        raise PackageRefusedError("bad_index", "The index does not name case.json, or is not sorted by name.", INDEX)
    check_names(document_name(name) for name in names if name != CASE)
    route = Route(payload["transfer_id"], payload["sender"], payload["recipient"])
    return Manifest(route, payload["salt"], items)


def document_name(name: str) -> str:
    """The part of a package's file name after ``documents/``; anything else is a ``foreign_member``."""
    if not name.startswith(DOCUMENTS):
        check_name(name)  # a path that leads out of the folder is called that
        raise PackageRefusedError("foreign_member", "The package has a file that does not belong there.", shown(name))
    return name.removeprefix(DOCUMENTS)


def _item(entry: JSON, where: str) -> Item:
    if not has_members(entry, _FILE) or not is_hex_digest(entry["sha256"]) or entry["size"] < 0:
        raise PackageRefusedError("bad_index", "An entry has exactly name, size, media_type, class and sha256.", where)
    check_description(entry["media_type"], entry["class"], where)
    return Item(entry["name"], entry["size"], entry["media_type"], entry["class"], entry["sha256"])


def check_description(media_type: str, data_class: str, where: str) -> None:
    """Raise ``bad_media_type`` or ``bad_class`` unless both are in the form that the index needs."""
    if not _MEDIA_TYPE.fullmatch(media_type):
        raise PackageRefusedError("bad_media_type", "A media type looks like application/pdf.", where)
    if data_class not in CLASSES:
        raise PackageRefusedError("bad_class", f"A file's class is one of {', '.join(CLASSES)}.", where)
