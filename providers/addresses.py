"""Addresses of hubs."""

from urllib.parse import urlsplit

from providers.errors import GatewayError

__all__ = ["checked_url"]


def checked_url(url: str) -> str:
    """``url`` without a trailing slash, when it is ``http(s)://host[:port]`` and nothing more.

    Raises:
        GatewayError: ``bad_hub_url``.
    """
    parts = urlsplit(url.rstrip("/"))
    rest = parts.path or parts.query or parts.fragment or parts.username
    if parts.scheme not in ("http", "https") or not parts.hostname or rest:
        raise GatewayError("bad_hub_url", "The hub's address is http(s)://host[:port], nothing after it.", url)
    return url.rstrip("/")
