"""The same small model, judged on rows at random and on rows set apart."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from automl_core.errors import TableError
from automl_core.evaluation.split_comparison import compare_splits
from automl_core.table.inference.schema_inference import infer_schema

N = 300
RNG = np.random.default_rng(0)
WHO = RNG.integers(0, 30, N)
LEVEL = RNG.normal(size=30)


def test_groups_that_were_learned_by_heart() -> None:
    y = (LEVEL[WHO] + 0.3 * RNG.normal(size=N)).round(3)
    table = pa.table({"who": [f"p{i}" for i in WHO], "age": RNG.normal(size=30)[WHO], "y": y})
    scores = compare_splits(table, infer_schema(table), "y", "group", "who")
    assert (scores.metric, scores.rows) == ("r2", N)
    assert scores.at_random > 0.6
    assert scores.apart < 0.2


def test_a_target_that_drifts() -> None:
    days = np.datetime64("2020-01-01") + np.arange(N).astype("timedelta64[D]")
    y = np.where(np.sin(np.arange(N) / 15) + 0.3 * RNG.normal(size=N) > 0, "up", "down")
    table = pa.table({"day": days, "a": RNG.normal(size=N), "y": y})
    scores = compare_splits(table, infer_schema(table), "y", "time", "day")
    assert scores.metric == "roc_auc" and scores.at_random > scores.apart


def test_copies() -> None:
    half = pa.table({"a": RNG.normal(size=150), "y": np.array(list("uvw"))[WHO[:150] % 3]})
    table = pa.concat_tables([half, half])
    scores = compare_splits(table, infer_schema(table), "y", "copies")
    assert scores.metric == "accuracy" and scores.at_random > scores.apart + 0.1


def test_nothing_to_set_apart_is_said() -> None:
    table = pa.table({"who": ["a"] * N, "x": RNG.normal(size=N), "y": RNG.normal(size=N)})
    with pytest.raises(TableError):
        compare_splits(table, infer_schema(table), "y", "group", "who")
