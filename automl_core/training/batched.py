"""The training of several networks of one shape as one: folds, seeds and configurations.

One network for tables does not fill a GPU: it computes a product sooner than the next one is
launched; and on a processor the calls of a small one take longer than its products. Networks that
are trained together therefore cost less than one after the other. Their parameters are stacked by
name, and each step is one pass over the stacks (torch.func.vmap). Each member keeps its own
settings, rows, order, place in its schedule, dropout, gradient norm, best weights, early stop, and
recovery from a loss that is not a number: it is trained as `Loop` would train it alone, from and
to the same states. Only the size of a batch and `beta2` are the same for all.
"""

from __future__ import annotations

import copy
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from functools import partial

import torch
from torch import Tensor
from torch.func import functional_call, vmap
from torch.nn.attention import SDPBackend, sdpa_kernel

from automl_core.errors import ModelError
from automl_core.records import to_plain
from automl_core.training.loop import (
    RETRY_FACTOR,
    Check,
    LoopControl,
    should_stop,
)
from automl_core.training.loop_state import (
    LoopState,
    as_arrays,
    as_tensors,
    below,
    random_state,
    set_random_state,
)
from automl_core.training.losses import row_losses
from automl_core.training.network import FastLayer, Network, vmap_safe
from automl_core.training.optimizer import flat_cos, learning_rate
from automl_core.training.precision import bf16_matmul, gradient_survives, short_type
from automl_core.training.row_shuffler import RowShuffler
from automl_core.training.stack_member import Member, MemberEnd, MemberTraining, Outputs
from automl_core.training.stacked_optimizer import StackedAdamW
from automl_core.training.stacked_rows import StackedRows
from automl_core.training.stacked_weights import Stack, Weights, copy_equal
from automl_core.types import StopReason

logger = logging.getLogger(__name__)


class BatchedLoop:
    """The trainings of some networks in progress, one step of all at a time."""

    def __init__(
        self, trainings: list[MemberTraining], more: Callable[[], MemberTraining | None]
    ) -> None:
        """`more` gives the training that takes the place of one that has ended; None: none does.

        Raises RuntimeError where networks are not of one shape.
        """
        first = trainings[0]
        self.net, self.stack = copy.deepcopy(first.net), Stack([t.net for t in trainings])
        self.batch = min(t.settings.batch for t in trainings)
        self.beta2, self.device = first.settings.beta2, first.rows.x.device
        self.optimizer = StackedAdamW(self.stack, self.beta2)
        self.rows = StackedRows(self.batch)
        self.more = more
        self.has_reported = False  # any of them, an epoch
        self.rounded: bool | None = None  # products of rounded numbers; None: not decided yet
        precise = torch.float32 if self.device.type == "mps" else torch.float64
        self.loss_sum = torch.zeros(len(trainings), dtype=precise, device=self.device)
        short = short_type(self.device)
        # float16 needs a scale of the loss: one for all, and one overflow would stop all
        self.short = short if short == torch.bfloat16 else None
        self._decays: list[float] = []  # of the next step, by place
        self.members: list[Member] = []
        for place, training in enumerate(trainings):
            self.members.append(self._member(training, place))
            self._restore(place)

    def run(self, ended: Callable[[MemberEnd], None]) -> None:
        """Train until none is left; `ended` is told of each that is done, or is interrupted.

        So is it of one that gave up for want of a better epoch, or whose loss stays not a number.
        """
        with self.in_training():
            self._release(ended)
            while self.members:
                for place, member in enumerate(self.members):
                    if member.control.keep is not None:
                        member.control.keep(partial(self.state, place))
                if not self._interrupt():
                    self.step()
                    self._check_due()
                self._release(ended)

    @contextmanager
    def in_training(self) -> Iterator[None]:
        """Let steps be taken while inside."""
        with vmap_safe(self.net), _stackable(self.device):
            self.net.train()
            yield

    # Members come and go

    def _member(self, training: MemberTraining, place: int) -> Member:
        """A training that is in the stack already, or about to be put there."""
        settings = training.settings
        if settings.beta2 != self.beta2:
            raise RuntimeError("the optimisers are not alike")
        count = len(training.rows.x)
        member = Member(
            training,
            replace(settings, batch=self.batch),
            _no_control(),
            RowShuffler(count, settings.seed, self.device),
            _layers_with_numbers(training.net),
            {k: v.detach().clone() for k, v in training.net.state_dict().items()},
            max(1, count // self.batch),
        )
        member.control = training.control(self._outputs(member))
        self.rows.add(training.rows, place)
        return member

    def _outputs(self, member: Member) -> Outputs:
        def outputs(x: Tensor) -> Tensor:
            self.net.eval()
            weights = self.stack.of(self.members.index(member))
            out: Tensor = functional_call(self.net, weights, (x,))
            self.net.train()
            return out

        return outputs

    def _interrupt(self) -> bool:
        """End the members that are interrupted, after a last validation; True where any was."""
        found = [(place, m.control.interrupted()) for place, m in enumerate(self.members)]
        for place, reason in found:
            if reason is None:
                continue
            member = self.members[place]
            member.reason = reason
            unchecked = member.since_check and member.position.step != member.steps
            if unchecked and bool(torch.isfinite(self.loss_sum[place])):
                self._check(place)
        return any(reason is not None for _, reason in found)

    def _release(self, ended: Callable[[MemberEnd], None]) -> None:
        """Report the members that have ended; others take their places, or the stack shrinks."""
        while gone := [place for place, m in enumerate(self.members) if m.reason is not None]:
            for place in gone:
                member = self.members[place]
                self._finish(place)
                assert member.reason is not None
                epochs = member.position.epoch
                ended(MemberEnd(member.training, member.reason, epochs, member.error))
            left = [place for place in gone if not self._refill(place)]
            if left:
                self._keep([place for place in range(len(self.members)) if place not in left])

    def _refill(self, place: int) -> bool:
        """Begin the next training in a place; False where there is none."""
        training = self.more()
        if training is None:
            return False
        self.stack.put_net(place, training.net)
        self.optimizer.forget(place)
        self.loss_sum[place] = 0.0
        self.members[place] = self._member(training, place)
        self._restore(place)
        return True

    def _keep(self, places: list[int]) -> None:
        self.members = [self.members[place] for place in places]
        if not places:
            return
        self.stack.keep(places)
        self.optimizer.keep(places)
        self.rows.keep(places)
        self.loss_sum = self.loss_sum[places]

    def _finish(self, place: int) -> None:
        """Put the best weights of a member into its net."""
        member, weights = self.members[place], self.members[place].best_weights
        if not weights:
            last = self.stack.copy(place)
            finite = all(bool(torch.isfinite(v).all()) for v in last.values())
            weights = last if finite else member.first
        member.training.net.load_state_dict(weights)
        member.training.net.eval()

    # States

    def state(self, place: int) -> LoopState:
        """The complete state of one member, from which it goes on here or in a `Loop`."""
        member = self.members[place]
        named = {f"net.{name}": tensor for name, tensor in self.stack.copy(place).items()}
        named |= {f"best.{name}": tensor for name, tensor in member.best_weights.items()}
        named |= self.optimizer.tensors(place)
        named["loss_sum"], named["random"] = self.loss_sum[place], random_state(self.device)
        named["mixed"] = torch.tensor([1.0, 0.0])  # no scale of the loss
        return LoopState(as_arrays(named), member.position, to_plain(member.training.settings))

    def _restore(self, place: int) -> None:
        """Let a member go on from its state, if it has one that is of such a training."""
        member, state = self.members[place], self.members[place].training.state
        if state is None:
            return
        try:
            self._go_on(place, state)
        except (ModelError, RuntimeError, KeyError, ValueError) as error:  # other names or shapes
            logger.info("a network is trained from its beginning: %s", error)
            self.stack.put_net(place, member.training.net)
            self.optimizer.forget(place)
            self.loss_sum[place] = 0.0

    def _go_on(self, place: int, state: LoopState) -> None:
        member, tensors = self.members[place], as_tensors(state.arrays)
        if state.settings != to_plain(member.training.settings):
            raise ModelError("The saved state is of a training with other settings.")
        self.stack.put(place, below(tensors, "net."))
        best = {name: t.to(self.device) for name, t in below(tensors, "best.").items()}
        for name, tensor in best.items():
            copy_equal(tensor, torch.empty_like(member.first[name]))
        self.optimizer.restore(place, tensors)
        self.loss_sum[place] = tensors["loss_sum"]
        set_random_state(self.device, tensors["random"])
        member.best_weights, member.position = best, state.position
        if member.position.step >= member.steps:
            member.reason = StopReason.COMPLETED

    # A step

    def step(self) -> None:
        """One batch of each."""
        self._set_rates()
        picked = self.rows.pick([(m.order, *self._batch_of(m)) for m in self.members])
        if self.rounded is None:
            self._decide_rounding(picked)
        self.stack.forget_gradients()
        with bf16_matmul(self.rounded is True):
            losses = self._losses(picked)
            torch.autograd.backward(losses.sum())  # of each the gradient of its own loss
        self.stack.clip_gradients([m.settings.clip for m in self.members])
        self.optimizer.step([m.rate for m in self.members], self._decays)
        self.loss_sum += losses.detach()
        for member in self.members:
            position = member.position
            member.position = replace(position, step=position.step + 1, rounded=self.rounded)

    @staticmethod
    def _batch_of(member: Member) -> tuple[int, int]:
        """The epoch of a member, and the number of its batch in it."""
        return divmod(member.position.step, member.steps_an_epoch)

    def _losses(self, picked: Tensor) -> Tensor:
        """Mean loss of each member's rows `picked` (members, batch): (members,)."""
        rows, flat = self.rows.all, picked.flatten()
        x = rows.x.index_select(0, flat).view(*picked.shape, -1)

        def forward(weights: Weights, x: Tensor) -> Tensor:
            out: Tensor = functional_call(self.net, weights, (x,))
            return out

        short = torch.autocast(self.device.type, self.short) if self.short else nullcontext()
        with short:
            output = vmap(forward, randomness="different")(self.stack.all(), x)
        y = rows.y.index_select(0, flat)
        losses = row_losses(rows.task, output.flatten(0, 1), y, self._smoothing())
        if rows.weight is not None:
            losses = losses * rows.weight.index_select(0, flat)
        return losses.view(picked.shape).mean(dim=1)

    def _smoothing(self) -> float | Tensor:
        """One number where it is the same for all members, else one for each of their rows."""
        shares = [m.settings.smoothing for m in self.members]
        if len(set(shares)) == 1:
            return shares[0]
        return torch.tensor(shares, device=self.device).repeat_interleave(self.batch)

    def _decide_rounding(self, picked: Tensor) -> None:
        """Decide on bfloat16 products once for all, by their effect on the first gradients."""
        random = random_state(self.device)

        def loss() -> Tensor:
            set_random_state(self.device, random)
            return self._losses(picked).sum()

        parameters = list(self.stack.weights.values())
        may = all(m.settings.may_round for m in self.members)
        self.rounded = may and gradient_survives(parameters, loss, len(self.members))
        set_random_state(self.device, random)

    def _set_rates(self) -> None:
        self._decays = []
        numbers: dict[str, list[float]] = {}
        for member in self.members:
            settings, progress = member.settings, member.progress()
            base = settings.learning_rate * member.position.rate_factor
            member.rate = learning_rate(base, progress, settings.schedule)
            fades = settings.decay_schedule == "flat_cos"
            self._decays.append(settings.weight_decay * (flat_cos(progress) if fades else 1.0))
            member.training.net.set_progress(progress)
            for path, layer in member.layers.items():
                for name, number in layer.own_numbers().items():
                    numbers.setdefault(f"{path}.{name}", []).append(number)
        self.stack.set_numbers(numbers)

    # Checks

    def _check_due(self) -> None:
        """Validate the members that are at the end of an epoch; one whose loss is not a number
        recovers or ends."""
        due = [place for place, member in enumerate(self.members) if member.is_due]
        if not due:
            return
        finite = torch.isfinite(self.loss_sum).tolist()
        for place in due:
            member = self.members[place]
            if not finite[place]:
                self._recover(place)
            else:
                self._check(place)
                if member.reason is None and should_stop(
                    member.settings, member.position, member.progress()
                ):
                    member.reason = StopReason.EARLY
            if member.reason is None and member.position.step == member.steps:
                member.reason = StopReason.COMPLETED

    def _check(self, place: int) -> None:
        """Validate a member, keep its weights if they are its best yet, and report."""
        member, position = self.members[place], self.members[place].position
        train_loss = float(self.loss_sum[place]) / (member.since_check or member.check_every)
        self.loss_sum[place] = 0.0
        valid_loss, score, rank = member.control.measure()
        epoch = position.epoch + 1
        best = position.best.after(epoch, rank, valid_loss)
        progress = member.progress()
        best_at = position.best_at
        if best.epoch == epoch:
            member.best_weights, best_at = self.stack.copy(place), progress
        member.position = replace(position, epoch=epoch, best=best, best_at=best_at)
        self.has_reported = True
        check = Check(epoch, progress, train_loss, valid_loss, score, member.rate)
        reason = member.control.report(check)
        member.reason = member.reason or reason

    def _recover(self, place: int) -> None:
        """Let a member go on from its best weights with smaller steps; the second time it ends."""
        member = self.members[place]
        self.loss_sum[place] = 0.0
        if member.position.rate_factor == 1.0:
            self.stack.put(place, member.best_weights or member.first)
            self.optimizer.forget(place)
            member.position = replace(member.position, rate_factor=RETRY_FACTOR)
            return
        member.reason = StopReason.EARLY
        if not member.best_weights:
            member.error = ModelError(
                "Training diverged: the loss was not a number, also with smaller steps.",
                "A lower learning rate may help.",
            )


def _layers_with_numbers(net: Network) -> dict[str, FastLayer]:
    return {
        path: layer
        for path, layer in net.named_modules()
        if isinstance(layer, FastLayer) and layer.own_numbers()
    }


def _no_control() -> LoopControl:
    """Stands for a control until there is one."""
    return LoopControl(lambda: (0.0, 0.0, 0.0), lambda _: None, lambda: None, lambda: 0.0)


@contextmanager
def _stackable(device: torch.device) -> Iterator[None]:
    """Attention without fused kernels, where torch cannot stack these."""
    if device.type == "cuda":
        yield
        return
    with sdpa_kernel(SDPBackend.MATH):
        yield
