"""A sample of made columns with a model that is a formula: the truth is known."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from automl_core.explain.sample import Part, Sample, rows_of
from automl_core.table import TypedColumn, TypedTable

Formula = Callable[[dict[str, np.ndarray]], np.ndarray]
KINDS = {"a": "number", "b": "number", "twin": "number", "word": "string", "useless": "number"}
WORDS = ("red", "green", "blue")


def cells(typed: TypedTable) -> dict[str, np.ndarray]:
    """The columns as plain arrays; words as their codes."""
    found = {}
    for name, column in typed.columns.items():
        values = column.numbers if column.numbers is not None else column.codes
        assert values is not None
        found[name] = values
    return found


def sample(
    formula: Formula, rows: int = 400, labels: tuple[str, ...] = (), seed: int = 0
) -> Sample:
    """Normal `a`, `b` and `useless`, `twin` near `a`, three words, the first most frequent.

    The truth is the formula with some noise; with labels the formula is the probability of the
    second one.
    """
    rng = np.random.default_rng(seed)
    a, b, useless = rng.normal(size=(3, rows))
    word = rng.choice(3, rows, p=[0.6, 0.3, 0.1]).astype(np.int32)
    columns = {
        "a": TypedColumn("a", a),
        "b": TypedColumn("b", b),
        "twin": TypedColumn("twin", a + 0.05 * rng.normal(size=rows)),
        "word": TypedColumn("word", None, word, WORDS),
        "useless": TypedColumn("useless", useless),
    }
    typed = TypedTable(columns, rows)

    def predict(table: TypedTable) -> np.ndarray:
        value = formula(cells(table))
        return np.stack([1 - value, value], axis=1) if labels else value

    said = formula(cells(typed))
    y = said + 0.1 * rng.normal(size=rows)
    if labels:
        y = (rng.random(rows) < said).astype(np.int64)
    order = np.arange(rows, dtype=np.int64)
    return Sample(typed, KINDS, y, None, (Part(rows_of(predict), order),), labels)
