"""Founding a network in a data directory: ``odr-hub init``.

::

    DATA/hub.toml                  settings
    DATA/keys/*.pem                the hub's secrets
    DATA/genesis.draft             the genesis statement, signed by the hub, until the officers have signed
    DATA/hub.sqlite3               the log, once the genesis is complete, unless it is on a PostgreSQL server
    DATA/verification-policy.txt   what verifiers pin: network, policy, log key, witnesses

With officers named from outside, founding stops at the draft: the officers sign it, each with their own
keys on their own machine, and ``create_log`` goes on. Nothing that exists is ever overwritten.
"""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hub import keystore
from hub.errors import NetworkError
from hub.keystore import HubKeys
from hub.log.genesis import initialise
from hub.log.recovery import DataLock
from hub.network import Founding, OfficerFile, genesis_payload, trust_file, with_log
from hub.settings import Settings, read_settings
from hub.storage.opening import open_database
from schemas.errors import SchemasError
from schemas.validation import validate
from signing.drafts import Draft
from signing.errors import SigningError
from signing.keyring import introduced_keys
from signing.keys import PublicKey
from signing.secretkeys import SigningKey
from signing.signnotes import log_signer
from signing.statement import Statement, verify_signatures

__all__ = ["DRAFT_NAME", "POLICY_NAME", "Plan", "create_log", "prepare", "settings_text", "write_new"]

DRAFT_NAME = "genesis.draft"
POLICY_NAME = "verification-policy.txt"


@dataclass(frozen=True, slots=True)
class Plan:
    """What the operator decides about a new network.

    Args:
        url: public address of the hub.
        origin: name of the log.
        hub: the hub's actor id.
        coordinator: the coordinator's actor id, and its public monitor key.
        officers: the first officers.
        threshold: how many of them decide what needs the threshold.
        witness_policy: tlog-policy lines; the log's own line is added.
        storage: settings of the section ``storage`` that are not the default, by name.
    """

    url: str
    origin: str
    hub: str
    coordinator: tuple[str, PublicKey]
    officers: tuple[OfficerFile, ...]
    threshold: int
    witness_policy: str
    storage: Mapping[str, str] = field(default_factory=dict)


def prepare(data: Path, plan: Plan, now: int) -> Draft:
    """Make settings and keys in ``data``, and the genesis draft that the hub's own keys have signed.

    Args:
        data: a directory without a hub; made when it is not there.
        plan: what the network is founded with.
        now: POSIX seconds.

    Raises:
        NetworkError: data_exists, or the plan is not possible.
        SettingsError: setting_url, setting_secret.
    """
    text = settings_text(plan.url, plan.storage)
    settings = read_settings(text)
    if (data / "hub.toml").exists() or (data / settings.keys.directory).exists():
        raise NetworkError("data_exists", "There is a hub in this data directory already.", "data")
    _check(plan)
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    keys = keystore.create_all(data / settings.keys.directory)
    draft = Draft(genesis_payload(_founding(plan, keys), now))
    for key in (keys.statement, keys.http):
        draft = draft.signed_by(key, now)
    write_new(data / "hub.toml", text.encode())
    return draft


def settings_text(url: str, storage: Mapping[str, str]) -> str:
    """The settings file of a new hub.

    Args:
        url: public address of the hub.
        storage: settings of the section ``storage`` that are not the default, by name.
    """
    lines = ["[hub]", f'url = "{url}"', ""]
    if storage:  # a JSON string is one of TOML
        lines += ["[storage]", *(f"{name} = {json.dumps(value)}" for name, value in storage.items()), ""]
    return "\n".join(lines)


async def create_log(data: Path, settings: Settings, draft: Draft, clock: Callable[[], int]) -> Statement:
    """Create the log with a complete genesis draft, and write the verification policy.

    Checks schema, every signature, and that the draft names this directory's keys.

    Raises:
        NetworkError: bad_genesis.
        SigningError: somebody has not signed, or a signature does not verify.
        RecoveryError: locked.
        ConflictError: log_exists.
    """
    keys = keystore.load(data / settings.keys.directory)
    genesis = _complete(draft)
    _check_keys(genesis, keys)
    with DataLock(data / "lock"):
        await _initialise(data, settings, keys.log, genesis, clock)
    path = data / POLICY_NAME
    path.unlink(missing_ok=True)  # what a run that was interrupted may have left
    write_new(path, trust_file(genesis))
    return genesis


def write_new(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Write a file that must not exist yet.

    Raises:
        NetworkError: file_exists.
    """
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError:
        raise NetworkError("file_exists", "The file exists and is not overwritten.", path.name) from None
    with os.fdopen(handle, "wb") as file:
        file.write(data)


def _check(plan: Plan) -> None:
    """Refuse an impossible plan before anything is written."""
    probe = log_signer(plan.origin, SigningKey.generate()).verifier.format()
    with_log(plan.witness_policy, probe, plan.url)
    if not 1 <= plan.threshold <= len(plan.officers):
        count = len(plan.officers)
        raise NetworkError(
            "bad_threshold", f"The threshold is between 1 and the number of officers, {count}.", "threshold"
        )


def _founding(plan: Plan, keys: HubKeys) -> Founding:
    log_key = log_signer(plan.origin, keys.log).verifier.format()
    own = {name: getattr(keys, name).public for name in ("statement", "http", "monitor", "inbox")}
    policy = with_log(plan.witness_policy, log_key, plan.url)
    return Founding(plan.origin, log_key, (plan.hub, own), plan.coordinator, plan.officers, plan.threshold, policy)


def _complete(draft: Draft) -> Statement:
    try:
        genesis = draft.statement()
        if genesis.kind != "genesis":
            raise NetworkError("bad_genesis", "The draft is no genesis statement.", genesis.kind)
        validate(genesis.kind, genesis.version, genesis.payload)
        introduced = introduced_keys(genesis)
        verify_signatures(genesis, {kid: one.key for kid, one in introduced.items()})
    except SchemasError as error:
        raise NetworkError("bad_genesis", error.message, error.where) from None
    except SigningError as error:
        raise NetworkError("bad_genesis", f"The genesis can't be used: {error.message}", error.where) from None
    return genesis


def _check_keys(genesis: Statement, keys: HubKeys) -> None:
    introduced = introduced_keys(genesis)
    for name in ("statement", "http", "monitor", "inbox"):
        kid = getattr(keys, name).public.kid
        if kid not in introduced or introduced[kid].purpose != name or introduced[kid].role != "hub":
            raise NetworkError("bad_genesis", f"The genesis does not name this directory's {name} key.", f"{name}.pem")


async def _initialise(
    data: Path, settings: Settings, log_key: SigningKey, genesis: Statement, clock: Callable[[], int]
) -> None:
    database = open_database(data, settings.storage)
    try:
        await database.claim(allow_async=True)  # a standby is made of what is here now
        await initialise(database, log_key, genesis, clock)
    finally:
        await database.close()
