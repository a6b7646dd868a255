"""The items of a cell that holds a list, on whole Arrow arrays.

Which columns hold lists is decided in list_format.py.
"""

from __future__ import annotations

import re

import pyarrow as pa

BETWEEN = "\x1f"
"""Stands between the items of a list in `TypedColumn.words`."""

_ITEM = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'|[^,]+')


def items_of(cell: str, separator: str) -> tuple[str, ...]:
    """The different items of a cell in their order, trimmed and in lower case.

    A cell in square or curly brackets is read by commas, quotes around an item dropped.
    """
    cell = cell.strip()
    if cell[:1] + cell[-1:] in ("[]", "{}"):
        parts = [part.strip() for part in _ITEM.findall(cell[1:-1])]
        parts = [p[1:-1] if len(p) > 1 and p[0] == p[-1] and p[0] in "\"'" else p for p in parts]
    else:
        parts = cell.split(separator) if separator else [cell]
    trimmed = (part.strip().lower() for part in parts)
    return tuple(dict.fromkeys(part for part in trimmed if part))


def list_words(cells: pa.Array, separator: str) -> pa.Array:
    """The items of each cell with BETWEEN between them; null where there is none."""
    joined = [
        BETWEEN.join(items_of(cell, separator)) if cell is not None else ""
        for cell in cells.to_pylist()
    ]
    return pa.array([text or None for text in joined], pa.string())
