"""The two halves of ``odr-hub init``: make everything and the genesis draft; create the log with it."""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from hub.errors import NetworkError
from hub.founding import DRAFT_NAME, POLICY_NAME, Plan, create_log, prepare, settings_text
from hub.network import OfficerFile, default_origin, read_officer, witness_policy_of
from hub.officers.keys import NewOfficer, new_monitor, new_officer, new_passphrase
from hub.settings import StorageSection, load_settings, read_settings
from hub.storage.opening import open_database
from providers.gateway.keystore import passphrase, read_public_key, write_new
from signing.drafts import Draft
from signing.keys import PublicKey

__all__ = ["begin", "finish"]

HUB_ID, COORDINATOR_ID, OFFICER_ID = "hub", "coordinator", "officer-1"


def begin(data: Path, url: str, options: Mapping[str, Any], clock: Callable[[], int]) -> str:
    """Make settings, keys and genesis; with one new officer the log too. Returns what was done, in words.

    Args:
        data: the new data directory.
        url: the hub's address.
        options: the remaining options of ``odr-hub init``, by parameter name.
        clock: POSIX seconds.
    """
    if (data / "hub.toml").exists():
        raise NetworkError("data_exists", "There is a hub in this data directory already.", "data")
    storage = _storage(options)
    if storage:  # whether it can be used is found out before anything is made
        asyncio.run(_reach(data, read_settings(settings_text(url, storage)).storage))
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    directory, now = data / "officer", clock()
    named = tuple(read_officer(path.read_bytes(), path.name) for path in options["officers"])
    policy = _witness_policy(options)
    secret = _secret(directory, options, needed=not named or options["monitor"] is None)
    own = None if named else new_officer(OFFICER_ID, "First officer", directory, secret)
    officers = named or ((own.public,) if own else ())
    monitor = _monitor(options["monitor"], directory, secret)
    threshold = options["threshold"] or len(officers) // 2 + 1
    origin = options["origin"] or default_origin(url)
    plan = Plan(url, origin, HUB_ID, (COORDINATOR_ID, monitor), officers, threshold, policy, storage)
    draft = prepare(data, plan, now)
    if own is not None:
        return _created(data, _signed(draft, own, now), clock)
    write_new(data / DRAFT_NAME, draft.to_bytes())
    return _waiting(data, officers)


def finish(data: Path, genesis: Path, clock: Callable[[], int]) -> str:
    """Create the log with a complete genesis draft; returns what was done, in words."""
    return _created(data, Draft.from_bytes(genesis.read_bytes()), clock)


def _created(data: Path, draft: Draft, clock: Callable[[], int]) -> str:
    genesis = asyncio.run(create_log(data, load_settings(data), draft, clock))
    return (
        f"The log {genesis.body['origin']} is created.\n"
        f"network {genesis.digest}\n"
        f"Verifiers pin {data / POLICY_NAME}.\n"
        f"Next: odr-hub serve --data {data}"
    )


def _waiting(data: Path, officers: tuple[OfficerFile, ...]) -> str:
    names = ", ".join(officer.id for officer in officers)
    path = data / DRAFT_NAME
    return (
        f"{path} waits for the signatures of {names}, each with both keys:\n"
        f"  odr-hub officer sign {path} --key ID.statement.key --key ID.http.key\n"
        f"Then: odr-hub init --data {data} --genesis {path}"
    )


def _signed(draft: Draft, own: NewOfficer, now: int) -> Draft:
    return draft.signed_by(own.statement, now).signed_by(own.http, now)


def _storage(options: Mapping[str, Any]) -> dict[str, str]:
    """Settings of the storage that were given; a passfile is named as it is found from anywhere."""
    found = {}
    if options["storage_url"]:
        found["url"] = options["storage_url"]
    if options["storage_passfile"]:
        found["passfile"] = str(Path(options["storage_passfile"]).absolute())
    return found


async def _reach(data: Path, storage: StorageSection) -> None:
    database = open_database(data, storage)
    try:
        await database.claim(allow_async=True)
    finally:
        await database.close()


def _secret(directory: Path, options: Mapping[str, Any], *, needed: bool) -> str:
    """The passphrase for key files made here: from the file given, or a new one beside them."""
    if not needed:
        return ""
    if options["passphrase_file"] is not None:
        return passphrase(options["passphrase_file"])
    directory.mkdir(mode=0o700, exist_ok=True)
    return new_passphrase(directory / "passphrase")


def _monitor(path: Path | None, directory: Path, secret: str) -> PublicKey:
    return new_monitor(COORDINATOR_ID, directory, secret) if path is None else read_public_key(path)


def _witness_policy(options: Mapping[str, Any]) -> str:
    if options["witness_policy"] is None:
        return witness_policy_of(options["witnesses"], options["quorum"])
    if options["witnesses"] or options["quorum"]:
        raise NetworkError(
            "bad_witness", "Give --witness-policy, or --witness and --quorum, not both.", "witness-policy"
        )
    return str(options["witness_policy"].read_text(encoding="ascii"))
