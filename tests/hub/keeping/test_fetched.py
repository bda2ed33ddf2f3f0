"""What waits in ``DATA/completing``: there whole or not at all, whoever was killed while it was written."""

import subprocess
import sys
from pathlib import Path

import pytest

from hub.keeping.export import CHECKPOINT
from hub.keeping.fetched import FOLDER, HEADS, Fetched, fetched_heads, forget_fetched, forget_heads, keep_octets
from hub.keeping.shownheads import Shown
from signing.encoding import sha256_hex
from signing.notes import Checkpoint
from signing.secretkeys import SigningKey
from signing.signnotes import log_signer, sign_checkpoint

LOG = log_signer("hub.example/log/1", SigningKey.generate())
KEY = LOG.verifier
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


def kept(data: Path, size: int) -> bytes:
    """A head of this size that was shown, and is kept."""
    checkpoint = Checkpoint(LOG.name, size, bytes(32))
    note = sign_checkpoint(checkpoint, LOG)
    Fetched(data / FOLDER, KEY).keep_heads([Shown(checkpoint, note, ())])
    return note


def test_heads_are_told_from_the_checkpoint_whose_entries_are_there(tmp_path: Path) -> None:
    """Only with the entries there may the operator leave ``--from`` out."""
    note = kept(tmp_path, 9)
    name = sha256_hex(note.split(b"\n\n")[0] + b"\n")[:8]
    shown = {f"The head that odr-hub complete was shown (completing/heads/{name}…) is of": note}
    assert fetched_heads(tmp_path) == shown
    (tmp_path / FOLDER / CHECKPOINT).write_bytes(b"a note")
    assert fetched_heads(tmp_path) == {"The completion begun here (odr-hub complete) shows": b"a note"} | shown


def test_what_this_log_has_signed_is_forgotten_only_when_somebody_says_so(tmp_path: Path) -> None:
    first, second = kept(tmp_path, 9), kept(tmp_path, 10)
    forget_fetched(tmp_path, KEY)
    forget_heads(tmp_path, [first])
    assert [*fetched_heads(tmp_path).values()] == [second]
    forget_heads(tmp_path, [second])
    forget_fetched(tmp_path, KEY)
    assert not (tmp_path / FOLDER).exists()


def test_what_another_log_has_signed_keeps_nothing(tmp_path: Path) -> None:
    """The log was rotated since: nothing that was offered for the old one is awaited."""
    (tmp_path / FOLDER / HEADS).mkdir(parents=True)
    (tmp_path / FOLDER / HEADS / "damaged").write_bytes(b"no note")
    (tmp_path / FOLDER / CHECKPOINT).write_bytes(kept(tmp_path, 9))
    keep_octets(tmp_path / FOLDER / "statements", [TEXT])
    forget_fetched(tmp_path, log_signer("hub.example/log/2", SigningKey.generate()).verifier)
    assert not (tmp_path / FOLDER).exists()
