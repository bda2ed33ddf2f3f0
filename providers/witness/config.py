"""A witness's directory: its secret key and its state.

::

    DIR/witness.key       32-byte Ed25519 seed in base64, mode 0600
    DIR/witness.sqlite3   what the witness has cosigned (``store``)
    DIR/clock             when the operator last said that the clock is right (POSIX seconds); mode 0644, no secret:
                          whoever says so may be another user than the witness
    DIR/sources/<hash>    the URL of a log, named by the SHA-256 of its origin; readable for everybody, as the clock is
    DIR/mirror/           every entry and tile (``mirrored``); where it is, nothing is cosigned before it is stored

``init_witness`` makes it, once. Opening never creates anything: a witness that lost its state could contradict
itself, so its key is retired instead.
"""

from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from providers.durable import sync_folder, write_new, write_whole
from providers.witness.errors import WitnessError
from providers.witness.service import Witness
from providers.witness.store import WitnessStore, origin_hash
from signing.errors import SigningError
from signing.notes import ED25519, VerifierKey, decode_base64
from signing.secretkeys import SigningKey
from signing.signnotes import base64_text, witness_signer

__all__ = [
    "add_log", "become_mirror", "confirm_clock", "confirmed_clock", "init_witness", "is_mirror", "open_witness",
    "source_of",
]  # fmt: skip

_READABLE, _OPEN_FOLDER = 0o644, 0o755
KEY_FILE, STATE_FILE, MIRROR_FOLDER, CLOCK_FILE = "witness.key", "witness.sqlite3", "mirror", "clock"


def init_witness(directory: Path, name: str, *, mirror: bool = False, now: int = 0) -> str:
    """Create a witness with a new key; returns its vkey, to be published.

    Args:
        directory: made if missing; must not hold a witness yet.
        name: key name in signature lines, by custom the host and path the witness answers at.
        mirror: it stores every entry before it cosigns.
        now: POSIX seconds; the clock is taken to be right. 0: not known, the first signature may be of any time.

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
    if now:
        confirm_clock(directory, now)
    if mirror:
        become_mirror(directory)
    return verifier.format()


def become_mirror(directory: Path) -> None:
    """From now on the witness in ``directory`` stores every entry before it cosigns; there is no way back.

    Raises:
        WitnessError: ``no_state``, the directory holds no witness.
    """
    WitnessStore(directory / STATE_FILE).close()
    (directory / MIRROR_FOLDER).mkdir(exist_ok=True)
    sync_folder(directory)


def is_mirror(directory: Path) -> bool:
    """Whether the witness in ``directory`` is a mirror."""
    return (directory / MIRROR_FOLDER).is_dir()


def add_log(directory: Path, vkey: str, url: str | None = None) -> None:
    """Let the witness in ``directory`` watch the log with this vkey; it may be running.

    Args:
        directory: the witness's.
        vkey: of the log.
        url: below which the log's ``checkpoint`` and ``tile/`` are. A later one replaces it. A mirror needs it, unless
            it was given before: without it nothing of this log would ever be cosigned.

    Raises:
        WitnessError: ``bad_vkey``, ``bad_log_url``, ``no_source``, ``source_unreadable``, ``source_unwritable``,
            ``other_key``, or the directory holds no witness.
    """
    try:
        key = VerifierKey.parse(vkey)
    except SigningError as error:
        raise WitnessError("bad_vkey", error.message, "vkey") from None
    if key.type != ED25519:
        raise WitnessError("bad_vkey", "This is the key of a witness, not of a log.", key.name)
    source = None if url is None else _checked_url(url)
    if source is None and is_mirror(directory) and source_of(directory, key.name) is None:
        message = "This witness mirrors, so it needs to know where the log's entries are; say so with `--url URL`."
        raise WitnessError("no_source", message, key.name)
    store = WitnessStore(directory / STATE_FILE)
    try:
        store.add_log(key)
    finally:
        store.close()
    if source is not None:
        _write_source(directory / "sources", key.name, source)


def source_of(directory: Path, origin: str) -> str | None:
    """The URL below which a log's tiles are, None if none was given.

    Raises:
        WitnessError: ``source_unreadable``, one was given that this process can't read.
    """
    path = directory / "sources" / origin_hash(origin)
    try:
        return path.read_text("ascii").strip()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not ASCII"
        message = (
            f"The address of the log {origin} can't be read: {reason}. Nothing of this log is cosigned until the"
            " operator, as the user who owns this file, runs `add-log VKEY --url URL` again, or `chmod 755` on its"
            " folder and `chmod 644` on it; nothing in it is secret."
        )
        raise WitnessError("source_unreadable", message, str(path), actor="operator", retryable=True) from None


def confirm_clock(directory: Path, now: int) -> None:
    """The operator says that it is ``now``; a witness that runs in ``directory`` goes by it at once.

    Raises:
        WitnessError: ``no_state``, the directory holds no witness.
    """
    WitnessStore(directory / STATE_FILE).close()
    path = directory / CLOCK_FILE
    write_whole(path, f"{now}\n".encode("ascii"), _READABLE)
    path.chmod(_READABLE)  # whatever the umask of who says so


def confirmed_clock(directory: Path) -> int:
    """POSIX seconds when the operator last said that the clock is right; 0: never, or it is no number.

    Raises:
        WitnessError: ``clock_unreadable``, there is a confirmation that this process can't read.
    """
    path = directory / CLOCK_FILE
    try:
        text = path.read_text("ascii").strip()
    except (FileNotFoundError, UnicodeDecodeError):
        return 0
    except OSError as error:
        message = (
            f"The confirmation of the clock can't be read: {error.strerror}. Nothing is cosigned until its operator has"
            " made it readable for the witness's user."
        )
        raise WitnessError("clock_unreadable", message, str(path), actor="operator", retryable=True) from None
    return int(text) if text.isdecimal() else 0


def open_witness(directory: Path) -> Witness:
    """The witness in ``directory``.

    Raises:
        WitnessError: key or state is missing, unreadable, open to others, or they do not belong together.
    """
    key = SigningKey(_read_secret(directory / KEY_FILE))
    store = WitnessStore(directory / STATE_FILE)
    return Witness(witness_signer(store.identity().name, key), store, partial(confirmed_clock, directory))


def _checked_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise WitnessError("bad_log_url", "The address of a log is http(s)://host[:port]/path.", url)
    if not url.isascii() or any(sign.isspace() for sign in url):
        raise WitnessError("bad_log_url", "The address of a log is ASCII without spaces.", url)
    return url.rstrip("/")


def _write_source(folder: Path, origin: str, url: str) -> None:
    path = folder / origin_hash(origin)
    try:
        folder.mkdir(exist_ok=True)
        if folder.stat().st_mode & _OPEN_FOLDER != _OPEN_FOLDER:  # by whoever may; others need not
            folder.chmod(_OPEN_FOLDER)  # who adds a log may be another user than the witness, whatever their umask
        write_whole(path, f"{url}\n".encode("ascii"), _READABLE)
        path.chmod(_READABLE)
        sync_folder(folder.parent)
    except OSError as error:
        message = (
            f"The address of the log {origin} can't be written: {error.strerror}. The log was added, its address was"
            " not; the operator must run `add-log VKEY --url URL` again, as the user who owns this folder."
        )
        raise WitnessError("source_unwritable", message, str(folder), actor="operator", retryable=True) from None


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
