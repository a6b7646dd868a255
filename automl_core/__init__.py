"""Torchlight's public face: start a run, follow it, take a model and predict.

    import automl_core
    run = automl_core.start("adult.csv", "income", budget="60s")
    run.wait()
    run.model().predict("new.csv")

Everything is imported when it is first asked for; `import automl_core` itself imports nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from automl_core.api import Model, Run, load, open_run, start
    from automl_core.errors import AutoMLError, ModelError, RunError, SpecError, TableError
    from automl_core.runs.record.request import TrainRequest
    from automl_core.runs.record.spec import Budget, RunSpec, Validation
    from automl_core.table.reading.sql import Query
    from automl_core.table.schema import Column, Schema

__all__ = [
    "AutoMLError",
    "Budget",
    "Column",
    "Model",
    "ModelError",
    "Query",
    "Run",
    "RunError",
    "RunSpec",
    "Schema",
    "SpecError",
    "TableError",
    "TrainRequest",
    "Validation",
    "load",
    "open_run",
    "start",
]

_HOMES = {
    "automl_core.api": ("Model", "Run", "load", "open_run", "start"),
    "automl_core.errors": ("AutoMLError", "ModelError", "RunError", "SpecError", "TableError"),
    "automl_core.runs.record.request": ("TrainRequest",),
    "automl_core.runs.record.spec": ("Budget", "RunSpec", "Validation"),
    "automl_core.table.schema": ("Column", "Schema"),
    "automl_core.table.reading.sql": ("Query",),
}


def __getattr__(name: str) -> Any:
    for module, names in _HOMES.items():
        if name in names:
            return getattr(importlib.import_module(module), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
