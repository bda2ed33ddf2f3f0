"""Indirect standardisation: how many of a provider's cases would count, did they go as such cases go elsewhere.

E = sum over strata of (the provider's cases in the stratum) x (the share in that stratum among all *other* providers).
The provider itself is left out, so that a large one is not compared with itself. For cases of a stratum that no other
provider has (with at least ``LEAST`` cases) the share is that of all others' cases that are alike by one column fewer,
and so on down to the first columns, which are ``held``: else a provider could leave the comparison with a kind
that nobody else uses. Cases without others even there have nothing to be compared with: they are taken out of n and of
the numerator, and counted as ``alone``.

``elsewhere`` is that share of each single case, where others' cases of an earlier time are to say what is expected.

``strata`` makes strata out of what is known of cases: as fine as leaves ``LEAST`` cases of others in each; ``coarser``
the kinds that are looked at where a stratum has too few.

What this does *not* do: adjust for anything that is not in the strata, or check what providers say about their cases.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from metrics.errors import BadDataError
from metrics.survival import Floats, Integers

__all__ = ["LEAST", "Standardised", "coarser", "elsewhere", "standardise", "strata"]

LEAST = 10
"""Cases of other providers that a stratum needs before its share says anything."""


@dataclass(frozen=True, slots=True)
class Standardised:
    """One provider's count beside what would be expected.

    Attributes:
        numerator: cases that count, among n.
        n: cases that have others to be compared with.
        expected: how many of them would count elsewhere.
        alone: cases that have none, outside n.
    """

    subject: str
    numerator: int
    n: int
    expected: float
    alone: int


def standardise(
    subjects: Sequence[str],
    groups: ArrayLike,
    hits: ArrayLike,
    provider: ArrayLike,
    wider: Sequence[Integers] = (),
) -> tuple[Standardised, ...]:
    """One row for each subject, by name; those without any case are left out.

    Args:
        subjects: names of the providers.
        groups: of each case, a whole number that stands for its stratum.
        hits: of each case, whether it counts (0 or 1).
        provider: of each case, the place of its provider in ``subjects``.
        wider: ``coarser`` of the same cases, where a stratum has too few of others.

    Raises:
        BadDataError: lists of different lengths, or a provider or mark that there is not.
    """
    cells, marks, places = np.asarray(groups), np.asarray(hits), np.asarray(provider)
    if not (cells.shape == marks.shape == places.shape) or cells.ndim != 1:
        raise BadDataError("lengths_differ", "Each case has one stratum, one mark and one provider.")
    if cells.size == 0:
        return ()
    if not np.isin(marks, (0, 1)).all() or places.min() < 0 or places.max() >= len(subjects):
        raise BadDataError("unknown_mark", "A case counts (1) or not (0), and belongs to a provider that is named.")
    _, codes = np.unique(cells, return_inverse=True)
    shape = (len(subjects), int(codes.max()) + 1)
    cases, counted = _tables(places, codes, marks, shape)
    others = cases.sum(axis=0) - cases
    known = others >= LEAST
    share = np.divide(counted.sum(axis=0) - counted, others, out=np.zeros(shape), where=known)
    few = ~known[places, codes]
    alike, alike_counted = _alike(wider, marks, places, few, np.ones(places.shape, dtype=bool))
    found_alike = few & (alike >= LEAST)
    more = np.divide(alike_counted, alike, out=np.zeros(places.shape), where=found_alike)

    def of_each(chosen: NDArray[np.bool_], weights: Floats | None = None) -> NDArray[Any]:
        return np.bincount(places[chosen], None if weights is None else weights[chosen], minlength=len(subjects))

    rows = zip(
        subjects,
        (np.where(known, counted, 0).sum(axis=1) + of_each(found_alike & marks.astype(bool))).tolist(),
        (np.where(known, cases, 0).sum(axis=1) + of_each(found_alike)).tolist(),
        ((cases * share).sum(axis=1) + of_each(found_alike, more)).tolist(),
        of_each(few & ~found_alike).tolist(),
        strict=True,
    )
    found = (Standardised(*row) for row in rows)
    return tuple(sorted((one for one in found if one.n + one.alone), key=lambda one: one.subject))


def elsewhere(
    groups: ArrayLike, hits: ArrayLike, provider: ArrayLike, learnt: ArrayLike, wider: Sequence[Integers] = ()
) -> Floats:
    """Of each case, the probability that it counts, from those cases of other providers that are learnt from.

    Half a case is added to those that count and to those that don't, so that it is never 0 or 1 (Jeffreys); NaN where
    others have fewer than ``LEAST`` cases to learn from in the stratum and in all that are wider.

    Args:
        groups: of each case, a whole number that stands for its stratum.
        hits: of each case, whether it counts (0 or 1).
        provider: of each case, a whole number for its provider.
        learnt: of each case, whether it is learnt from.
        wider: as in ``standardise``.
    """
    codes, places = (np.unique(np.asarray(one), return_inverse=True)[1] for one in (groups, provider))
    shape, chosen = (int(places.max(initial=-1)) + 1, int(codes.max(initial=-1)) + 1), np.asarray(learnt, dtype=bool)
    marks = np.asarray(hits)
    tables = _tables(places[chosen], codes[chosen], marks[chosen], shape)
    cases, counted = ((one.sum(axis=0) - one)[places, codes] for one in tables)
    few = cases < LEAST
    alike, alike_counted = _alike(wider, marks, places, few, chosen)
    cases, counted = np.where(few, alike, cases), np.where(few, alike_counted, counted)
    return np.where(cases >= LEAST, (counted + 0.5) / (cases + 1), np.nan)


def _alike(
    wider: Sequence[Integers], marks: NDArray[Any], places: Integers, wanted: NDArray[np.bool_], learnt: NDArray[Any]
) -> tuple[Integers, Integers]:
    """Of each wanted case how many of others are alike, and how many of them count; 0 where there are too few.

    By the first grouping in which there are enough. Groups of no wanted case are not looked at.
    """
    cases, counted = (np.zeros(places.shape, dtype=np.int64) for _ in range(2))
    for grouping in wider:
        still = wanted & (cases < LEAST)
        near = np.flatnonzero(np.isin(grouping, grouping[still]))
        _, codes = np.unique(grouping[near], return_inverse=True)
        shape, use = (int(places.max(initial=-1)) + 1, int(codes.max(initial=-1)) + 1), learnt[near]
        tables = _tables(places[near][use], codes[use], marks[near][use], shape)
        others, hits = ((one.sum(axis=0) - one)[places[near], codes] for one in tables)
        enough = still[near] & (others >= LEAST)
        cases[near[enough]], counted[near[enough]] = others[enough], hits[enough]
    return cases, counted


def _tables(
    places: Integers, codes: Integers, marks: NDArray[Any], shape: tuple[int, int]
) -> tuple[Integers, Integers]:
    """Of each provider and stratum how many cases there are, and how many of them count."""
    flat = places.astype(np.int64) * shape[1] + codes
    cases, counted = (
        np.bincount(one, minlength=shape[0] * shape[1]).reshape(shape) for one in (flat, flat[marks.astype(bool)])
    )
    return cases, counted


def strata(columns: Sequence[ArrayLike], provider: ArrayLike, held: int = 1) -> Integers:
    """Strata of cases by as many of the columns as leave enough others, in the order of the columns.

    A stratum that holds, whoever asks, ``LEAST`` cases of other providers stays; cases of one that does not are put
    together by one column fewer, with others of that kind. The first columns, which are ``held``, are never given up.

    Args:
        columns: what is known of each case, the most important first; anything that numpy can tell apart.
        provider: of each case, a whole number for its provider.
        held: how many of the columns are held equal whatever comes of it.
    """
    places = np.asarray(provider)
    levels = _levels(columns)[held - 1 :]
    if not levels or places.size == 0:
        raise BadDataError("no_strata", "Strata need a column and a case.")
    found = np.full(places.shape, -1, dtype=np.int64)
    for level in reversed(levels[1:]):
        open_cases = np.flatnonzero(found < 0)
        kept = open_cases[_others(level[open_cases], places[open_cases]) >= LEAST]
        found[kept] = level[kept] + found.max(initial=-1) + 1
    last = np.flatnonzero(found < 0)
    found[last] = levels[0][last] + found.max(initial=-1) + 1
    return found


def coarser(columns: Sequence[ArrayLike], held: int = 1) -> tuple[Integers, ...]:
    """Kinds of cases by all columns but the last, by one fewer, and so on to those alone that are ``held``."""
    return tuple(reversed(_levels(columns)[held - 1 : -1]))


def _levels(columns: Sequence[ArrayLike]) -> list[Integers]:
    """Numbers for kinds of cases: by the first column, by the first two, and so on to all of them."""
    levels: list[Integers] = []
    for column in columns:
        _, codes = np.unique(np.asarray(column), return_inverse=True)
        before = levels[-1] if levels else np.zeros(codes.shape, dtype=np.int64)
        _, joint = np.unique(before * (int(codes.max(initial=0)) + 1) + codes, return_inverse=True)
        levels.append(joint.astype(np.int64))
    return levels


def _others(groups: Integers, places: NDArray[np.int64]) -> Integers:
    """Of each case, how many cases its group has besides those of the provider that has most of them."""
    _, codes = np.unique(groups, return_inverse=True)
    providers = int(places.max(initial=0)) + 1
    pairs, counts = np.unique(codes * providers + places, return_counts=True)
    largest = np.zeros(int(codes.max(initial=-1)) + 1, dtype=np.int64)
    np.maximum.at(largest, pairs // providers, counts)
    return (np.bincount(codes, minlength=len(largest)) - largest)[codes]
