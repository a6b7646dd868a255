"""Maps of missing cells: shares by block of rows, and columns that are missing together."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from automl_core.profile.missing_map import BLOCKS, Pattern, missing_map
from automl_core.profile.sample import take_sample
from automl_core.table.inference.schema_inference import infer_schema

ROWS = 1_200
X = np.random.default_rng(0).normal(size=ROWS)


def table() -> pa.Table:
    late = np.arange(ROWS) >= ROWS // 2
    third = np.arange(ROWS) % 3 == 0
    return pa.table(
        {
            "whole": X,
            "late": pa.array(X, mask=late),
            "with it": pa.array(X * 2, mask=late),
            "third": pa.array(["?" if gap else "word" + str(i % 7) for i, gap in enumerate(third)]),
        }
    )


def test_the_map_shows_where_the_gaps_are() -> None:
    stored = table()
    found = missing_map(take_sample(stored, infer_schema(stored)))
    assert found.names == ("late", "with it", "third")
    assert [round(total, 3) for total in found.totals] == [0.5, 0.5, 0.333]
    late = found.shares[0]
    assert len(late) == BLOCKS and set(late[: BLOCKS // 2]) == {0.0} and late[-1] == 1.0


def test_what_is_missing_together_is_said() -> None:
    stored = table()
    found = missing_map(take_sample(stored, infer_schema(stored)))
    assert found.patterns == (
        Pattern((), 400),
        Pattern(("late", "with it"), 400),
        Pattern(("third",), 200),
        Pattern(("late", "with it", "third"), 200),
    )
    assert sum(p.rows for p in found.patterns) == found.rows == ROWS


def test_a_table_without_gaps_has_no_map() -> None:
    whole = pa.table({"x": X})
    found = missing_map(take_sample(whole, infer_schema(whole)))
    assert (found.names, found.shares, found.patterns) == ((), (), ())
