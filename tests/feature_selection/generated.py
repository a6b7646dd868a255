"""Tables whose useful columns are known: a few that tell, noise, a copy, a constant."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from automl_core.feature_selection.sample import Question, Sample
from automl_core.table.schema import Column, ParseRule
from automl_core.table.typed_table import TypedColumn, TypedTable
from automl_core.types import StopReason

NUMBER, STRING = ParseRule("number"), ParseRule("string")


def never() -> StopReason | None:
    """Nobody interrupts."""
    return None


def question(names: list[str], task: str = "binary", words: tuple[str, ...] = ()) -> Question:
    """What to learn from columns of these names, `words` of which hold words."""
    columns = tuple(
        Column(n, "category" if n in words else "numeric", "", STRING if n in words else NUMBER,
               0, 9)
        for n in names
    )  # fmt: skip
    if task == "regression":
        return Question(columns, "regression", 0, "rmse")
    return Question(columns, "binary", 2, "log_loss")


def table(rows: int, noise: int, seed: int = 0, signal: float = 1.0) -> tuple[Sample, list[str]]:
    """Columns `noise 0` ... and, after them, `tells 0` to `tells 3`; two classes."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, noise + 4))
    y = (signal * 1.5 * x[:, noise:].sum(axis=1) + rng.normal(size=rows) > 0).astype(np.int64)
    names = [f"noise {i}" for i in range(noise)] + [f"tells {i}" for i in range(4)]
    columns = {name: TypedColumn(name, numbers=x[:, i]) for i, name in enumerate(names)}
    return Sample(TypedTable(columns, rows), y, None), names


def all_tell(rows: int, columns: int, seed: int) -> tuple[Sample, list[str]]:
    """Columns each of which tells a little, and nothing else; two classes."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, columns))
    weights = rng.choice([-1.0, 1.0], columns) * rng.uniform(0.3, 0.8, columns)
    y = (x @ weights + 1.5 * rng.normal(size=rows) > 0).astype(np.int64)
    names = [f"tells {i}" for i in range(columns)]
    cells = {name: TypedColumn(name, numbers=x[:, i]) for i, name in enumerate(names)}
    return Sample(TypedTable(cells, rows), y, None), names


def words(name: str, values: list[str]) -> TypedColumn:
    """A column of words."""
    known = list(dict.fromkeys(values))
    codes: NDArray[np.int32] = np.array([known.index(v) for v in values], dtype=np.int32)
    return TypedColumn(name, codes=codes, words=tuple(known))


def flags_beside_numbers(rows: int) -> tuple[Sample, list[str]]:
    """A sum of 20 flags, beside 40 numbers that repeat three of its parts with noise."""
    rng = np.random.default_rng(0)
    flags = rng.integers(0, 2, (rows, 20)).astype(np.float64)
    parts = flags[:, :3] @ rng.normal(size=(3, 40))
    numbers = parts + 2.0 * rng.normal(size=(rows, 40))
    y = flags.sum(axis=1) + 0.5 * rng.normal(size=rows)
    names = [f"flag {i}" for i in range(20)] + [f"number {i}" for i in range(40)]
    x = np.concatenate([flags, numbers], axis=1)
    columns = {name: TypedColumn(name, numbers=x[:, i]) for i, name in enumerate(names)}
    return Sample(TypedTable(columns, rows), y, None), names
