"""The imports that a worker makes before its first network: PyTorch takes seconds, once a process.

Called by `main.py` while no task waits, and by a task that trains a network.
"""

from __future__ import annotations

import importlib
from functools import cache

from automl_core.models import CATALOG, ModelSpec


@cache
def for_networks() -> None:
    """Import all networks and do the slow first training step."""
    from automl_core.training import warm_up

    for model_spec in CATALOG:
        if model_spec.kind == "network":
            importlib.import_module(model_spec.module)
    importlib.import_module("automl_core.models.network")
    warm_up()


def for_family(model_spec: ModelSpec) -> None:
    """Import what the family needs, so that this time is not counted as a fit's."""
    if model_spec.kind == "network":
        for_networks()
