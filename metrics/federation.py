"""Columns of providers made into columns of whole cases, so that the federation counts a case once.

What joins the records of a case is ``metrics.pairing``'s; it is asked only about the cases that moved, which are
few. All others are their provider's own rows.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from metrics.columns import Columns
from metrics.names import ABSENT
from metrics.pairing import disagreements, link

__all__ = ["WholeCases", "whole_cases"]


@dataclass(frozen=True, eq=False)
class WholeCases:
    """Facts of whole cases, whatever hands they went through.

    Attributes:
        columns: one row for each case, as in ``pairing.Linkage.cases``; the order is not said.
        unlinked: how many received cases have a sender who is unknown; in no figure of the federation.
        disagreements: of how many transfers both records differ in what, by the code of ``pairing.DIFFERENCES``.
    """

    columns: Columns
    unlinked: int
    disagreements: Mapping[str, int] = field(default_factory=dict)


def whole_cases(columns: Columns) -> WholeCases:
    """One row for each case. Rows without an opening belong to no case yet and are left out."""
    stayed = columns.opened != ABSENT
    stayed[columns.moved.row] = False
    linkage = link(columns.moved.fact.tolist())
    own = columns.select(stayed & (columns.filed != ABSENT))
    unnamed = int((stayed & (columns.filed == ABSENT)).sum())  # received under no transfer's identifier
    joined = Columns.of(linkage.cases, columns.names)
    differing = disagreements(linkage.disagreeing)
    return WholeCases(Columns.joined([own, joined]), unnamed + len(linkage.unlinked), differing)
