"""Every table of the hub, in an order in which each stands after those that it refers to.

Whoever copies, compares or migrates a whole database takes it from here: a module with tables of its own counts only
once it is imported, and this one imports them all.
"""

from typing import TYPE_CHECKING

from hub.storage import (  # noqa: F401  # their tables count from here on
    applicationmodels,
    draftmodels,
    enquirymodels,
    factmodels,
    feedbackmodels,
    searchmodels,
)
from hub.storage.models import Base

if TYPE_CHECKING:
    from sqlalchemy import Table

__all__ = ["TABLES", "Base"]

TABLES: "tuple[Table, ...]" = tuple(Base.metadata.sorted_tables)
