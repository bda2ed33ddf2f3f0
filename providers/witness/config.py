"""A witness's directory: its secret key and its state.

::

    DIR/witness.key       32-byte Ed25519 seed in base64, mode 0600
    DIR/witness.sqlite3   what the witness has cosigned (``store``)

``init_witness`` makes it, once. Opening never creates anything: a witness that lost its state could contradict
itself, so its key is retired instead.
"""

from pathlib import Path

from providers.durable import write_new
from providers.witness.errors import WitnessError
from providers.witness.service import Witness
from providers.witness.store import WitnessStore
from signing.errors import SigningError
from signing.notes import ED25519, VerifierKey, decode_base64
from signing.secretkeys import SigningKey
from signing.signnotes import base64_text, witness_signer

__all__ = ["add_log", "init_witness", "open_witness"]

KEY_FILE, STATE_FILE = "witness.key", "witness.sqlite3"


def init_witness(directory: Path, name: str) -> str:
    """Create a witness with a new key; returns its vkey, to be published.

    Args:
        directory: made if missing; must not hold a witness yet.
        name: key name in signature lines, by custom the host and path the witness answers at.

    Raises:
        WitnessError: ``witness_exists`` or ``bad_name``.
    """
    key = SigningKey.generate()
    try:
        verifier = witness_signer(name, key).verifier
    except SigningError as error:
        raise WitnessError("bad_name", error.message, name) from None
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    if (directory / STATE_FILE).exists():
        raise WitnessError("witness_exists", "The directory holds a witness already.", str(directory))
    _write_secret(directory / KEY_FILE, key.seed)
    WitnessStore.create(directory / STATE_FILE, verifier).close()
    return verifier.format()


def add_log(directory: Path, vkey: str) -> None:
    """Let the witness in ``directory`` watch the log with this vkey; it may be running.

    Raises:
        WitnessError: ``bad_vkey``, ``other_key``, or the directory holds no witness.
    """
    try:
        key = VerifierKey.parse(vkey)
    except SigningError as error:
        raise WitnessError("bad_vkey", error.message, "vkey") from None
    if key.type != ED25519:
        raise WitnessError("bad_vkey", "This is the key of a witness, not of a log.", key.name)
    store = WitnessStore(directory / STATE_FILE)
    try:
        store.add_log(key)
    finally:
        store.close()


def open_witness(directory: Path) -> Witness:
    """The witness in ``directory``.

    Raises:
        WitnessError: key or state is missing, unreadable, open to others, or they do not belong together.
    """
    key = SigningKey(_read_secret(directory / KEY_FILE))
    store = WitnessStore(directory / STATE_FILE)
    return Witness(witness_signer(store.identity().name, key), store)


def _write_secret(path: Path, seed: bytes) -> None:
    try:
        write_new(path, f"{base64_text(seed)}\n".encode())
    except FileExistsError:
        raise WitnessError("witness_exists", "The directory holds a witness's key already.", str(path)) from None


def _read_secret(path: Path) -> bytes:
    try:
        if path.stat().st_mode & 0o077:
            raise WitnessError("key_exposed", "Others can read the witness's key; make it mode 0600.", str(path))
        seed = decode_base64(path.read_text("ascii").removesuffix("\n"))
    except (OSError, UnicodeDecodeError, SigningError) as error:
        raise WitnessError("no_key", "The witness's key can't be read.", str(path)) from error
    if len(seed) != 32:
        raise WitnessError("no_key", "The witness's key file does not hold 32 bytes.", str(path))
    return seed
