"""Typed cells as the arrays that model.keras takes; needs Python and numpy alone.

Words are given as the numbers of their characters in Unicode, with zeros behind the last one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

NUL = "\ud800"  # in place of the character 0: no text has it


def arrays(
    inputs: Sequence[Mapping[str, Any]], cells: Mapping[str, Any]
) -> dict[str, np.ndarray[Any, Any]]:
    """The array (rows, ...) of each input, by its name.

    `inputs` is that of model.json. `cells` has the rows' cells by each input's `source`: numbers
    are NaN, words "" where missing.
    """
    return {one["name"]: _array(one, cells[one["source"]]) for one in inputs}


def _array(one: Mapping[str, Any], cells: Any) -> np.ndarray[Any, Any]:
    if one["form"] == "number":
        return np.asarray(cells, np.float64)
    if one["form"] == "signals":
        return np.asarray(cells, np.float32).reshape(len(cells), one["width"])
    words = [cell.replace("\0", NUL) for cell in cells]
    if one["form"] == "word":
        return code_points(words, one["width"])
    if one["form"] == "characters":
        return code_points(words, max([1, *map(len, words)]))
    parts = [re.findall(one["pattern"], word) for word in words]  # "items" or "words"
    most = max([1, *map(len, parts)])
    flat = [word for row in parts for word in [*row, *[""] * (most - len(row))]]
    return code_points(flat, one["width"]).reshape(len(words), most, one["width"])


def code_points(words: Sequence[str], width: int) -> np.ndarray[Any, Any]:
    """The first `width` characters of each word as numbers, int32 (words, width)."""
    return np.array(words, f"U{width}").view(np.int32).reshape(len(words), width)
