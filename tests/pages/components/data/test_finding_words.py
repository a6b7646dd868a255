"""Findings in words: many of one kind are one, and what was not looked for has not passed."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from automl_core.table import Finding
from automl_core.table.checks import find_problems
from automl_core.table.inference import infer_schema
from pages.components.data.finding_words import grouped, passed_checks


def test_mirrored_columns_are_no_copies_and_counted_as_the_button_does() -> None:
    rng = np.random.default_rng(0)
    columns = {f"c{i}": rng.normal(size=200).round(4) for i in range(4)}
    table = pa.table(columns | {f"n{i}": -columns[f"c{i}"] for i in range(4)})
    found = [f for f in find_problems(table, infer_schema(table)) if f.kind == "duplicate"]
    assert len(found) == 4
    assert all("a factor or an offset" in finding.message for finding in found)
    (one,) = grouped(found, None)
    assert one.action is not None
    assert one.message.startswith("4 columns ")
    assert one.columns == one.action.columns == ("n0", "n1", "n2", "n3")


BALANCED, COMMON = "Classes are balanced", "No class is too rare"
SHORT = "The target has no long tail"


@pytest.mark.parametrize(
    ("task", "said"),
    [(None, set()), ("regression", {SHORT}), ("binary", {BALANCED, COMMON})],
)
def test_only_what_fits_the_task_has_passed(task: str | None, said: set[str]) -> None:
    assert {BALANCED, COMMON, SHORT} & set(passed_checks((), task)) == said


def test_no_class_is_called_common_enough_beside_one_that_is_rare() -> None:
    rare = Finding(
        "imbalance", ("y",), "info", "The class 'a' has only 6 of 9,991 rows (< 0.1 %).", ""
    )
    assert not {BALANCED, COMMON} & set(passed_checks([rare], "multiclass"))
