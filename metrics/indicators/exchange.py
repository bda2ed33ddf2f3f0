"""How cases are handed over (32 to 35): from the log and the hub's own records, not from providers' reports."""

from collections import Counter
from collections.abc import Iterable

import numpy as np

from metrics import intervals
from metrics.cohorts import OPEN, Cohort
from metrics.context import ExchangeRecord
from metrics.events import DAY_SECONDS, day
from metrics.figures import Figure
from metrics.indicators.curves import incidences
from metrics.tasks import Part, Task

__all__ = ["deletion_on_time", "offer_acceptance", "offer_to_completion", "transfer_defects", "unpacked"]

_ARRIVED_BY = (5, 14)
_GRACE_SECONDS = DAY_SECONDS
_UNPACKED = ("completed", "failed")


def offer_acceptance(task: Task) -> list[Figure]:
    """32: offers accepted, of those answered or run out of time, at the provider that was asked."""
    known = task.context.offered_to(task.books.subject)
    answers = Counter(one.answer for one in known if one.answered is not None and one.answered in task.period)
    accepted, declined, expired = (answers[name] for name in ("accepted", "declined", "expired"))
    counts = {"declined": declined, "run_out_of_time": expired, "withdrawn": answers["withdrawn"]}
    return [task.share(Part("", reported=bool(known)), accepted, accepted + declined + expired, counts)]


def offer_to_completion(task: Task) -> list[Figure]:
    """33: the incidence of completion, from the day of the offer, at the provider that hands over."""
    freeze = task.request.freeze
    made = [one for one in task.context.sent_by(task.books.subject) if one.offered in task.period]
    over = [one.ended is not None and one.ended <= freeze for one in made]
    days = [
        day(one.ended if ended and one.ended is not None else freeze) - day(one.offered)
        for one, ended in zip(made, over, strict=True)
    ]
    causes = [(1 if one.end == "completed" else 2) if ended else OPEN for one, ended in zip(made, over, strict=True)]
    ends = Counter(one.end for one, ended in zip(made, over, strict=True) if ended)
    counts = {name: ends[name] for name in ("completed", "declined", "withdrawn", "expired", "failed")}
    parts = {f"within_{limit}_days": (1, limit) for limit in _ARRIVED_BY}
    cohort = Cohort(np.array(days, dtype=np.int64), np.array(causes, dtype=np.int64))
    if cohort.n < task.minimum:
        reported = bool(task.context.sent_by(task.books.subject))
        return [task.few(Part(part, "share", reported=reported), cohort.n, counts) for part in parts]
    return incidences(task, cohort, 2, parts, counts)


def transfer_defects(task: Task) -> list[Figure]:
    """34: packages that were broken and consents that were missing, at the provider that hands over."""
    subject = task.books.subject
    reported = bool(task.context.sent_by(subject))
    judged = _ended(task, subject, *_UNPACKED, "declined")
    return [
        _defective(task, Part("package", reported=reported), unpacked(task, subject)),
        _defective(task, Part("consent", reported=reported), judged),
    ]


def unpacked(task: Task, subject: str) -> list[ExchangeRecord]:
    """Transfers that the subject made and whose package arrived, or was refused, in the period."""
    return _ended(task, subject, *_UNPACKED)


def _ended(task: Task, subject: str, *ends: str) -> list[ExchangeRecord]:
    made = task.context.sent_by(subject)
    return [one for one in made if one.ended is not None and one.ended in task.period and one.end in ends]


def _defective(task: Task, part: Part, judged: Iterable[ExchangeRecord]) -> Figure:
    found = [one.defect == part.name for one in judged]
    return task.share(part, sum(found), len(found), limits=intervals.clopper_pearson)


def deletion_on_time(task: Task) -> list[Figure]:
    """35: packages deleted within a day of the day they must be, of those that fell due."""
    known = task.context.packages_of(task.books.subject)
    due = [one for one in known if one.due + _GRACE_SECONDS in task.period]
    judged = [one for one in due if not one.held]
    in_time = sum(one.deleted is not None and one.deleted <= one.due + _GRACE_SECONDS for one in judged)
    counts = {"held": len(due) - len(judged), "still_there": sum(one.deleted is None for one in judged)}
    return [task.share(Part("", reported=bool(known)), in_time, len(judged), counts)]
