"""What a worker imports before its first network: PyTorch takes seconds, once a process."""

from __future__ import annotations

import importlib
from functools import cache

from automl_core.models import CATALOG, ModelSpec


@cache
def for_networks() -> None:
    """Import all networks, and pay for the first step of one."""
    from automl_core.training import warm_up

    for model_spec in CATALOG:
        if model_spec.kind == "network":
            importlib.import_module(model_spec.module)
    importlib.import_module("automl_core.models.network")
    warm_up()


def for_family(model_spec: ModelSpec) -> None:
    """Be ready to fit the family, so that no fit's own time pays for it."""
    if model_spec.kind == "network":
        for_networks()
