"""``odr-hub rotate``: prepare, draft, finish, force."""

import asyncio
import time
from pathlib import Path

import click

__all__ = ["rotate"]

_data = click.option(
    "--data", type=click.Path(file_okay=False, path_type=Path), required=True, help="The hub's data directory."
)


@click.group()
def rotate() -> None:
    """Let the network go on under another log: another name, another key, the same tree."""


@rotate.command()
@_data
@click.option("--origin", help="Name of the next log; the number at the end goes up by one if not given.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("rotation.json"),
    show_default=True,
    help="The file for the officers; it must not exist yet.",
)
def prepare(*, data: Path, origin: str | None, out: Path) -> None:
    """Make the next log's key, and the file from which the officers draft their policy."""
    from hub import maintenance, rotating  # noqa: PLC0415
    from hub.founding import write_new  # noqa: PLC0415
    from hub.settings import load_settings  # noqa: PLC0415

    async def run() -> rotating.Rotation:
        settings = load_settings(data)
        async with maintenance.opened(data, settings) as (database, _):
            return await rotating.prepare(database, data / settings.keys.directory, origin)

    found = asyncio.run(run())
    write_new(out, found.to_bytes())
    click.echo(
        f"{out} names the log {found.origin}, after {found.base['size']} entries of {found.base['origin']}.\n"
        f"Its key: {found.log_key}\n"
        f"Now every witness adds it (odr-gateway witness add-log --url URL-OF-THE-LOG), and the officers decide:\n"
        f"    odr-hub officer policy --hub URL --rotation {out} --out policy.draft"
    )


@rotate.command()
@_data
def finish(*, data: Path) -> None:
    """Go on under the log that the newest policy names; the hub must not be running."""
    from hub import maintenance, rotating  # noqa: PLC0415
    from hub.log.recovery import DataLock  # noqa: PLC0415
    from hub.settings import load_settings  # noqa: PLC0415

    async def run() -> tuple[str, int]:
        settings = load_settings(data)
        with DataLock(data / "lock"):
            async with maintenance.opened(data, settings) as (database, _):
                await database.claim(allow_async=True)
                head = await rotating.finish(database, data / settings.keys.directory)
                return head.origin, head.size

    origin, size = asyncio.run(run())
    click.echo(
        f"The log is {origin} now, with the same {size} entries. Start the hub.\n"
        "The key of the log that ended lies in the directory of the keys as ended-….pem. Earlier backups can be\n"
        "completed with that key only. So make a new backup and try it (odr-hub backup, restore --test); only then\n"
        "destroy the key."
    )


@rotate.command()
@_data
@click.argument("rotation", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--witness-policy",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="File with the new witness, group and quorum lines; the present ones stay if not given.",
)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The draft; it must not exist yet.")
def draft(*, data: Path, rotation: Path, witness_policy: Path | None, out: Path) -> None:
    """Draft the officers' policy from the data directory, where the hub can't be asked; ROTATION is from prepare."""
    from hub import maintenance, rotating  # noqa: PLC0415
    from hub.founding import write_new  # noqa: PLC0415
    from hub.log.rotation import newest_policy  # noqa: PLC0415
    from hub.officers.drafting import Network, policy_draft  # noqa: PLC0415
    from hub.settings import load_settings  # noqa: PLC0415
    from hub.storage.directory import Directory  # noqa: PLC0415

    async def network() -> Network:
        async with maintenance.opened(data, load_settings(data)) as (database, head):
            newest = await newest_policy(Directory(database), head.size)
            return Network(newest.network or newest.digest, newest.digest, newest.body)

    successor = rotating.Rotation.from_bytes(rotation.read_bytes())
    text = None if witness_policy is None else witness_policy.read_text(encoding="ascii")
    made = policy_draft(asyncio.run(network()), int(time.time()), rotation=successor, witness_policy=text)
    write_new(out, made.to_bytes())
    click.echo(f"{out} is written; the threshold of officers signs it (odr-hub officer sign).")


@rotate.command()
@_data
@click.argument("policy", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="Do not ask.")
def force(*, data: Path, policy: Path, yes: bool) -> None:
    """Go on under another log although the old one can't end itself: its key is lost, or its history is forked.

    POLICY is the complete draft. Everybody who verifies must be handed the new verification-policy.txt.
    """
    from hub.forcing import run  # noqa: PLC0415

    if not yes:
        click.confirm("Nobody who trusts the old log will believe the new one unasked. Go on?", abort=True, err=True)
    forced = asyncio.run(run(data, policy.read_bytes(), lambda: int(time.time())))
    click.echo(
        f"The log is {forced.head.origin} now; its first own entry, {forced.trust.index}, is the officers' policy.\n"
        f"Hand {data / 'verification-policy.txt'} to everybody who verifies, by a channel that is not the hub;\n"
        "have the witnesses watch the new log, then start the hub."
    )
