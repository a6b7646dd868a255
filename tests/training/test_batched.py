"""Several trainings as one: each goes and ends as it would alone, whatever the others do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
import torch
from torch import Tensor, nn

from automl_core.training.batched import BatchedLoop
from automl_core.training.loop import Check, Loop, LoopControl, LoopSettings, TrainingRows
from automl_core.training.loop_state import LoopState, SavedState
from automl_core.training.losses import Kind
from automl_core.training.network import FastLayer, Network, ParameterGroup
from automl_core.training.stack_member import MemberEnd, MemberTraining
from automl_core.types import StopReason

SETTINGS = LoopSettings(
    epochs=8, batch=16, learning_rate=0.02, weight_decay=0.01, patience=0, seed=0, clip=0.1
)
FOLDS = 3


class Sickness(FastLayer):
    """Multiplies by NaN in some steps of the network that is sick."""

    def __init__(self, begins: float, ends: float) -> None:
        super().__init__()
        self.begins, self.ends, self.now = begins, ends, 1.0
        self.factor: Tensor
        self.register_buffer("factor", torch.tensor(1.0), persistent=False)

    def turn(self, progress: float) -> None:
        self.now = float("nan") if self.begins <= progress < self.ends else 1.0
        self.factor.fill_(self.now)

    def own_numbers(self) -> dict[str, float]:
        return {"factor": self.now}

    def forward(self, x: Tensor) -> Tensor:
        return x * self.factor if self.training else x


class Net(Network):
    """A small network whose bias learns at a rate of its own."""

    def __init__(self, seed: int, sick: tuple[float, float] = (2.0, 2.0), outputs: int = 1) -> None:
        super().__init__()
        torch.manual_seed(seed)
        self.layers = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, outputs))
        self.sickness = Sickness(*sick)
        self.rate_factor = 1.0 + seed

    def set_progress(self, progress: float) -> None:
        self.sickness.turn(progress)

    def parameter_groups(self) -> list[ParameterGroup]:
        parameters = list(self.parameters())
        return [
            ParameterGroup([p for p in parameters if p.ndim == 2]),
            ParameterGroup([p for p in parameters if p.ndim == 1], self.rate_factor, decay=False),
        ]

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.sickness(self.layers(x))
        return out


def rows(fold: int, task: Kind = "regression") -> TrainingRows:
    generator = torch.Generator().manual_seed(fold)
    x = torch.randn(100 + 20 * fold, 3, generator=generator, dtype=torch.float64)
    weight = torch.rand(len(x), generator=generator, dtype=torch.float64) + 0.5
    y = x[:, 0] - x[:, 1]
    if task == "multiclass":
        y = torch.bucketize(y, torch.tensor([-0.5, 0.5], dtype=torch.float64))
    if task == "binary":
        y = (y > 0).double()
    return TrainingRows(task, x, y, weight)


class Around:
    """Measures on the training rows, or as it is told."""

    def __init__(self, fold: int) -> None:
        self.rows = rows(fold)
        self.checks: list[Check] = []
        self.net: Callable[[Tensor], Tensor] = lambda x: x
        self.told: list[float] = []
        self.prune_at = self.stop_at = 10**9
        self.looks = 0
        self.keep: Callable[[Callable[[], SavedState]], None] | None = None

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
        return LoopControl(self.measure, self.report, self.interrupted, lambda: 0.0, self.keep)

    def around(self, net: Callable[[Tensor], Tensor]) -> LoopControl:
        self.net = net
        return self.control()


@dataclass(eq=False)
class Case:
    """One training."""

    fold: int
    settings: LoopSettings = SETTINGS
    sick: tuple[float, float] = (2.0, 2.0)
    task: Kind = "regression"

    def __post_init__(self) -> None:
        self.settings = replace(self.settings, seed=self.fold)
        self.outputs = 3 if self.task == "multiclass" else 1
        self.around = Around(self.fold)
        self.state: LoopState | None = None

    def net(self) -> Net:
        return Net(self.fold, self.sick, self.outputs).double()

    def training(self) -> MemberTraining:
        data = rows(self.fold, self.task)
        return MemberTraining(self.net(), data, self.settings, self.around.around, self.state)

    def loop(self) -> Loop:
        return Loop(self.net(), rows(self.fold, self.task), self.settings)


def together(cases: list[Case], places: int = 99) -> list[MemberEnd]:
    """The ends of all, in the order of the cases."""
    trainings = [case.training() for case in cases]
    waiting = trainings[places:]
    loop = BatchedLoop(trainings[:places], lambda: waiting.pop(0) if waiting else None)
    ends: dict[int, MemberEnd] = {}
    loop.run(lambda end: ends.__setitem__(trainings.index(end.training), end))
    return [ends[number] for number in range(len(cases))]


def alone(
    case: Case, around: Around | None = None, loop: Loop | None = None
) -> tuple[Loop, StopReason]:
    loop, beside = loop or case.loop(), around or Around(case.fold)
    beside.net = loop.net
    reason = loop.run(beside.control())
    loop.finish(beside.control())
    return loop, reason


def same_weights(end: MemberEnd, other: Loop) -> None:
    for name, tensor in end.training.net.state_dict().items():
        torch.testing.assert_close(tensor, other.net.state_dict()[name], rtol=1e-6, atol=1e-8)


def same_checks(around: Around, other: Around) -> None:
    mine, theirs = (
        torch.tensor([(c.epoch, c.train_loss, c.valid_loss, c.learning_rate) for c in a.checks])
        for a in (around, other)
    )
    torch.testing.assert_close(mine, theirs, rtol=1e-6, atol=1e-8)


OWN = [
    SETTINGS,
    replace(SETTINGS, learning_rate=0.1, weight_decay=0.5, epochs=5, schedule="coslog4"),
    replace(SETTINGS, learning_rate=0.005, clip=0.0, decay_schedule="flat_cos", smoothing=0.3),
    replace(SETTINGS, weight_decay=0.0, epochs=11, patience=1, smoothing=0.1),
]


@pytest.mark.parametrize("task", ["regression", "binary", "multiclass"])
@pytest.mark.parametrize("places", [4, 2])
def test_each_becomes_what_it_becomes_alone(task: Kind, places: int) -> None:
    cases = [Case(fold, own, task=task) for fold, own in enumerate(OWN)]
    ends = together(cases, places)
    for case, end in zip(cases, ends, strict=True):
        around = Around(case.fold)
        lone, reason = alone(case, around)
        same_weights(end, lone)
        same_checks(case.around, around)
        assert (end.reason, end.epochs, end.error) == (reason, lone.position.epoch, None)


def test_those_that_train_on_the_same_rows_share_them() -> None:
    first, second = (Case(1, replace(SETTINGS, learning_rate=rate)) for rate in (0.01, 0.05))
    one, two = first.training(), second.training()
    loop = BatchedLoop([one, replace(two, rows=one.rows)], lambda: None)
    assert loop.rows.all is one.rows
    ends: list[MemberEnd] = []
    loop.run(ends.append)
    for case, end in zip((first, second), ends, strict=True):
        same_weights(end, alone(case)[0])


def test_one_gives_up_and_keeps_its_best_while_the_others_go_on() -> None:
    told = [3.0, 1.0, 2.0, 2.0]
    cases = [Case(fold, replace(SETTINGS, patience=2)) for fold in range(FOLDS)]
    cases[1].around.told = told.copy()
    ends = together(cases)
    assert [e.reason for e in ends] == [
        StopReason.COMPLETED,
        StopReason.EARLY,
        StopReason.COMPLETED,
    ]
    assert [len(case.around.checks) for case in cases] == [8, 4, 8]
    around = Around(1)
    around.told = told
    same_weights(ends[1], alone(cases[1], around)[0])


def test_the_place_of_one_that_is_pruned_is_taken() -> None:
    cases = [Case(fold) for fold in range(4)]
    cases[0].around.prune_at = 3
    order: list[int] = []
    trainings = [case.training() for case in cases]
    waiting = trainings[2:]
    loop = BatchedLoop(trainings[:2], lambda: waiting.pop(0) if waiting else None)
    loop.run(lambda end: order.append(trainings.index(end.training)))
    assert order[:2] == [0, 1]
    assert [len(case.around.checks) for case in cases] == [3, 8, 8, 8]
    assert len(loop.stack) == 1  # the last one is alone in the end


def test_time_that_is_up_ends_all_with_what_they_have() -> None:
    cases = [Case(0), Case(0, replace(SETTINGS, learning_rate=0.05))]
    for case in cases:
        case.around.stop_at = 9  # one epoch and a half
    ends = together(cases)
    assert [e.reason for e in ends] == [StopReason.TIME] * 2
    assert [len(case.around.checks) for case in cases] == [2, 2]
    for case, end in zip(cases, ends, strict=True):
        around = Around(case.fold)
        around.stop_at = 9
        same_weights(end, alone(case, around)[0])


def test_a_loss_that_is_no_number_goes_on_with_smaller_steps_and_leaves_the_others_alone() -> None:
    cases = [Case(0), Case(1, sick=(0.3, 0.32)), Case(2)]
    ends = together(cases)
    assert [e.reason for e in ends] == [StopReason.COMPLETED] * FOLDS
    assert [len(case.around.checks) for case in cases] == [8, 7, 8]
    for case, end in zip(cases, ends, strict=True):
        same_weights(end, alone(case)[0])
    rates = [check.learning_rate for check in cases[1].around.checks]
    assert rates[2] < 0.5 * cases[0].around.checks[3].learning_rate


def test_the_second_time_it_keeps_its_best_epoch() -> None:
    ends = together([Case(0), Case(1, sick=(0.3, 1.0))])
    assert [e.reason for e in ends] == [StopReason.COMPLETED, StopReason.EARLY]
    assert all(bool(torch.isfinite(v).all()) for v in ends[1].training.net.state_dict().values())


def test_without_any_good_epoch_it_fails_in_words_and_the_others_do_not() -> None:
    ends = together([Case(0), Case(1, sick=(0.0, 1.0))])
    assert ends[0].error is None
    assert "diverged" in str(ends[1].error)


def test_what_cannot_be_stacked_is_refused() -> None:
    wide, other = Case(1), Case(2, replace(SETTINGS, beta2=0.5))
    wide.outputs = 2
    for case in (wide, other):
        with pytest.raises(RuntimeError):
            together([Case(0), case])


@pytest.mark.parametrize("stop_at", [0, 7])
@pytest.mark.parametrize("stacked", [True, False])
def test_interrupted_and_continued_equals_uninterrupted(stop_at: int, stacked: bool) -> None:
    """Whether it began in a stack or alone, and whether it goes on there or here."""
    short = replace(SETTINGS, epochs=4)
    whole, begun = together([Case(f, short) for f in range(2)]), [Case(f, short) for f in range(2)]
    saved: dict[int, bytes] = {}

    def keeping(case: Case) -> Callable[[Callable[[], SavedState]], None]:
        def keep(take: Callable[[], SavedState]) -> None:
            if case.around.looks == stop_at:  # what is done after that changes nothing
                saved[case.fold] = take().to_bytes()

        return keep

    for case in begun:
        case.around.keep, case.around.stop_at = keeping(case), stop_at + 2
    if stacked:
        together(begun)
    else:
        for case in begun:
            alone(case, case.around)

    again, lone = [Case(f, short) for f in range(2)], [Case(f, short) for f in range(2)]
    for case in again:
        case.state = LoopState.from_bytes(saved[case.fold])
    for case, end, before in zip(lone, together(again), whole, strict=True):
        loop = case.loop()
        loop.restore(LoopState.from_bytes(saved[case.fold]))
        same_weights(before, alone(case, loop=loop)[0])
        same_weights(end, loop)
        if stacked:
            for name, tensor in before.training.net.state_dict().items():
                assert torch.equal(tensor, end.training.net.state_dict()[name]), name


def test_a_state_of_other_settings_is_left(caplog: pytest.LogCaptureFixture) -> None:
    cases = [Case(0), Case(1)]
    other = BatchedLoop([Case(1, replace(SETTINGS, learning_rate=0.5)).training()], lambda: None)
    cases[1].state = other.state(0)
    with caplog.at_level("INFO"):
        ends = together(cases)
    assert "other settings" in caplog.text
    same_weights(ends[1], alone(Case(1))[0])
