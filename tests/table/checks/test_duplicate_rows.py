"""Rows that repeat another row."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from automl_core.table.checks import duplicate_rows
from automl_core.table.checks.duplicate_rows import row_copies
from automl_core.table.findings import Finding
from automl_core.table.inference.schema_inference import infer_schema

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


def looked(columns: dict[str, Any], target: str | None = None) -> list[Finding]:
    table = pa.table(columns)
    return row_copies(table, infer_schema(table), target)


def again(columns: dict[str, np.ndarray], rows: int) -> dict[str, np.ndarray]:
    return {name: np.concatenate([cells, cells[:rows]]) for name, cells in columns.items()}


def test_exact_copies_and_the_rows_that_show_them() -> None:
    (finding,) = looked(again(made(), 40))
    assert (finding.kind, finding.columns) == ("duplicate", ())
    assert finding.rows == (400, 401, 402, 403, 404)
    assert finding.action is not None and finding.action.values == ("copies", "together")


def test_near_copies() -> None:
    columns = again(made(), 40)
    columns["a"][N:] += 0.01
    (finding,) = looked(columns)
    assert finding.kind == "near_copies"


def test_near_copies_in_other_capitals_and_with_other_spaces() -> None:
    columns: dict[str, Any] = made()
    for name in ("c", "w", "x"):
        words = np.array(["North Gate", "Old Mill", "East End", "High Road"], object)
        columns[name] = words[RNG.integers(0, 4, N)]
    columns = again(columns, 40)
    for name, cells in columns.items():
        if cells.dtype == object:
            cells[N:] = [f" {c.upper().replace(' ', '  ')}" for c in cells[N:]]
            columns[name] = cells.tolist()
    (finding,) = looked(columns)
    assert finding.kind == "near_copies" and "capitals and spaces" in finding.message


def test_rows_agree_by_chance_where_few_answers_are_possible() -> None:
    assert looked(made()) == []
    assert looked({name: RNG.integers(0, 2, N) for name in "abcde"}) == []


def test_columns_that_hang_together_are_no_copies() -> None:
    shop = RNG.integers(0, 40, N)
    columns = {f"of_shop_{i}": RNG.normal(size=40)[shop] for i in range(5)}
    assert looked(columns | {"a": RNG.normal(size=N), "b": RNG.integers(0, 9, N)}) == []


@pytest.mark.parametrize("limit", [10_000, 400])
def test_copies_that_stand_side_by_side_are_all_counted(
    monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    """Each row comes twice, once after the other; a long table is looked at in whole sets."""
    monkeypatch.setattr(duplicate_rows, "MAX_ROWS", limit)
    monkeypatch.setattr(duplicate_rows, "SET_ROWS", limit)
    once = made(2_000)
    (finding,) = looked({name: cells.repeat(2) for name, cells in once.items()})
    assert finding.message.startswith("50 % of the rows")
    assert (" of 4,000)" in finding.message) == (limit < 4_000)
    assert all(row % 2 for row in finding.rows)


def test_gaps_signs_of_zero_and_all_types_are_compared() -> None:
    once: dict[str, Any] = {
        "a": RNG.normal(size=N), "b": RNG.integers(0, 99, N), "c": RNG.random(N) < 0.5,
        "day": np.datetime64("2020-01-01") + RNG.integers(0, 900, N).astype("timedelta64[D]"),
        "word": np.array(["x", "y", "z"])[RNG.integers(0, 3, N)],
    }  # fmt: skip
    once["a"][::7] = np.nan
    once["a"][1::7] = 0.0
    twice = {name: np.concatenate([cells, cells]) for name, cells in once.items()}
    twice["a"][N + 1 :: 7] *= -1
    words = pa.array(twice["word"], mask=np.arange(2 * N) % N % 5 == 0)
    (finding,) = looked({**twice, "word": words})
    assert finding.message.startswith("50 % of the rows")
    assert not looked({**once, "word": once["word"]})


def test_near_copies_side_by_side_in_a_long_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duplicate_rows, "NEAR_ROWS", 500)
    columns = {name: cells[:900].repeat(2)[:1_000] for name, cells in made(1_000).items()}
    rest = made(1_500)
    columns["a"][1::2] += 0.01
    joined = {name: np.concatenate([cells, rest[name]]) for name, cells in columns.items()}
    assert [f.kind for f in looked(joined)] == ["near_copies"]


@pytest.mark.parametrize("copied", [False, True])
def test_of_a_wide_table_no_more_columns_are_read_than_tell_rows_apart(
    monkeypatch: pytest.MonkeyPatch, copied: bool
) -> None:
    monkeypatch.setattr(duplicate_rows, "_COLUMNS_AT_ONCE", 5)
    read: list[int] = []
    real = duplicate_rows.content_keys

    def counted(columns: Iterable[Any], rows: int) -> Any:
        columns = list(columns)
        read.append(len(columns))
        return real(columns, rows)

    columns = {f"c{i}": RNG.normal(size=N) for i in range(18)}
    if copied:
        columns = {name: np.concatenate([c, c[:90]]) for name, c in columns.items()}
        columns["c17"][:5] += 1  # the last column tells these apart
    monkeypatch.setattr(duplicate_rows, "content_keys", counted)
    found = looked(columns)
    assert read[:4] == ([5, 5, 5, 3] if copied else [5, 18])  # and those that are compared nearly
    (share,) = [f.message.split(" of the rows repeat")[0] for f in found[:1]] or [""]
    assert share == ("" if not copied else f"{85 / (N + 90):.0%}".replace("%", " %"))
