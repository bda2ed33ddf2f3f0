"""Definition + facts + request -> figures.

``compute`` makes the figures of one indicator for one subject, ``compute_all`` those of every indicator for every
provider and for the federation, after the identity of the base counts has been checked for each. Facts must have
been folded with the freeze of the request (``folding.fold(events, freeze)``): what was recorded later is not known
yet.

Minima are the definitions' own; a supervised view asks for a lower one and shows ``Figure.small`` as a warning.
What is *not* done here: comparison between providers, disclosure control beyond the minima, releases.

Example::

    period = Period.of(date(2026, 1, 1), date(2026, 3, 31))
    figures = compute_all(fold(events, freeze), Request(period, freeze))
"""

from collections.abc import Iterable, Sequence

from metrics.columns import Columns
from metrics.definitions import Definition, definitions
from metrics.facts import CaseFact
from metrics.federation import WholeCases, whole_cases
from metrics.figures import Figure
from metrics.indicators import COMPUTE
from metrics.pairing import FEDERATION
from metrics.tasks import Books, Request, Task

__all__ = ["compute", "compute_all"]


def compute(
    definition: Definition, subject: str, facts: Iterable[CaseFact] | Columns, request: Request
) -> tuple[Figure, ...]:
    """The figures of one indicator for one subject, whose facts these are.

    For the federation give the facts of whole cases (``federation.whole_cases(columns).columns``).

    Raises:
        IdentityBrokenError: the base counts, where the indicator needs them, don't add up.
    """
    return tuple(COMPUTE[definition.id](Task(definition, Books(subject, Columns.of(facts), request))))


def compute_all(
    facts: Iterable[CaseFact] | Columns,
    request: Request,
    *,
    providers: Iterable[str] = (),
    chosen: Sequence[Definition] | None = None,
    whole: WholeCases | None = None,
) -> tuple[Figure, ...]:
    """All figures: by indicator, then the federation, then each provider by name.

    ``providers`` names those that ought to report; one of which nothing is known gets figures that say so.
    ``whole`` is ``federation.whole_cases(columns)`` where the caller has it.

    Raises:
        IdentityBrokenError: the base counts of one subject don't add up; then no figure is made at all.
    """
    columns = Columns.of(facts)
    subjects = {FEDERATION: (whole_cases(columns) if whole is None else whole).columns}
    subjects |= {name: columns.of_provider(name) for name in sorted({*providers, *columns.providers})}
    books = [Books(subject, own, request) for subject, own in subjects.items()]
    for each in reversed(books):  # providers first: the error names whose books don't balance
        _ = each.flows
    return tuple(
        figure
        for one in (definitions() if chosen is None else chosen)
        for each in books
        for figure in COMPUTE[one.id](Task(one, each))
    )
