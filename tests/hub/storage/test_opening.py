"""Where the settings put the tables: inside the data directory, or on a server."""

from pathlib import Path

import pytest

from hub.settings import SettingsError, StorageSection
from hub.storage.opening import database_url, open_database


@pytest.mark.parametrize("name", ["hub.sqlite3", "tables/hub.sqlite3", "tables/../hub.sqlite3"])
def test_a_file_in_the_directory_is_taken(tmp_path: Path, name: str) -> None:
    assert database_url(tmp_path, StorageSection(database=name)).endswith(str(tmp_path / name))


@pytest.mark.parametrize("name", ["../hub.sqlite3", "/srv/hub.sqlite3", "tables/../../hub.sqlite3", "elsewhere/one"])
def test_a_file_outside_is_refused_since_nothing_locks_it(tmp_path: Path, name: str) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (tmp_path / "other").mkdir()
    (data / "elsewhere").symlink_to(tmp_path / "other")
    with pytest.raises(SettingsError, match="leads out of the data directory") as caught:
        open_database(data, StorageSection(database=name))
    assert (caught.value.code, caught.value.where) == ("setting_outside", "storage.database")


def test_a_directory_that_is_reached_by_a_link_is_itself(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "data")
    assert database_url(tmp_path / "link", StorageSection())
    assert database_url(tmp_path / "link", StorageSection(database=str(tmp_path / "data" / "hub.sqlite3")))


def test_of_a_server_the_file_is_no_matter(tmp_path: Path) -> None:
    storage = StorageSection(url="postgresql://hub@db.example/hub", database="/srv/hub.sqlite3", passfile="pass")
    assert database_url(tmp_path, storage).startswith("postgresql://hub@db.example/hub?passfile=")
