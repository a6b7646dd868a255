"""Training on a GPU: the same models and the same run as on a CPU. Skipped where there is none."""

from __future__ import annotations

import dataclasses
import importlib
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from automl_core.export.predictor import load_predictor
from automl_core.metrics import loss_of, score
from automl_core.models import catalog
from automl_core.models.base import FitData, FitResult, ModelSpec
from automl_core.models.nets.base import Architecture, DataInfo
from automl_core.models.network_config import read_config
from automl_core.runs.coordinator.coordinator import conduct
from automl_core.runs.executor.local import LocalExecutor
from automl_core.runs.record import Budget
from automl_core.runs.record.commands import hold
from automl_core.runs.record.folder import RunFolder
from automl_core.table.store import open_table
from automl_core.training.loop import Loop, TrainingRows
from automl_core.training.loop_state import LoopState
from automl_core.types import Config, RunStatus, StopReason, Task, TrialStatus
from tests.models.tables import Surroundings, table
from tests.runs.tables import small_run
from tests.training.test_loop import SETTINGS, Around, Net


def gpu() -> str:
    """The first GPU there is; an empty text where there is none."""
    if torch.cuda.is_available():
        return "cuda:0"
    return "mps" if torch.backends.mps.is_available() else ""


DEVICE = gpu()
pytestmark = pytest.mark.skipif(not DEVICE, reason="no GPU here: torch finds neither CUDA nor MPS")

TASKS: tuple[Task, ...] = ("binary", "multiclass", "regression")
NETWORKS = {
    model_spec.name: model_spec for model_spec in catalog.CATALOG if model_spec.kind == "network"
}
SMALL: Config = {"epochs": 8, "batch": 64, "width": 64}


@pytest.fixture(params=list(NETWORKS))
def model_spec(request: pytest.FixtureRequest) -> ModelSpec:
    return NETWORKS[request.param]


def _small(model_spec: ModelSpec) -> Config:
    return {name: value for name, value in SMALL.items() if name in model_spec.defaults}


def _fit(model_spec: ModelSpec, data: FitData, around: Surroundings | None = None) -> FitResult:
    control = dataclasses.replace((around or Surroundings()).control(), device=DEVICE)
    return catalog.fit(model_spec, data, _small(model_spec), control)


@pytest.mark.parametrize("task", TASKS)
def test_what_was_best_on_the_gpu_is_as_good_on_the_cpu(model_spec: ModelSpec, task: Task) -> None:
    data, around = table(task, model_spec.encoding, weighted=True), Surroundings()
    result = _fit(model_spec, data, around)
    assert result.reason in (StopReason.COMPLETED, StopReason.EARLY)
    prediction = result.model.predict(data.x_valid)
    assert np.isfinite(prediction).all()
    seen = [loss_of(data.metric, e.valid_score) for e in around.epochs if e.valid_score is not None]
    own = score(data.metric, data.y_valid, prediction, data.weight_valid)
    assert loss_of(data.metric, own) == pytest.approx(min(seen), rel=0.02, abs=0.01)
    again = catalog.load(model_spec.name, result.model.files())
    np.testing.assert_array_equal(again.predict(data.x_valid), prediction)


@pytest.mark.parametrize("task", TASKS)
def test_the_same_weights_give_the_same_outputs(model_spec: ModelSpec, task: Task) -> None:
    data = table(task, model_spec.encoding)
    torch.manual_seed(0)
    architecture: Architecture[Any] = importlib.import_module(model_spec.module).ARCHITECTURE
    config = read_config(architecture.config, model_spec.defaults | _small(model_spec))
    net = architecture.build(config, DataInfo(task, data.classes, data.features, len(data.y)))
    x = torch.from_numpy(data.x)
    with torch.no_grad():
        net.fit_to(x)
        net.eval()
        on_cpu = net(x)
        on_gpu = net.to(DEVICE)(x.to(DEVICE)).cpu()
    torch.testing.assert_close(on_gpu, on_cpu, rtol=1e-3, atol=1e-3)


def _loop() -> Loop:
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(100, 3, generator=generator)
    weight = torch.rand(100, generator=generator) + 0.5
    rows = TrainingRows("regression", *(t.to(DEVICE) for t in (x, x[:, 0] - x[:, 1], weight)))
    return Loop(Net().to(DEVICE), rows, SETTINGS)


@pytest.mark.parametrize("stop_after", [1, 7, 17])
def test_interrupted_and_continued_equals_uninterrupted(stop_after: int) -> None:
    whole = _loop()
    torch.manual_seed(5)
    assert whole.run(Around(whole).control()) == StopReason.COMPLETED

    first = _loop()
    torch.manual_seed(5)
    assert first.run(Around(first, stop_after).control()) == StopReason.STOPPED
    saved = first.state().to_bytes()

    torch.manual_seed(99)
    second = _loop()
    second.restore(LoopState.from_bytes(saved))
    assert second.run(Around(second).control()) == StopReason.COMPLETED
    assert second.position == whole.position
    for name, tensor in whole.net.state_dict().items():
        assert torch.equal(tensor, second.net.state_dict()[name]), name


def test_a_whole_run_with_one_worker(workspace: Path) -> None:
    spec, schema = small_run(workspace, Budget(trials=len(NETWORKS)))
    spec = dataclasses.replace(spec, device=DEVICE, families=tuple(NETWORKS))
    folder = RunFolder(workspace / "runs" / "gpu")
    folder.create(spec, schema)
    executor = LocalExecutor(1, workspace / "workers.log", DEVICE)
    try:
        with hold(folder.path):
            state = conduct(folder, executor, workspace, time.monotonic(), 1)
    finally:
        executor.close()
    assert state.status == RunStatus.FINISHED, state.reason
    assert [t.message for t in state.trials.values() if t.status == TrialStatus.FAILED] == []
    assert state.workers is not None
    assert state.workers.device.startswith(DEVICE)
    assert state.finished is not None
    assert state.finished.best is not None
    predictor = load_predictor(folder.model_files(state.finished.best))
    prediction = predictor.predict_table(open_table(spec.table.hash, workspace))
    assert np.isfinite(prediction).all()
