"""Schedule, batch sizes, devices and the rule for the best epoch."""

from __future__ import annotations

import math

import pytest
import torch

from automl_core.errors import SpecError
from automl_core.training.device import describe_device, find_gpus, pick_device
from automl_core.training.early_stopping import Best
from automl_core.training.losses import outputs_of, probabilities, row_losses
from automl_core.training.optimizer import learning_rate
from automl_core.training.schedule_length import batch_size, epoch_count


def test_the_schedule_rises_and_anneals_to_nothing() -> None:
    rates = [learning_rate(1.0, p / 100) for p in range(101)]
    assert rates[0] < 0.1 and 0.9 < max(rates) <= 1.0
    assert rates[100] == 0.0 == learning_rate(1.0, 1.7)
    assert rates[10:] == sorted(rates[10:], reverse=True)


@pytest.mark.parametrize("rows", [1, 10, 1_000, 24_000, 100_000, 5_000_000])
def test_batches_and_epochs_fit_the_rows(rows: int) -> None:
    batch = batch_size(0, rows)
    assert 1 <= batch <= min(rows, 1024)
    assert 16 <= epoch_count(0, rows, batch) <= 100
    assert batch_size(512, rows) == min(512, rows)
    assert epoch_count(7, rows, batch) == 7


def test_the_best_epoch() -> None:
    best = Best().after(1, 0.5, 2.0).after(2, math.nan, 1.0).after(3, 0.5, 1.5)
    assert best == Best(3, 0.5, 1.5, 0)
    worse = best.after(4, 0.6, 0.1).after(5, 0.5, 1.5)
    assert worse.epoch == 3 and worse.waited == 2
    assert worse.should_stop(2) and not worse.should_stop(3) and not worse.should_stop(0)


def test_devices() -> None:
    assert pick_device("cpu") == "cpu"
    assert pick_device("auto") in ("cpu", "cuda:0", "mps")
    assert "cpu" in describe_device("cpu")
    for wanted in ("tpu", "cuda:99", "cuda:x", "", "cpu:1"):
        with pytest.raises(SpecError):
            pick_device(wanted)


def test_gpus_are_found_by_what_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.device_count", lambda: 2)
    monkeypatch.setattr("automl_core.training.device._SIGNS", (__file__,))
    assert find_gpus("auto")[:2] == find_gpus("cuda") == ("cuda:0", "cuda:1")
    assert find_gpus("cuda:1") == ("cuda:1",)
    assert pick_device("auto") == "cuda:0"
    assert find_gpus("cpu") == find_gpus("cuda:7") == ()
    monkeypatch.setattr("torch.cuda.device_count", lambda: 0)
    monkeypatch.setattr("torch.backends.mps.is_available", lambda: True)
    assert find_gpus("auto") == find_gpus("mps") == ("mps",)
    assert pick_device("auto") == "mps"
    monkeypatch.setattr("automl_core.training.device._SIGNS", ())
    monkeypatch.setattr("platform.system", lambda: "Linux")
    assert find_gpus("auto") == ()  # nothing that PyTorch could use is there: it is not asked
    assert find_gpus("mps") == ("mps",)


def test_losses_equal_their_definitions() -> None:
    output = torch.tensor([[0.3], [-2.0]], dtype=torch.float64)
    y = torch.tensor([1.0, 0.0], dtype=torch.float64)
    p = probabilities("binary", output)
    expected = -torch.log(torch.stack([p[0, 1], p[1, 0]]))
    assert torch.allclose(row_losses("binary", output, y), expected)
    assert outputs_of("binary", 2) == outputs_of("regression", 0) == 1
    wide = torch.randn(2, outputs_of("multiclass", 4))
    chosen = torch.tensor([3, 0])
    expected = -torch.log(probabilities("multiclass", wide)[torch.arange(2), chosen])
    assert torch.allclose(row_losses("multiclass", wide, chosen), expected, atol=1e-5)
