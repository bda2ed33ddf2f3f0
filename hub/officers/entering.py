"""How an officer enters the console of a hub: a single-use link that the officer's own http key vouches for."""

import re
import secrets
from collections.abc import Callable

from hub.errors import OfficerError
from providers.client import connect, http_signer
from signing.encoding import b64u_encode, canonical, loads, sha256_hex
from signing.errors import FormatError
from signing.secretkeys import SigningKey

__all__ = ["console_link"]

_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
_MOST = 4096


async def console_link(url: str, key: SigningKey, clock: Callable[[], int]) -> str:
    """The address that opens the console once, within a minute of now.

    The hub gets to know the SHA-256 of the secret only. The secret stands in the fragment of the address, which
    browsers don't send; the console's script hands it in once.

    Args:
        url: the hub's address.
        key: the officer's http key; no statement key goes anywhere near a browser.
        clock: POSIX seconds.

    Raises:
        HubRefusedError, HubUnavailableError: as the client says.
        OfficerError: ``bad_link_answer``, the hub's answer names no link.
    """
    secret = b64u_encode(secrets.token_bytes(16))
    body = canonical({"secret_sha256": sha256_hex(secret.encode())})
    headers = {"Content-Type": "application/json"}
    async with (
        connect(url, sign=http_signer(key, clock)) as hub,
        hub.request("POST", "/v1/sessions", body=body, headers=headers, accept=(201,)) as response,
    ):
        told = await response.content.read(_MOST)
    try:
        found = loads(told, max_bytes=_MOST)
    except FormatError:
        found = None
    name = found.get("id") if isinstance(found, dict) else None
    if not isinstance(name, str) or not _ID.fullmatch(name):
        raise OfficerError("bad_link_answer", "The hub's answer names no link.", "/v1/sessions")
    return f"{url.rstrip('/')}/console#{name}.{secret}"
