"""A typed column in the form in which two tables are compared: as numbers, or as few words."""

from __future__ import annotations

import numpy as np

from automl_core.table import TypedColumn

NO, YES = "no", "yes"


def compared(typed: TypedColumn, kind: str) -> TypedColumn:
    """Numbers for numbers, dates and the lengths of texts and lists; words for all else.

    `kind` is that of the column's parse rule. Lengths count characters.
    """
    if kind == "boolean":
        assert typed.numbers is not None
        codes = np.where(np.isnan(typed.numbers), -1, np.nan_to_num(typed.numbers) > 0.5)
        return TypedColumn(typed.name, codes=codes.astype(np.int32), words=(NO, YES))
    if kind in ("text", "list"):
        assert typed.codes is not None
        lengths = np.array([*map(len, typed.words), np.nan])  # the last one: code -1, missing
        return TypedColumn(typed.name, numbers=lengths[typed.codes])
    return typed
