"""The first entry: a log begins with its genesis statement and with nothing else."""

from collections.abc import Callable

from hub.log.alone import Alone
from hub.log.committing import Committer
from hub.log.edge import RightEdge
from hub.log.errors import LogError
from hub.log.sequencer import Registered
from hub.rulebook import RULEBOOK
from hub.storage.engine import Database
from hub.storage.errors import ConflictError
from hub.storage.log_store import SqlLogStore
from hub.storage.schema import upgrade
from hub.storage.values import Head
from registry.batch import decide_batch
from registry.errors import Refused
from registry.rulebook import Rulebook
from signing.merkle import EMPTY_ROOT
from signing.secretkeys import SigningKey
from signing.signnotes import log_signer
from signing.statement import Statement

__all__ = ["initialise"]


async def initialise(
    database: Database,
    log_key: SigningKey,
    genesis: Statement,
    clock: Callable[[], int],
    book: Rulebook = RULEBOOK,
) -> Registered:
    """Create the tables and the log, with ``genesis`` as entry 0 under a signed checkpoint.

    The statement is decided before anything is written, so a refusal leaves no trace; after a crash it may be
    called again. Form, schema and signatures of the statement are the caller's to verify.

    Raises:
        Refused: the rules refuse the statement.
        LogError: bad_genesis, when it names another log key.
        ConflictError: log_exists.
    """
    origin = str(genesis.body["origin"])
    signer = log_signer(origin, log_key)
    if genesis.body["log_key"] != signer.verifier.format():
        raise LogError(
            "bad_genesis", "The genesis names another log key than this data directory has.", "/body/log_key"
        )
    (outcome,) = decide_batch([genesis], dict.fromkeys, 0, clock(), book)
    if isinstance(outcome, Refused):
        raise outcome
    await upgrade(database)
    store = SqlLogStore(database)
    head = await _empty_head(store, origin)
    return await Alone(store, Committer(signer, head, RightEdge()), book, clock).register(genesis)


async def _empty_head(store: SqlLogStore, origin: str) -> Head:
    head = await store.head()
    if head is None:
        head = Head(origin, 0, EMPTY_ROOT, 0)
        await store.create(head)
    if head.size or head.origin != origin:
        raise ConflictError("log_exists", "There is a log in this database already.", head.origin)
    return head
