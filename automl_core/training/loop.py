"""The training loop of every network: batches, schedule, best weights, state.

Knows tensors and callbacks; nothing of tables, metrics or files. Everything random comes from
the seed and from torch's generator, whose state is part of the loop's, so a loop that was
interrupted and continued does exactly what it would have done.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from automl_core.errors import ModelError
from automl_core.records import to_plain
from automl_core.training.batch_source import Batch, BatchSource, FurtherBatches
from automl_core.training.loop_state import (
    LoopState,
    Position,
    SavedState,
    as_arrays,
    as_tensors,
    below,
    damaged_state,
    optimizer_tensors,
    random_state,
    restore_optimizer,
    set_random_state,
)
from automl_core.training.losses import Kind, row_losses
from automl_core.training.network import Network
from automl_core.training.optimizer import (
    DecaySchedule,
    Schedule,
    clip_gradient,
    cycle,
    flat_cos,
    learning_rate,
    make_optimizer,
    set_rates,
)
from automl_core.training.precision import MixedPrecision, bf16_matmul, gradient_survives
from automl_core.types import StopReason

CHECK_STEPS = 400
"""An epoch longer than this is checked and reported in pieces of this many steps."""

RETRY_FACTOR = 0.2
"""Share of the learning rate that is left after the loss was not a number."""


@dataclass(frozen=True)
class LoopSettings:
    """Settings of one training; models/network_config.py documents their ranges."""

    epochs: int
    batch: int
    learning_rate: float
    weight_decay: float
    patience: int  # epochs without a better one before it ends ("coslog4": cycles); 0: never
    seed: int
    schedule: Schedule = "cosine"
    decay_schedule: DecaySchedule = "constant"
    beta2: float = 0.999
    smoothing: float = 0.0  # share of a label that is spread over all classes
    clip: float = 1.0  # largest norm of the gradient; 0: none
    may_round: bool = False  # bfloat16 matrix products, if gradients stay nearly the same


@dataclass(frozen=True, eq=False)
class TrainingRows:
    """Training rows, resident on the net's device."""

    task: Kind
    x: Tensor  # (n, d) float32
    y: Tensor  # (n,) int64 for multiclass, float32 otherwise; or probabilities, see `row_losses`
    weight: Tensor | None  # (n,) float32, mean 1
    further: FurtherBatches | None = None  # rows that are read when their turn comes


@dataclass(frozen=True)
class Check:
    """The result of one validation."""

    epoch: int
    progress: float
    train_loss: float
    valid_loss: float
    valid_score: float
    learning_rate: float


@dataclass(frozen=True, eq=False)
class LoopControl:
    """Callbacks by which the loop validates, reports and is interrupted."""

    measure: Callable[[], tuple[float, float, float]]  # validation loss, score, loss to rank by
    report: Callable[[Check], StopReason | None]
    interrupted: Callable[[], StopReason | None]
    elapsed: Callable[[], float]  # share of the time limit that is used
    keep: Callable[[Callable[[], SavedState]], None] | None = None
    """Called before each step with a function that gives the loop's state; None: it is not kept."""


class Loop:
    """One training in progress."""

    def __init__(self, net: Network, rows: TrainingRows, settings: LoopSettings) -> None:
        self.net, self.rows, self.settings = net, rows, settings
        self.optimizer = make_optimizer(net.parameter_groups(), settings.beta2)
        self.steps_an_epoch = max(1, len(rows.x) // settings.batch)
        self.steps = self.steps_an_epoch * settings.epochs
        self.check_every = min(self.steps_an_epoch, CHECK_STEPS)
        self.parameters = list(net.parameters())
        self.position = Position()
        self.rate = 0.0
        self.first = _copy_weights(self.net)
        self.best_weights: dict[str, Tensor] = {}
        precise = torch.float32 if rows.x.device.type == "mps" else torch.float64
        self.loss_sum = torch.zeros((), dtype=precise, device=rows.x.device)
        self.source = BatchSource(
            Batch(rows.x, rows.y, rows.weight), settings.batch, settings.seed, rows.further
        )
        self.mixed = MixedPrecision(rows.x.device)

    def run(self, control: LoopControl) -> StopReason:
        """Train on from the position until done, not improving any more, or interrupted.

        Raises ModelError where the loss stays not a number and there is no earlier epoch.
        """
        self.net.train()
        while self.position.step < self.steps:
            if control.keep is not None:
                control.keep(self.state)
            reason = control.interrupted()
            if reason is not None:
                return reason
            self.step(control.elapsed())
            done = self.position.step
            if done % self.check_every and done != self.steps:
                continue
            if not bool(torch.isfinite(self.loss_sum)):
                if not self._recover():
                    return StopReason.EARLY
                continue
            reason = self._check(control)
            if reason is not None:
                return reason
            if should_stop(self.settings, self.position, self._progress(control.elapsed())):
                return StopReason.EARLY
        return StopReason.COMPLETED

    def finish(self, control: LoopControl) -> None:
        """Leave the best weights in the net; weights since the last check are checked too.

        Call it after `run`, and after `state` where the loop is to go on later.
        """
        done = self.position.step % self.check_every
        unchecked = done and self.position.step != self.steps
        if unchecked and bool(torch.isfinite(self.loss_sum)):
            self._check(control)
        if self.best_weights:
            self.net.load_state_dict(self.best_weights)
        elif not _weights_finite(self.net):
            self.net.load_state_dict(self.first)
        self.net.eval()

    def state(self) -> LoopState:
        """The complete state, from which a new loop on an equal net and equal rows goes on."""
        named = {f"net.{k}": v for k, v in self.net.state_dict().items()}
        named |= {f"best.{k}": v for k, v in self.best_weights.items()}
        named |= optimizer_tensors(self.optimizer)
        named["loss_sum"] = self.loss_sum
        named["random"] = random_state(self.rows.x.device)
        named["mixed"] = self.mixed.state()
        return LoopState(as_arrays(named), self.position, to_plain(self.settings))

    def restore(self, state: LoopState) -> None:
        """Go back to what `state` returned; ModelError where that was another training's."""
        if state.settings != to_plain(self.settings):
            raise ModelError("The saved state is of a training with other settings.")
        try:
            self._restore(state)
        except (RuntimeError, KeyError, ValueError) as error:  # other names or shapes
            raise damaged_state() from error

    def _restore(self, state: LoopState) -> None:
        device = self.rows.x.device
        tensors = as_tensors(state.arrays)
        self.net.load_state_dict(below(tensors, "net."))
        self.best_weights = {k: v.to(device) for k, v in below(tensors, "best.").items()}
        restore_optimizer(self.optimizer, tensors)
        self.loss_sum = tensors["loss_sum"].to(device)
        set_random_state(device, tensors["random"])
        self.mixed.restore(tensors["mixed"])
        self.position = state.position

    def step(self, elapsed: float = 0.0) -> None:
        """One batch; `elapsed` is the share of the time limit that is used."""
        settings, step = self.settings, self.position.step
        self._set_rates(self._progress(elapsed))
        epoch, number = divmod(step, self.steps_an_epoch)
        batch = self.source.of(epoch, number)
        if self.position.rounded is None:
            self._decide_rounding(batch)
        for parameter in self.parameters:
            parameter.grad = None
        with bf16_matmul(bool(self.position.rounded)):
            with self.mixed.products():
                loss = self._loss(batch)
            self.mixed.backward(loss)
        if settings.clip:
            self.mixed.unscale(self.optimizer)
            clip_gradient(self.parameters, settings.clip)
        self.mixed.step(self.optimizer)
        self.loss_sum += loss.detach()
        self.position = replace(self.position, step=step + 1)

    def _loss(self, batch: Batch) -> Tensor:
        """Mean loss of these rows."""
        losses = row_losses(self.rows.task, self.net(batch.x), batch.y, self.settings.smoothing)
        if batch.weight is not None:
            losses = losses * batch.weight
        return losses.mean()

    def _decide_rounding(self, batch: Batch) -> None:
        """Decide on bfloat16 products, by their effect on the first gradient."""
        device = self.rows.x.device
        random = random_state(device)

        def loss() -> Tensor:
            set_random_state(device, random)
            return self._loss(batch)

        rounded = self.settings.may_round and gradient_survives(self.parameters, loss)
        set_random_state(device, random)
        self.position = replace(self.position, rounded=rounded)

    def _set_rates(self, progress: float) -> None:
        settings = self.settings
        base = settings.learning_rate * self.position.rate_factor
        self.rate = learning_rate(base, progress, settings.schedule)
        decay = settings.weight_decay
        if settings.decay_schedule == "flat_cos":
            decay *= flat_cos(progress)
        set_rates(self.optimizer, self.rate, decay)
        self.net.set_progress(progress)

    def _check(self, control: LoopControl) -> StopReason | None:
        """Validate, keep the weights if they are the best yet, and report."""
        since = self.position.step % self.check_every or self.check_every
        train_loss = float(self.loss_sum) / since
        self.loss_sum = torch.zeros_like(self.loss_sum)
        self.net.eval()
        valid_loss, score, rank = control.measure()
        self.net.train()
        epoch = self.position.epoch + 1
        best = self.position.best.after(epoch, rank, valid_loss)
        if best.epoch == epoch:
            self.best_weights = _copy_weights(self.net)
        progress = self._progress(control.elapsed())
        best_at = progress if best.epoch == epoch else self.position.best_at
        self.position = replace(self.position, epoch=epoch, best=best, best_at=best_at)
        return control.report(Check(epoch, progress, train_loss, valid_loss, score, self.rate))

    def _recover(self) -> bool:
        """Go on from the best weights with smaller steps; False if that was tried before."""
        if self.position.rate_factor < 1.0:
            if self.best_weights:
                return False
            raise ModelError(
                "Training diverged: the loss was not a number, also with smaller steps.",
                "A lower learning rate may help.",
            )
        self.net.load_state_dict(self.best_weights or self.first)
        self.optimizer = make_optimizer(self.net.parameter_groups(), self.settings.beta2)
        self.loss_sum = torch.zeros_like(self.loss_sum)
        self.position = replace(self.position, rate_factor=RETRY_FACTOR)
        return True

    def _progress(self, elapsed: float) -> float:
        return max(self.position.step / self.steps, elapsed)


def should_stop(settings: LoopSettings, position: Position, progress: float) -> bool:
    """True if training is to stop early, for want of a better epoch."""
    if settings.schedule != "coslog4":
        return position.best.should_stop(settings.patience)
    # within a cycle scores get worse before they get better: only its end counts
    ended = int(cycle(progress) - 0.25)
    return ended >= 2 and 0 < settings.patience <= ended - round(cycle(position.best_at))


def _copy_weights(net: nn.Module) -> dict[str, Tensor]:
    return {k: v.detach().clone() for k, v in net.state_dict().items()}


def _weights_finite(net: nn.Module) -> bool:
    return all(bool(torch.isfinite(v).all()) for v in net.state_dict().values())
