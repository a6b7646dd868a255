"""Any PyTorch network of the catalog as a Model: fit, predict, files.

The network itself is in the ModelSpec's module; the loop is training/loop.py. Networks are trained
in float32; predictions are made in float64 and in chunks, so that a row's prediction does not
depend on how many rows come with it.
"""

from __future__ import annotations

import importlib
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import safetensors
import safetensors.torch
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from automl_core.errors import ModelError
from automl_core.files import dump_json
from automl_core.metrics import loss_of
from automl_core.models.base import (
    Array,
    FitControl,
    FitData,
    FitResult,
    FurtherRows,
    ModelSpec,
    RowBlock,
)
from automl_core.models.class_priors import class_shares, mean_and_scale
from automl_core.models.metric_tracker import MetricTracker
from automl_core.models.model_files import read_file, read_json
from automl_core.models.nets import Architecture, DataInfo, WithPrior, migrate_weights
from automl_core.models.network_config import TrainingConfig, read_config
from automl_core.models.network_record import (
    RECORD_FILE,
    WEIGHTS_FILE,
    NetworkRecord,
    check_size,
    column_feature,
    column_numbers,
)
from automl_core.models.out_of_memory import within_memory
from automl_core.records import to_plain
from automl_core.training import (
    Batch,
    Check,
    Loop,
    LoopControl,
    LoopSettings,
    LoopState,
    SavedState,
    TrainingRows,
    batch_size,
    epoch_count,
    outputs_of,
    probabilities,
    values,
    worth_rounding,
)
from automl_core.types import Config, Files, StopReason

CHUNK = 2048
"""Rows predicted at a time."""

PROBABILITY_METRICS = ("roc_auc", "log_loss")
"""Smoothed labels are no help to these."""

logger = logging.getLogger(__name__)


class NetworkModel:
    """A fitted network."""

    def __init__(self, record: NetworkRecord, net: nn.Module) -> None:
        """`net` in float32, on the CPU; it is kept twice, the second time in float64."""
        self.record = record
        self._weights = {k: v.detach().clone().contiguous() for k, v in net.state_dict().items()}
        self._net = net.double().eval()

    @property
    def net(self) -> nn.Module:
        """The network as it predicts: rows (n, d) in float64 to its outputs; not to be changed."""
        return self._net

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


def fit_network(
    model_spec: ModelSpec, data: FitData, config: Config, control: FitControl
) -> FitResult:
    """Train the family's network on one fold; `config` is complete.

    Whenever it ends, the model is that of the best epoch so far. Where memory is short, a
    smaller batch or network is taken. Raises ModelError where training diverged twice, or
    memory is too short for anything.
    """
    training = read_config(TrainingConfig, config)
    batch = batch_size(training.batch, len(data.y), training.smallest_batch)
    return within_memory(lambda c: _fit_once(model_spec, data, c, control), config, batch)


def _fit_once(
    model_spec: ModelSpec, data: FitData, config: Config, control: FitControl
) -> FitResult:
    with own_randomness(control):
        loop, record = _begin(model_spec, data, config, control)
        around = loop_control(record, data, control, loop.net)
        reason = loop.run(around)
        loop.finish(around)
    model = NetworkModel(record, loop.net.cpu())
    return FitResult(model, reason, loop.position.epoch)


def _begin(
    model_spec: ModelSpec, data: FitData, config: Config, control: FitControl
) -> tuple[Loop, NetworkRecord]:
    """A training that has not begun, or that stands where an interrupted one of its kind stood."""
    loop, record = prepare(model_spec, data, config, control)
    if control.keeper is None or not control.keeper.saved:
        return loop, record
    try:
        loop.restore(LoopState.from_bytes(control.keeper.saved))
    except ModelError as error:
        logger.info("%s is trained from its beginning: %s", model_spec.name, error)
        torch.manual_seed(control.seed)
        return prepare(model_spec, data, config, control)
    return loop, record


@contextmanager
def own_randomness(control: FitControl) -> Iterator[None]:
    """Draw from the control's seed while inside, and leave the random state of others alone."""
    device = torch.device(control.device)
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        torch.manual_seed(control.seed)
        yield


def prepare(
    model_spec: ModelSpec, data: FitData, config: Config, control: FitControl
) -> tuple[Loop, NetworkRecord]:
    """A training that has not begun; its first weights are random."""
    net, record = first_network(model_spec, data, config)
    net = net.to(control.device)
    rows = training_rows(record, data, torch.device(control.device))
    return Loop(net, rows, loop_settings(net, data, config, control)), record


def first_network(
    model_spec: ModelSpec, data: FitData, config: Config
) -> tuple[WithPrior, NetworkRecord]:
    """The network as it is before training, on the CPU."""
    record = _record(model_spec, data, config)
    net = _build(model_spec, record)
    net.prior.copy_(_prior(data))
    net.fit_to(torch.from_numpy(np.array(data.x)))
    return net, record


def load_network(model_spec: ModelSpec, files: Files) -> NetworkModel:
    """The model from its files; ModelError where they are damaged or of another family."""
    record = read_json(files, RECORD_FILE, NetworkRecord)
    if record.family != model_spec.name:
        raise ModelError(f"The model's files are of {record.family!r}, not of {model_spec.name!r}.")
    try:
        weights = migrate_weights(
            safetensors.torch.load(read_file(files, WEIGHTS_FILE)), model_spec.name
        )
        check_size(record, len(weights))
        with torch.random.fork_rng(devices=[]):
            with torch.device("meta"):  # of the same shape, without memory
                wanted = _build(model_spec, record).state_dict()
            if {k: v.shape for k, v in wanted.items()} != {k: v.shape for k, v in weights.items()}:
                raise ValueError("the weights are not those of the configuration")
            if not all(bool(torch.isfinite(v).all()) for v in weights.values()):
                raise ValueError("a weight is no number")
            net = _build(model_spec, record)
        net.load_state_dict(weights)
    except (
        RuntimeError, KeyError, ValueError, TypeError, OverflowError, safetensors.SafetensorError,
    ) as error:  # fmt: skip
        raise ModelError("The network's weights are damaged.", "Train it again.") from error
    return NetworkModel(record, net)


def loop_control(
    record: NetworkRecord, data: FitData, control: FitControl, net: Callable[[Tensor], Tensor]
) -> LoopControl:
    """Callbacks of a loop; `net` computes the outputs of rows with its present weights."""
    watch = MetricTracker(data)
    x_valid = torch.from_numpy(np.array(data.x_valid)).to(control.device)

    def measure() -> tuple[float, float, float]:
        with torch.inference_mode():
            parts = [net(chunk) for chunk in torch.split(x_valid, 4 * CHUNK)]
            prediction = _read_outputs(record, torch.cat(parts).cpu().double())
        loss, score = watch.valid_loss(prediction), watch.valid_score(prediction)
        return loss, score, loss_of(data.metric, score)

    def report(check: Check) -> StopReason | None:
        losses = (check.train_loss, check.valid_loss)
        rate = check.learning_rate
        return control.report(
            watch.epoch(check.epoch, check.progress, losses, check.valid_score, rate)
        )

    return LoopControl(measure, report, control.interrupted, control.elapsed, _keeping(control))


def _keeping(control: FitControl) -> Callable[[Callable[[], SavedState]], None] | None:
    """What takes a loop's state whenever that is due; None where nobody keeps it."""
    keeper = control.keeper
    if keeper is None:
        return None

    def keep(take: Callable[[], SavedState]) -> None:
        if keeper.is_due():
            keeper.keep(take().to_bytes)

    return keep


def _record(model_spec: ModelSpec, data: FitData, config: Config) -> NetworkRecord:
    mean, scale = mean_and_scale(data) if data.task == "regression" else (0.0, 1.0)
    return NetworkRecord(
        family=model_spec.name,
        task=data.task,
        classes=data.classes,
        columns=column_numbers(data.features),
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


def _build(model_spec: ModelSpec, record: NetworkRecord) -> WithPrior:
    """The network of the record, with random weights."""
    features = tuple(map(column_feature, record.columns))
    data = DataInfo(record.task, record.classes, features, record.rows)
    architecture: Architecture[Any] = importlib.import_module(model_spec.module).ARCHITECTURE
    config = read_config(architecture.config, record.config)
    return WithPrior(architecture.build(config, data), torch.zeros(data.outputs))


def loop_settings(
    net: nn.Module, data: FitData, config: Config, control: FitControl
) -> LoopSettings:
    """Settings of the loop: the training's part of `config`, with what the data decides."""
    training, rows = read_config(TrainingConfig, config), len(data.y)
    batch = batch_size(training.batch, rows, training.smallest_batch)
    smooth = data.task != "regression" and data.metric not in PROBABILITY_METRICS
    return LoopSettings(
        epochs=epoch_count(training.epochs, rows, batch, training.steps, training.most_epochs),
        batch=batch,
        learning_rate=training.learning_rate,
        weight_decay=training.weight_decay,
        patience=training.patience,
        seed=control.seed,
        schedule=training.schedule,
        decay_schedule=training.decay_schedule,
        beta2=training.beta2,
        smoothing=training.label_smoothing if smooth else 0.0,
        clip=training.clip,
        may_round=training.rounding and worth_rounding(net, batch, torch.device(control.device)),
    )


def training_rows(record: NetworkRecord, data: FitData, device: torch.device) -> TrainingRows:
    """The training rows, resident on the device, and how further ones come there."""
    y = data.y if data.soft is None else data.soft
    own = _on_device(record, RowBlock(data.x, y, data.weight), device)
    further = None if data.further is None else _FurtherOnDevice(record, data.further, device)
    return TrainingRows(record.task, *own, further)


@dataclass(frozen=True, eq=False)
class _FurtherOnDevice:
    """Further training rows as tensors."""

    record: NetworkRecord
    rows: FurtherRows
    device: torch.device

    def __call__(self, block: int, rows: int, seed: int) -> Batch:
        return _on_device(self.record, self.rows.read(block, rows, seed), self.device)


def _on_device(record: NetworkRecord, rows: RowBlock, device: torch.device) -> Batch:
    """Rows as the loop takes them, see `_targets`."""
    weight = None
    if rows.weight is not None:
        weight = torch.from_numpy(rows.weight.astype(np.float32)).to(device)
    x = torch.from_numpy(np.array(rows.x)).to(device)
    return Batch(x, torch.from_numpy(_targets(record, rows.y)).to(device), weight)


def _targets(record: NetworkRecord, y: NDArray[Any]) -> NDArray[Any]:
    """What the loss compares outputs with, see `row_losses`."""
    if record.task == "regression":
        return np.asarray((y - record.mean) / record.scale, dtype=np.float32)
    if y.ndim == 2:
        return np.array(y[:, 1] if record.task == "binary" else y, dtype=np.float32)
    return np.array(y, dtype=np.int64 if record.task == "multiclass" else np.float32)


def _read_outputs(record: NetworkRecord, output: Tensor) -> NDArray[np.float64]:
    """Predictions of raw outputs (n, outputs) or (n, k, outputs) in float64."""
    if record.task != "regression":
        return np.asarray(probabilities(record.task, output).numpy())
    scaled = values(output).numpy() * record.scale + record.mean
    return np.asarray(np.clip(scaled, record.low, record.high))
