"""Every kind of alarm that there is: a closed list, each with what it means and the command that leads out of it.

An alarm of a kind that *ends by itself* is taken back when its cause is seen to be gone; every other one stays until
somebody clears it, with a reason that is kept. ``docs/operations/alarms/<code>.md`` is the page for each.

Raised at start (start-up looks again, and takes back what it no longer finds):
``store_behind``, ``store_differs``, ``log_key_differs``. By the running log: ``witness_ahead``,
``witness_equivocation``, ``quorum_missing``, ``sequencer_stopped``. About the machine: ``disk_full``, ``disk_floor``,
``clock_stepped``, ``verifier_restarting``, ``retention_failing``. About what follows the log: ``facts_differ``.
"""

from dataclasses import dataclass

__all__ = ["CRITICAL", "KINDS", "RUNBOOKS", "WARNING", "Kind", "command_for"]

CRITICAL, WARNING = "critical", "warning"
RUNBOOKS = "docs/operations/alarms"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of alarm.

    ``sentence`` says what was found and who must act; ``command`` leads out of it, with DATA for the data
    directory; ``by_itself`` whether it is taken back when its cause is gone.
    """

    code: str
    severity: str
    sentence: str
    command: str
    by_itself: bool

    @property
    def runbook(self) -> str:
        """The page about this kind, below the root of the project."""
        return f"{RUNBOOKS}/{self.code}.md"


def _clear(code: str) -> str:
    return f'odr-hub alarms clear {code} --data DATA --reason "…"'


_SERVE = "odr-hub serve --data DATA"
_LIST = (
    Kind(
        "store_behind",
        CRITICAL,
        "A head that this log signed covers more entries than are stored here: the hub reads only, until the operator"
        " brings the missing entries back.",
        "odr-hub complete --data DATA --from URL",
        by_itself=True,
    ),
    Kind(
        "store_differs",
        CRITICAL,
        "The log's key has signed another history than the one stored here: the hub reads only. The operator and the"
        " coordinator must find out which is true; this log must end.",
        _clear("store_differs"),
        by_itself=True,
    ),
    Kind(
        "log_key_differs",
        CRITICAL,
        "The stored log is not signed with the log key in the key directory: the hub does not start. The operator must"
        " put the right key back.",
        _SERVE,
        by_itself=True,
    ),
    Kind(
        "witness_ahead",
        CRITICAL,
        "A witness says that it has cosigned more entries of this log than the hub ever signed: an old copy may be"
        " running, or two hubs with one key. The operator must find out which.",
        _clear("witness_ahead"),
        by_itself=False,
    ),
    Kind(
        "witness_equivocation",
        CRITICAL,
        "A witness says that it has cosigned another history of this log. Operator, coordinator and witness must find"
        " out which is true.",
        _clear("witness_equivocation"),
        by_itself=False,
    ),
    Kind(
        "quorum_missing",
        WARNING,
        "Too few witnesses cosign: receipts stay provisional. The operator must ask the witnesses that do not answer.",
        "odr-hub status --data DATA",
        by_itself=True,
    ),
    Kind(
        "sequencer_stopped",
        CRITICAL,
        "Writing the log failed, and the process ended with it. The operator must check what is stored, and restart.",
        _SERVE,
        by_itself=True,
    ),
    Kind(
        "disk_full",
        CRITICAL,
        "The disk is full: nothing is registered. The operator must make room; then the hub goes on by itself.",
        "odr-hub status --data DATA",
        by_itself=True,
    ),
    Kind(
        "disk_floor",
        WARNING,
        "Less space is free than the settings keep back: nothing new is taken in. The operator must make room.",
        "odr-hub status --data DATA",
        by_itself=True,
    ),
    Kind(
        "clock_stepped",
        WARNING,
        "The machine's clock was set by a jump, or is behind the log: nothing is taken in until it is right again. The"
        " operator must put the clock right.",
        _clear("clock_stepped"),
        by_itself=False,
    ),
    Kind(
        "verifier_restarting",
        WARNING,
        "Processes that check statements end again and again: the hub checks by itself, more slowly. The operator must"
        " look at the machine's memory and at the hub's log output.",
        "odr-hub status --data DATA",
        by_itself=True,
    ),
    Kind(
        "retention_failing",
        WARNING,
        "Case material that is due for deletion can't be deleted. The operator must look why, because it may not be"
        " kept longer.",
        "odr-hub status --data DATA",
        by_itself=True,
    ),
    Kind(
        "facts_differ",
        WARNING,
        "Facts about cases are stored that their events don't give: figures about providers may be wrong. The operator"
        " must stop the hub, have the tables made again from the log, and start it.",
        "odr-hub rebuild --data DATA",
        by_itself=True,
    ),
)
KINDS = {one.code: one for one in _LIST}


def command_for(kind: Kind, data: str) -> str:
    """The command of ``kind`` as it is typed for the data directory ``data``."""
    return kind.command.replace("DATA", data)
