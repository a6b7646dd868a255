"""Problems are found where they are, and nowhere else."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from automl_core.errors import TableError
from automl_core.table.checks.apply_fix import apply_fix
from automl_core.table.checks.run import Finding, find_problems
from automl_core.table.fixes import leave_out
from automl_core.table.inference.schema_inference import infer_schema
from automl_core.table.sample_data.samples import make_sample

N = 400
RNG = np.random.default_rng(0)
NOISE = RNG.normal(size=N)
LABEL = RNG.integers(0, 2, N)


def problems(columns: dict[str, Any], target: str | None = None) -> tuple[Finding, ...]:
    table = pa.table(columns)
    return find_problems(table, infer_schema(table), target)


def named(found: tuple[Finding, ...], kind: str) -> list[tuple[str, ...]]:
    return [f.columns for f in found if f.kind == kind]


def test_an_honest_table_has_no_findings() -> None:
    noisy = LABEL + RNG.normal(size=N)
    assert problems({"a": NOISE, "b": noisy, "c": RNG.integers(0, 9, N), "y": LABEL}, "y") == ()


def test_constant_missing_and_id_columns() -> None:
    found = problems({"one": ["x"] * N, "gone": [None] * N, "row": np.arange(N), "a": NOISE})
    assert named(found, "constant") == [("one",)]
    assert named(found, "all_missing") == [("gone",)]
    assert named(found, "id") == [("row",)]
    assert all(f.message and f.fix for f in found)


@pytest.mark.parametrize(
    ("column", "target"),
    [
        (LABEL, LABEL), (LABEL * 3.5 + 1, LABEL), (np.where(LABEL, "left", "stayed"), LABEL),
        (np.where(LABEL, "x", None), LABEL), (LABEL * 10 + RNG.random(N), LABEL),
        (NOISE * 2 + 1, NOISE), (LABEL, np.array(["no", "yes"])[LABEL]),
        (np.arange(N) % 5, np.array(list("abcde"))[np.arange(N) % 5]),
    ],
)  # fmt: skip
def test_a_column_that_gives_the_target_away(column: Any, target: Any) -> None:
    found = problems({"secret": column, "a": RNG.normal(size=N), "y": target}, "y")
    assert named(found, "leak") == [("secret", "y")]


def test_two_columns_that_add_up_to_the_target() -> None:
    left, right = RNG.integers(0, 50, N), RNG.integers(0, 50, N)
    found = problems({"left": left, "right": right, "a": NOISE, "y": left + right}, "y")
    assert named(found, "leak") == [("left", "right", "y")]


def test_a_column_that_was_left_out_stays_listed_as_done_and_can_be_taken_back() -> None:
    size = RNG.normal(20, 3, N)
    table = pa.table(
        {"secret": LABEL * 2 + 0.1 * NOISE, "size": size, "inches": size / 2.54, "y": LABEL}
    )
    schema = infer_schema(table)
    asked = {f.kind: f for f in find_problems(table, schema, "y")}
    assert {f.state for f in asked.values()} == {"to_review"}
    for kind, name in (("leak", "secret"), ("duplicate", "inches")):
        action = asked[kind].action
        assert action is not None
        mended = apply_fix(action, schema, table)
        (done,) = [f for f in find_problems(table, mended, "y") if f.kind == kind]
        assert done.state == "fixed" and done.fix == "Done: left out of training."
        assert done.action is not None and done.action.columns == (name,)
        back = apply_fix(done.action, mended, table)
        assert back.column(name).role == "numeric"
    honest = apply_fix(leave_out("size"), schema, table)
    assert [f.kind for f in find_problems(table, honest, "y")] == ["leak"]


def test_strong_but_honest_columns_are_not_accused() -> None:
    strong = LABEL * 3 + RNG.normal(size=N)
    assert not named(problems({"strong": strong, "y": LABEL}, "y"), "leak")
    line = NOISE + 0.3 * RNG.normal(size=N)
    assert not named(problems({"line": line, "y": NOISE}, "y"), "leak")
    many = [f"v{i}" for i in RNG.integers(0, 300, N)]
    assert not named(problems({"many": many, "y": LABEL}, "y"), "leak")


def test_disguised_missing_units_and_imbalance() -> None:
    found = problems(
        {
            "waited": np.where(RNG.random(N) < 0.2, 999, RNG.integers(0, 30, N)),
            "job": np.array(["cook", "unknown", "nurse"])[RNG.integers(0, 3, N)],
            "size": [f"{i % 37}M" for i in range(N)],
            "y": ["rare"] * 5 + ["usual"] * (N - 5),
        },
        "y",
    )
    assert named(found, "disguised_missing") == [("job",), ("waited",)]
    assert named(found, "unit") == [("size",)]
    assert named(found, "imbalance") == [("y",)]


def test_repeated_rows_and_columns() -> None:
    half = RNG.integers(0, 1_000, N // 2)
    twice = np.concatenate([half, half])
    code = np.array(list("abcdefg"))[twice % 7]
    found = problems({"a": twice, "code": code, "number": (twice % 7) * 2.0, "b": twice % 11})
    assert named(found, "duplicate") == [("code", "number"), ()]


def test_an_unusable_target_is_refused() -> None:
    for values in ([None] * N, ["x"] * N):
        with pytest.raises(TableError):
            problems({"a": NOISE, "y": values}, "y")


def test_five_thousand_columns() -> None:
    columns = {f"c{i}": RNG.integers(0, 3, 60) for i in range(5_000)}
    assert not named(problems({**columns, "y": RNG.integers(0, 2, 60)}, "y"), "id")


def test_names_with_markup_are_only_quoted() -> None:
    name = "<b>x</b>\n" + "long " * 50
    (found,) = problems({name: ["x"] * N, "a": NOISE})
    assert found.columns == (name,)
    assert "\n" not in found.message
    assert len(found.message) < 200


def test_the_samples_leak_only_where_they_should() -> None:
    for name, target, leaks in (
        ("customer_churn", "churned", [("refund_amount", "churned")]),
        ("breast_cancer", "diagnosis", []),
        ("diabetes", "progression", []),
    ):
        table = make_sample(name)
        assert named(find_problems(table, infer_schema(table), target), "leak") == leaks
