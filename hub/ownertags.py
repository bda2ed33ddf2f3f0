"""Owner tags made before a statement has its place in the log (PROTOCOL §4).

Making one costs as much as verifying a signature, and gives up the interpreter twice: in the middle of a batch that is
dear. So a verifier process makes it, under the monitor key that the issuer was last seen to have.
"""

from dataclasses import dataclass

from signing.keys import PublicKey
from signing.statement import Statement, owner_tag

__all__ = ["MonitorsSeen", "OwnerTag", "tag_under"]


@dataclass(frozen=True, slots=True)
class OwnerTag:
    """An owner tag, and the octets of the monitor key that it was made under."""

    monitor: bytes
    text: str


class MonitorsSeen:
    """The monitor key of each issuer's newest confidential entry: a hint, never a judgement."""

    def __init__(self) -> None:
        self._keys: dict[str, bytes] = {}
        self._changes: list[str] = []

    def see(self, issuer: str, monitor: bytes) -> None:
        """Note the key of a confidential entry."""
        if self._keys.get(issuer) != monitor:
            self._keys[issuer] = monitor
            self._changes.append(issuer)

    def since(self, place: int) -> tuple[int, dict[str, bytes]]:
        """What changed after ``place`` (0 for everything), and the place to ask from next time."""
        return len(self._changes), {issuer: self._keys[issuer] for issuer in self._changes[place:]}


def tag_under(statement: Statement, monitor: PublicKey | None, made: OwnerTag | None) -> str | None:
    """The owner tag of ``statement`` under ``monitor``: the one made before if it fits; None for a public one."""
    if statement.salt is None or monitor is None:
        return None
    return made.text if made is not None and made.monitor == monitor.x else owner_tag(statement.salt, monitor)
