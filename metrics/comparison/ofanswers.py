"""What is counted of the parties' answers (25, 26): of everybody who was invited, whether and what was answered.

Answers count that came within 90 days of the outcome, so that every case's parties had equally long.
"""

import numpy as np

from metrics.comparison.counted import FOLLOWED_DAYS, Counted
from metrics.events import DAY_SECONDS
from metrics.indicators.satisfaction import LOST, SIDES, TOP, invited, said
from metrics.survival import Integers
from metrics.tasks import Task

__all__ = ["fair", "satisfied"]


def satisfied(task: Task) -> Counted:
    """25: 4 or 5 of 5 points for the procedure, of the parties."""
    return _top_two(task, "overall")


def fair(task: Task) -> Counted:
    """26: 4 or 5 of 5 points for its fairness, of the parties who lost."""
    return _top_two(task, "fairness", LOST)


def _top_two(task: Task, question: str, side: int | None = None) -> Counted:
    asked, answers = invited(task), said(task, question)
    in_time = answers.days <= task.columns.outcome_at[answers.rows] // DAY_SECONDS + FOLLOWED_DAYS
    scored = in_time & (answers.scores > 0)
    meant = _parties(answers.rows, answers.cells)[scored]
    parties = np.unique(np.concatenate([_parties(asked.rows, asked.cells), meant]))
    rows, cells = parties // (2 * SIDES), parties % (2 * SIDES)
    wanted = np.ones(len(parties), dtype=bool) if side is None else cells % SIDES == side
    counts = np.isin(parties, meant[answers.scores[scored] >= TOP])[wanted]
    known = np.isin(parties, meant)[wanted]
    kinds = {"outcome": cells[wanted] % SIDES, "role": cells[wanted] // SIDES}
    own = rows[wanted]
    return Counted.of(task.columns, own, counts, task.columns.outcome_at[own], known, **kinds)


def _parties(rows: Integers, cells: Integers) -> Integers:
    """Each party as one number: its case, its role and how it ended for it."""
    return rows * (2 * SIDES) + cells
