"""A table is a table: every row has a cell for each column."""

import pytest

from hub.charts.tables import Table
from hub.errors import ChartError


@pytest.mark.parametrize(("rows", "numeric"), [((("1",),), (True, True)), ((("1", "2"),), (True,))])
def test_ragged_tables_are_refused(rows: tuple[tuple[str, ...], ...], numeric: tuple[bool, ...]) -> None:
    with pytest.raises(ChartError, match="one text for each column"):
        Table("c", ("a", "b"), rows, numeric)
