"""Networks of every family with random weights, on several kinds of columns; and encoded rows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from automl_core.features.feature_layout import Feature
from automl_core.models import catalog
from automl_core.models.base import FitData
from automl_core.models.network import NetworkModel, first_network
from automl_core.types import Config, Task
from tests.models.tables import METRIC

NETWORKS = [entry.name for entry in catalog.CATALOG if entry.kind == "network"]
SMALL: dict[str, Config] = {
    "linear": {},
    "mlp": {"width": 12, "layers": 2},
    "resnet": {"width": 12, "blocks": 2},
    "realmlp": {"width": 12, "layers": 2},
    "tabm": {"width": 12, "members": 3},
    "ft_transformer": {"width": 16, "layers": 2, "bins": 5},
}


def _numbers(count: int) -> tuple[Feature, ...]:
    return tuple(Feature(f"x{i}", f"x{i}", "number") for i in range(count))


def _codes(*counts: int) -> tuple[Feature, ...]:
    return tuple(Feature(f"c{i}", f"c{i}", "code", count) for i, count in enumerate(counts))


def _terms(text: str, count: int) -> tuple[Feature, ...]:
    return tuple(Feature(f"{text}: w{i}", text, "term") for i in range(count))


MIXED = (*_codes(3, 40), *_numbers(3), *_terms("a", 4), *_codes(7), *_terms("b", 2))
LAYOUTS: dict[str, tuple[Task, int, tuple[Feature, ...]]] = {
    "mixed, two classes": ("binary", 2, MIXED),
    "mixed, many classes": ("multiclass", 11, MIXED),
    "mixed, values": ("regression", 0, MIXED),
    "one number": ("regression", 0, _numbers(1)),
    "codes alone": ("multiclass", 3, _codes(2, 30, 2)),
    "terms alone": ("binary", 2, _terms("a", 3)),
    "more columns than weights": ("binary", 2, (*_numbers(70), *_codes(4))),
    "more numbers than embeddings": ("regression", 0, (*_numbers(205), *_terms("a", 2))),
}


def encoded_rows(features: tuple[Feature, ...], count: int, seed: int = 0) -> np.ndarray:
    """Encoded rows, some of them at the ends of what an encoder gives and beyond."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(count, len(features))).clip(-3, 3)
    for i, feature in enumerate(features):
        if feature.kind == "code":
            x[:, i] = rng.integers(0, feature.codes, count)
        if feature.kind == "term":
            x[:, i] = rng.random(count) * (rng.random(count) < 0.3)
    x[1 : 1 + 6] = np.array([0.0, 3.0, -3.0, 1e3, -1e3, 1e9])[: max(0, count - 1), None]
    return x.astype(np.float32)


def random_network(family: str, layout: str, config: Config | None = None) -> NetworkModel:
    """A network whose weights are all random: those that begin at 0, too."""
    task, classes, features = LAYOUTS[layout]
    rng = np.random.default_rng(1)
    y = rng.integers(0, classes, 60) if classes else rng.normal(1e3, 50.0, 60)
    x = encoded_rows(features, 60)
    data = FitData(
        task, classes, features, x, y, None, x, y, None, METRIC[task]
    )  # fmt: skip
    entry = catalog.model_spec(family)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        net, record = first_network(entry, data, entry.defaults | SMALL[family] | (config or {}))
        for parameter in net.parameters():
            parameter.data += 0.3 * torch.randn(parameter.shape)
    # few rows at the limits: there, all networks answer alike
    return NetworkModel(replace(record, low=min(0.0, record.low), high=2.0 * record.high), net)
