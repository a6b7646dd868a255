"""Memory that runs out while a network trains: smaller, smaller still, then a word."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from automl_core.errors import OutOfMemoryError
from automl_core.models import catalog
from automl_core.models.base import FitResult
from automl_core.models.nets import mlp
from automl_core.models.nets.base import DataInfo
from automl_core.models.network_record import RECORD_FILE
from automl_core.models.out_of_memory import is_out_of_memory, smaller
from automl_core.training import Network
from tests.models.tables import Surroundings, table

MLP = catalog.model_spec("mlp")


def _fit() -> FitResult:
    config = {"epochs": 4, "batch": 64, "width": 64}
    return catalog.fit(MLP, table("binary", MLP.encoding), config, Surroundings().control())


class Greedy(Network):
    """A network that says that memory is short where it is trained on too much at once."""

    def __init__(self, net: Network, most_rows: int) -> None:
        super().__init__()
        self.net, self.most_rows = net, most_rows

    def forward(self, x: Tensor) -> Tensor:
        if self.training and len(x) > self.most_rows:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
        out: Tensor = self.net(x)
        return out


def _starve(patch: pytest.MonkeyPatch, most_rows: int, most_width: int) -> None:
    """Memory for so many rows in a network of up to that width, for none in a wider one."""
    architecture = mlp.ARCHITECTURE

    def greedy(config: mlp.MLPConfig, data: DataInfo) -> Network:
        fits = config.width <= most_width
        return Greedy(architecture.build(config, data), most_rows if fits else 0)

    patch.setattr(mlp, "ARCHITECTURE", replace(architecture, build=greedy))


def test_out_of_memory_a_smaller_batch_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    _starve(monkeypatch, most_rows=32, most_width=64)
    data = table("binary", MLP.encoding)
    model = _fit().model
    assert np.isfinite(model.predict(data.x_valid)).all()
    assert json.loads(model.files()[RECORD_FILE])["config"]["width"] == 64


def test_out_of_memory_with_any_batch_a_smaller_model_is_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _starve(monkeypatch, most_rows=64, most_width=32)
    data = table("binary", MLP.encoding)
    model = _fit().model
    assert np.isfinite(model.predict(data.x_valid)).all()
    assert json.loads(model.files()[RECORD_FILE])["config"]["width"] <= 32


def test_out_of_memory_for_good_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    _starve(monkeypatch, most_rows=0, most_width=0)
    with pytest.raises(OutOfMemoryError, match="Memory ran out"):
        _fit()


def test_other_errors_are_not_taken_for_it() -> None:
    assert is_out_of_memory(RuntimeError("DefaultCPUAllocator: can't allocate memory"))
    assert not is_out_of_memory(RuntimeError("mat1 and mat2 shapes cannot be multiplied"))
    assert not is_out_of_memory(ValueError("out of memory"))


def test_the_batch_shrinks_before_the_network() -> None:
    tried = [(c["batch"], c["width"]) for c in smaller({"batch": 64, "width": 256}, 64)]
    assert tried == [(64, 256), (32, 256), (16, 256), (16, 128), (16, 64)]
