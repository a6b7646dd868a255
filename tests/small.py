"""A small table with every kind of column, and a real predictor trained on it in a second."""

from __future__ import annotations

import datetime
from functools import cache

import numpy as np
import pyarrow as pa

from automl_core.export.predictor import Member, Predictor
from automl_core.features.encode import fit_encoder
from automl_core.features.target import fit_target
from automl_core.models import catalog
from automl_core.models.base import FitControl, FitData
from automl_core.table.parsing.parse import parse_table
from automl_core.table.schema import Column, ParseRule, Schema
from automl_core.types import Config, Task

TARGETS: dict[Task, str] = {"binary": "churned", "multiclass": "plan", "regression": "spent"}
QUICK: dict[str, Config] = {
    "constant": {},
    "lightgbm": {"max_iterations": 20},
    "extra_trees": {"trees": 10},
    "linear": {"epochs": 2, "batch": 64},
    "mlp": {"epochs": 2, "batch": 64, "width": 32, "layers": 2},
    "resnet": {"epochs": 2, "batch": 64, "width": 32, "blocks": 1},
}
OTHERS: dict[str, Config] = {
    "catboost": {"max_iterations": 20},
    "random_forest": {"trees": 10},
    "knn": {},
    "realmlp": {"epochs": 2, "batch": 64, "width": 32},
    "tabm": {"epochs": 2, "batch": 64, "width": 32, "members": 4, "bins": 8},
    "ft_transformer": {"epochs": 2, "batch": 64, "width": 16, "layers": 1, "bins": 4},
}
"""Families that take longer, for benchmarks."""


@cache
def table(rows: int = 240, seed: int = 0) -> pa.Table:
    """Numbers, categories, dates, text, missing cells; three targets that depend on them."""
    rng = np.random.default_rng(seed)
    age = rng.integers(18, 90, rows)
    income = rng.lognormal(10, 1, rows)
    city = rng.choice(["Oslo", "Bergen", "Tromsø", "Bodø"], rows, p=[0.5, 0.3, 0.15, 0.05])
    code = rng.integers(0, 5, rows)
    since = [
        datetime.datetime(2015, 1, 1) + datetime.timedelta(days=int(d))
        for d in rng.integers(0, 3000, rows)
    ]
    notes = rng.choice(["slow network today", "all is fine here", "wants a refund soon"], rows)
    vip = rng.random(rows) < 0.3
    strength = 0.05 * (age - 50) + (city == "Oslo") + (code == 2) + vip + rng.normal(0, 0.3, rows)
    masked = rng.random((2, rows)) < 0.1
    return pa.table(
        {
            "age": pa.array(age.astype(np.int64)),
            "income": pa.array(np.where(masked[0], np.nan, income), from_pandas=True),
            "city": pa.array([None if m else c for m, c in zip(masked[1], city, strict=True)]),
            "code": pa.array(code.astype(np.int64)),
            "since": pa.array(since, pa.timestamp("us")),
            "note": pa.array(notes.tolist()),
            "vip": pa.array(vip),
            "empty": pa.nulls(rows, pa.string()),
            "churned": pa.array(np.where(strength > 0.8, "yes", "no").tolist()),
            "plan": pa.array((np.digitize(strength, [-0.5, 1.0]) * 10).astype(np.int64)),
            "spent": pa.array(1e4 * strength + 3e4),
        }
    )


def schema(rows: int = 240) -> Schema:
    """The columns of `table`, as a person would have set them."""

    def column(name: str, role: str, kind: str) -> Column:
        return Column(name, role, "test", ParseRule(kind), 0, 5)  # type: ignore[arg-type]

    return Schema(
        (
            column("age", "numeric", "number"),
            column("income", "numeric", "number"),
            column("city", "category", "string"),
            column("code", "category", "string"),
            column("since", "datetime", "datetime"),
            column("note", "text", "text"),
            column("vip", "boolean", "boolean"),
            column("empty", "category", "string"),
            column("churned", "category", "string"),
            column("plan", "category", "string"),
            column("spent", "numeric", "number"),
        ),
        rows,
    )


def control(seed: int = 0) -> FitControl:
    """A fit that nothing watches or interrupts."""
    return FitControl(lambda _: None, lambda: None, lambda: 0.0, seed)


def predictor(task: Task, *families: str, rows: int = 240) -> Predictor:
    """Two members (folds) for each family, averaged; trained on `table(rows)`."""
    raw, target = table(rows), TARGETS[task]
    columns = schema(rows).features(without=tuple(TARGETS.values()))
    typed = parse_table(raw, columns)
    coder = fit_target(raw.column(target), task, "yes" if task == "binary" else None)
    y, _ = coder.encode(raw.column(target))
    members = []
    for number, family in enumerate(f for f in families for _ in range(2)):
        model_spec = catalog.model_spec(family)
        train = np.flatnonzero(np.arange(rows) % 3 != number % 3)
        valid = np.flatnonzero(np.arange(rows) % 3 == number % 3)
        encoder, x = fit_encoder(
            typed.take(train), columns, y[train], task, coder.classes, model_spec.encoding, seed=0
        )
        data = FitData(
            task, coder.classes, encoder.features, x, y[train], None,
            encoder.encode(typed.take(valid)), y[valid], None,
            {"binary": "roc_auc", "multiclass": "log_loss", "regression": "rmse"}[task],
        )  # fmt: skip
        fitted = catalog.fit(model_spec, data, (QUICK | OTHERS)[family], control(number))
        members.append(Member(family, encoder, fitted.model))
    name = f"{families[0]}-1"
    return Predictor(name, families[0], task, data.metric, columns, target, coder, tuple(members))
