"""Statements of answers that the rules refused: kept in a small file of the data directory until they are accepted.

A refusal is kept with its reason, since when it stands, and what it was about; none of it tells an answer. The file
outlives restarts. It is no part of the log and of no backup: a hub without it tries once more and writes it again.

What is *not* here: whether something has changed since. That is for whoever tries (``hub.jobs.registering``).
"""

import json
import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from providers.durable import write_whole

__all__ = ["FILE", "RefusedAnswers", "RefusedStatement"]

LOG = logging.getLogger("hub.jobs")

FILE = "refused-answers.json"
"""Its name in the data directory."""


@dataclass(frozen=True, slots=True)
class RefusedStatement:
    """One statement that was refused.

    Attributes:
        body: SHA-256 (hex) of its body, which is the same as long as it would hold the same answers.
        answers: how many it holds.
        code: of the refusal; ``where`` in the statement.
        since: when answers were first refused for this reason, POSIX seconds.
        tried: when this was tried last.
        rests_on: what the refusal rests on besides the body; empty if it is to be tried again whatever that is.
    """

    body: str
    answers: int
    code: str
    where: str
    since: int
    tried: int
    rests_on: str


class RefusedAnswers:
    """The file.

    Args:
        path: where it is.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> tuple[RefusedStatement, ...]:
        """What is refused; nothing if there is no file or it can't be read, and then it is tried again."""
        try:
            return tuple(RefusedStatement(**one) for one in json.loads(self._path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return ()
        except (OSError, ValueError, TypeError) as error:
            LOG.warning("%s can't be read: %s", self._path.name, error)
            return ()

    def write(self, refused: Sequence[RefusedStatement]) -> None:
        """Put these in place of what stood there, all at once. Of two that write side by side the last one counts.

        Raises:
            OSError: the file can't be written; what stood there stays.
        """
        if not refused:
            self._path.unlink(missing_ok=True)
            return
        write_whole(self._path, f"{json.dumps([asdict(one) for one in refused], indent=1)}\n".encode())

    def ask(self) -> int:
        """Have everything tried again at the next look; tells how many statements that are."""
        refused = self.read()
        self.write([replace(one, rests_on="") for one in refused])
        return len(refused)
