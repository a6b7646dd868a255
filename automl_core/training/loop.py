"""The training loop of every network: batches, schedule, best weights, state.

Knows tensors and callbacks; nothing of tables, metrics or files. Everything random comes from
the seed and from torch's generator, whose state is part of the loop's, so a loop that was
interrupted and continued does exactly what it would have done.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor, nn

from automl_core.errors import ModelError
from automl_core.models.base import StopReason
from automl_core.training.losses import Kind, row_losses
from automl_core.training.optim import learning_rate, make_optimizer, set_learning_rate
from automl_core.training.state import LoopState, Position

CHECK_STEPS = 400
"""An epoch longer than this is checked and reported in pieces of this many steps."""

CLIP = 1.0
"""Largest norm of a gradient."""

RETRY_FACTOR = 0.2
"""Share of the learning rate that is left after the loss was not a number."""


@dataclass(frozen=True)
class LoopSettings:
    """How to train."""

    epochs: int
    batch: int
    learning_rate: float
    weight_decay: float
    patience: int  # epochs without a better one before it ends; 0: never
    seed: int


@dataclass(frozen=True, eq=False)
class Rows:
    """Training rows, resident on the net's device."""

    task: Kind
    x: Tensor  # (n, d) float32
    y: Tensor  # (n,) int64 for multiclass, float32 otherwise
    weight: Tensor | None  # (n,) float32, mean 1


@dataclass(frozen=True)
class Check:
    """One validation: what the loop hands out to be reported."""

    epoch: int
    progress: float
    train_loss: float
    valid_loss: float
    valid_score: float
    learning_rate: float


@dataclass(frozen=True, eq=False)
class LoopControl:
    """The loop's surroundings."""

    measure: Callable[[], tuple[float, float, float]]  # validation loss, score, loss to rank by
    report: Callable[[Check], StopReason | None]
    interrupted: Callable[[], StopReason | None]
    elapsed: Callable[[], float]  # share of the time limit that is used


class Loop:
    """One training in progress."""

    def __init__(self, net: nn.Module, rows: Rows, settings: LoopSettings) -> None:
        self.net, self.rows, self.settings = net, rows, settings
        self.optimizer = make_optimizer(net, settings.weight_decay)
        self.steps_an_epoch = max(1, len(rows.x) // settings.batch)
        self.steps = self.steps_an_epoch * settings.epochs
        self.check_every = min(self.steps_an_epoch, CHECK_STEPS)
        self.position = Position()
        self.first = _copy_weights(self.net)
        self.best_weights: dict[str, Tensor] = {}
        precise = torch.float32 if rows.x.device.type == "mps" else torch.float64
        self.loss_sum = torch.zeros((), dtype=precise, device=rows.x.device)
        self._order: tuple[int, Tensor] = (-1, torch.zeros(0))

    def run(self, control: LoopControl) -> StopReason:
        """Train on from the position until done, not improving any more, or interrupted.

        Raises ModelError where the loss stays not a number and there is no earlier epoch.
        """
        self.net.train()
        while self.position.step < self.steps:
            reason = control.interrupted()
            if reason is not None:
                return reason
            self._step(control.elapsed())
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
            if self.position.best.gave_up(self.settings.patience):
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
        """All of it, to be continued by a new loop on an equal net and equal rows."""
        named = {f"net.{k}": v for k, v in self.net.state_dict().items()}
        named |= {f"best.{k}": v for k, v in self.best_weights.items()}
        for number, values in self.optimizer.state_dict()["state"].items():
            named |= {f"optimizer.{number}.{k}": v for k, v in values.items()}
        named["loss_sum"] = self.loss_sum
        named["random"] = _random_state(self.rows.x.device)
        arrays = {name: np.array(tensor.detach().cpu().numpy()) for name, tensor in named.items()}
        return LoopState(arrays, self.position)

    def restore(self, state: LoopState) -> None:
        """Go back to what `state` returned."""
        device = self.rows.x.device
        tensors = {k: torch.from_numpy(np.array(v)) for k, v in state.arrays.items()}
        self.net.load_state_dict(_below(tensors, "net."))
        self.best_weights = {k: v.to(device) for k, v in _below(tensors, "best.").items()}
        plain = self.optimizer.state_dict()
        plain["state"] = {}
        for name, tensor in _below(tensors, "optimizer.").items():
            number, _, key = name.partition(".")
            plain["state"].setdefault(int(number), {})[key] = tensor
        self.optimizer.load_state_dict(plain)
        self.loss_sum = tensors["loss_sum"].to(device)
        _set_random_state(device, tensors["random"])
        self.position = state.position

    def _step(self, elapsed: float) -> None:
        settings, rows, step = self.settings, self.rows, self.position.step
        base = settings.learning_rate * self.position.rate_factor
        set_learning_rate(self.optimizer, learning_rate(base, self._progress(elapsed)))
        epoch, number = divmod(step, self.steps_an_epoch)
        start = number * settings.batch
        picked = self._epoch_order(epoch)[start : start + settings.batch]
        output = self.net(rows.x.index_select(0, picked))
        losses = row_losses(rows.task, output, rows.y.index_select(0, picked))
        if rows.weight is not None:
            losses = losses * rows.weight.index_select(0, picked)
        loss = losses.mean()
        self.optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        nn.utils.clip_grad_norm_(self.net.parameters(), CLIP)
        self.optimizer.step()
        self.loss_sum += loss.detach()
        self.position = replace(self.position, step=step + 1)

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
        self.position = replace(self.position, epoch=epoch, best=best)
        progress = self._progress(control.elapsed())
        rate = float(self.optimizer.param_groups[0]["lr"])
        return control.report(Check(epoch, progress, train_loss, valid_loss, score, rate))

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
        self.optimizer = make_optimizer(self.net, self.settings.weight_decay)
        self.loss_sum = torch.zeros_like(self.loss_sum)
        self.position = replace(self.position, rate_factor=RETRY_FACTOR)
        return True

    def _progress(self, elapsed: float) -> float:
        return max(self.position.step / self.steps, elapsed)

    def _epoch_order(self, epoch: int) -> Tensor:
        """Row numbers in the order of that epoch: a function of seed and epoch alone."""
        if self._order[0] != epoch:
            generator = torch.Generator().manual_seed(
                (self.settings.seed * 1_000_003 + epoch) % 2**63
            )
            order = torch.randperm(len(self.rows.x), generator=generator)
            self._order = (epoch, order.to(self.rows.x.device))
        return self._order[1]


def _copy_weights(net: nn.Module) -> dict[str, Tensor]:
    return {k: v.detach().clone() for k, v in net.state_dict().items()}


def _weights_finite(net: nn.Module) -> bool:
    return all(bool(torch.isfinite(v).all()) for v in net.state_dict().values())


def _random_state(device: torch.device) -> Tensor:
    return torch.cuda.get_rng_state(device) if device.type == "cuda" else torch.get_rng_state()


def _set_random_state(device: torch.device, state: Tensor) -> None:
    if device.type == "cuda":
        torch.cuda.set_rng_state(state, device)
    else:
        torch.set_rng_state(state)


def _below(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}
