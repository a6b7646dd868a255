"""Rows drawn from what a model keeps of its training rows, column by column: a background for
explanations where no rows are at hand. Texts and lists, of which nothing is kept, are missing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from automl_core.scoring.compared_column import YES
from automl_core.scoring.reference import Reference
from automl_core.table import Column, TypedColumn, TypedTable
from automl_core.table.parsing import parse_column


def made_up_rows(
    columns: Sequence[Column], reference: Reference, rows: int, seed: int
) -> TypedTable:
    """So many rows, each column drawn on its own; columns that are not known are missing."""
    rng = np.random.default_rng(seed)
    drawn = {column.name: _drawn(column, reference, rows, rng) for column in columns}
    return TypedTable(drawn, rows)


def _drawn(
    column: Column, reference: Reference, rows: int, rng: np.random.Generator
) -> TypedColumn:
    known = reference.column(column.name)
    gap = rng.random(rows) < (1.0 if known is None else known.missing)
    codes = np.full(rows, -1, np.int32)
    if known is not None and known.words:
        shares = np.array([*known.shares, known.rest])
        codes = rng.choice(len(shares), rows, p=shares / shares.sum()).astype(np.int32)
        codes[gap | (codes == len(known.words))] = -1
    match column.parse.kind:
        case "number" | "datetime":
            numbers = np.full(rows, np.nan)
            if known is not None and known.points:
                numbers = np.where(gap, np.nan, rng.choice(np.array(known.points), rows))
            return TypedColumn(column.name, numbers=numbers)
        case "boolean":
            yes = -1 if known is None or YES not in known.words else known.words.index(YES)
            return TypedColumn(
                column.name, numbers=np.where(codes < 0, np.nan, (codes == yes).astype(float))
            )
        case "string":
            words = () if known is None else known.words
            return TypedColumn(column.name, codes=codes, words=words)
        case _:
            return parse_column(pa.nulls(rows, pa.string()), column.name, column.parse)
