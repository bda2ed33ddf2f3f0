"""The policy of flags on simulated federations: how many planted outliers it finds, and how many honest ones it flags.

Providers that report badly (hiding, late) are followed through events, facts, cross-checks and scores of quality; the
others, whose reports are complete, become facts straight from what really happens, which a test shows to be the same.
What is counted, compared and flagged is so by the product's own code, over every indicator that the simulated events
tell of. What a slow provider is worse in besides, because less ends in time, counts as neither found nor false.

Alarms between releases are counted on one in ``FOLLOWED`` of the same federations with complete reports: once with
outliers that turn bad in the last quarter, and once with outliers that are as bad all the year.
"""

import time
from collections import Counter
from collections.abc import Collection
from itertools import islice

from bench.table import Row
from metrics.comparison.alarms import alarms
from metrics.context import Context
from metrics.simulation.federation import Federation
from metrics.simulation.release import UNRELIABLE, Release, releases
from metrics.simulation.roster import TOUCHED
from metrics.simulation.setting import Setting
from metrics.simulation.turning import Turned, turned

FEDERATIONS = 200
FOUND, FALSE = 0.6, 0.01
FOLLOWED = 5
"""One in so many federations is followed for alarms, which would take half as long again as everything else."""
Seen = set[tuple[str, str]]
"""Provider and indicator."""


def rows(federations: int = FEDERATIONS) -> list[Row]:
    """Seeds from 0 on, four quarters each."""
    setting, total, began = Setting(), Counter[str](), time.perf_counter()
    for seed in range(federations):
        total.update(_counted(Federation(seed, setting)))
        if seed % FOLLOWED == 0:
            total.update(_alarmed(turned(seed, setting), "turned"))
            total.update(_alarmed(turned(seed, setting, always=True), "steady"))
    seconds = time.perf_counter() - began
    size = f"{federations} federations of {setting.providers} providers, 4 quarters ({seconds:.0f} s)"
    return [
        Row(
            f"flags that may be public, {size}",
            f"{_share(total, 'found', 'planted')} planted outliers found in the year "
            f"({_share(total, 'found_quarters', 'planted_quarters')} quarters from the second on), "
            f"{_share(total, 'false', 'honest')} others flagged in the year "
            f"({_share(total, 'false_quarters', 'honest_quarters')} quarters)",
            f"found at least {FOUND}, false at most {FALSE}",
            "",
        ),
        Row(
            "flags for supervision",
            f"{_share(total, 'asked', 'planted')} planted outliers in the year, "
            f"{_share(total, 'asked_honest', 'honest')} others",
            "",
            "",
        ),
        Row(
            "providers that hide lost cases",
            f"caught by cross-checks in {total['caught']} of {federations} federations; "
            f"{_share(total, 'hidden_found', 'hidden')} hidden awards found at the quarter's release",
            f"all {federations} federations",
            "",
        ),
        Row(
            "providers that report late",
            f"{total['late_public']} flags that may be public, {total['late_asked']} for supervision; "
            f"{_share(total, 'late_bad', 'late')} scores of quality below the bar",
            "",
            "",
        ),
        Row(
            "alarms between releases",
            f"{_share(total, 'turned_found', 'turned')} differences that begin with the newest quarter are alarmed in "
            f"its time, {_share(total, 'steady_found', 'steady')} that were there all the year; "
            f"{4 * total['turned_false'] / total['turned_honest']:.3f} false alarms per honest provider and year",
            "",
            "",
        ),
    ]


def _alarmed(federation: Turned, kind: str) -> Counter[str]:
    """What the alarms of one federation add; false are all those at providers that are not bad in anything."""
    bad = {name for name, _ in federation.outliers}
    found = {(one.provider, one.indicator) for one in alarms(federation.columns, Context(), federation.now)}
    numbers = {
        "": len(federation.outliers),
        "_found": len(found & federation.outliers),
        "_honest": len(federation.providers) - len(bad),
        "_false": sum(name not in bad for name, _ in found),
    }
    return Counter({kind + name: number for name, number in numbers.items()})


def _counted(federation: Federation) -> Counter[str]:
    """What one federation adds to each number."""
    truth, year = federation.truth, list(releases(federation, UNRELIABLE))
    sound = {name for name, behaviour in truth.behaviours.items() if behaviour not in UNRELIABLE}
    compared = {one.indicator for release in year for one in release.comparisons}
    touched = {(name, indicator) for name, _ in truth.outliers for indicator in TOUCHED}
    honest = {(name, indicator) for name in sound for indicator in compared} - truth.outliers - touched
    public, asked = ([_flagged(one, truth.outliers, public=only) for one in year] for only in (True, False))
    in_year, asked_in_year = set[tuple[str, str]]().union(*public), set[tuple[str, str]]().union(*asked)
    late = {name for name, behaviour in truth.behaviours.items() if behaviour == "late"}
    found = Counter(
        planted=len(truth.outliers),
        found=len(in_year & truth.outliers),
        asked=len(asked_in_year & truth.outliers),
        planted_quarters=3 * len(truth.outliers),
        found_quarters=sum(len(one & truth.outliers) for one in islice(public, 1, None)),
        honest=len(honest),
        false=len(in_year & honest),
        asked_honest=len(asked_in_year & honest),
        honest_quarters=4 * len(honest),
        false_quarters=sum(len(one & honest) for one in public),
        late=4 * len(late),
        late_bad=sum(one.scores[name] < 0.8 for one in year for name in late),
        late_public=sum(name in late for name, _ in in_year),
        late_asked=sum(name in late for name, _ in asked_in_year),
    )
    return found + _hiding(federation, year)


def _hiding(federation: Federation, year: list[Release]) -> Counter[str]:
    hiders = {name for name, behaviour in federation.truth.behaviours.items() if behaviour == "hiding"}
    missing = [
        {one.about: one.provider for one in each.discrepancies if one.code == "award_not_reported"} for each in year
    ]
    caught = {name for one in missing for name in one.values()}
    return Counter(
        caught=int(hiders <= caught),
        hidden=sum(len(one.hidden) for one in year),
        hidden_found=sum(len(one.hidden & set(known)) for one, known in zip(year, missing, strict=True)),
    )


def _flagged(release: Release, planted: Collection[tuple[str, str]], *, public: bool) -> Seen:
    """Who is flagged, in what; an outlier that is flagged for doing better is not found."""
    return {
        (one.subject, one.indicator)
        for one in release.flags
        if (one.public or not public) and (one.judgement.side == "below" or (one.subject, one.indicator) not in planted)
    }


def _share(total: Counter[str], part: str, whole: str) -> str:
    """A share with what it is of."""
    return f"{total[part] / total[whole]:.3f} of {total[whole]:,}" if total[whole] else "none of 0"
