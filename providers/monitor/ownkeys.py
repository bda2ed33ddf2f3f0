"""The member's keys as a monitor needs them, opened anew at each visit.

A key that is being added is in its file before its statement is posted, and one that was replaced keeps a file. So
whoever opens these files after the hub's checkpoint has every key that the checkpoint's entries may stand under, and a
monitor that runs need not be told. Each key is unlocked once; it is kept for as long as the program runs.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from providers.errors import GatewayError
from providers.gateway.home import Home
from providers.gateway.keystore import open_agreement_key, public_of
from providers.gateway.made import own_kids
from providers.monitor.ownership import Owner

if TYPE_CHECKING:
    from signing.secretkeys import AgreementKey

__all__ = ["OwnKeys"]


class OwnKeys:
    """The member whose gateway this is, each time it is asked.

    Args:
        home: the gateway.
        passphrase: of all key files.
        more: files of further monitor keys.
    """

    def __init__(self, home: Home, passphrase: str, more: Sequence[Path] = ()) -> None:
        self._home = home
        self._passphrase = passphrase
        self._more = tuple(more)
        self._opened: dict[str, AgreementKey] = {}

    def __call__(self) -> Owner:
        """The member with every monitor key that is here now.

        Raises:
            GatewayError: a key file can't be opened.
        """
        # In the order in which a key moves through these files: one that is taken into use meanwhile is met again.
        self._open_new(self._home.new_key_file("monitor"))
        self._open(self._home.key_file("monitor"))
        for path in (*self._home.older_key_files("monitor"), *self._more):
            self._open(path)
        return Owner(self._home.actor, tuple(self._opened.values()), own_kids(self._home))

    def _open_new(self, path: Path) -> None:
        try:
            if path.exists():
                self._open(path)
        except GatewayError:
            if path.exists():
                raise

    def _open(self, path: Path) -> None:
        if public_of(path).kid not in self._opened:
            key = open_agreement_key(path, self._passphrase)
            self._opened[key.kid] = key
