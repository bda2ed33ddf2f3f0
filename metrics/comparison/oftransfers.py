"""What is counted of packages that were handed over (34): those that arrived, or were refused, in a quarter.

All packages go through one procedure, that of the network; what kind of case is inside nobody here knows.
"""

import numpy as np

from metrics.comparison.counted import Counted
from metrics.indicators.exchange import unpacked
from metrics.names import UNKNOWN
from metrics.pairing import FEDERATION
from metrics.tasks import Task

__all__ = ["packages_damaged"]


def packages_damaged(task: Task) -> Counted:
    """34: damaged, incomplete or not what was announced, of the packages, counted for the provider that sent them."""
    known = [(task.columns.code(one.sender), one) for one in unpacked(task, FEDERATION)]
    own = [(code, one) for code, one in known if code != UNKNOWN]
    provider = np.array([code for code, _ in own], dtype=np.int64)
    ended = np.array([one.ended for _, one in own], dtype=np.int64)
    damaged = np.array([one.defect == "package" for _, one in own], dtype=bool)
    alike = {"procedure": np.zeros(len(own), dtype=np.int64)}
    return Counted(provider, alike, damaged, ended, np.ones(len(own), dtype=bool))
