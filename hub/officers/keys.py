"""An officer's keys: two key files (PROTOCOL §9) and the public file that is handed to the network."""

import secrets
from dataclasses import dataclass
from pathlib import Path

from hub.network import OfficerFile
from providers.gateway.keystore import save_keys, write_new, write_public_key
from signing.keys import PublicKey
from signing.secretkeys import AgreementKey, SigningKey

__all__ = ["NewOfficer", "new_monitor", "new_officer", "new_passphrase"]


@dataclass(frozen=True, slots=True)
class NewOfficer:
    """Keys just made: the secrets while they are needed, and what is public."""

    statement: SigningKey
    http: SigningKey
    public: OfficerFile


def new_officer(officer_id: str, name: str, directory: Path, passphrase: str) -> NewOfficer:
    """Make an officer's keys.

    Writes ``<id>.statement.key`` and ``<id>.http.key``, sealed with the passphrase, and ``<id>.officer``,
    which is public. Nothing is overwritten.

    Args:
        officer_id: actor id.
        name: as people read it.
        directory: where the files go; made when it is not there.
        passphrase: seals both key files.

    Raises:
        GatewayError: file_exists, file_not_written.
    """
    statement, http = SigningKey.generate(), SigningKey.generate()
    public = OfficerFile(officer_id, name, (("statement", statement.public), ("http", http.public)))
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_new(directory / f"{officer_id}.officer", public.to_bytes())
    save_keys(
        {directory / f"{officer_id}.statement.key": statement, directory / f"{officer_id}.http.key": http}, passphrase
    )
    return NewOfficer(statement, http, public)


def new_monitor(coordinator_id: str, directory: Path, passphrase: str) -> PublicKey:
    """Make the coordinator's monitor key: ``<id>.monitor.key`` sealed, ``<id>.monitor.jwk`` public."""
    monitor = AgreementKey.generate()
    save_keys({directory / f"{coordinator_id}.monitor.key": monitor}, passphrase)
    write_public_key(directory / f"{coordinator_id}.monitor.jwk", monitor.public)
    return monitor.public


def new_passphrase(path: Path) -> str:
    """Write a random passphrase of 128 bits to a new file that only its owner may read, and return it."""
    passphrase = secrets.token_hex(16)
    write_new(path, f"{passphrase}\n".encode(), secret=True)
    return passphrase
