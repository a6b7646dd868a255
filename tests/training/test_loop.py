"""The loop: interrupted and continued is uninterrupted; a loss that is no number is survived."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from automl_core.errors import ModelError
from automl_core.training.loop import Check, Loop, LoopControl, LoopSettings, TrainingRows
from automl_core.training.loop_state import LoopState
from automl_core.training.network import Network
from automl_core.types import StopReason

SETTINGS = LoopSettings(
    epochs=5, batch=16, learning_rate=0.01, weight_decay=0.01, patience=0, seed=3
)


class Net(Network):
    """A network with dropout and running statistics; answers NaN in chosen calls."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(11)
        self.layers = nn.Sequential(
            nn.Linear(3, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.3), nn.Linear(8, 1)
        )
        self.broken_calls: set[int] = set()
        self.calls = 0

    def forward(self, x: Tensor) -> Tensor:
        self.calls += self.training
        out: Tensor = self.layers(x)
        return out * float("nan") if self.training and self.calls in self.broken_calls else out


def _rows() -> TrainingRows:
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(100, 3, generator=generator)
    weight = torch.rand(100, generator=generator) + 0.5
    return TrainingRows("regression", x, x[:, 0] - x[:, 1], weight)


class Around:
    """Measures on the training rows; stops after so many steps."""

    def __init__(self, loop: Loop, stop_after: int | None = None) -> None:
        self.loop, self.stop_after = loop, stop_after
        self.checks: list[Check] = []
        self.steps = itertools.count()

    def measure(self) -> tuple[float, float, float]:
        with torch.inference_mode():
            error = self.loop.net(self.loop.rows.x)[:, 0] - self.loop.rows.y
        loss = float((error**2).mean())
        return loss, loss, loss

    def report(self, check: Check) -> StopReason | None:
        self.checks.append(check)
        return None

    def interrupted(self) -> StopReason | None:
        return StopReason.STOPPED if next(self.steps) == self.stop_after else None

    def control(self) -> LoopControl:
        return LoopControl(self.measure, self.report, self.interrupted, lambda: 0.0)


def _weights(loop: Loop) -> dict[str, Tensor]:
    return {**loop.net.state_dict(), **{f"best.{k}": v for k, v in loop.best_weights.items()}}


@pytest.mark.parametrize("stop_after", [0, 1, 6, 7, 17, 29])
def test_interrupted_and_continued_equals_uninterrupted(stop_after: int) -> None:
    whole = Loop(Net(), _rows(), SETTINGS)
    torch.manual_seed(5)
    all_checks = Around(whole)
    assert whole.run(all_checks.control()) == StopReason.COMPLETED

    first = Loop(Net(), _rows(), SETTINGS)
    torch.manual_seed(5)
    before = Around(first, stop_after)
    assert first.run(before.control()) == StopReason.STOPPED
    saved = first.state().to_bytes()
    first.finish(before.control())  # what is made of the interrupted one changes nothing

    torch.manual_seed(99)
    second = Loop(Net(), _rows(), SETTINGS)
    second.restore(LoopState.from_bytes(saved))
    after = Around(second)
    assert second.run(after.control()) == StopReason.COMPLETED
    assert second.position == whole.position
    for name, tensor in _weights(whole).items():
        assert torch.equal(tensor, _weights(second)[name]), name
    done = len(all_checks.checks) - len(after.checks)
    assert after.checks == all_checks.checks[done:]


def test_damaged_state_is_refused() -> None:
    data = Loop(Net(), _rows(), SETTINGS).state().to_bytes()
    for damaged in (b"", data[:100], b"rubbish" * 50):
        with pytest.raises(ModelError):
            LoopState.from_bytes(damaged)


def test_a_loss_that_is_no_number_is_retried_with_smaller_steps() -> None:
    loop = Loop(Net(), _rows(), SETTINGS)
    loop.net.broken_calls = {8}
    around = Around(loop)
    assert loop.run(around.control()) == StopReason.COMPLETED
    loop.finish(around.control())
    assert loop.position.rate_factor < 1
    assert all(torch.isfinite(v).all() for v in loop.net.state_dict().values())
    rates = [check.learning_rate for check in around.checks]
    assert rates[1] < 0.5 * rates[0]


def test_a_second_time_the_best_epoch_is_kept() -> None:
    loop = Loop(Net(), _rows(), SETTINGS)
    loop.net.broken_calls = {8, 14}
    around = Around(loop)
    assert loop.run(around.control()) == StopReason.EARLY
    loop.finish(around.control())
    assert loop.position.best.epoch == 1
    assert all(torch.isfinite(v).all() for v in loop.net.state_dict().values())


def test_without_any_good_epoch_it_fails_in_words() -> None:
    loop = Loop(Net(), _rows(), SETTINGS)
    loop.net.broken_calls = set(range(100))
    with pytest.raises(ModelError, match="diverged"):
        loop.run(Around(loop).control())


def test_it_stops_when_nothing_improves() -> None:
    settings = LoopSettings(50, 16, 1e-12, 0.0, patience=3, seed=0)
    loop = Loop(Net(), _rows(), settings)
    around = Around(loop)
    around.measure = lambda: (1.0, 1.0, 1.0)  # type: ignore[method-assign]
    assert loop.run(around.control()) == StopReason.EARLY
    assert len(around.checks) == 4


def test_long_epochs_are_checked_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("automl_core.training.loop.CHECK_STEPS", 4)
    loop = Loop(Net(), _rows(), SETTINGS)
    around = Around(loop)
    loop.run(around.control())
    assert [c.epoch for c in around.checks] == list(range(1, 9))  # 30 steps, every 4th and the last


class Fading(Net):
    """A network whose dropout falls with the progress."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[float] = []

    def set_progress(self, progress: float) -> None:
        self.seen.append(progress)
        self.layers[3].p = 0.3 * (1.0 - progress)


CYCLES = replace(
    SETTINGS, schedule="coslog4", decay_schedule="flat_cos", beta2=0.95, clip=0.0, may_round=True
)


@pytest.mark.parametrize("stop_after", [0, 1, 13])
def test_a_network_that_follows_the_progress_goes_on_the_same(stop_after: int) -> None:
    whole = Loop(Fading(), _rows(), CYCLES)
    torch.manual_seed(5)
    assert whole.run(Around(whole).control()) == StopReason.COMPLETED
    assert whole.net.seen == [step / 30 for step in range(30)]
    first = Loop(Fading(), _rows(), CYCLES)
    torch.manual_seed(5)
    first.run(Around(first, stop_after).control())
    saved = first.state().to_bytes()
    second = Loop(Fading(), _rows(), CYCLES)
    second.restore(LoopState.from_bytes(saved))
    second.run(Around(second).control())
    assert second.position == whole.position
    for name, tensor in _weights(whole).items():
        assert torch.equal(tensor, _weights(second)[name]), name


def test_cycles_end_it_only_after_a_full_one_without_a_better_epoch() -> None:
    settings = replace(CYCLES, epochs=60, patience=1)
    loop = Loop(Net(), _rows(), settings)
    around = Around(loop)
    scores = iter([3.0, 2.0, 1.0, *[5.0] * 100])

    def measure() -> tuple[float, float, float]:
        score = next(scores)
        return score, score, score

    around.measure = measure  # type: ignore[method-assign]
    assert loop.run(around.control()) == StopReason.EARLY
    # best in the first cycle (it ends at 1/15): known at the end of the second, 3/15, and a bit
    assert 3 / 15 < around.checks[-1].progress < 0.3
