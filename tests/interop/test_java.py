"""A bare JDK verifies our statements: what a platform in Java needs is one short class."""

import subprocess
from pathlib import Path

from signing.encoding import b64u_encode
from tests.interop.programs import require
from tests.interop.samples import award_document, signed_parts

PROGRAM = Path(__file__).with_name("VerifyStatement.java")


def test_java_verifies_every_signature_and_notices_changes(tmp_path: Path) -> None:
    lines = []
    for key, message, signature in signed_parts(award_document()):
        x = b64u_encode(key.public.x)
        lines += [f"{x} {message.decode()} {signature}", f"{x} {message.decode()}A {signature}"]
    (tmp_path / "lines").write_text("\n".join(lines) + "\n", encoding="ascii")
    done = subprocess.run(
        [require("java"), str(PROGRAM), str(tmp_path / "lines")], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.split() == ["valid", "invalid", "valid", "invalid"]
