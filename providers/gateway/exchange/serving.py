"""Running a gateway until it is told to stop.

::

    DIR/exchange/gateway.sqlite3   what it must not forget
    DIR/exchange/address           where the local interface answers
    DIR/exchange/token             for the local interface, mode 0600
    DIR/exchange/cases/            cases in custody, and copies still kept
    DIR/exchange/transfers/        ciphertexts and transfer keys of open transfers
"""

import asyncio
import secrets
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from aiohttp import web

from providers.alone import alone
from providers.client import connect, http_signer
from providers.durable import write_whole
from providers.errors import GatewayError
from providers.gateway.exchange import closing
from providers.gateway.exchange.app import create_app
from providers.gateway.exchange.casebook import CaseBook
from providers.gateway.exchange.context import Context, Keys, Progress
from providers.gateway.exchange.engine import Contact, Engine
from providers.gateway.exchange.peers import Peers
from providers.gateway.exchange.service import Service
from providers.gateway.exchange.settings import ServeSettings, read_serve
from providers.gateway.exchange.situations import Situations
from providers.gateway.exchange.store import Store
from providers.gateway.home import Home
from providers.gateway.keystore import open_agreement_key, open_signing_key, public_of, write_new
from providers.memory import keep
from signing.secretkeys import AgreementKey

__all__ = ["Gateway", "opened", "read_token", "serve", "unlock"]

SHUTDOWN_SECONDS = 5.0


class Gateway:
    """A gateway at work: its service and its engine."""

    def __init__(self, service: Service, engine: Engine, token: str) -> None:
        self.service = service
        self.engine = engine
        self.token = token


def unlock(home: Home, passphrase: str) -> Keys:
    """The keys that the service uses."""
    first = home.key_file("inbox")
    inboxes = {path: open_agreement_key(path, passphrase) for path in _inbox_files(home)}
    known = frozenset(key.kid for key in inboxes.values())
    return Keys(
        open_signing_key(home.key_file("statement"), passphrase),
        open_signing_key(home.key_file("http"), passphrase),
        inboxes[first],
        tuple(key for path, key in inboxes.items() if path != first),
        partial(_newer, home, passphrase, known),
    )


def _inbox_files(home: Home) -> list[Path]:
    """Every inbox key that is here, also one that is being added: it may be registered already."""
    new = home.new_key_file("inbox")
    return [*home.key_files("inbox"), *([new] if new.exists() else [])]


def _newer(home: Home, passphrase: str, known: frozenset[str]) -> tuple[AgreementKey, ...]:
    """Inbox keys that are not ``known`` (kids); raises ``GatewayError`` where one can't be opened."""
    new = [path for path in _inbox_files(home) if public_of(path).kid not in known]
    return tuple(open_agreement_key(path, passphrase) for path in new)


def read_token(home: Home) -> str:
    """The token of the local interface; made at the first start."""
    path = home.directory / "exchange" / "token"
    if not path.exists():
        write_new(path, secrets.token_urlsafe(32).encode() + b"\n", secret=True)
    if path.stat().st_mode & 0o077:
        raise GatewayError("token_exposed", "Others can read the gateway's token; make it mode 0600.", str(path))
    token = path.read_text("ascii").strip()
    if not token:
        message = "The gateway's token is empty; delete the file, and the next start makes another one."
        raise GatewayError("token_empty", message, str(path))
    return token


@asynccontextmanager
async def opened(
    home: Home, keys: Keys, clock: Callable[[], int], settings: ServeSettings | None = None
) -> AsyncIterator[Gateway]:
    """A gateway with its store and its client; its engine is not running yet.

    Raises:
        GatewayError: ``running_already``, ``other_store``, or settings that are wrong.
    """
    settings = settings or read_serve(home.serve)
    directory = home.directory / "exchange"
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    contact, trust = Contact(clock), home.trust()
    sign = http_signer(keys.http, clock)
    with alone(directory, "running_already", "gateway"):
        store = Store(directory / "gateway.sqlite3", trust.network, home.actor, clock)
        timeout = settings.poll_seconds + 60.0
        try:
            async with connect(home.hub, sign=sign, timeout_seconds=timeout, heard=contact.heard) as hub:
                context = Context(
                    actor=home.actor,
                    network=trust.network,
                    settings=settings,
                    store=store,
                    situations=Situations(store),
                    cases=CaseBook(directory / "cases", home.actor),
                    hub=hub,
                    peers=Peers(hub, trust, clock, accept_unwitnessed=settings.accept_unwitnessed),
                    keys=keys,
                    clock=clock,
                    transfers=directory / "transfers",
                    progress=Progress(),
                )
                context.transfers.mkdir(mode=0o700, exist_ok=True)
                await closing.sweep(context)  # before anybody can bring a new case
                engine = Engine(context, contact)
                yield Gateway(Service(context, engine), engine, read_token(home))
        finally:
            store.close()


async def serve(home: Home, passphrase: str, ready: Callable[[str], None], port: int | None = None) -> None:
    """Serve the gateway in ``home`` until SIGTERM or SIGINT.

    Args:
        home: made by ``odr-gateway init``, its member admitted.
        passphrase: of its key files.
        ready: called with one line once the local interface answers.
        port: instead of the one in the settings.

    Raises:
        GatewayError: it can't be opened, or the address is not free.
    """
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    keys = await asyncio.to_thread(unlock, home, passphrase)
    async with opened(home, keys, lambda: int(time.time())) as gateway:
        settings = gateway.service.context.settings
        runner = web.AppRunner(
            create_app(gateway.service, gateway.token), access_log=None, shutdown_timeout=SHUTDOWN_SECONDS
        )
        await runner.setup()
        working = asyncio.create_task(gateway.engine.run())
        try:
            await _listen(runner, settings.host, settings.port if port is None else port)
            write_whole(home.directory / "exchange" / "address", f"{_address(runner)}\n".encode())
            keep()
            ready(f"gateway of {home.actor} listening on {_address(runner)}")
            stopping = asyncio.create_task(stop.wait())
            await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
            stopping.cancel()
            if working.done():
                working.result()
        finally:
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)
            await runner.cleanup()


async def _listen(runner: web.AppRunner, host: str, port: int) -> None:
    try:
        await web.TCPSite(runner, host, port).start()
    except (OSError, OverflowError, ValueError) as error:  # a port that is none, and a host that can't be one
        why = getattr(error, "strerror", None) or "The address can't be used."
        raise GatewayError("cannot_listen", why, f"{host}:{port}") from error


def _address(runner: web.AppRunner) -> str:
    host, port = runner.addresses[0][:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
