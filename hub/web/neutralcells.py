"""The table of active neutrals by field and language, as pages show it."""

from typing import Any

from hub.web.formats import tongue
from hub.web.languages import Language
from hub.web.wording import coded
from metrics.neutraltable import NeutralTable

__all__ = ["neutral_cells"]


def neutral_cells(language: Language, table: NeutralTable | None) -> dict[str, Any] | None:
    """What the macro ``table`` of ``neutrals.html`` shows; heads in order of their names in the reader's language."""
    if table is None:
        return None
    fields, spoken = (
        sorted((name, code) for name, code in heads)
        for heads in (
            ((coded(language, "practice_fields", one), one) for one in table.fields),
            ((tongue(language, one), one) for one in table.languages),
        )
    )
    rows = [(name, [table.cells[field, code] for _, code in spoken]) for name, field in fields]
    return {"count": table.neutrals, "languages": [name for name, _ in spoken], "rows": rows, "more": table.elsewhere}
