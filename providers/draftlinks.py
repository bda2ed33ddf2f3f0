"""Links to drafts: ``<hub>/desk#draft=<id>&secret=<secret>&hub=<hub>``. What follows the # never reaches a server.

The secret is 16 random octets in base64url; the hub knows the SHA-256 of that text alone. One link belongs to one
signer, who proves nothing by it but that it was given to them. ``&network=<digest>`` may follow: the network that
whoever made the link means, so that a hub can't answer with a draft of another one. It is their word and no proof.
"""

import re
import secrets
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote

from providers.addresses import checked_url
from providers.errors import GatewayError
from signing.encoding import b64u_decode, b64u_encode, sha256_hex
from signing.errors import SigningError

__all__ = ["DraftLink", "is_draft_id", "new_secret", "secret_hash"]

SECRET_BYTES = 16
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_NAMES = ["draft", "secret", "hub"]
_NETWORK = "network"
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class DraftLink:
    """A link: the hub's address, the draft's id, the secret, and the network where it names one."""

    hub: str
    draft: str
    secret: str = field(repr=False)
    network: str | None = None

    def text(self) -> str:
        """The link as it is handed over."""
        network = "" if self.network is None else f"&{_NETWORK}={self.network}"
        return f"{self.hub}/desk#draft={self.draft}&secret={self.secret}&hub={quote(self.hub, safe=':/')}{network}"

    @classmethod
    def parse(cls, text: str) -> "DraftLink":
        """Read a link, whatever page stands before its ``#``: the hub is the one that the fragment names.

        Raises:
            GatewayError: ``bad_draft_link`` or ``bad_hub_url``.
        """
        pairs = parse_qsl(text.strip().partition("#")[2], keep_blank_values=True)
        members = dict(pairs)
        network = members.get(_NETWORK)
        names = _NAMES if network is None else [*_NAMES, _NETWORK]
        if sorted(name for name, _ in pairs) != sorted(names) or not is_draft_id(members["draft"]):
            raise _bad()
        if network is not None and _DIGEST.fullmatch(network) is None:
            raise _bad()
        try:
            b64u_decode(members["secret"], SECRET_BYTES)
        except SigningError:
            raise _bad() from None
        return cls(checked_url(members["hub"]), members["draft"], members["secret"], network)

    def require(self, network: object) -> None:
        """Pass unless the link names another network than ``network``, that of what it led to.

        Raises:
            GatewayError: ``wrong_network``.
        """
        if self.network not in (None, network):
            message = "The link names another network than the draft to which it leads. Don't sign."
            raise GatewayError("wrong_network", message, self.draft)


def is_draft_id(text: str) -> bool:
    """Whether ``text`` has the form of a draft's id."""
    return _ID.fullmatch(text) is not None


def new_secret() -> str:
    """The secret of a new link."""
    return b64u_encode(secrets.token_bytes(SECRET_BYTES))


def secret_hash(secret: str) -> str:
    """What the hub may know of a secret: the SHA-256 of its text, hex."""
    return sha256_hex(secret.encode("ascii"))


def _bad() -> GatewayError:
    message = "This is no whole draft link. Copy all of it, with everything that follows the #."
    return GatewayError("bad_draft_link", message)
