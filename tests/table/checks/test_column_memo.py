"""What is known of a column is not looked for again, and nothing is found by it that is not so."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from automl_core.table.checks import groups, run
from automl_core.table.checks.column_memo import ColumnMemo
from automl_core.table.checks.run import find_problems
from automl_core.table.checks.sample import CheckSample
from automl_core.table.inference.schema_inference import infer_schema, with_role
from automl_core.table.schema import Schema

N = 300


def table() -> pa.Table:
    """Columns of all kinds, with a leak, copies in other words, gaps, and rows without a target."""
    rng = np.random.default_rng(0)
    label = rng.integers(0, 2, N)
    plan = rng.integers(0, 7, N)
    late = np.where(label > 0, rng.normal(size=N), np.nan)
    labels = [None if i % 5 == 0 else ("no", "yes")[k] for i, k in enumerate(label)]
    return pa.table(
        {
            "age": rng.integers(18, 80, N),
            "secret": label * 2 + 0.1 * rng.normal(size=N),
            "refund": pa.array(late, from_pandas=True),
            "plan": plan,
            "tariff": np.array(list("abcdefg"))[plan],
            "city": [f"city {i}" for i in rng.integers(0, 40, N)],
            "price": [f"{i}.250" for i in rng.integers(1, 9, N)],
            "known": pa.array([None if i % 5 == 0 else 1 for i in range(N)]),
            "y": labels,
            "amount": rng.normal(size=N),
        }
    )


def test_findings_are_the_same_with_what_is_known_after_each_change() -> None:
    cells, memo = table(), ColumnMemo()
    schema = infer_schema(cells)
    states: list[Schema] = [schema]
    for name, role in (("secret", "ignored"), ("plan", "ignored"), ("age", "category")):
        states.append(with_role(states[-1], cells, name, role))  # type: ignore[arg-type]
    states += [with_role(states[-1], cells, "amount", "category"), schema]
    for state in states:
        for target in (None, "y", "amount"):
            known = find_problems(cells, state, target, memo=memo)
            assert known == find_problems(cells, state, target)
            assert known == find_problems(cells, state, target, memo=memo)


def test_a_changed_role_costs_a_look_at_its_column_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []
    real = run.compute_column_stats
    monkeypatch.setattr(run, "compute_column_stats", lambda c, n: looked.append(n) or real(c, n))
    cells, memo = table(), ColumnMemo()
    schema = infer_schema(cells)
    find_problems(cells, schema, "y", memo=memo)
    assert len(looked) >= 8
    looked.clear()
    find_problems(cells, with_role(schema, cells, "age", "category"), "y", memo=memo)
    assert looked == ["age"]
    looked.clear()
    find_problems(cells, schema, "amount", memo=memo)
    assert looked == ["y", "amount"]  # one is no target any more, the other is


def test_all_rows_of_a_long_table_are_read_once_for_a_target(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rng, rows = np.random.default_rng(0), 30_000
    cells = pa.table(
        {
            "household": [f"family {i}" for i in rng.integers(0, 12_000, rows)],
            "size": rng.normal(size=rows),
            "y": np.array(["no", "yes"])[rng.integers(0, 2, rows)],
        }
    )
    monkeypatch.setattr(groups, "SURE_PAIRS", 30_000)  # so that more rows are asked for
    read: list[str] = []
    for owner, name in ((run, "describe_target"), (CheckSample, "with_whole_groups")):
        real = getattr(owner, name)

        def noted(*given: object, real: Any = real, name: str = name) -> object:
            read.append(name)
            return real(*given)

        monkeypatch.setattr(owner, name, noted)
    schema, memo = infer_schema(cells), ColumnMemo()
    find_problems(cells, schema, "y", memo=memo)
    assert read == ["describe_target", "with_whole_groups"]
    find_problems(cells, with_role(schema, cells, "size", "ignored"), "y", memo=memo)
    assert len(read) == 2
    find_problems(cells, with_role(schema, cells, "household", "category"), "y", memo=memo)
    assert read[2:] == ["with_whole_groups"]


def test_the_oldest_is_forgotten_first() -> None:
    memo, asked = ColumnMemo(most=2), []
    for name in ("a", "b", "a", "c", "b", "a"):
        assert memo.get((name,), lambda name=name: asked.append(name) or name) == name
    assert asked == ["a", "b", "c", "a"]
