"""The gateway's directory and the files with secrets in it."""

import stat
from pathlib import Path

import pytest
from click.testing import CliRunner

from providers.errors import GatewayError
from providers.gateway import keystore
from providers.gateway.home import Home, create_home, load_home, read_json, read_policy
from signing.secretkeys import AgreementKey, SigningKey
from tests.fakes.world import World


def made(directory: Path) -> Home:
    policy = World().trust_file()
    return create_home(directory, actor="sample", member_type="provider", hub="http://127.0.0.1:8600/", policy=policy)


def test_settings_read_back(tmp_path: Path) -> None:
    home = made(tmp_path / "gw")
    assert load_home(tmp_path / "gw") == home
    assert home.hub == "http://127.0.0.1:8600"
    assert home.trust().index == 0


def test_an_existing_gateway_is_not_overwritten(tmp_path: Path) -> None:
    made(tmp_path)
    with pytest.raises(GatewayError, match="not overwritten") as caught:
        made(tmp_path)
    assert caught.value.code == "file_exists"


@pytest.mark.parametrize(
    ("text", "code", "where"),
    [
        ("actor = ", "bad_settings", "gateway.toml"),
        ('actor = "a"\nhubb = "x"\n', "unknown_setting", "gateway.toml: hubb"),
        ('actor = "a"\n', "setting_missing", "gateway.toml: type"),
        ("actor = 7\n", "setting_missing", "gateway.toml: actor"),
        ('actor="a"\ntype="court"\nhub="x"\npolicy="p"\n', "bad_hub_url", "x"),
    ],
)
def test_wrong_settings_are_named(tmp_path: Path, text: str, code: str, where: str) -> None:
    (tmp_path / "gateway.toml").write_text(text)
    with pytest.raises(GatewayError) as caught:
        load_home(tmp_path)
    assert caught.value.code == code
    assert caught.value.where.endswith(where)


def test_no_gateway_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(GatewayError, match="odr-gateway init") as caught:
        load_home(tmp_path)
    assert caught.value.code == "no_gateway"


@pytest.mark.parametrize(("content", "code"), [(None, "no_policy"), (b"odr-policy/2\n", "bad_policy_file")])
def test_an_unusable_policy_is_named(tmp_path: Path, content: bytes | None, code: str) -> None:
    path = tmp_path / "verification-policy.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(GatewayError) as caught:
        read_policy(path)
    assert (caught.value.code, caught.value.where) == (code, str(path))


@pytest.mark.parametrize(
    ("content", "code"),
    [(None, "file_unreadable"), (b"{", "not_json"), (b'{"a":1.5}', "bad_number"), (b"[]", "not_an_object")],
)
def test_an_unusable_json_file_is_named(tmp_path: Path, content: bytes | None, code: str) -> None:
    path = tmp_path / "profile.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(GatewayError) as caught:
        read_json(path)
    assert (caught.value.code, caught.value.where) == (code, str(path))


def test_key_files_are_readable_by_their_owner_alone(tmp_path: Path) -> None:
    key, path = SigningKey.generate(), tmp_path / "keys" / "statement.key.json"
    keystore.save_keys({path: key}, "passphrase")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert keystore.open_signing_key(path, "passphrase") == key


def test_no_key_is_written_when_one_of_them_exists(tmp_path: Path) -> None:
    (tmp_path / "b").write_text("kept")
    with pytest.raises(GatewayError) as caught:
        keystore.save_keys({tmp_path / "a": SigningKey.generate(), tmp_path / "b": SigningKey.generate()}, "x")
    assert caught.value.code == "file_exists"
    assert not (tmp_path / "a").exists()
    assert (tmp_path / "b").read_text() == "kept"


def test_unusable_key_files_are_named(tmp_path: Path) -> None:
    path = tmp_path / "k"
    with pytest.raises(GatewayError) as caught:
        keystore.open_signing_key(path, "x")
    assert caught.value.code == "key_file_unreadable"
    path.write_text("{}")
    with pytest.raises(GatewayError) as caught:
        keystore.open_signing_key(path, "x")
    assert (caught.value.code, caught.value.where) == ("bad_key_file", str(path))


def test_a_wrong_passphrase_names_the_file_and_an_agreement_key_signs_nothing(tmp_path: Path) -> None:
    path = tmp_path / "monitor.key.json"
    keystore.save_keys({path: AgreementKey.generate()}, "right")
    with pytest.raises(GatewayError, match="passphrase is wrong") as caught:
        keystore.open_signing_key(path, "wrong")
    assert caught.value.code == "wrong_passphrase"
    with pytest.raises(GatewayError) as caught:
        keystore.open_signing_key(path, "right")
    assert caught.value.code == "not_a_signing_key"


@pytest.mark.parametrize("content", [b"", b"\nsecond line", b"\xff", b"x" * 5000])
def test_a_passphrase_file_without_passphrase_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "passphrase"
    path.write_bytes(content)
    with pytest.raises(GatewayError) as caught:
        keystore.passphrase(path)
    assert caught.value.code == "no_passphrase"


def test_the_first_line_is_the_passphrase(tmp_path: Path) -> None:
    path = tmp_path / "passphrase"
    path.write_bytes("six plain wörds\r\nrest".encode())
    assert keystore.passphrase(path) == "six plain wörds"


def test_public_keys_are_handed_over_as_jwk(tmp_path: Path) -> None:
    public = SigningKey.generate().public
    keystore.write_public_key(tmp_path / "k.public.json", public)
    assert keystore.read_public_key(tmp_path / "k.public.json") == public
    with pytest.raises(GatewayError) as caught:
        keystore.read_public_key(tmp_path / "absent")
    assert caught.value.code == "file_unreadable"


def test_a_secret_key_file_is_no_public_key(tmp_path: Path) -> None:
    keystore.save_keys({tmp_path / "k": SigningKey.generate()}, "x")
    with pytest.raises(GatewayError) as caught:
        keystore.read_public_key(tmp_path / "k")
    assert caught.value.code == "bad_jwk"


def test_a_replaced_file_leaves_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "draft.json"
    path.write_text("old")
    keystore.replace_file(path, b"new")
    assert [one.name for one in tmp_path.iterdir()] == ["draft.json"]
    assert path.read_bytes() == b"new"


def test_without_a_file_the_passphrase_is_asked_for_twice_when_new() -> None:
    import click

    @click.command()
    def ask() -> None:
        click.echo(f"got {keystore.passphrase(None, new=True)}")

    result = CliRunner().invoke(ask, input="secret\nsecret\n")
    assert "got secret" in result.output
    assert result.output.count("secret") == 1
