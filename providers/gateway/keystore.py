"""Passphrases and key files on disk.

Files with secrets are created readable by their owner alone and never overwritten; a passphrase comes
from a file (its first line) or from the terminal, never from the command line.
"""

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import click

from providers import durable
from providers.errors import GatewayError
from signing.encoding import canonical, loads
from signing.errors import SigningError
from signing.keyfile import open_keyfile, parse_keyfile, seal
from signing.keys import PublicKey
from signing.secretkeys import AgreementKey, SigningKey

__all__ = [
    "open_agreement_key",
    "open_signing_key",
    "passphrase",
    "public_of",
    "read_public_key",
    "replace_file",
    "save_keys",
    "write_new",
    "write_public_key",
]

MAX_PASSPHRASE_FILE = 4_096


def passphrase(file: Path | None, *, new: bool = False) -> str:
    """The passphrase from the first line of ``file``, or asked for at the terminal (twice when ``new``).

    Raises:
        GatewayError: ``no_passphrase`` when the file is empty, missing, too long or not UTF-8.
    """
    if file is None:
        return str(click.prompt("Passphrase", hide_input=True, confirmation_prompt=new, err=True))
    try:
        with file.open("rb") as stream:
            text = stream.read(MAX_PASSPHRASE_FILE + 1).decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise GatewayError("no_passphrase", "The passphrase file can't be read as UTF-8 text.", str(file)) from error
    if len(text) > MAX_PASSPHRASE_FILE or not (line := text.split("\n", 1)[0].rstrip("\r")):
        raise GatewayError("no_passphrase", "The passphrase file has no passphrase in its first line.", str(file))
    return line


def write_new(path: Path, data: bytes, *, secret: bool = False) -> None:
    """Create ``path`` with ``data``, on disk when this returns; an existing file is left alone.

    Raises:
        GatewayError: ``file_exists`` or ``file_not_written``.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        durable.write_new(path, data, 0o600 if secret else 0o644)
    except FileExistsError as error:
        raise GatewayError("file_exists", "This file exists already; it is not overwritten.", str(path)) from error
    except OSError as error:
        raise GatewayError("file_not_written", f"The file can't be written: {error.strerror}.", str(path)) from error


def save_keys(keys: dict[Path, SigningKey | AgreementKey], secret: str) -> None:
    """Write one key file per key; the slow stretching of the passphrase runs in parallel."""
    for path in keys:
        if path.exists():
            raise GatewayError("file_exists", "This key file exists already; it is not overwritten.", str(path))
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        sealed = list(pool.map(lambda key: seal(key, secret), keys.values()))
    for path, data in zip(keys, sealed, strict=True):
        write_new(path, data, secret=True)


def open_signing_key(path: Path, secret: str) -> SigningKey:
    """Unlock an Ed25519 key file.

    Raises:
        GatewayError: ``key_file_unreadable``, ``key_file_refused`` or ``wrong_passphrase``; ``not_a_signing_key``.
    """
    key = _open(path, secret)
    if not isinstance(key, SigningKey):
        raise GatewayError("not_a_signing_key", "This key file holds a key that signs nothing.", str(path))
    return key


def open_agreement_key(path: Path, secret: str) -> AgreementKey:
    """Unlock an X25519 key file.

    Raises:
        GatewayError: as ``open_signing_key``; ``not_an_agreement_key``.
    """
    key = _open(path, secret)
    if not isinstance(key, AgreementKey):
        raise GatewayError("not_an_agreement_key", "This key file holds a key that decrypts nothing.", str(path))
    return key


def public_of(path: Path) -> PublicKey:
    """The public key in a key file, read without its passphrase.

    Raises:
        GatewayError: ``key_file_unreadable``, or what is wrong with the file.
    """
    try:
        return parse_keyfile(path.read_bytes()).public
    except OSError as error:
        message = f"The key file can't be read: {error.strerror}."
        raise GatewayError("key_file_unreadable", message, str(path)) from error
    except SigningError as error:
        raise GatewayError(error.code, str(error), str(path)) from error


def _open(path: Path, secret: str) -> SigningKey | AgreementKey:
    try:
        return open_keyfile(path.read_bytes(), secret)
    except OSError as error:
        raise GatewayError(
            "key_file_unreadable", f"The key file can't be read: {error.strerror}.", str(path)
        ) from error
    except SigningError as error:
        raise GatewayError(error.code, str(error), str(path)) from error


def write_public_key(path: Path, public: PublicKey) -> None:
    """Write the public JWK, to be handed to others."""
    write_new(path, canonical(public.jwk()) + b"\n")


def read_public_key(path: Path) -> PublicKey:
    """Read a public JWK file as ``write_public_key`` writes it; secret key files are refused."""
    try:
        return PublicKey.from_jwk(loads(path.read_bytes(), max_bytes=4_096))
    except OSError as error:
        raise GatewayError("file_unreadable", f"The file can't be read: {error.strerror}.", str(path)) from error
    except SigningError as error:
        raise GatewayError(error.code, str(error), str(path)) from error


def replace_file(path: Path, data: bytes) -> None:
    """Replace an existing file by ``data`` in one step: readers see the old or the new content, never a part."""
    try:
        durable.write_whole(path, data, stat.S_IMODE(path.stat().st_mode))
    except OSError as error:
        raise GatewayError("file_not_written", f"The file can't be written: {error.strerror}.", str(path)) from error
