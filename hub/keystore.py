"""The hub's own secrets: one PKCS#8 PEM file each (RFC 5958, RFC 8410), readable by their owner alone.

::

    DATA/keys/log.pem        Ed25519   signs checkpoints and nothing else
    DATA/keys/statement.pem  Ed25519   signs the hub's statements and its status documents
    DATA/keys/http.pem       Ed25519   signs responses
    DATA/keys/monitor.pem    X25519    finds the hub's own sealed entries
    DATA/keys/inbox.pem      X25519    what proofs of possession are made for

A thief of ``log.pem`` can sign another history, which the witnesses will not cosign; a thief of
``statement.pem`` can sign false status documents until a policy replaces the key.
"""

import base64
import stat
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TypeVar

from hub.errors import HubError
from providers.durable import sync_folder, write_new
from signing.secretkeys import AgreementKey, SigningKey

__all__ = ["HubKeys", "KeystoreError", "create_all", "load", "read_as", "read_key", "write_key"]

_PREFIXES = {
    SigningKey: bytes.fromhex("302e020100300506032b657004220420"),
    AgreementKey: bytes.fromhex("302e020100300506032b656e04220420"),
}
_MISSING = (
    "A key file is missing. The operator of a network that exists puts it back from where the keys are kept;"
    " `odr-hub init` makes keys for a new network only."
)
_BEGIN, _END = "-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----"

SecretKey = SigningKey | AgreementKey
K = TypeVar("K", bound=SecretKey)


class KeystoreError(HubError):
    """A secret can't be read or written as it must be; ``where`` is the file name, never its content."""


@dataclass(frozen=True, slots=True)
class HubKeys:
    """All secrets of a hub."""

    log: SigningKey
    statement: SigningKey
    http: SigningKey
    monitor: AgreementKey
    inbox: AgreementKey


def create_all(directory: Path) -> HubKeys:
    """Make new keys and write them; the directory is made with mode 0700.

    Raises:
        KeystoreError: keys_exist, when one of the files is there already. Nothing is ever overwritten.
    """
    keys = HubKeys(
        SigningKey.generate(),
        SigningKey.generate(),
        SigningKey.generate(),
        AgreementKey.generate(),
        AgreementKey.generate(),
    )
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    names = [one.name for one in fields(HubKeys)]
    for name in names:
        if (directory / f"{name}.pem").exists():
            raise KeystoreError("keys_exist", "There are keys already; they are never overwritten.", f"{name}.pem")
    for name in names:
        write_key(directory / f"{name}.pem", getattr(keys, name))
    sync_folder(directory)
    return keys


def load(directory: Path) -> HubKeys:
    """Read all keys.

    Raises:
        KeystoreError: key_missing, key_exposed (others may read the file), or key_unreadable.
    """
    found: dict[str, SecretKey] = {}
    for one in fields(HubKeys):
        kind: type[SecretKey] = SigningKey if one.type is SigningKey else AgreementKey
        found[one.name] = read_as(directory / f"{one.name}.pem", kind)
    return HubKeys(**found)  # type: ignore[arg-type]  # each type was just checked


def write_key(path: Path, key: SecretKey) -> None:
    """Write one key to a new file of mode 0600 and wait until it is on disk."""
    secret = key.seed if isinstance(key, SigningKey) else key.secret
    body = base64.b64encode(_PREFIXES[type(key)] + secret).decode()
    try:
        write_new(path, f"{_BEGIN}\n{body}\n{_END}\n".encode())
    except FileExistsError:
        raise KeystoreError("keys_exist", "There is a key already; it is never overwritten.", path.name) from None


def read_key(path: Path) -> SecretKey:
    """Read one key; refuses files that group or others may read."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        lines = path.read_text(encoding="ascii").split("\n")
    except FileNotFoundError:
        raise KeystoreError("key_missing", _MISSING, path.name) from None
    except (UnicodeDecodeError, PermissionError):
        raise KeystoreError("key_unreadable", "The key file can't be read.", path.name) from None
    if mode & 0o077:
        raise KeystoreError("key_exposed", f"Others may read this key (mode {mode:04o}); set it to 0600.", path.name)
    return _decode(lines, path.name)


def read_as(path: Path, kind: type[K]) -> K:
    """Read one key that must be of this kind; raises as ``load``."""
    key = read_key(path)
    if not isinstance(key, kind):
        raise KeystoreError("key_unreadable", "The key is of the other curve than this file holds.", path.name)
    return key


def _decode(lines: list[str], name: str) -> SecretKey:
    data = b""
    if len(lines) == 4 and (lines[0], lines[2], lines[3]) == (_BEGIN, _END, ""):
        try:
            data = base64.b64decode(lines[1], validate=True)
        except ValueError:
            data = b""
    for kind, prefix in _PREFIXES.items():
        if len(data) == len(prefix) + 32 and data.startswith(prefix):
            secret = data[len(prefix) :]
            return SigningKey(secret) if kind is SigningKey else AgreementKey(secret)
    raise KeystoreError("key_unreadable", "This is no PKCS#8 file of an Ed25519 or X25519 key.", name)
