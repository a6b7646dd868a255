"""Row numbers of the cells that a finding is about."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from automl_core.table import MOST_ROWS, plain_array


def rows_with(cells: pa.ChunkedArray, values: pa.Array) -> tuple[int, ...]:
    """The first rows, MOST_ROWS at most, whose cell is one of the values."""
    cells = plain_array(cells)
    if not len(values):
        return ()
    found = pc.is_in(cells, value_set=values.cast(cells.type, safe=False))
    at = np.flatnonzero(found.to_numpy())
    return tuple(int(i) for i in at[:MOST_ROWS])
