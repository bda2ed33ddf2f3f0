"""OpenSSL's command line verifies our statements: the recipe of docs/court/verify-by-hand.md."""

import base64
import subprocess
from pathlib import Path

from signing.keys import PublicKey
from tests.interop.programs import require
from tests.interop.samples import award_document, signed_parts

SPKI_PREFIX = bytes.fromhex("302a300506032b6570032100")  # RFC 8410: SubjectPublicKeyInfo of an Ed25519 key


def pem(key: PublicKey) -> str:
    body = base64.b64encode(SPKI_PREFIX + key.x).decode("ascii")
    return f"-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----\n"


def openssl_verifies(folder: Path, key: PublicKey, message: bytes, signature: bytes) -> bool:
    for name, data in (("key.pem", pem(key).encode()), ("message", message), ("signature", signature)):
        (folder / name).write_bytes(data)
    arguments = ["-verify", "-pubin", "-inkey", "key.pem", "-rawin", "-in", "message", "-sigfile", "signature"]
    done = subprocess.run(
        [require("openssl"), "pkeyutl", *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    assert ("Signature Verified Successfully" in done.stdout) == (done.returncode == 0), done.stderr
    return done.returncode == 0


def test_openssl_verifies_every_signature_and_notices_changes(tmp_path: Path) -> None:
    parts = signed_parts(award_document())
    assert len(parts) == 2
    for key, message, text in parts:
        signature = base64.urlsafe_b64decode(text + "==")
        assert openssl_verifies(tmp_path, key.public, message, signature)
        assert not openssl_verifies(tmp_path, key.public, message[:-1] + b"A", signature)
        assert not openssl_verifies(tmp_path, key.public, message, signature[:-1] + bytes([signature[-1] ^ 1]))
