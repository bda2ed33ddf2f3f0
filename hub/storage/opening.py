"""The database that the settings name: a file in the data directory, or a database of a PostgreSQL server."""

from pathlib import Path

from sqlalchemy import make_url

from hub.settings import SettingsError, StorageSection
from hub.storage.engine import Database, sqlite_url

__all__ = ["database_url", "is_file", "leads_out", "open_database"]


def is_file(storage: StorageSection) -> bool:
    """Whether the tables are a file in the data directory."""
    return not storage.url


def database_url(data: Path, storage: StorageSection) -> str:
    """Where the tables are, as ``Database`` takes it.

    Args:
        data: the data directory; ``storage.database`` and ``storage.passfile`` are relative to it.
        storage: the settings; ``url`` is checked already.

    Raises:
        SettingsError: setting_outside.
    """
    if is_file(storage):
        return sqlite_url(_inside(data, storage.database))
    url = make_url(storage.url)
    if storage.passfile:
        url = url.update_query_dict({"passfile": str((data / storage.passfile).absolute())})
    return url.render_as_string(hide_password=False)


def leads_out(data: Path, place: str) -> bool:
    """Whether a path of the settings, relative to the data directory, leads out of it; also by a symbolic link."""
    return not (data / place).resolve().is_relative_to(data.resolve())


def _inside(data: Path, name: str) -> Path:
    """The file of this name; the lock of the data directory keeps others from it only where it lies in there."""
    if leads_out(data, name):
        message = (
            f"The database leads out of the data directory ({name}), whose lock would not keep another hub from it."
            " The operator moves it there, and names it relative to it."
        )
        raise SettingsError("setting_outside", message, "storage.database")
    return data / name


def open_database(data: Path, storage: StorageSection) -> Database:
    """Open the database of a hub; nothing is read or written yet.

    Raises:
        SettingsError: setting_outside.
    """
    return Database.open(database_url(data, storage), busy_timeout_ms=storage.busy_timeout_ms)
