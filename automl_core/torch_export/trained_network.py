"""A network that answers: from the encoded matrix to probabilities or values.

`standalone_source.py` gives this file, with all that it needs, to programs without Torchlight: it
therefore reads JSON and safetensors by itself.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from automl_core.models import (
    LARGEST_LOG,
    LogTargetRecord,
    NetworkRecord,
    column_feature,
    read_config,
)
from automl_core.models.nets import Architecture, DataInfo, WithPrior
from automl_core.training import probabilities, values


class TrainedNetwork(nn.Module):
    """A trained network and the reading of its outputs.

    **Shape**

    - Input: `(n, d)` float32 or float64: the encoded matrix
    - Output: probabilities `(n, classes)`, or values `(n,)` in the units of the target
    """

    def __init__(self, net: nn.Module, record: NetworkRecord, log: LogTargetRecord | None) -> None:
        """`log`: the network predicts the logarithm of the target."""
        super().__init__()
        self.net, self.record, self.log = net, record, log

    def forward(self, x: Tensor) -> Tensor:
        weights = next(self.net.parameters())
        output = self.net(x.to(weights.dtype))
        record, log = self.record, self.log
        if record.task != "regression":
            return probabilities(record.task, output)
        value = values(output) * record.scale + record.mean
        value = value.clamp(record.low, record.high)
        if log is None:
            return value
        value = log.factor * value.clamp(-LARGEST_LOG, LARGEST_LOG).exp() - log.shift
        return value.clamp(log.low, log.high)


def read_network(folder: str | Path, architecture: Architecture[Any]) -> TrainedNetwork:
    """The network in a folder: network.json, network.safetensors and, at times, log_target.json.

    In float64, in which Torchlight predicts, and without dropout; `.float().train()` brings it
    back to how it was trained.
    """
    folder = Path(folder)
    plain = json.loads((folder / "network.json").read_text(encoding="utf-8"))
    record = NetworkRecord(**plain | {"columns": tuple(plain["columns"])})
    features = tuple(map(column_feature, record.columns))
    data = DataInfo(record.task, record.classes, features, record.rows)
    net = architecture.build(read_config(architecture.config, record.config), data)
    whole = WithPrior(net, torch.zeros(data.outputs))
    whole.load_state_dict(load_file(folder / "network.safetensors"))
    log_file = folder / "log_target.json"
    log = LogTargetRecord(**json.loads(log_file.read_text())) if log_file.exists() else None
    return TrainedNetwork(whole, record, log).double().eval()
