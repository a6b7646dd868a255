"""The complete state of a training loop, as one record.

Bytes are a .npz without pickle: arrays, and the position as JSON.
"""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from automl_core.errors import ModelError
from automl_core.records import RecordError, from_plain, to_plain
from automl_core.training.early_stopping import Best

_POSITION, _SETTINGS = "position", "settings"


@dataclass(frozen=True)
class Position:
    """The position of a loop in its training."""

    step: int = 0  # batches done
    epoch: int = 0  # reports made
    rate_factor: float = 1.0  # below 1 after the loss was not a number
    best: Best = field(default_factory=Best)
    best_at: float = 0.0  # progress at that epoch
    rounded: bool | None = None  # products of rounded numbers; None: not decided yet


class SavedState(Protocol):
    """The state of a loop, of one network or of several."""

    def to_bytes(self) -> bytes:
        """One file's content."""
        ...


@dataclass(frozen=True, eq=False)
class LoopState:
    """Weights, best weights, optimiser, random state (in `arrays`, by name) and position."""

    arrays: dict[str, NDArray[Any]]
    position: Position
    settings: dict[str, Any] = field(default_factory=dict)  # of the loop, as JSON has them

    def to_bytes(self) -> bytes:
        """One file's content."""
        return arrays_to_bytes(
            self.arrays, {_POSITION: to_plain(self.position), _SETTINGS: self.settings}
        )

    @staticmethod
    def from_bytes(data: bytes) -> LoopState:
        """The state that `to_bytes` wrote; ModelError where it is damaged."""
        arrays, plain = arrays_from_bytes(data)
        try:
            return LoopState(arrays, from_plain(Position, plain[_POSITION]), plain[_SETTINGS])
        except (KeyError, RecordError) as error:
            raise damaged_state() from error


_PLAIN = "plain"


def arrays_to_bytes(arrays: dict[str, NDArray[Any]], plain: dict[str, Any]) -> bytes:
    """Arrays by name and plain data as one file's content: a .npz without pickle."""
    buffer = io.BytesIO()
    text = np.frombuffer(json.dumps(plain).encode(), dtype=np.uint8)
    np.savez(buffer, allow_pickle=False, **(arrays | {_PLAIN: text}))
    return buffer.getvalue()


def arrays_from_bytes(data: bytes) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """What `arrays_to_bytes` wrote; ModelError where it is damaged."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as loaded:
            arrays = {name: loaded[name] for name in loaded.files}
        plain: dict[str, Any] = json.loads(arrays.pop(_PLAIN).tobytes())
    except (ValueError, OSError, EOFError, KeyError, zipfile.BadZipFile) as error:
        raise damaged_state() from error
    return arrays, plain


def damaged_state() -> ModelError:
    """The error that a saved state cannot be used."""
    return ModelError("The saved training state is damaged.")


def as_arrays(tensors: dict[str, Tensor]) -> dict[str, NDArray[Any]]:
    """Copies of the tensors, which later steps do not change."""
    return {name: np.array(tensor.detach().cpu().numpy()) for name, tensor in tensors.items()}


def as_tensors(arrays: dict[str, NDArray[Any]]) -> dict[str, Tensor]:
    """What `as_arrays` was given, on the CPU."""
    return {name: torch.from_numpy(np.array(array)) for name, array in arrays.items()}


def optimizer_tensors(optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
    """What an optimiser remembers of its steps: `optimizer.<parameter>.<name>`."""
    return {
        f"optimizer.{number}.{name}": tensor
        for number, values in optimizer.state_dict()["state"].items()
        for name, tensor in values.items()
    }


def restore_optimizer(optimizer: torch.optim.Optimizer, tensors: dict[str, Tensor]) -> None:
    """Give an optimiser what `optimizer_tensors` returned; other tensors do not matter."""
    plain = optimizer.state_dict()
    plain["state"] = {}
    for name, tensor in below(tensors, "optimizer.").items():
        number, _, key = name.partition(".")
        plain["state"].setdefault(int(number), {})[key] = tensor
    optimizer.load_state_dict(plain)


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
