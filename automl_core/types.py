"""The words that all packages share: tasks, stop reasons, configurations, files. No logic."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

Task = Literal["binary", "multiclass", "regression"]
Value = int | float | str | bool
Config = dict[str, Value]
"""One trial's hyperparameters: names of the ModelSpec's space and defaults to plain values."""

Files = dict[str, bytes]
"""A model as files: relative name to content. JSON, safetensors and plain .npz arrays only."""


class StopReason(StrEnum):
    """Why a fit ended. Stopping is a returned value, never an exception."""

    COMPLETED = "completed"  # did all its epochs
    EARLY = "early"  # validation score stopped improving
    PRUNED = "pruned"  # worse than its peers at the same progress
    TIME = "time"  # its share of the budget was used up
    STOPPED = "stopped"  # the user, or the end of the run, asked for it
