"""A small table with all kinds of columns, stored in a workspace, for tests of the engine."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa

from automl_core.runs.record import Budget, RunOptions, RunSpec, TrainRequest
from automl_core.runs.setup.spec_builder import apply_roles, build_spec
from automl_core.table.inference.schema_inference import infer_schema
from automl_core.table.schema import Schema
from automl_core.table.store import TableInfo, put_table, save_info


def small_table(rows: int = 240, seed: int = 0) -> pa.Table:
    """Two classes that depend on a number and a colour; some cells and targets are missing."""
    random = np.random.default_rng(seed)
    size = random.normal(size=rows)
    colour = random.choice(["red", "green", "blue"], rows)
    noise = random.normal(scale=0.5, size=rows)
    answer = np.where(size + (colour == "red") + noise > 0.3, "yes", "no").tolist()
    answer[5] = None
    sizes = [None if i % 17 == 0 else float(v) for i, v in enumerate(size)]
    return pa.table(
        {"size": sizes, "colour": colour.tolist(), "other": random.normal(size=rows),
         "answer": answer}
    )  # fmt: skip


def small_run(
    root: Path, budget: Budget, request: TrainRequest | None = None
) -> tuple[RunSpec, Schema]:
    """The table, stored, and a specification to learn `answer`."""
    return stored_run(root, small_table(), request or TrainRequest("answer", RunOptions(budget)))


def stored_run(root: Path, table: pa.Table, request: TrainRequest) -> tuple[RunSpec, Schema]:
    """Any table, stored, and what is asked for as a specification."""
    info = TableInfo(put_table(table, root), "small.csv", table.num_rows, table.num_columns, {})
    save_info(info, root)
    schema = apply_roles(table, infer_schema(table), request)
    return build_spec(table, info, schema, request), schema
