"""Any PyTorch network of the catalog as a Model: fit, predict, files.

The network itself is the card's module; the loop is training/loop.py. Trained in float32,
predictions are made in float64 and in chunks, so that a row's prediction does not depend on
how many rows come with it.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import safetensors
import safetensors.torch
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from automl_core.errors import ModelError
from automl_core.evaluation.metrics import loss_of
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
from automl_core.models.memory import within_memory
from automl_core.models.nets.inputs import feature_of, kinds_of
from automl_core.models.nets.older import today
from automl_core.models.priors import class_shares, mean_and_scale
from automl_core.models.storage import read_file, read_json
from automl_core.models.watch import Watch
from automl_core.records import to_plain
from automl_core.training.loop import Check, Loop, LoopControl, LoopSettings, Rows
from automl_core.training.losses import outputs_of, probabilities, values
from automl_core.training.optim import DecaySchedule, ParameterGroup, Schedule, parameter_groups
from automl_core.training.plan import MOST_EPOCHS, STEPS_WANTED, batch_size, epoch_count
from automl_core.training.precision import worth_rounding

RECORD_FILE, WEIGHTS_FILE = "network.json", "network.safetensors"
CHUNK = 2048
"""Rows predicted at a time."""

PROBABILITY_METRICS = ("roc_auc", "log_loss")
"""Smoothed labels are no help to these."""


@dataclass(frozen=True)
class NetworkRecord:
    """What is needed to build the network again and to read its outputs."""

    family: str
    task: Task
    classes: int
    columns: tuple[int, ...]  # of the matrix: 0 a number, > 0 how many codes, -k term of text k
    config: Config
    mean: float  # of the target in training
    scale: float
    low: float  # smallest and largest target in training: predictions stay between
    high: float
    rows: int = 0  # it was trained on


class WithPrior(nn.Module):
    """The network's outputs on top of those of the best constant: logits of the classes' shares.

    The network then need not learn first which classes are rare, or not there at all. What the
    network has of the hooks named in models/base.py is called through this.

    **Shape**

    - Input: `(n, d)`
    - Output: `(n, outputs)`, or `(n, k, outputs)` of k predictors
    """

    def __init__(self, net: nn.Module, prior: Tensor) -> None:
        super().__init__()
        self.net = net
        self.prior: Tensor
        self.register_buffer("prior", prior)  # (outputs,)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.net(x) + self.prior
        return out

    def fit_to(self, x: Tensor) -> None:
        """Let the network look at the training matrix (n, d) before training."""
        hook = getattr(self.net, "fit_to", None)
        if hook is not None:
            with torch.no_grad():
                hook(x)

    def at(self, progress: float) -> None:
        """Tell the network how far the training is, from 0 to 1."""
        hook = getattr(self.net, "at", None)
        if hook is not None:
            hook(progress)

    def parameter_groups(self) -> list[ParameterGroup]:
        """The network's."""
        return parameter_groups(self.net)


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

    Whenever it ends, the model is that of the best epoch so far. Where memory is short, a
    smaller batch or network is taken. Raises ModelError where training diverged twice, or
    memory is too short for anything.
    """
    batch = batch_size(int(config["batch"]), len(data.y), int(config.get("smallest_batch", 1)))
    return within_memory(lambda c: _fit_once(card, data, c, control), config, batch)


def _fit_once(card: Card, data: FitData, config: Config, control: FitControl) -> FitResult:
    device = torch.device(control.device)
    gpus = [device] if device.type == "cuda" else []
    with torch.random.fork_rng(devices=gpus):
        torch.manual_seed(control.seed)
        loop, record = prepare(card, data, config, control)
        reason, epochs = _train(loop, record, data, control)
    model = NetworkModel(record, loop.net.cpu())
    return FitResult(model, reason, epochs)


def prepare(
    card: Card, data: FitData, config: Config, control: FitControl
) -> tuple[Loop, NetworkRecord]:
    """A training that has not begun; its first weights are random."""
    device = torch.device(control.device)
    record = _record(card, data, config)
    net = _build(card, record)
    net.prior.copy_(_prior(data))
    net = net.to(device)
    rows = _rows(record, data, device)
    net.fit_to(rows.x)
    return Loop(net, rows, _settings(net, data, config, control)), record


def load_network(card: Card, files: Files) -> NetworkModel:
    """The model from its files; ModelError where they are damaged or of another family."""
    record = read_json(files, RECORD_FILE, NetworkRecord)
    if record.family != card.name:
        raise ModelError(f"The model's files are of {record.family!r}, not of {card.name!r}.")
    try:
        with torch.random.fork_rng(devices=[]):
            net = _build(card, record)
        weights = safetensors.torch.load(read_file(files, WEIGHTS_FILE))
        net.load_state_dict(today(weights, card.name))
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
        columns=kinds_of(data.features),
        config=dict(config),
        mean=mean,
        scale=scale,
        low=float(data.y.min()),
        high=float(data.y.max()),
        rows=len(data.y),
    )


def _prior(data: FitData) -> Tensor:
    if data.task == "regression":
        return torch.zeros(1)
    logs = np.log(class_shares(data))
    logits = logs[1:] - logs[:1] if data.task == "binary" else logs - logs.max()
    return torch.from_numpy(logits.astype(np.float32))


def _build(card: Card, record: NetworkRecord) -> WithPrior:
    features = tuple(map(feature_of, record.columns))
    build = importlib.import_module(card.module).build
    outputs = outputs_of(record.task, record.classes)
    config = record.config | {"task": record.task, "rows": record.rows}
    return WithPrior(build(config, features, outputs), torch.zeros(outputs))


def _settings(net: nn.Module, data: FitData, config: Config, control: FitControl) -> LoopSettings:
    """How to train, from the recipe's keys in the configuration (see models/base.py)."""
    rows = len(data.y)
    batch = batch_size(int(config["batch"]), rows, int(config.get("smallest_batch", 1)))
    steps, most = config.get("steps", STEPS_WANTED), config.get("most_epochs", MOST_EPOCHS)
    smooth = data.task != "regression" and data.metric not in PROBABILITY_METRICS
    return LoopSettings(
        epochs=epoch_count(int(config["epochs"]), rows, batch, int(steps), int(most)),
        batch=batch,
        learning_rate=float(config["learning_rate"]),
        weight_decay=float(config["weight_decay"]),
        patience=int(config["patience"]),
        seed=control.seed,
        schedule=cast(Schedule, config.get("schedule", "cosine")),
        decay_schedule=cast(DecaySchedule, config.get("decay_schedule", "constant")),
        beta2=float(config.get("beta2", 0.999)),
        smoothing=float(config.get("label_smoothing", 0.0)) if smooth else 0.0,
        clip=float(config.get("clip", 1.0)),
        may_round=bool(config.get("rounding", False))
        and worth_rounding(net, batch, torch.device(control.device)),
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
    """Predictions of raw outputs (n, outputs) or (n, k, outputs) in float64."""
    if record.task != "regression":
        return np.asarray(probabilities(record.task, output).numpy())
    scaled = values(output).numpy() * record.scale + record.mean
    return np.asarray(np.clip(scaled, record.low, record.high))
