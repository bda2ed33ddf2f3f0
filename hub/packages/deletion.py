"""What is deleted when, and the signed record of it.

=============  ===============================================================================
the state      the transfer has ended: completed, failed, expired, declined, withdrawn
``unclaimed``  no registered offer or dispatch names the file, ``retention.unclaimed_days`` after its upload
``age``        ``retention.packages_days`` after the upload, whatever became of the transfer
=============  ===============================================================================

A legal hold goes before all of them. The record is a JWS of the profile, ``typ`` odr-deletion+jws, by the hub's
statement key. It is not logged; hub and both members keep it.
"""

from collections.abc import Callable
from functools import partial

from hub.packages.files import PackageFiles
from hub.settings import RetentionSection
from hub.storage.packages import PackageStore
from hub.storage.values import Ending
from signing.compose import sign_all, timestamp
from signing.encoding import JSON, canonical
from signing.secretkeys import SigningKey

__all__ = ["DELETION_TYPE", "Deletions", "deletion_record"]

DELETION_TYPE = "odr-deletion+jws"
DAY = 86_400
_PIECE = 100


class Deletions:
    """Deletes packages whose time is over.

    Args:
        packages: rows of what is stored.
        files: the octets.
        key: the hub's statement key.
        network: the network's digest.
        limits: how long anything is kept.
        clock: POSIX seconds.
    """

    def __init__(  # noqa: PLR0913  # its collaborators, each used
        self,
        packages: PackageStore,
        files: PackageFiles,
        *,
        key: SigningKey,
        network: str,
        limits: RetentionSection,
        clock: Callable[[], int],
    ) -> None:
        self._packages = packages
        self._files = files
        self._key = key
        self._network = network
        self._limits = limits
        self._clock = clock

    async def sweep(self) -> int:
        """Delete everything whose time is over; returns how many packages."""
        now, count = self._clock(), 0
        while True:
            endings = await self._packages.endings(
                uploaded_before=now - self._limits.packages_days * DAY,
                unclaimed_before=now - self._limits.unclaimed_days * DAY,
                limit=_PIECE,
            )
            for ending in endings:
                count += await self._delete(ending, now)
            if len(endings) < _PIECE:
                return count

    async def _delete(self, ending: Ending, now: int) -> bool:
        record = deletion_record(ending, self._network, self._key, now)
        unlink = partial(self._files.unlink, ending.package.sha256)
        return await self._packages.record_deletion(ending.package, now, record, unlink)


def deletion_record(ending: Ending, network: str, key: SigningKey, now: int) -> bytes:
    """The record that a package is deleted at ``now``, signed by the hub."""
    package = ending.package
    members: dict[str, JSON] = {
        "v": 1,
        "network": network,
        "transfer_id": package.transfer,
        "purpose": package.purpose,
        "sha256": package.sha256,
        "size": package.size,
        "sender": package.owner,
        "recipient": package.recipient,
        "stored_at": timestamp(package.stored_at),
        "deleted_at": timestamp(now),
        "reason": ending.reason,
    }
    return sign_all(canonical(members), [(key, "hub")], now, DELETION_TYPE)
