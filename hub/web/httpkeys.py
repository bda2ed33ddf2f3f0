"""The http keys that requests are signed with, remembered while no statement changes any key.

A key's record is what the rules keep of it now. It can change only by a statement of one of five kinds; the newest
such entry that this process signed is remembered with each record, and one that is not the newest any more is read
again. So a revocation counts from the moment its entry is signed.
"""

from collections import OrderedDict

from hub.log.publication import Publication
from hub.storage.directory import Directory
from signing.keyring import KeyRecord

__all__ = ["HttpKeys"]

_CHANGING = ("genesis", "policy", "member", "neutral", "key")
_CAPACITY = 10_000

Ring = dict[str, KeyRecord]


class HttpKeys:
    """Key rings by the kid of one of their keys.

    Args:
        directory: reads them.
        publication: tells when keys may have changed.
    """

    def __init__(self, directory: Directory, publication: Publication) -> None:
        self._directory = directory
        self._publication = publication
        self._known: OrderedDict[str, tuple[int, Ring]] = OrderedDict()

    async def ring(self, kid: str) -> Ring:
        """Every key of the owner of ``kid``, by kid; empty when nobody has it."""
        newest = self._publication.newest_of(_CHANGING)
        known = self._known.get(kid)
        if known is not None and known[0] == newest:
            self._known.move_to_end(kid)
            return known[1]
        found = await self._directory.key(kid)
        if found is None:
            return {}
        members = await self._directory.keyring(found["owner"])
        ring = {name: KeyRecord(**record) for name, record in members.items()}
        self._known[kid] = newest, ring
        while len(self._known) > _CAPACITY:
            self._known.popitem(last=False)
        return ring
