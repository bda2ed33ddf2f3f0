"""What the hub itself says on the log: composed, signed with its key, and through the door like everybody's."""

from collections.abc import Callable, Mapping

from hub.intake import Intake
from hub.log.sequencer import Sequencer
from hub.storage.log_store import SqlLogStore
from signing.compose import new_salt, payload, sign_all
from signing.encoding import JSON
from signing.secretkeys import SigningKey

__all__ = ["OwnStatements"]


class OwnStatements:
    """Registers sealed statements of the hub.

    Args:
        store: tells the time of the newest entry.
        intake: the one door, which these go through too.
        sequencer: registers them.
        hub: actor id of the hub, and its statement key.
        network: the network's digest.
        clock: POSIX seconds.
    """

    def __init__(  # noqa: PLR0913  # its collaborators, each used
        self,
        store: SqlLogStore,
        intake: Intake,
        sequencer: Sequencer,
        *,
        hub: tuple[str, SigningKey],
        network: str,
        clock: Callable[[], int],
    ) -> None:
        self._store = store
        self._intake = intake
        self._sequencer = sequencer
        self.hub, self._key = hub
        self.network = network
        self._clock = clock

    async def now(self) -> int:
        """The later of clock and newest entry, which is about the time that the next entry will have."""
        head = await self._store.head()
        return max(self._clock(), 0 if head is None else head.time)

    async def register(self, kind: str, body: Mapping[str, JSON], now: int, statement_id: str | None = None) -> None:
        """Register one; returns when it is signed.

        Args:
            kind: of a schema whose statements the hub may sign.
            body: the body.
            now: its time, POSIX seconds, as ``now`` tells it.
            statement_id: another id than a new one.

        Raises:
            Refused: the rules refuse it.
            HubError: the log takes nothing in now.
        """
        octets = payload(
            kind, self.hub, dict(body), [(self._key.kid, "hub")], network=self.network, now=now, salt=new_salt(),
            statement_id=statement_id,
        )  # fmt: skip
        verified = await self._intake.verify(sign_all(octets, [(self._key, "hub")], now))
        await self._sequencer.submit(verified.statement)
