"""Addresses in the settings: what form they have, and that no password stands in them."""

from urllib.parse import parse_qs, urlsplit

from hub.errors import SettingsError

__all__ = ["check_storage", "check_url"]


def check_url(url: str) -> None:
    """The hub's own address.

    Raises:
        SettingsError: setting_url.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts._replace(scheme="", netloc="").geturl():
        raise SettingsError("setting_url", f"Expected http(s)://host[:port] without path, found {url!r}.", "hub.url")


def check_storage(url: str) -> None:
    """The database's address, if there is one. What is found is not told: it may hold a password.

    Raises:
        SettingsError: setting_url, setting_secret.
    """
    if not url:
        return
    parts = urlsplit(url)
    if parts.scheme != "postgresql" or not parts.path.strip("/"):
        raise SettingsError("setting_url", "Expected postgresql://user@host/database.", "storage.url")
    if ":" in parts.netloc.rpartition("@")[0] or "password" in parse_qs(parts.query, keep_blank_values=True):
        raise SettingsError(
            "setting_secret",
            "A password has no place in this file: put it into a file that storage.passfile or PGPASSFILE names.",
            "storage.url",
        )
