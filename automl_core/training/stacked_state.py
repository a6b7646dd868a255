"""The complete state of several trainings that go on as one (batched.py), as one record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from automl_core.records import RecordError, from_plain, to_plain
from automl_core.training.loop_state import (
    Position,
    arrays_from_bytes,
    arrays_to_bytes,
    damaged_state,
)
from automl_core.types import StopReason

_POSITION, _SETTINGS = "position", "settings"


@dataclass(frozen=True)
class FoldPosition:
    """The position of one of the trainings."""

    position: Position
    since: int  # the step after which its optimiser began anew
    reason: StopReason | None  # why it ended; None: it goes on


@dataclass(frozen=True)
class StackedPosition:
    """The position of all of them."""

    done: int  # steps of all
    folds: tuple[FoldPosition, ...]


@dataclass(frozen=True, eq=False)
class StackedState:
    """Stacked weights, best ones, optimiser, random state (in `arrays`, by name) and position."""

    arrays: dict[str, NDArray[Any]]
    position: StackedPosition
    settings: list[dict[str, Any]]  # of each training, as JSON has them

    def to_bytes(self) -> bytes:
        """One file's content."""
        plain = {_POSITION: to_plain(self.position), _SETTINGS: self.settings}
        return arrays_to_bytes(self.arrays, plain)

    @staticmethod
    def from_bytes(data: bytes) -> StackedState:
        """The state that `to_bytes` wrote; ModelError where it is damaged."""
        arrays, plain = arrays_from_bytes(data)
        try:
            position = from_plain(StackedPosition, plain[_POSITION])
            return StackedState(arrays, position, plain[_SETTINGS])
        except (KeyError, RecordError) as error:
            raise damaged_state() from error
