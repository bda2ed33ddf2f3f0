"""Other implementations of age read our files and we read theirs: pyrage (Rust) and the program age (Go)."""

import io
import subprocess
from pathlib import Path

import pyrage
import pytest

from signing.agefile import decrypt, encrypt
from signing.agekeys import format_identity, format_recipient, parse_identity, parse_recipient
from signing.secretkeys import AgreementKey
from tests.interop.programs import require

KEYS = [AgreementKey(bytes([number]) * 32) for number in (1, 2, 3)]
SIZES = [0, 1, 65_535, 65_536, 65_537, 131_072, 200_000]


def content(size: int) -> bytes:
    return bytes(at * 31 % 251 for at in range(size))


def sealed(plaintext: bytes) -> bytes:
    out = io.BytesIO()
    encrypt(io.BytesIO(plaintext), out, [key.public for key in KEYS])
    return out.getvalue()


def opened(data: bytes, key: AgreementKey) -> bytes:
    out = io.BytesIO()
    decrypt(io.BytesIO(data), out, key)
    return out.getvalue()


@pytest.mark.parametrize("size", SIZES)
def test_pyrage_reads_ours(size: int) -> None:
    data = sealed(content(size))
    for key in KEYS:
        identity = pyrage.x25519.Identity.from_str(format_identity(key))
        assert pyrage.decrypt(data, [identity]) == content(size)


@pytest.mark.parametrize("size", SIZES)
def test_we_read_what_pyrage_wrote(size: int) -> None:
    recipients = [pyrage.x25519.Recipient.from_str(format_recipient(key.public)) for key in KEYS]
    data = pyrage.encrypt(content(size), recipients)
    for key in KEYS:
        assert opened(data, key) == content(size)


def test_pyrage_and_we_write_keys_alike() -> None:
    theirs = pyrage.x25519.Identity.generate()
    ours = parse_identity(str(theirs))
    assert format_identity(ours) == str(theirs)
    assert parse_recipient(str(theirs.to_public())) == ours.public


def test_the_program_reads_ours_and_we_read_its(tmp_path: Path) -> None:
    age, keygen = require("age"), require("age-keygen")
    identity = tmp_path / "key.txt"
    identity.write_text(format_identity(KEYS[1]) + "\n", encoding="ascii")
    shown = subprocess.run([keygen, "-y", identity], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == format_recipient(KEYS[1].public)
    for size in SIZES:
        (tmp_path / "ours.age").write_bytes(sealed(content(size)))
        done = subprocess.run([age, "-d", "-i", identity, tmp_path / "ours.age"], capture_output=True, check=True)
        assert done.stdout == content(size)
        recipients = [word for key in KEYS for word in ("-r", format_recipient(key.public))]
        done = subprocess.run([age, *recipients], input=content(size), capture_output=True, check=True)
        assert opened(done.stdout, KEYS[2]) == content(size)
