"""The complete state of a training loop, as one record.

Bytes are a .npz without pickle: arrays, and the position as JSON.
"""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from automl_core.errors import ModelError
from automl_core.records import RecordError, from_plain, to_plain
from automl_core.training.early_stopping import Best

_POSITION = "position"


@dataclass(frozen=True)
class Position:
    """The position of a loop in its training."""

    step: int = 0  # batches done
    epoch: int = 0  # reports made
    rate_factor: float = 1.0  # below 1 after the loss was not a number
    best: Best = field(default_factory=Best)
    best_at: float = 0.0  # progress at that epoch
    rounded: bool | None = None  # products of rounded numbers; None: not decided yet


@dataclass(frozen=True, eq=False)
class LoopState:
    """Weights, best weights, optimiser, random state (in `arrays`, by name) and position."""

    arrays: dict[str, NDArray[Any]]
    position: Position

    def to_bytes(self) -> bytes:
        """One file's content."""
        text = json.dumps(to_plain(self.position)).encode()
        buffer = io.BytesIO()
        arrays = self.arrays | {_POSITION: np.frombuffer(text, dtype=np.uint8)}
        np.savez(buffer, allow_pickle=False, **arrays)
        return buffer.getvalue()

    @staticmethod
    def from_bytes(data: bytes) -> LoopState:
        """The state that `to_bytes` wrote; ModelError where it is damaged."""
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as loaded:
                arrays = {name: loaded[name] for name in loaded.files}
            position = from_plain(Position, json.loads(arrays.pop(_POSITION).tobytes()))
        except (ValueError, OSError, EOFError, KeyError, zipfile.BadZipFile, RecordError) as error:
            raise ModelError("The saved training state is damaged.") from error
        return LoopState(arrays, position)


def random_state(device: torch.device) -> Tensor:
    """The state of the device's random generator, as bytes."""
    if device.type == "cuda":
        return torch.cuda.get_rng_state(device)
    return torch.mps.get_rng_state() if device.type == "mps" else torch.get_rng_state()


def set_random_state(device: torch.device, state: Tensor) -> None:
    """Go back to what `random_state` returned."""
    if device.type == "cuda":
        torch.cuda.set_rng_state(state, device)
    elif device.type == "mps":
        torch.mps.set_rng_state(state)
    else:
        torch.set_rng_state(state)


def below(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """Those whose names begin so, without it."""
    return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}
