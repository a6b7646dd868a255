"""A request or a spec with other options, for tests."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any, TypeVar

from automl_core.runs.record import Budget, RunOptions, RunSpec, TrainRequest

R = TypeVar("R", TrainRequest, RunSpec)
NAMES = {field.name for field in fields(RunOptions)}


def changed(record: R, **changes: Any) -> R:
    """The record with these fields changed, its own or those of its options."""
    options = {name: value for name, value in changes.items() if name in NAMES}
    own = {name: value for name, value in changes.items() if name not in NAMES}
    whole = own.pop("options", record.options)
    return replace(record, options=replace(whole, **options), **own)


OTHER: dict[str, Any] = {
    "budget": Budget(trials=7),
    "drop": ("other",),
    "weight": "often",
    "group": "shop",
    "time": "when",
    "copies": "drop",
    "class_weight": "balanced",
    "folds": 4,
    "test_fraction": 0.25,
    "families": ("linear", "mlp"),
    "columns": "all",
    "features": "words",
    "max_predict_ms": 0.5,
    "max_size_mb": 20.0,
    "most_rows": 5_000,
    "workers": 2,
    "device": "cpu",
    "cluster": "auto",
    "webhook": "https://hooks.example.com/ended?by=me",
    "seed": 12,
    "task": "binary",
    "positive": "no",
    "metric": "f1",
}
"""Of each option a value that is not its default."""
