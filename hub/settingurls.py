"""Addresses in the settings: what form they have, and that no password stands in them."""

import re
from urllib.parse import parse_qs, urlsplit

from hub.errors import SettingsError

__all__ = ["check_storage", "check_url"]

_ORIGIN = re.compile(r"https?://(?:\[[0-9a-f:.]+\]|[^\s/?#@:\\\[\]]+)(?::(?P<port>[0-9]{1,5}))?", re.IGNORECASE)
_MOST_PORT = 65_535

_NAMED = re.compile(r"[^:/]*:[^@]*@")
"""Name and password as the database's driver reads them: the password goes to the next ``@``, whatever is in it."""

_SECRETS = frozenset({"password", "sslpassword"})


def check_url(url: str) -> None:
    """The hub's own address. What is found is not told where it may hold a password.

    Not checked: that anything answers there.

    Raises:
        SettingsError: setting_url.
    """
    found = _ORIGIN.fullmatch(url)
    if found is None or int(found["port"] or 0) > _MOST_PORT:
        told = "." if "@" in url else f", found {url!r}."
        raise SettingsError("setting_url", f"Expected http(s)://host[:port] without path{told}", "hub.url")


def check_storage(url: str) -> None:
    """The database's address, if there is one. What is found is not told: it may hold a password.

    Raises:
        SettingsError: setting_url, setting_secret.
    """
    if not url:
        return
    if _NAMED.match(url.partition("://")[2]):
        raise _secret()
    try:
        parts = urlsplit(url)
        _ = parts.port  # which is read here
    except ValueError:  # half of an IPv6 address, or a port that is none
        parts = urlsplit("")
    if parts.scheme != "postgresql" or not parts.path.strip("/"):
        raise SettingsError("setting_url", "Expected postgresql://user@host/database.", "storage.url")
    if _SECRETS & parse_qs(parts.query, keep_blank_values=True).keys():
        raise _secret()


def _secret() -> SettingsError:
    message = "A password has no place in this file: put it into a file that storage.passfile or PGPASSFILE names."
    return SettingsError("setting_secret", message, "storage.url")
