"""The table beside a chart: the same values as text, for everybody who can't or won't read the drawing."""

from dataclasses import dataclass

from hub.errors import ChartError

__all__ = ["Table"]


@dataclass(frozen=True, slots=True)
class Table:
    """Texts in rows; the first column names the row.

    Attributes:
        caption: what the table is about, with the number of cases where all rows rest on the same ones.
        header: one text for each column.
        numeric: of each column whether it holds numbers, which are set to the right.
    """

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[bool, ...]

    def __post_init__(self) -> None:
        columns = len(self.header)
        if len(self.numeric) != columns or any(len(row) != columns for row in self.rows):
            raise ChartError("table_ragged", "Every row of a table has one text for each column.", self.caption)
