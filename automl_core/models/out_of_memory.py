"""Retries of a network's training that ran out of memory: half the batch, then half the net."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator

import torch

from automl_core.errors import OutOfMemoryError
from automl_core.models.base import FitResult
from automl_core.types import Config

HALVINGS = 2  # of the batch, then of the width
SMALLEST_BATCH, SMALLEST_WIDTH = 16, 16
WORDS = ("out of memory", "can't allocate memory", "not enough memory")


def within_memory(fit: Callable[[Config], FitResult], config: Config, batch: int) -> FitResult:
    """`fit` of the configuration, or of the first smaller one that memory allows.

    `batch` is the batch size that the configuration means. Raises OutOfMemoryError where even the
    smallest does not fit.
    """
    for attempt in smaller(config, batch):
        try:
            return fit(attempt)
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
        gc.collect()  # the failed attempt's tensors
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
    raise OutOfMemoryError(
        "Memory ran out, also with a smaller batch and a smaller network.",
        "Fewer workers, or fewer columns, leave more of it.",
    )


def is_out_of_memory(error: BaseException) -> bool:
    """True where the error says that memory ran out, on a GPU or on the processor."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and any(w in str(error).lower() for w in WORDS)


def smaller(config: Config, batch: int) -> Iterator[Config]:
    """The configuration, then ever smaller ones; `batch` is the batch size that it means."""
    yield config
    for _ in range(HALVINGS):
        batch = max(SMALLEST_BATCH, batch // 2)
        config = config | {"batch": batch, "smallest_batch": 0}
        yield config
    for _ in range(HALVINGS if "width" in config else 0):
        config = config | {"width": max(SMALLEST_WIDTH, int(config["width"]) // 2)}
        yield config
