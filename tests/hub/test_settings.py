"""Settings: names, types and hints; the reference page says what the code does."""

from pathlib import Path

import pytest

from hub.settings import SettingsError, declared, load_settings, read_settings, reference_page

MINIMAL = '[hub]\nurl = "https://hub.example"\n'


def refusal(text: str) -> tuple[str, str, str]:
    with pytest.raises(SettingsError) as caught:
        read_settings(text)
    return caught.value.code, caught.value.where, caught.value.message


def test_defaults_fill_everything_but_the_url() -> None:
    settings = read_settings(MINIMAL)
    assert settings.log.batch_ms == 100
    assert settings.log.batch_entries == 256
    assert settings.limits.wait_seconds == 2
    assert settings.authorities == {"hub.example"}


def test_given_values_are_taken() -> None:
    settings = read_settings(
        MINIMAL + '[server]\nport = 9000\nauthorities = ["inner:80"]\n[log]\nrequire_quorum = true\n'
    )
    assert settings.server.port == 9000
    assert settings.authorities == {"hub.example", "inner:80"}
    assert settings.log.require_quorum is True


def test_unknown_setting_names_its_path_and_a_close_match() -> None:
    assert refusal(MINIMAL + "[log]\nbatch_entrys = 3\n") == (
        "unknown_setting",
        "log.batch_entrys",
        "There is no such setting. Did you mean log.batch_entries?",
    )


def test_unknown_section_lists_what_is_known_when_nothing_is_close() -> None:
    code, where, message = refusal(MINIMAL + "[zzz]\n")
    assert (code, where) == ("unknown_setting", "zzz")
    assert message.startswith("There is no such setting. Known here: hub, server,")


@pytest.mark.parametrize(
    ("text", "where", "message"),
    [
        ("[log]\nbatch_ms = '1'\n", "log.batch_ms", "Expected int, found str '1'."),
        ("[log]\nbatch_ms = true\n", "log.batch_ms", "Expected int, found bool True."),
        ("[log]\nbatch_ms = 1.0\n", "log.batch_ms", "Expected int, found float 1.0."),
        ("[log]\nrequire_quorum = 1\n", "log.require_quorum", "Expected bool, found int 1."),
        ("[server]\nauthorities = 'x'\n", "server.authorities", "Expected a list of text, found 'x'."),
        ("[server]\nauthorities = [1]\n", "server.authorities", "Expected a list of text, found [1]."),
    ],
)
def test_wrong_types_are_named(text: str, where: str, message: str) -> None:
    assert refusal(MINIMAL + text) == ("setting_type", where, message)


def test_section_that_is_no_table() -> None:
    assert refusal("log = 1\n" + MINIMAL) == ("setting_type", "log", "[log] is a table of settings.")


def test_values_below_the_least_are_refused() -> None:
    assert refusal(MINIMAL + "[log]\nbatch_entries = 0\n") == (
        "setting_range",
        "log.batch_entries",
        "The least value is 1, found 0.",
    )


def test_missing_required_setting() -> None:
    code, where, message = refusal("")
    assert (code, where) == ("setting_missing", "hub.url")
    assert message.startswith("This setting must be given: Public address")


@pytest.mark.parametrize(
    "url",
    ["hub.example", "ftp://hub.example", "https://hub.example/", "https://", "http://h?x=1", "http://h?", "http://h#",
     "http://[", "http://[::1", "http://h:a", "http://h:65536", "http://:80", "http://h i", "http://h\\\\i"],
)  # fmt: skip
def test_url_is_scheme_and_authority_only(url: str) -> None:
    assert refusal(f'[hub]\nurl = "{url}"\n')[:2] == ("setting_url", "hub.url")


@pytest.mark.parametrize("url", ["https://hub.example", "HTTP://Hub.example:8600", "http://[::1]:8600"])
def test_an_address_may_name_its_port(url: str) -> None:
    assert read_settings(f'[hub]\nurl = "{url}"\n').hub.url == url


def test_who_reads_the_hubs_address_is_told_no_password() -> None:
    """It is the name of the log for ever, and stands on every page."""
    code, where, message = refusal('[hub]\nurl = "https://hub:hunter2@hub.example"\n')
    assert (code, where) == ("setting_url", "hub.url")
    assert "hunter2" not in message


@pytest.mark.parametrize(
    "url", ["postgresql://hub@db.example/odr?sslmode=verify-full", "postgresql:///odr?host=/run/postgresql"]
)
def test_the_database_of_a_server_may_be_named(url: str) -> None:
    assert read_settings(f'[hub]\nurl = "https://a.example"\n[storage]\nurl = "{url}"\n').storage.url == url


@pytest.mark.parametrize(
    "url",
    ["postgres://hub@db.example/odr", "postgresql+psycopg://h/odr", "postgresql://hub@db.example", "hub.sqlite3",
     "postgresql://[::1/odr", "postgresql://hub@db:none/odr", "postgresql://hub@db:65536/odr"],
)  # fmt: skip
def test_other_databases_are_refused(url: str) -> None:
    code, where, message = refusal(f'[hub]\nurl = "https://a.example"\n[storage]\nurl = "{url}"\n')
    assert (code, where) == ("setting_url", "storage.url")
    assert "postgresql://user@host/database" in message


@pytest.mark.parametrize(
    "url",
    ["postgresql://hub:hunter2@db/odr", "postgresql://:hunter2@db/odr", "postgresql://hub@db/odr?password=hunter2",
     "postgresql://hub:hun/hunter2@db/odr", "postgresql://hub:hun?hunter2@db/odr", "postgresql://hub:hun#hunter2@db/odr",
     "postgresql://hub@db/odr?sslpassword=hunter2", "postgresql://hub@db/odr?pass%77ord=hunter2"],
)  # fmt: skip
def test_a_password_in_the_settings_is_refused_and_not_told(url: str) -> None:
    code, where, message = refusal(f'[hub]\nurl = "https://a.example"\n[storage]\nurl = "{url}"\n')
    assert (code, where) == ("setting_secret", "storage.url")
    assert "storage.passfile or PGPASSFILE" in message
    assert "hunter2" not in message


def test_not_toml() -> None:
    code, where, message = refusal("[hub\n")
    assert (code, where) == ("settings_not_toml", "hub.toml")
    assert message.startswith("The settings file is not TOML: ")


def test_load_reads_the_data_directory(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="There is no settings file here") as caught:
        load_settings(tmp_path)
    assert caught.value.code == "no_settings"
    (tmp_path / "hub.toml").write_text(MINIMAL)
    assert load_settings(tmp_path).hub.url == "https://hub.example"
    (tmp_path / "hub.toml").write_bytes(b"\xff")
    with pytest.raises(SettingsError, match="not UTF-8"):
        load_settings(tmp_path)


def test_every_setting_is_declared_with_unit_and_help() -> None:
    for setting in declared():
        assert setting.unit, setting.path
        assert setting.help.endswith("."), setting.path
        assert (setting.least is not None) == (setting.type is int), setting.path


def test_reference_page_is_current() -> None:
    page = Path("docs/reference/settings.md").read_text(encoding="utf-8")
    assert page == reference_page(), "run: python -m hub.settings > docs/reference/settings.md"


@pytest.mark.parametrize(
    ("text", "where", "message"),
    [
        ("[uploads]\nchunk_bytes = 67108865\n", "uploads.chunk_bytes", "The greatest value is 67108864"),
        ("[uploads]\npackage_bytes = 68719476737\n", "uploads.package_bytes", "The greatest value is 68719476736"),
        ("[retention]\npackages_days = 181\n", "retention.packages_days", "The greatest value is 180, found 181."),
        ("[server]\nport = 65536\n", "server.port", "The greatest value is 65535, found 65536."),
        ("[jobs]\nevidence_seconds = 31\n", "jobs.evidence_seconds", "The greatest value is 30, found 31."),
        ("[jobs]\nevidence_seconds = 0\n", "jobs.evidence_seconds", "The least value is 1, found 0."),
    ],
)
def test_numbers_have_bounds(text: str, where: str, message: str) -> None:
    code, place, said = refusal(MINIMAL + text)
    assert (code, place) == ("setting_range", where)
    assert said.startswith(message)
