"""What waits in ``DATA/completing``: there whole or not at all, whoever was killed while it was written."""

import subprocess
import sys
from pathlib import Path

import pytest

from hub.keeping.fetched import FOLDER, Fetched, keep_octets
from signing.encoding import sha256_hex
from signing.secretkeys import SigningKey
from signing.signnotes import log_signer

KEY = log_signer("hub.example/log/1", SigningKey.generate()).verifier
TEXT = b"a statement that was posted again"
_KILLED = """
import os, signal, sys
from pathlib import Path
from providers import durable
from hub.keeping.fetched import keep_octets
durable.flush = lambda target: os.kill(os.getpid(), signal.SIGKILL)
keep_octets(Path(sys.argv[1]), [sys.argv[2].encode()])
"""


def killed_while_it_keeps(folder: Path) -> None:
    done = subprocess.run([sys.executable, "-c", _KILLED, str(folder), TEXT.decode()], check=False)
    assert done.returncode == -9


def test_what_a_killed_process_was_writing_is_kept_when_it_comes_again(tmp_path: Path) -> None:
    fetched = Fetched(tmp_path / FOLDER, KEY)
    killed_while_it_keeps(fetched.statements)
    keep_octets(fetched.statements, [TEXT])
    assert (fetched.statements / sha256_hex(TEXT)).read_bytes() == TEXT


def test_what_a_killed_process_has_left_goes_with_the_next_completion(tmp_path: Path) -> None:
    fetched = Fetched(tmp_path / FOLDER, KEY)
    killed_while_it_keeps(fetched.statements)
    fetched.keep_statements([TEXT])
    assert [one.name for one in fetched.statements.iterdir()] == [sha256_hex(TEXT)]


@pytest.mark.parametrize("found", [b"", TEXT[:7]])
def test_a_name_alone_is_not_taken_for_what_it_names(tmp_path: Path, found: bytes) -> None:
    """A loss of power may leave a name without its octets, and a version before this did."""
    path = tmp_path / sha256_hex(TEXT)
    path.write_bytes(found)
    keep_octets(tmp_path, [TEXT])
    assert path.read_bytes() == TEXT
