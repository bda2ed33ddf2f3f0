"""The hub's secrets on disk."""

import subprocess
from dataclasses import fields
from pathlib import Path

import pytest

from hub.keystore import HubKeys, KeystoreError, create_all, load, read_key, write_key
from signing.secretkeys import AgreementKey, SigningKey
from tests.interop.programs import require


def test_keys_are_written_once_for_their_owner_alone(tmp_path: Path) -> None:
    made = create_all(tmp_path / "keys")
    assert load(tmp_path / "keys") == made
    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o700
    names = sorted(path.name for path in (tmp_path / "keys").iterdir())
    assert names == sorted(f"{one.name}.pem" for one in fields(HubKeys))
    for path in (tmp_path / "keys").iterdir():
        assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(KeystoreError, match=r"There are keys already; they are never overwritten\. \(log\.pem\)"):
        create_all(tmp_path / "keys")
    assert load(tmp_path / "keys") == made


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    write_key(tmp_path / "one.pem", SigningKey(bytes(32)))
    with pytest.raises(KeystoreError, match="There is a key already"):
        write_key(tmp_path / "one.pem", SigningKey.generate())
    assert read_key(tmp_path / "one.pem") == SigningKey(bytes(32))


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_key_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    create_all(tmp_path / "keys")
    (tmp_path / "keys/statement.pem").chmod(mode)
    with pytest.raises(KeystoreError, match=f"Others may read this key .mode {mode:04o}.; set it to 0600") as caught:
        load(tmp_path / "keys")
    assert (caught.value.code, caught.value.where) == ("key_exposed", "statement.pem")


def test_a_missing_key_is_named(tmp_path: Path) -> None:
    create_all(tmp_path / "keys")
    (tmp_path / "keys/inbox.pem").unlink()
    with pytest.raises(KeystoreError, match=r"A key file is missing\. .* puts it back .*\(inbox\.pem\)"):
        load(tmp_path / "keys")


@pytest.mark.parametrize("text", ["", "x", "-----BEGIN PRIVATE KEY-----\nMC4=\n-----END PRIVATE KEY-----\n", "é"])
def test_what_is_no_key_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "key.pem"
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    with pytest.raises(KeystoreError) as caught:
        read_key(path)
    assert caught.value.code == "key_unreadable"


def test_a_key_of_the_other_curve_is_refused(tmp_path: Path) -> None:
    create_all(tmp_path / "keys")
    (tmp_path / "keys/log.pem").unlink()
    write_key(tmp_path / "keys/log.pem", AgreementKey.generate())
    with pytest.raises(KeystoreError, match=r"The key is of the other curve than this file holds\. \(log\.pem\)"):
        load(tmp_path / "keys")


@pytest.mark.parametrize("key", [SigningKey(b"\x07" * 32), AgreementKey(b"\x07" * 32)])
def test_openssl_reads_the_same_key(tmp_path: Path, key: SigningKey | AgreementKey) -> None:
    write_key(tmp_path / "key.pem", key)
    command = [require("openssl"), "pkey", "-in", str(tmp_path / "key.pem"), "-pubout", "-outform", "DER"]
    done = subprocess.run(command, capture_output=True, check=True)
    assert done.stdout[-32:] == key.public.x
    assert (tmp_path / "key.pem").stat().st_size < 200
