"""Any PyTorch network of the catalog as a Model: fit, predict, files.

The network itself is the card's module; the loop is training/loop.py. Trained in float32,
predictions are made in float64 and in chunks, so that a row's prediction does not depend on
how many rows come with it.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import safetensors
import safetensors.torch
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from automl_core.errors import ModelError
from automl_core.evaluation.metrics import loss_of
from automl_core.features.layout import Feature
from automl_core.files import dump_json
from automl_core.models.base import (
    Array,
    Card,
    Config,
    Files,
    FitControl,
    FitData,
    FitResult,
    StopReason,
    Task,
)
from automl_core.models.priors import class_shares, mean_and_scale
from automl_core.models.storage import read_file, read_json
from automl_core.models.watch import Watch
from automl_core.records import to_plain
from automl_core.training.loop import Check, Loop, LoopControl, LoopSettings, Rows
from automl_core.training.losses import outputs_of, probabilities
from automl_core.training.plan import batch_size, epoch_count

RECORD_FILE, WEIGHTS_FILE = "network.json", "network.safetensors"
CHUNK = 2048
"""Rows predicted at a time."""


@dataclass(frozen=True)
class NetworkRecord:
    """What is needed to build the network again and to read its outputs."""

    family: str
    task: Task
    classes: int
    columns: tuple[int, ...]  # of the matrix: 0 a number, else how many codes there are
    config: Config
    mean: float  # of the target in training
    scale: float
    low: float  # smallest and largest target in training: predictions stay between
    high: float


class WithPrior(nn.Module):
    """The network's outputs on top of those of the best constant: logits of the classes' shares.

    The network then need not learn first which classes are rare, or not there at all.

    **Shape**

    - Input: `(n, d)`
    - Output: `(n, outputs)`
    """

    def __init__(self, net: nn.Module, prior: Tensor) -> None:
        super().__init__()
        self.net = net
        self.prior: Tensor
        self.register_buffer("prior", prior)  # (outputs,)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.net(x) + self.prior
        return out


class NetworkModel:
    """A fitted network."""

    def __init__(self, record: NetworkRecord, net: nn.Module) -> None:
        """`net` in float32, on the CPU; it is kept twice, the second time in float64."""
        self.record = record
        self._weights = {k: v.detach().clone().contiguous() for k, v in net.state_dict().items()}
        self._net = net.double().eval()

    def predict(self, x: Array) -> NDArray[np.float64]:
        """Probabilities (n, classes), or values (n,) in the target's units."""
        with torch.inference_mode():
            # .double() puts the rows into aligned memory: where they lie changes the last digit
            outputs = [
                self._net(torch.from_numpy(np.array(x[i : i + CHUNK], dtype=np.float32)).double())
                for i in range(0, len(x), CHUNK)
            ]
            width = outputs_of(self.record.task, self.record.classes)
            joined = torch.cat(outputs) if outputs else torch.zeros((0, width), dtype=torch.float64)
            return _read_outputs(self.record, joined)

    def files(self) -> Files:
        """A JSON record and the weights as safetensors."""
        return {
            RECORD_FILE: dump_json(to_plain(self.record)),
            WEIGHTS_FILE: safetensors.torch.save(self._weights),
        }


def fit_network(card: Card, data: FitData, config: Config, control: FitControl) -> FitResult:
    """Train the card's network on one fold; `config` is complete.

    Whenever it ends, the model is that of the best epoch so far. Raises ModelError where
    training diverged twice.
    """
    device = torch.device(control.device)
    gpus = [device] if device.type == "cuda" else []
    with torch.random.fork_rng(devices=gpus):
        torch.manual_seed(control.seed)
        record = _record(card, data, config)
        net = _build(card, record)
        net.prior.copy_(_prior(data))
        net = net.to(device)
        loop = Loop(net, _rows(record, data, device), _settings(data, config, control.seed))
        reason, epochs = _train(loop, record, data, control)
    model = NetworkModel(record, net.cpu())
    return FitResult(model, reason, epochs)


def load_network(card: Card, files: Files) -> NetworkModel:
    """The model from its files; ModelError where they are damaged or of another family."""
    record = read_json(files, RECORD_FILE, NetworkRecord)
    if record.family != card.name:
        raise ModelError(f"The model's files are of {record.family!r}, not of {card.name!r}.")
    try:
        with torch.random.fork_rng(devices=[]):
            net = _build(card, record)
        net.load_state_dict(safetensors.torch.load(read_file(files, WEIGHTS_FILE)))
    except (RuntimeError, KeyError, ValueError, TypeError, safetensors.SafetensorError) as error:
        raise ModelError("The network's weights are damaged.", "Train it again.") from error
    return NetworkModel(record, net)


def _train(
    loop: Loop, record: NetworkRecord, data: FitData, control: FitControl
) -> tuple[StopReason, int]:
    watch = Watch(data)
    x_valid = torch.from_numpy(np.array(data.x_valid)).to(loop.rows.x.device)

    def measure() -> tuple[float, float, float]:
        with torch.inference_mode():
            parts = [loop.net(chunk) for chunk in torch.split(x_valid, 4 * CHUNK)]
            prediction = _read_outputs(record, torch.cat(parts).cpu().double())
        loss, score = watch.valid_loss(prediction), watch.valid_score(prediction)
        return loss, score, loss_of(data.metric, score)

    def report(check: Check) -> StopReason | None:
        losses = (check.train_loss, check.valid_loss)
        rate = check.learning_rate
        return control.report(
            watch.epoch(check.epoch, check.progress, losses, check.valid_score, rate)
        )

    surroundings = LoopControl(measure, report, control.interrupted, control.elapsed)
    reason = loop.run(surroundings)
    loop.finish(surroundings)
    return reason, loop.position.epoch


def _record(card: Card, data: FitData, config: Config) -> NetworkRecord:
    mean, scale = mean_and_scale(data) if data.task == "regression" else (0.0, 1.0)
    return NetworkRecord(
        family=card.name,
        task=data.task,
        classes=data.classes,
        columns=tuple(f.codes if f.kind == "code" else 0 for f in data.features),
        config=dict(config),
        mean=mean,
        scale=scale,
        low=float(data.y.min()),
        high=float(data.y.max()),
    )


def _prior(data: FitData) -> Tensor:
    if data.task == "regression":
        return torch.zeros(1)
    logs = np.log(class_shares(data))
    logits = logs[1:] - logs[:1] if data.task == "binary" else logs - logs.max()
    return torch.from_numpy(logits.astype(np.float32))


def _build(card: Card, record: NetworkRecord) -> WithPrior:
    features = tuple(
        Feature("", "", "code", codes) if codes else Feature("", "", "number")
        for codes in record.columns
    )
    build = importlib.import_module(card.module).build
    outputs = outputs_of(record.task, record.classes)
    return WithPrior(build(record.config, features, outputs), torch.zeros(outputs))


def _settings(data: FitData, config: Config, seed: int) -> LoopSettings:
    batch = batch_size(int(config["batch"]), len(data.y))
    return LoopSettings(
        epochs=epoch_count(int(config["epochs"]), len(data.y), batch),
        batch=batch,
        learning_rate=float(config["learning_rate"]),
        weight_decay=float(config["weight_decay"]),
        patience=int(config["patience"]),
        seed=seed,
    )


def _rows(record: NetworkRecord, data: FitData, device: torch.device) -> Rows:
    y: NDArray[Any] = np.array(data.y)
    if record.task == "regression":
        y = (y - record.mean) / record.scale
    if record.task != "multiclass":
        y = y.astype(np.float32)
    weight = None
    if data.weight is not None:
        weight = torch.from_numpy(data.weight.astype(np.float32)).to(device)
    return Rows(
        record.task,
        torch.from_numpy(np.array(data.x)).to(device),
        torch.from_numpy(y).to(device),
        weight,
    )


def _read_outputs(record: NetworkRecord, output: Tensor) -> NDArray[np.float64]:
    """Predictions of raw outputs (n, outputs) in float64."""
    if record.task != "regression":
        return np.asarray(probabilities(record.task, output).numpy())
    values = output[:, 0].numpy() * record.scale + record.mean
    return np.asarray(np.clip(values, record.low, record.high))
