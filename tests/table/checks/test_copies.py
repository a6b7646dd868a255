"""Rows that repeat another row."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from automl_core.table.checks.copies import row_copies
from automl_core.table.findings import Finding
from automl_core.table.infer import infer_schema

N = 400
RNG = np.random.default_rng(4)


def made(rows: int = N) -> dict[str, np.ndarray]:
    return {
        "a": RNG.normal(size=rows).round(2),
        "b": RNG.integers(0, 30, rows),
        "c": np.array(list("vwxyz"))[RNG.integers(0, 5, rows)],
        "d": RNG.normal(size=rows).round(1),
        "e": RNG.integers(0, 9, rows),
        "f": RNG.gamma(3, 9, rows).round(2),
        "g": RNG.normal(size=rows).round(2),
    }


def looked(columns: dict[str, np.ndarray], target: str | None = None) -> list[Finding]:
    table = pa.table(columns)
    return row_copies(table, infer_schema(table), target)


def again(columns: dict[str, np.ndarray], rows: int) -> dict[str, np.ndarray]:
    return {name: np.concatenate([cells, cells[:rows]]) for name, cells in columns.items()}


def test_exact_copies_and_the_rows_that_show_them() -> None:
    (finding,) = looked(again(made(), 40))
    assert (finding.kind, finding.columns) == ("duplicate", ())
    assert finding.rows == (400, 401, 402, 403, 404)
    assert finding.remedy is not None and finding.remedy.values == ("copies", "together")


def test_near_copies() -> None:
    columns = again(made(), 40)
    columns["a"][N:] += 0.01
    (finding,) = looked(columns)
    assert finding.kind == "near_copies"


def test_rows_agree_by_chance_where_few_answers_are_possible() -> None:
    assert looked(made()) == []
    assert looked({name: RNG.integers(0, 2, N) for name in "abcde"}) == []


def test_columns_that_hang_together_are_no_copies() -> None:
    shop = RNG.integers(0, 40, N)
    columns = {f"of_shop_{i}": RNG.normal(size=40)[shop] for i in range(5)}
    assert looked(columns | {"a": RNG.normal(size=N), "b": RNG.integers(0, 9, N)}) == []
