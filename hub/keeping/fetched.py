"""What ``odr-hub complete`` has fetched, kept in ``DATA/completing`` until the log is whole.

::

    DATA/completing/checkpoint, tile/entries/…    what is missing, verified when fetched and each time it is read
    DATA/completing/policy-proof/…                checkpoints that lead over changes of policy (``policyproofs``)
    DATA/completing/statements/                   offered statements whose turn has not come

The checkpoint there is by the log's own key. So it binds the log as one does that a witness shows: a hub that is
started before the log is whole reads only, whoever else is silent.
"""

from contextlib import suppress
from pathlib import Path

from hub.keeping.export import CHECKPOINT

__all__ = ["FOLDER", "STATEMENTS", "fetched_heads"]

FOLDER, STATEMENTS = "completing", "statements"


def fetched_heads(data: Path) -> dict[str, bytes]:
    """The heads kept in the data directory ``data``, by who shows them, as ``contradiction`` takes them.

    Nothing of them is verified here.
    """
    found: dict[str, bytes] = {}
    with suppress(FileNotFoundError):
        found["The completion begun here (odr-hub complete) shows"] = (data / FOLDER / CHECKPOINT).read_bytes()
    return found
