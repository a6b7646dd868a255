"""An export for PyTorch predicts as the model does, where Torchlight is not installed."""

from __future__ import annotations

import dataclasses
import importlib.util
import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch

from automl_core.errors import ModelError
from automl_core.export.predictor import Predictor
from automl_core.models.log_target import LogTargetModel, LogTargetRecord
from automl_core.torch_export import torch_package
from automl_core.torch_export.package import network_source
from automl_core.torch_export.program import Average, program_bytes
from automl_core.torch_export.trained_network import TrainedNetwork
from automl_core.types import Files
from tests import small
from tests.models.random_networks import LAYOUTS, NETWORKS, encoded_rows, random_network

ALONE = """
import json, sys

class Nobody:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("automl_core", "pages"):
            raise ImportError(name)

sys.meta_path.insert(0, Nobody())
sys.path.insert(0, ".")
import torch
import linear, mlp

description = json.load(open("model.json"))
rows = json.load(open("rows.json"))
program = torch.export.load("model.pt2").module()
answers = []
for count in rows["counts"]:
    matrices = [torch.tensor(m, dtype=torch.float32)[:count] for m in rows["matrices"]]
    answers.append(program(matrices).tolist())
matrices = [torch.tensor(m, dtype=torch.float32) for m in rows["matrices"]]
total = 0
for part in description["networks"]:
    module = {"linear.py": linear, "mlp.py": mlp}[part["source"]]
    network = module.load(part["folder"])
    assert isinstance(network, torch.nn.Module)
    total = total + part["weight"] * network(matrices[part["matrix"]])
total = total ** (1 / description["temperature"])
total = total / total.sum(dim=1, keepdim=True)
print("ANSWERS", json.dumps([answers, total.tolist()]))
"""


def _put(files: Files, folder: Path) -> None:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def test_the_package_predicts_in_a_process_without_torchlight(tmp_path: Path) -> None:
    predictor = small.predictor("multiclass", "linear", "mlp")
    predictor = dataclasses.replace(predictor, weights=(0.1, 0.2, 0.3, 0.4), temperature=1.3)
    files = torch_package(predictor)
    _put(files, tmp_path)
    widths = [len(names) for names in json.loads(files["model.json"])["matrices"]]
    rng = np.random.default_rng(0)
    matrices = [rng.normal(size=(5, width)).clip(-3, 3).astype(np.float32) for width in widths]
    rows = {"matrices": [m.tolist() for m in matrices], "counts": [0, 1, 5]}
    (tmp_path / "rows.json").write_text(json.dumps(rows))
    done = subprocess.run(
        [sys.executable, "-c", ALONE], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    (none, one, five), modules = json.loads(done.stdout.split("ANSWERS", 1)[1])
    expected = _average(predictor, matrices)
    assert none == [] and np.abs(np.array(one) - expected[:1]).max() < 1e-12
    assert np.abs(np.array(five) - expected).max() < 1e-12
    assert np.abs(np.array(modules) - expected).max() < 1e-12


def _average(predictor: Predictor, matrices: list[np.ndarray]) -> np.ndarray:
    """The model's answer to matrices, one an encoder, in the order in which members use them."""
    encoders = list({id(m.encoder): m.encoder for m in predictor.members}.values())
    total = np.zeros((len(matrices[0]), predictor.target.classes))
    for member, weight in zip(predictor.members, predictor.weights, strict=True):
        (place,) = [i for i, e in enumerate(encoders) if e is member.encoder]
        total += weight * member.model.predict(matrices[place])
    powers = total ** (1 / predictor.temperature)
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


@pytest.mark.parametrize("family", NETWORKS)
@pytest.mark.parametrize("layout", ["mixed, many classes", "mixed, values"])
def test_the_source_of_every_network_stands_alone(
    family: str, layout: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = random_network(family, layout)
    model = inner
    if layout == "mixed, values":
        record = LogTargetRecord(shift=1.0, factor=1.1, low=0.0, high=1e9)
        model = LogTargetModel(record, random_network(family, layout))  # type: ignore[assignment]
    source = network_source(family)
    assert "automl_core" not in source
    _put({"alone.py": source.encode()} | model.files(), tmp_path)
    spec = importlib.util.spec_from_file_location("alone", tmp_path / "alone.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "alone", module)
    spec.loader.exec_module(module)
    network = module.load(tmp_path)
    x = encoded_rows(LAYOUTS[layout][2], 20)
    got = network(module.torch.from_numpy(x)).detach().numpy()
    expected = model.predict(x)
    assert np.abs(got - expected).max() <= 1e-12 * np.abs(expected).max()


def test_every_network_is_in_a_program_for_any_number_of_rows() -> None:
    layout = "mixed, values"
    models = [random_network(family, layout) for family in NETWORKS]
    networks = [TrainedNetwork(model.net, model.record, None) for model in models]
    weights = [1 / len(models)] * len(models)
    features = LAYOUTS[layout][2]
    average = Average(networks, [0] * len(models), weights, 1.0).eval()
    data = program_bytes(average, [len(features)])
    program = torch.export.load(io.BytesIO(data)).module()
    for count in (0, 1, 2, 300):
        x = encoded_rows(features, count, seed=1)
        expected = np.mean([model.predict(x) for model in models], axis=0)
        got = program([torch.from_numpy(x)]).detach().numpy()
        assert got.shape == expected.shape and np.allclose(got, expected, rtol=1e-12, atol=0)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:  # where torch.export would put a pickle
        assert archive.read("archive/data/sample_inputs/model.pt") == b""


def test_a_model_with_trees_is_refused_by_name() -> None:
    predictor = small.predictor("binary", "linear", "lightgbm")
    with pytest.raises(ModelError, match="'lightgbm'"):
        torch_package(predictor)
