"""The training of several networks of one shape as one: the folds of a configuration on a GPU.

One network for tables does not fill a GPU: it computes a product sooner than the next one is
launched. Folds that are trained together therefore cost little more than one. The parameters of
all folds are stacked by name, and each step is one pass over the stacks (torch.func.vmap).
Each fold keeps its own rows, order, dropout, gradient norm, best weights, early stop, and
recovery from a loss that is not a number: it is trained as `Loop` would train it alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor
from torch.func import functional_call, vmap
from torch.nn.attention import SDPBackend, sdpa_kernel

from automl_core.errors import ModelError
from automl_core.records import to_plain
from automl_core.training.loop import (
    CHECK_STEPS,
    RETRY_FACTOR,
    Check,
    LoopControl,
    LoopSettings,
    TrainingRows,
    should_stop,
)
from automl_core.training.loop_state import (
    Position,
    as_arrays,
    as_tensors,
    below,
    damaged_state,
    optimizer_tensors,
    random_state,
    restore_optimizer,
    set_random_state,
)
from automl_core.training.losses import row_losses
from automl_core.training.network import Network, vmap_safe
from automl_core.training.optimizer import flat_cos, learning_rate, make_optimizer, set_rates
from automl_core.training.precision import short_type
from automl_core.training.row_shuffler import RowShuffler
from automl_core.training.stacked_state import FoldPosition, StackedPosition, StackedState
from automl_core.training.stacked_weights import Stack
from automl_core.types import StopReason


@dataclass
class _Fold:
    """The state of one fold besides its weights."""

    order: RowShuffler
    first_row: int  # of its rows among those of all
    first: dict[str, Tensor]
    best_weights: dict[str, Tensor] = field(default_factory=dict)
    position: Position = field(default_factory=Position)
    since: int = 0  # the step after which its optimiser began anew
    reason: StopReason | None = None  # why it ended


class BatchedLoop:
    """The trainings of some networks in progress, one step of all at a time.

    They share a schedule: batch and steps are those of the fewest rows.
    """

    def __init__(
        self, nets: list[Network], rows: list[TrainingRows], settings: list[LoopSettings]
    ) -> None:
        """`rows` on the device of the nets. Raises RuntimeError where shapes differ."""
        self.net, self.stack = nets[0], Stack(nets)
        self.all_settings = [to_plain(s) for s in settings]
        counts = [len(r.x) for r in rows]
        self.fewest = min(counts)
        self.settings = settings[counts.index(self.fewest)]
        self.steps_an_epoch = max(1, self.fewest // self.settings.batch)
        self.steps = self.steps_an_epoch * self.settings.epochs
        self.check_every = min(self.steps_an_epoch, CHECK_STEPS)
        self.optimizer = make_optimizer(self.stack.parameter_groups(), self.settings.beta2)
        self.rows, self.device = _joined(rows), rows[0].x.device
        self.folds = [
            _Fold(RowShuffler(count, s.seed, self.device), sum(counts[:f]), self.stack.copy(f))
            for f, (count, s) in enumerate(zip(counts, settings, strict=True))
        ]
        self.done, self.rate = 0, 0.0
        self._picks: tuple[int, Tensor] = (-1, torch.zeros(0))
        precise = torch.float32 if self.device.type == "mps" else torch.float64
        self.loss_sum = torch.zeros(len(nets), dtype=precise, device=self.device)
        short = short_type(self.device)
        # float16 needs a scale of the loss: one for all, and one fold's overflow would stop all
        self.short = short if short == torch.bfloat16 else None

    def run(self, controls: list[LoopControl]) -> list[StopReason]:
        """Train until all are done, do not improve any more, or are interrupted; why, for each.

        Clock and interruption are those of the first control, which all share. Raises
        ModelError where the loss of one stays not a number and it has no earlier epoch.
        """
        with vmap_safe(self.net), _stackable(self.device):
            self.net.train()
            while self.done < self.steps and any(f.reason is None for f in self.folds):
                if controls[0].keep is not None:
                    controls[0].keep(self.state)
                reason = controls[0].interrupted()
                if reason is not None:
                    self._interrupt(reason, controls)
                    break
                self.step(controls[0].elapsed())
                if self.done % self.check_every == 0 or self.done == self.steps:
                    self._check_all(controls)
        return [fold.reason or StopReason.COMPLETED for fold in self.folds]

    def _interrupt(self, reason: StopReason, controls: list[LoopControl]) -> None:
        """Stop the folds that still train, after a last validation."""
        unchecked = self.done % self.check_every and self.done != self.steps
        finite = torch.isfinite(self.loss_sum).tolist()
        for number, fold in enumerate(self.folds):
            if fold.reason is not None:
                continue
            fold.reason = reason
            if unchecked and finite[number]:
                self._check(number, controls[number])

    def finish(self, nets: list[Network]) -> None:
        """Put the best weights of each into its net."""
        for number, (fold, net) in enumerate(zip(self.folds, nets, strict=True)):
            last = self.stack.copy(number)
            if not all(bool(torch.isfinite(v).all()) for v in last.values()):
                last = fold.first
            net.load_state_dict(fold.best_weights or last, strict=False)  # buffers stay
            net.eval()

    def state(self) -> StackedState:
        """The complete state, from which a new loop on equal nets and equal rows goes on."""
        named = {f"net.{name}": tensor for name, tensor in self.stack.all().items()}
        for number, fold in enumerate(self.folds):
            named |= {f"best.{number}.{k}": v for k, v in fold.best_weights.items()}
        named |= optimizer_tensors(self.optimizer)
        named["loss_sum"], named["random"] = self.loss_sum, random_state(self.device)
        folds = tuple(FoldPosition(f.position, f.since, f.reason) for f in self.folds)
        return StackedState(as_arrays(named), StackedPosition(self.done, folds), self.all_settings)

    def restore(self, state: StackedState) -> None:
        """Go back to what `state` returned; ModelError where that was of other trainings."""
        if state.settings != self.all_settings:
            raise ModelError("The saved state is of trainings with other settings.")
        try:
            self._restore(state)
        except (RuntimeError, KeyError, ValueError) as error:  # other names or shapes
            raise damaged_state() from error

    def _restore(self, state: StackedState) -> None:
        tensors = as_tensors(state.arrays)
        self.stack.put_all(below(tensors, "net."))
        restore_optimizer(self.optimizer, tensors)
        self.loss_sum, self.done = tensors["loss_sum"].to(self.device), state.position.done
        for number, (fold, known) in enumerate(zip(self.folds, state.position.folds, strict=True)):
            best = below(tensors, f"best.{number}.")
            fold.best_weights = {name: tensor.to(self.device) for name, tensor in best.items()}
            fold.position, fold.since, fold.reason = known.position, known.since, known.reason
        set_random_state(self.device, tensors["random"])

    def network(self, number: int) -> Callable[[Tensor], Tensor]:
        """One of the networks as it is whenever it is called: rows (n, d) to outputs."""

        def outputs(x: Tensor) -> Tensor:
            self.net.eval()
            out: Tensor = functional_call(self.net, self.stack.of(number), (x,))
            self.net.train()
            return out

        return outputs

    def step(self, elapsed: float = 0.0) -> None:
        """One batch of each; `elapsed` is the share of the time limit that is used."""
        progress = max(self.done / self.steps, elapsed)
        self._set_rates(progress)
        epoch, number = divmod(self.done, self.steps_an_epoch)
        start = number * self.settings.batch
        picked = self._order(epoch)[:, start : start + self.settings.batch]
        self.optimizer.zero_grad(set_to_none=True)
        losses = self._losses(picked)
        torch.autograd.backward(losses.sum())  # of each the gradient of its own loss
        if self.settings.clip:
            self.stack.clip_gradients(self.settings.clip)
        factors = _step_factors(self.folds, self.done + 1, self.optimizer)
        before = None if factors is None else self.stack.values_now()
        self.optimizer.step()
        if factors is not None and before is not None:
            self.stack.shrink_step(before, torch.tensor(factors).to(self.device))
        self.loss_sum += losses.detach()
        self.done += 1

    def _losses(self, picked: Tensor) -> Tensor:
        """Mean loss of each network's rows `picked` (folds, batch): (folds,)."""
        rows, flat = self.rows, picked.flatten()
        x = rows.x.index_select(0, flat).view(*picked.shape, -1)

        def forward(weights: dict[str, Tensor], x: Tensor) -> Tensor:
            out: Tensor = functional_call(self.net, weights, (x,))
            return out

        short = torch.autocast(self.device.type, self.short) if self.short else nullcontext()
        with short:
            output = vmap(forward, randomness="different")(self.stack.all(), x)
        y = rows.y.index_select(0, flat)
        losses = row_losses(rows.task, output.flatten(0, 1), y, self.settings.smoothing)
        if rows.weight is not None:
            losses = losses * rows.weight.index_select(0, flat)
        return losses.view(picked.shape).mean(dim=1)

    def _order(self, epoch: int) -> Tensor:
        """Rows of each network in this epoch (folds, rows)."""
        if self._picks[0] != epoch:
            orders = [f.order.of(epoch)[: self.fewest] + f.first_row for f in self.folds]
            self._picks = (epoch, torch.stack(orders))
        return self._picks[1]

    def _set_rates(self, progress: float) -> None:
        settings = self.settings
        self.rate = learning_rate(settings.learning_rate, progress, settings.schedule)
        decay = settings.weight_decay
        if settings.decay_schedule == "flat_cos":
            decay *= flat_cos(progress)
        set_rates(self.optimizer, self.rate, decay)
        self.net.set_progress(progress)

    def _check_all(self, controls: list[LoopControl]) -> None:
        """Validate the folds that still train; one whose loss is not a number recovers or stops."""
        finite = torch.isfinite(self.loss_sum).tolist()
        for number, fold in enumerate(self.folds):
            if fold.reason is not None:
                continue
            if not finite[number]:
                self._recover(number)
                continue
            progress = self._check(number, controls[number])
            if fold.reason is None and should_stop(self.settings, fold.position, progress):
                fold.reason = StopReason.EARLY
        self.loss_sum = torch.zeros_like(self.loss_sum)

    def _check(self, number: int, control: LoopControl) -> float:
        """Validate one, keep its weights if they are its best yet, and report; its progress."""
        fold = self.folds[number]
        since = self.done % self.check_every or self.check_every
        train_loss = float(self.loss_sum[number]) / since
        valid_loss, score, rank = control.measure()
        epoch = fold.position.epoch + 1
        best = fold.position.best.after(epoch, rank, valid_loss)
        progress = max(self.done / self.steps, control.elapsed())
        best_at = fold.position.best_at
        if best.epoch == epoch:
            fold.best_weights, best_at = self.stack.copy(number), progress
        fold.position = replace(fold.position, epoch=epoch, best=best, best_at=best_at)
        rate = self.rate * fold.position.rate_factor
        reason = control.report(Check(epoch, progress, train_loss, valid_loss, score, rate))
        fold.reason = fold.reason or reason
        return progress

    def _recover(self, number: int) -> None:
        """Continue a fold from its best weights with smaller steps; stop it at the second time."""
        fold = self.folds[number]
        if fold.position.rate_factor == 1.0:
            self.stack.put(number, fold.best_weights or fold.first)
            self.stack.forget(number, self.optimizer)
            fold.position = replace(fold.position, rate_factor=RETRY_FACTOR)
            fold.since = self.done
        elif fold.best_weights:
            fold.reason = StopReason.EARLY
        else:
            raise ModelError(
                "Training diverged: the loss was not a number, also with smaller steps.",
                "A lower learning rate may help.",
            )


def has_reported(loop: BatchedLoop) -> bool:
    """True once any of its networks has reported an epoch."""
    return any(fold.position.epoch for fold in loop.folds)


def _step_factors(
    folds: list[_Fold], count: int, optimizer: torch.optim.Optimizer
) -> list[float] | None:
    """Factors of each fold's step number `count`; None: all are 1.

    A step of AdamW is proportional to the learning rate. The optimiser counts steps for all
    together: for one that began anew later, its correction of the averages (Kingma & Ba 2015,
    section 3) is replaced by its own.
    """
    if all(fold.position.rate_factor == 1.0 for fold in folds):
        return None
    beta1, beta2 = optimizer.param_groups[0]["betas"]
    factors = []
    for fold in folds:
        own = count - fold.since
        first = (1 - beta1**count) / (1 - beta1**own)
        second = math.sqrt((1 - beta2**own) / (1 - beta2**count))
        factors.append(fold.position.rate_factor * first * second)
    return factors


def _joined(rows: list[TrainingRows]) -> TrainingRows:
    """All rows, one network's after the other's."""
    weights = [r.weight for r in rows if r.weight is not None]
    return TrainingRows(
        rows[0].task,
        torch.cat([r.x for r in rows]),
        torch.cat([r.y for r in rows]),
        torch.cat(weights) if weights else None,
    )


@contextmanager
def _stackable(device: torch.device) -> Iterator[None]:
    """Attention without fused kernels, where torch cannot stack these."""
    if device.type == "cuda":
        yield
        return
    with sdpa_kernel(SDPBackend.MATH):
        yield
