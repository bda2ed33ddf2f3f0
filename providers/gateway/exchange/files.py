"""Small files that must be there whole or not at all, readable by the gateway alone."""

import io
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from providers.durable import flush, write_whole
from signing.agefile import decrypt, encrypt
from signing.errors import SigningError
from signing.secretkeys import AgreementKey

__all__ = ["destroy", "keep_secret", "open_secret"]


def keep_secret(path: Path, secret: AgreementKey, inbox: AgreementKey) -> None:
    """Store a transfer key, encrypted to the member's own inbox key."""
    sealed = io.BytesIO()
    encrypt(io.BytesIO(secret.secret), sealed, [inbox.public])
    write_whole(path, sealed.getvalue())


def open_secret(path: Path, inboxes: Sequence[AgreementKey]) -> AgreementKey:
    """The transfer key in ``path``, encrypted to one of the member's inbox keys.

    Raises:
        SigningError: it is for none of them, or was changed.
    """
    for number, inbox in enumerate(inboxes, 1):
        plain = io.BytesIO()
        try:
            decrypt(io.BytesIO(path.read_bytes()), plain, inbox)
        except SigningError as error:
            if error.code != "no_matching_key" or number == len(inboxes):
                raise
        else:
            break
    return AgreementKey(plain.getvalue())


def destroy(path: Path) -> None:
    """Overwrite and remove a secret; what a disk or a backup keeps beside is out of reach."""
    with suppress(FileNotFoundError):
        with path.open("r+b") as target:
            target.write(bytes(path.stat().st_size))
            flush(target)
        path.unlink()
