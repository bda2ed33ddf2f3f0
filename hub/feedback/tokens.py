"""The secret of a slot: 128 random bits, its hash, and the link that carries it.

The token stands in the fragment of the link, which browsers send to nobody; the page's script hands it over in the
header ``Authorization: Feedback …``. The hub keeps its SHA-256, so that a copy of the database opens no slot.
"""

import re
import secrets

from signing.encoding import sha256_hex

__all__ = ["SCHEME", "hash_of", "link", "new_token", "read_token"]

SCHEME = "Feedback"
_BYTES = 16
_TOKEN = re.compile(r"Feedback ([A-Za-z0-9_-]{22})", re.ASCII)


def new_token() -> str:
    """A new token: 22 base64url characters."""
    return secrets.token_urlsafe(_BYTES)


def hash_of(token: str) -> str:
    """SHA-256 of the token's characters, hex: what the hub keeps and the provider registers."""
    return sha256_hex(token.encode("ascii"))


def read_token(header: str | None) -> str | None:
    """The hash of the token in a header ``Authorization``; None where there is none of the form."""
    found = None if header is None else _TOKEN.fullmatch(header)
    return None if found is None else hash_of(found[1])


def link(hub: str, token: str, language: str) -> str:
    """The link to send to the party.

    Args:
        hub: the hub's address, without a path.
        token: the slot's.
        language: tag of the page's language.
    """
    return f"{hub}/feedback?lang={language}#{token}"
