"""Several trainings as one: each goes and ends as it would alone, whatever the others do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from automl_core.errors import ModelError
from automl_core.training.batched import BatchedLoop
from automl_core.training.loop import Check, Loop, LoopControl, LoopSettings, TrainingRows
from automl_core.training.loop_state import SavedState
from automl_core.training.network import Network
from automl_core.training.stacked_state import StackedState
from automl_core.types import StopReason

SETTINGS = LoopSettings(
    epochs=8, batch=16, learning_rate=0.02, weight_decay=0.01, patience=0, seed=0, clip=0.1
)
FOLDS = 3


class Net(Network):
    """A small network; where `sick` is NaN it answers so in some steps."""

    def __init__(self, seed: int, sick: float = 1.0) -> None:
        super().__init__()
        torch.manual_seed(seed)
        self.layers = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 1))
        self.sick: Tensor
        self.register_buffer("sick", torch.tensor(sick))
        self.broken: tuple[float, float] = (0.3, 0.32)
        self.now = False

    def set_progress(self, progress: float) -> None:
        self.now = self.broken[0] <= progress < self.broken[1]

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.layers(x)
        return out * self.sick if self.now and self.training else out


def rows(fold: int) -> TrainingRows:
    generator = torch.Generator().manual_seed(fold)
    x = torch.randn(100 + 2 * fold, 3, generator=generator)  # 6 batches, whatever the fold
    weight = torch.rand(len(x), generator=generator) + 0.5
    return TrainingRows("regression", x, x[:, 0] - x[:, 1], weight)


class Around:
    """Measures on the training rows, or as it is told."""

    def __init__(self, fold: int) -> None:
        self.rows = rows(fold)
        self.checks: list[Check] = []
        self.net: Callable[[Tensor], Tensor] = lambda x: x
        self.told: list[float] = []
        self.prune_at = self.stop_at = 10**9
        self.looks = 0

    def measure(self) -> tuple[float, float, float]:
        with torch.inference_mode():
            error = self.net(self.rows.x)[:, 0] - self.rows.y
        loss = self.told.pop(0) if self.told else float((error**2).mean())
        return loss, loss, loss

    def report(self, check: Check) -> StopReason | None:
        self.checks.append(check)
        return StopReason.PRUNED if len(self.checks) >= self.prune_at else None

    def interrupted(self) -> StopReason | None:
        self.looks += 1
        return StopReason.TIME if self.looks > self.stop_at else None

    def control(self) -> LoopControl:
        return LoopControl(self.measure, self.report, self.interrupted, lambda: 0.0)


def settings(fold: int, base: LoopSettings = SETTINGS) -> LoopSettings:
    return replace(base, seed=fold)


def together(
    nets: list[Net], arounds: list[Around], base: LoopSettings = SETTINGS
) -> tuple[BatchedLoop, list[StopReason]]:
    count = len(nets)
    loop = BatchedLoop(
        list(nets), [rows(f) for f in range(count)], [settings(f, base) for f in range(count)]
    )
    for fold, around in enumerate(arounds):
        around.net = loop.network(fold)
    reasons = loop.run([around.control() for around in arounds])
    loop.finish(list(nets))
    return loop, reasons


def alone(
    net: Net, fold: int, around: Around, base: LoopSettings = SETTINGS
) -> tuple[Loop, StopReason]:
    loop = Loop(net, rows(fold), settings(fold, base))
    around.net = net
    reason = loop.run(around.control())
    loop.finish(around.control())
    return loop, reason


def same_weights(net: Net, other: Net) -> None:
    for name, tensor in net.layers.state_dict().items():
        torch.testing.assert_close(tensor, other.layers.state_dict()[name], rtol=1e-4, atol=1e-5)


def test_each_becomes_what_it_becomes_alone() -> None:
    nets, arounds = [Net(f) for f in range(FOLDS)], [Around(f) for f in range(FOLDS)]
    loop, reasons = together(nets, arounds)
    assert reasons == [StopReason.COMPLETED] * FOLDS
    for fold, net in enumerate(nets):
        lone, around = Net(fold), Around(fold)
        expected, _ = alone(lone, fold, around)
        same_weights(net, lone)
        assert loop.folds[fold].position.epoch == expected.position.epoch == 8
        losses = [(c.epoch, c.train_loss, c.valid_loss) for c in arounds[fold].checks]
        others = [(c.epoch, c.train_loss, c.valid_loss) for c in around.checks]
        torch.testing.assert_close(torch.tensor(losses), torch.tensor(others))


def test_one_gives_up_and_keeps_its_best_while_the_others_go_on() -> None:
    base = replace(SETTINGS, patience=2)
    nets, arounds = [Net(f) for f in range(FOLDS)], [Around(f) for f in range(FOLDS)]
    arounds[1].told = [3.0, 1.0, 2.0, 2.0]
    _, reasons = together(nets, arounds, base)
    assert reasons == [StopReason.COMPLETED, StopReason.EARLY, StopReason.COMPLETED]
    assert [len(a.checks) for a in arounds] == [8, 4, 8]
    lone, around = Net(1), Around(1)
    around.told = [3.0, 1.0, 2.0, 2.0]
    alone(lone, 1, around, base)
    same_weights(nets[1], lone)


def test_it_ends_when_all_have_given_up() -> None:
    nets, arounds = [Net(f) for f in range(2)], [Around(f) for f in range(2)]
    for around in arounds:
        around.told = [1.0, 2.0, 2.0, 2.0]
    loop, reasons = together(nets, arounds, replace(SETTINGS, patience=3))
    assert reasons == [StopReason.EARLY] * 2
    assert loop.done == 4 * 6


def test_one_that_is_pruned_ends_alone() -> None:
    nets, arounds = [Net(f) for f in range(2)], [Around(f) for f in range(2)]
    arounds[0].prune_at = 3
    _, reasons = together(nets, arounds)
    assert reasons == [StopReason.PRUNED, StopReason.COMPLETED]
    assert [len(a.checks) for a in arounds] == [3, 8]


def test_time_that_is_up_ends_all_with_what_they_have() -> None:
    nets, arounds = [Net(f) for f in range(2)], [Around(f) for f in range(2)]
    arounds[0].stop_at = 9  # one epoch and a half
    loop, reasons = together(nets, arounds)
    assert reasons == [StopReason.TIME] * 2
    assert loop.done == 9
    assert [len(a.checks) for a in arounds] == [2, 2]
    for fold, net in enumerate(nets):
        lone, around = Net(fold), Around(fold)
        around.stop_at = 9
        alone(lone, fold, around)
        same_weights(net, lone)


def test_a_loss_that_is_no_number_goes_on_with_smaller_steps_and_leaves_the_others_alone() -> None:
    nets = [Net(0), Net(1, sick=float("nan")), Net(2)]
    arounds = [Around(f) for f in range(FOLDS)]
    _, reasons = together(nets, arounds)
    assert reasons == [StopReason.COMPLETED] * FOLDS
    assert [len(a.checks) for a in arounds] == [8, 7, 8]
    for fold, net in enumerate(nets):
        lone = Net(fold, float(net.sick))
        alone(lone, fold, Around(fold))
        same_weights(net, lone)
    rates = [check.learning_rate for check in arounds[1].checks]
    assert rates[2] < 0.5 * arounds[0].checks[3].learning_rate


def test_the_second_time_it_keeps_its_best_epoch() -> None:
    nets = [Net(0), Net(1, sick=float("nan"))]
    for net in nets:
        net.broken = (0.3, 1.0)
    arounds = [Around(f) for f in range(2)]
    _, reasons = together(nets, arounds)
    assert reasons == [StopReason.COMPLETED, StopReason.EARLY]
    assert all(bool(torch.isfinite(v).all()) for v in nets[1].layers.state_dict().values())


def test_without_any_good_epoch_it_fails_in_words() -> None:
    nets = [Net(0), Net(1, sick=float("nan"))]
    for net in nets:
        net.broken = (0.0, 1.0)
    with pytest.raises(ModelError, match="diverged"):
        together(nets, [Around(f) for f in range(2)])


def test_nets_of_different_shapes_are_refused() -> None:
    other = Net(1)
    other.layers[0] = nn.Linear(3, 9)
    with pytest.raises(RuntimeError):
        together([Net(0), other], [Around(f) for f in range(2)])


@pytest.mark.parametrize("stop_at", [0, 7, 29])
def test_interrupted_and_continued_equals_uninterrupted(stop_at: int) -> None:
    whole, _ = together([Net(f) for f in range(FOLDS)], [Around(f) for f in range(FOLDS)])
    first = BatchedLoop([Net(f) for f in range(FOLDS)], *_rows_and_settings())
    arounds = [Around(fold) for fold in range(FOLDS)]
    for fold, around in enumerate(arounds):
        around.net = first.network(fold)
    saved: list[bytes] = []

    def keep(take: Callable[[], SavedState]) -> None:
        if first.done == stop_at:
            saved.append(take().to_bytes())

    controls = [replace(around.control(), keep=keep) for around in arounds]
    arounds[0].stop_at = stop_at + 2
    first.run(controls)  # what it does after its state was kept changes nothing

    second = BatchedLoop([Net(f) for f in range(FOLDS)], *_rows_and_settings())
    second.restore(StackedState.from_bytes(saved[0]))
    arounds = [Around(fold) for fold in range(FOLDS)]
    for fold, around in enumerate(arounds):
        around.net = second.network(fold)
    second.run([around.control() for around in arounds])
    assert [f.position for f in second.folds] == [f.position for f in whole.folds]
    for name, tensor in whole.stack.all().items():
        assert torch.equal(tensor, second.stack.all()[name]), name
    other = replace(SETTINGS, learning_rate=0.5)
    strange = BatchedLoop([Net(0)], [rows(0)], [other])
    with pytest.raises(ModelError):
        strange.restore(StackedState.from_bytes(saved[0]))


def _rows_and_settings() -> tuple[list[TrainingRows], list[LoopSettings]]:
    return [rows(f) for f in range(FOLDS)], [settings(f) for f in range(FOLDS)]
