"""One of several trainings that go on as one: what it is given, its state, and its end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from torch import Tensor

from automl_core.errors import ModelError
from automl_core.training.loop import CHECK_STEPS, LoopControl, LoopSettings, TrainingRows
from automl_core.training.loop_state import LoopState, Position
from automl_core.training.network import FastLayer, Network
from automl_core.training.row_shuffler import RowShuffler
from automl_core.training.stacked_weights import Weights
from automl_core.types import StopReason

Outputs = Callable[[Tensor], Tensor]
"""A network as it is whenever it is called: rows (n, d) to outputs."""


@dataclass(frozen=True, eq=False)
class MemberTraining:
    """One of several trainings that go on as one: what `Loop` would be given alone."""

    net: Network  # before its first step; in the end it has the best weights
    rows: TrainingRows  # on the net's device; the same object where members train on the same
    settings: LoopSettings
    control: Callable[[Outputs], LoopControl]
    state: LoopState | None = None  # to go on from


@dataclass(frozen=True, eq=False)
class MemberEnd:
    """The end of one of the trainings."""

    training: MemberTraining
    reason: StopReason
    epochs: int  # done
    error: ModelError | None = None  # it has no usable weights


@dataclass(eq=False)
class Member:
    """The state of one training besides its weights."""

    training: MemberTraining
    settings: LoopSettings
    control: LoopControl
    order: RowShuffler
    layers: dict[str, FastLayer]  # that have numbers of their own, by name
    first: Weights
    steps_an_epoch: int
    best_weights: Weights = field(default_factory=dict)
    position: Position = field(default_factory=Position)
    rate: float = 0.0
    reason: StopReason | None = None  # why it ended
    error: ModelError | None = None

    @property
    def steps(self) -> int:
        return self.steps_an_epoch * self.settings.epochs

    @property
    def check_every(self) -> int:
        return min(self.steps_an_epoch, CHECK_STEPS)

    @property
    def since_check(self) -> int:
        """Steps since the last check, which there is not after the last of all."""
        return self.position.step % self.check_every

    @property
    def is_due(self) -> bool:
        return not self.since_check or self.position.step == self.steps

    def progress(self) -> float:
        return max(self.position.step / self.steps, self.control.elapsed())
