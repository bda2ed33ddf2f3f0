"""One quarter of one provider's cases, as columns: how each of them goes.

The shares of a case's kind: the larger the claim, the fewer such cases are resolved in time, answered, and kept to
their deadlines; the expedited procedure helps. A provider's effect is added on the scale asin sqrt. Easy cases that
were taken in to pad are of the smallest band and do as such cases do anywhere.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from metrics.figures import Period
from metrics.simulation.roster import Provider
from metrics.simulation.setting import Setting
from metrics.survival import Floats, Integers

__all__ = ["OUTCOMES", "PROCEDURES", "Draws", "draw"]

PROCEDURES = ("expedited", "standard")
OUTCOMES = ("settled", "claimant", "respondent", "discontinued")
"""How a case ends; the two in the middle by award for the one or the other."""
_ENDS = (0.55, 0.2, 0.15, 0.1)
_APPOINTED, _AWARDED, _COSTLY = 0.85, 0.7, 0.25
"""Shares of cases whose neutral is appointed and whose award is made in time, and whose fee is above a tenth."""
_USUAL = {  # of each band, and how much the expedited procedure adds
    "deadline_compliance": ((0.93, 0.9, 0.86, 0.82, 0.78), 0.03),
    "resolved_in_time": ((0.9, 0.82, 0.72, 0.6, 0.48), 0.05),
    "respondent_participation": ((0.6, 0.66, 0.72, 0.78, 0.84), 0.0),
}
_BESIDE = (_ENDS[0], _APPOINTED, _AWARDED, _COSTLY)
_IN_TIME, _LONGEST = 90, 200
Marks = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Draws:
    """Columns of one provider's cases filed in one quarter.

    Attributes:
        filed: day of the quarter, from 0.
        band: claim band, from 0; ``procedure`` a place in ``PROCEDURES``; ``outcome`` one in ``OUTCOMES``.
        kept: whether the stage's deadline was kept; ``answered``: whether the respondent answered.
        length: days until the outcome.
        appointed, awarded: whether the neutral is appointed, and the award made, in time; ``costly``: the fee is high.
        names: 16 random bytes for each case.
    """

    filed: Integers
    band: Integers
    procedure: Integers
    kept: Marks
    answered: Marks
    length: Integers
    outcome: Integers
    names: NDArray[np.uint8]
    appointed: Marks
    awarded: Marks
    costly: Marks


def draw(rng: np.random.Generator, provider: Provider, period: Period, setting: Setting) -> Draws:
    """The provider's cases of the quarter, those of a padding one behind its own."""
    own = int(rng.poisson(provider.cases))
    padded = round(own * setting.padded) if provider.behaviour == "padding" else 0
    n = own + padded
    easy = np.arange(n) >= own
    band = np.where(easy, 0, rng.choice(len(provider.bands), n, p=provider.bands))
    procedure = np.where(easy, 0, (rng.random(n) >= provider.expedited).astype(np.int64))
    shares = [
        _shares(name, band, procedure, np.where(easy, 0.0, effect))
        for name, effect in zip(_USUAL, provider.effects, strict=True)
    ]
    kept, timely, answered = (rng.random(n) < share for share in shares)
    settles, *others = _moved(_BESIDE, provider.beside).tolist()
    rest = np.array(_ENDS[1:]) * (1 - settles) / (1 - _ENDS[0])
    outcome = rng.choice(len(OUTCOMES), n, p=[settles, *rest])
    quick, slow = rng.integers(40, _IN_TIME + 1, n), rng.integers(_IN_TIME + 1, _LONGEST + 1, n)
    return Draws(
        filed=rng.integers(0, period.days, n),
        band=band,
        procedure=procedure,
        kept=kept,
        answered=answered,
        length=np.where(timely, quick, slow),
        outcome=np.where(easy & timely, 0, outcome),
        names=rng.integers(0, 256, (n, 16), dtype=np.uint8),
        **{name: rng.random(n) < share for name, share in zip(("appointed", "awarded", "costly"), others, strict=True)},
    )


def _shares(name: str, band: Integers, procedure: Integers, effect: Floats) -> Floats:
    usual, gain = _USUAL[name]
    share = np.asarray(usual)[band] + np.where(procedure == 0, gain, 0.0)
    return _moved(share, effect)


def _moved(share: ArrayLike, effect: ArrayLike) -> Floats:
    """The share moved by the effect on the scale asin sqrt."""
    return np.asarray(np.sin(np.clip(np.arcsin(np.sqrt(share)) + effect, 0, np.pi / 2)) ** 2)
