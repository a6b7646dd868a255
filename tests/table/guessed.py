"""One column's role found without help, and what its cells become."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pyarrow as pa

from automl_core.table.inference.column_role import infer_column
from automl_core.table.parsing.parse import parse_column
from automl_core.table.schema import Column


def guessed(values: Any, name: str = "x") -> Column:
    """The column as it is found."""
    return infer_column(pa.chunked_array([pa.array(values)]), name)


def numbers_of(values: Any, name: str = "x") -> list[float | None]:
    """The cells as numbers, rounded, under the rule that is found."""
    typed = parse_column(pa.array(values), name, guessed(values, name).parse)
    assert typed.numbers is not None
    return [None if np.isnan(v) else round(float(v), 4) for v in typed.numbers]


def days_of(values: Any, name: str = "x") -> list[str | None]:
    """The cells as dates with time, under the rule that is found."""
    start = dt.datetime(1970, 1, 1)
    return [
        None if v is None else str(start + dt.timedelta(seconds=v))
        for v in numbers_of(values, name)
    ]
