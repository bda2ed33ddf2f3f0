"""Between which ranks a provider lies: an interval, because a single rank would pretend to know.

The ranks of true values are asked for, not those of observed ones. Observed are y, normal around a true value with the
standard error s; true values are normal around mu with the standard deviation tau. Of mu and tau nothing is known
before: mu may be anything, tau anything up to the largest that shares on the scale asin sqrt can have (Gelman 2006).
Each draw takes tau, then mu, then each true value from what the observed ones leave possible (Gelman et al., Bayesian
Data Analysis, 3rd edition, 5.4), and ranks them; an interval holds the middle ``level`` of a provider's ranks
(Goldstein and Spiegelhalter 1996). So a small provider, whose value says little, is anywhere, and is not at an end of
the table because chance put it there. Rank 1 has the smallest value; equal values in one draw don't occur.

What is *not* in it: errors of what was expected, and providers that are no case of a normal distribution: an odd one is
drawn to the others a little. Each interval holds by itself; that all of them hold together is less probable.

The same seed gives the same intervals. Only the officers' console may show them (ADR 0045).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from metrics.comparison.judgements import Comparison, Ranked, RankInterval
from metrics.errors import BadDataError
from metrics.survival import LEVEL, Floats

__all__ = ["rank_intervals", "ranked"]

_DRAWS = 4_000
_SEED = 1996
_WIDEST = np.pi / 4
"""Values on the scale asin sqrt lie between 0 and pi / 2."""
_STEPS = 400
_UNKNOWN = frozenset({"strata_alone", "unknown_many"})
"""Of whom the value is not that of its cases: it may be anywhere."""


def ranked(one: Comparison) -> tuple[Ranked, ...]:
    """The comparison in order of value, each provider with its interval of ranks; rank 1 is the smallest share.

    A provider most of whose results are not known, or whose cases have too few like them elsewhere, is drawn like one
    of which nothing is known.
    """
    known = [not _UNKNOWN & {*each.withheld} for each in one.judgements]
    s = [0.5 / each.n**0.5 for each in one.judgements]
    y = [float(each.z) * error for each, error in zip(one.judgements, s, strict=True)]
    errors = np.where(known, s, np.inf)
    return one.by_value(rank_intervals([each.subject for each in one.judgements], y, errors, seed=_SEED))


def rank_intervals(
    subjects: Sequence[str], y: ArrayLike, s: ArrayLike, *, seed: int, level: float = LEVEL
) -> tuple[RankInterval, ...]:
    """One interval for each subject, in the order given.

    Args:
        subjects: their names.
        y: their values on the scale asin sqrt, or how far they are from what was expected on it.
        s: the standard error of each; infinite where the value says nothing.
        seed: of the draws.
        level: how much of the draws an interval holds.

    Raises:
        BadDataError: a value without its name or error, or no error above 0.
    """
    values, errors = np.asarray(y, dtype=np.float64), np.asarray(s, dtype=np.float64)
    if not subjects or not len(subjects) == len(values) == len(errors) or not errors.min() > 0:
        raise BadDataError("no_ranks", "Each provider needs a name, a value and a standard error above 0.")
    drawn = _drawn(values, errors, np.random.default_rng(seed))
    ranks = np.sort(drawn.argsort(axis=1).argsort(axis=1) + 1, axis=0)
    low, high = int(_DRAWS * (1 - level) / 2), int(np.ceil(_DRAWS * (1 + level) / 2)) - 1
    return tuple(
        RankInterval(subject, int(ranks[low, place]), int(ranks[high, place]), len(subjects))
        for place, subject in enumerate(subjects)
    )


def _drawn(values: Floats, errors: Floats, rng: np.random.Generator) -> Floats:
    """True values that the observed ones leave possible, a row for each draw."""
    tau, mean, spread, chance = _possible(values, errors)
    chosen = rng.choice(len(tau), size=_DRAWS, p=chance)
    mu = mean[chosen] + spread[chosen] * rng.standard_normal(_DRAWS)
    pull = 1 / (1 + (tau[chosen, np.newaxis] / errors) ** 2)
    middle = pull * mu[:, np.newaxis] + (1 - pull) * values
    around = tau[chosen, np.newaxis] * np.sqrt(pull)
    return np.asarray(middle + around * rng.standard_normal(middle.shape))


def _possible(values: Floats, errors: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Standard deviations between providers; of each the mean that goes with it, its error, and how probable it is.

    Where nobody's value says anything, the mean is 0 and every deviation is alike.
    """
    edges = _WIDEST * (np.arange(_STEPS + 1) / _STEPS) ** 2  # finer where small ones are told apart
    tau, width = (edges[1:] + edges[:-1]) / 2, np.diff(edges)
    known = np.isfinite(errors)
    if not known.any():
        return tau, np.zeros(_STEPS), np.zeros(_STEPS), width / width.sum()
    own = values[known]
    weights = 1 / (errors[known] ** 2 + tau[:, np.newaxis] ** 2)
    total = weights.sum(axis=1)
    mean = (weights * own).sum(axis=1) / total
    squares = (weights * (own - mean[:, np.newaxis]) ** 2).sum(axis=1)
    log = (np.log(weights).sum(axis=1) - np.log(total) - squares) / 2 + np.log(width)
    chance = np.exp(log - log.max())
    return tau, mean, 1 / np.sqrt(total), chance / chance.sum()
