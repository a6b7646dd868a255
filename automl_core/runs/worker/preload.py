"""The imports that a worker makes before its first network: PyTorch takes seconds, once a process.

Called by `main.py` while no task waits, and by a task that trains a network. What needs no network
goes on meanwhile.
"""

from __future__ import annotations

import importlib
import logging
import threading
from functools import cache

from automl_core.errors import LibraryError
from automl_core.models import CATALOG, ModelSpec

logger = logging.getLogger(__name__)


_loading = threading.Lock()


def for_networks() -> None:
    """Import all networks and do the slow first training step; wait where that goes on already."""
    with _loading:
        _load_networks()


@cache
def _load_networks() -> None:
    from automl_core.training import warm_up

    for model_spec in CATALOG:
        if model_spec.kind == "network":
            importlib.import_module(model_spec.module)
    importlib.import_module("automl_core.models.network")
    warm_up()


def in_advance() -> None:
    """Import all networks in a thread, beside what the worker does meanwhile."""
    threading.Thread(target=_try_networks, name="preload", daemon=True).start()


def _try_networks() -> None:
    """Where that fails, the first network will say so."""
    try:
        for_networks()
    except (ImportError, OSError, RuntimeError, MemoryError):
        logger.exception("networks cannot be loaded in advance")


def for_family(model_spec: ModelSpec) -> None:
    """Import what the family needs, so that this time is not counted as a fit's.

    Raises LibraryError where that fails, for want of memory too.
    """
    try:
        if model_spec.kind == "network":
            for_networks()
        importlib.import_module(model_spec.module)
    except (ImportError, OSError, MemoryError) as error:
        words = (str(error).splitlines() or [type(error).__name__])[0][:200]
        raise LibraryError(
            f"The library of {model_spec.title} cannot be loaded: {words}."
        ) from error
