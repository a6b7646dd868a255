"""Networks: categories, files, and what happens when training goes wrong."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest
import torch

from automl_core.errors import ModelError
from automl_core.features.feature_layout import Feature
from automl_core.models import catalog
from automl_core.models.base import FitData, RowBlock
from automl_core.models.log_target import SETTING
from automl_core.models.network_record import RECORD_FILE
from automl_core.types import Config, Task
from tests.models.tables import Surroundings, table

MLP = catalog.model_spec("mlp")
QUICK = {"epochs": 6, "width": 16}


def _data() -> FitData:
    return table("binary", MLP.encoding)


def test_codes_outside_the_vocabulary_are_clamped() -> None:
    data = _data()
    model = catalog.fit(MLP, data, QUICK, Surroundings().control()).model
    x = data.x_valid[:3].copy()
    x[:, 4] = (-1, 5, 1e9)
    assert np.isfinite(model.predict(x)).all()


def test_a_category_is_learned() -> None:
    data = _data()
    data = dataclasses.replace(
        data,
        y=(data.x[:, 4] % 2).astype(np.int64),
        y_valid=(data.x_valid[:, 4] % 2).astype(np.int64),
    )
    model = catalog.fit(MLP, data, {"width": 32, "epochs": 30}, Surroundings().control()).model
    assert (model.predict(data.x_valid).argmax(axis=1) == data.y_valid).mean() > 0.95


def test_a_word_is_learned_and_kept_in_the_files() -> None:
    data = _data()
    r = np.random.default_rng(0)
    parts = {}
    for name in ("x", "x_valid"):
        x = getattr(data, name)
        parts[name] = np.hstack([x, (r.random((len(x), 6)) < 0.3).astype(np.float32)])
    terms = tuple(Feature(f"note: w{i}", "note", "term") for i in range(6))
    y = {f"y{end}": (parts[f"x{end}"][:, -1] > 0).astype(np.int64) for end in ("", "_valid")}
    data = dataclasses.replace(data, features=(*data.features, *terms), **parts, **y)
    model = catalog.fit(MLP, data, {"width": 32, "epochs": 30}, Surroundings().control()).model
    answer = model.predict(data.x_valid)
    assert (answer.argmax(axis=1) == data.y_valid).mean() > 0.95
    assert (catalog.load("mlp", model.files()).predict(data.x_valid) == answer).all()


@pytest.mark.parametrize("task", ["binary", "multiclass"])
def test_soft_targets_are_learned_instead_of_labels(task: Task) -> None:
    data = table(task, MLP.encoding)
    shares = np.full((2, data.classes), 0.3 / (data.classes - 1))
    shares[:, 0] = 0.7
    shares[1] = shares[1, ::-1]
    side = (data.x[:, 0] > 0).astype(int)
    soft = shares[side]
    y_valid = (data.classes - 1) * (data.x_valid[:, 0] > 0).astype(np.int64)
    data = dataclasses.replace(data, y=soft.argmax(axis=1), soft=soft, y_valid=y_valid)
    model = catalog.fit(MLP, data, {"width": 32, "epochs": 20}, Surroundings().control()).model
    clear = np.abs(data.x[:, 0]) > 0.5
    assert np.abs(model.predict(data.x) - soft)[clear].mean() < 0.05


@pytest.mark.parametrize("model_spec", [c for c in catalog.CATALOG if c.kind == "network"])
def test_a_table_of_categories_alone_can_be_learned(model_spec: catalog.ModelSpec) -> None:
    data = _data()
    data = dataclasses.replace(
        data, features=data.features[-1:], x=data.x[:, -1:], x_valid=data.x_valid[:, -1:]
    )
    quick = {k: v for k, v in (QUICK | {"epochs": 1}).items() if k in model_spec.defaults}
    model = catalog.fit(model_spec, data, quick, Surroundings().control()).model
    assert np.isfinite(model.predict(data.x_valid)).all()


def test_the_random_state_of_others_is_left_alone() -> None:
    torch.manual_seed(1)
    before = torch.get_rng_state()
    result = catalog.fit(MLP, _data(), QUICK, Surroundings().control())
    catalog.load("mlp", result.model.files())
    assert torch.equal(before, torch.get_rng_state())


def test_huge_steps_end_in_a_message_or_a_model() -> None:
    data = _data()
    broken = dataclasses.replace(data, x=np.full_like(data.x, np.inf))
    with pytest.raises(ModelError, match="diverged"):
        catalog.fit(MLP, broken, QUICK, Surroundings().control())


def test_files_of_another_family_are_refused() -> None:
    files = catalog.fit(MLP, _data(), QUICK, Surroundings().control()).model.files()
    with pytest.raises(ModelError, match="mlp"):
        catalog.load("resnet", files)
    record = json.loads(files[RECORD_FILE])
    record["config"]["width"] = 17
    with pytest.raises(ModelError, match="damaged"):
        catalog.load("mlp", files | {RECORD_FILE: json.dumps(record).encode()})


def test_time_that_runs_out_anneals() -> None:
    around = Surroundings()

    def report(epoch):  # type: ignore[no-untyped-def]
        around.share = len(around.epochs) / 4
        return around.report(epoch)

    control = dataclasses.replace(around.control(), report=report)
    catalog.fit(MLP, _data(), QUICK | {"epochs": 40, "patience": 0}, control)
    rates = [epoch.learning_rate or 0.0 for epoch in around.epochs]
    assert rates[0] > 5e-4 and rates[5] < 1e-9


@pytest.mark.parametrize("model_spec", [c for c in catalog.CATALOG if c.kind == "network"])
def test_a_file_that_claims_a_huge_network_is_refused_before_it_is_built(
    model_spec: catalog.ModelSpec,
) -> None:
    quick = {k: v for k, v in (QUICK | {"epochs": 1}).items() if k in model_spec.defaults}
    data = table("multiclass", model_spec.encoding)
    files = catalog.fit(model_spec, data, quick, Surroundings().control()).model.files()
    record = json.loads(files[RECORD_FILE])
    config, columns = record["config"], record["columns"]
    hostile = [record | {"columns": [10**12 if c else 0 for c in columns] + [10**15]}]
    hostile.append(record | {"classes": 10**13})
    sizes = [n for n in ("width", "members", "bins", "vector", "frequencies") if n in config]
    for name in sizes:
        hostile += [record | {"config": config | {name: size}} for size in (10**7, 99_999)]
    depths = [n for n in ("layers", "blocks") if n in config]
    for name in depths:
        hostile += [record | {"config": config | {name: size}} for size in (90_000, 1e9, "9" * 9)]
    for changed in hostile:
        with pytest.raises(ModelError):
            catalog.load(model_spec.name, files | {RECORD_FILE: json.dumps(changed).encode()})


@dataclasses.dataclass(frozen=True)
class Further:
    """The rows of a fold again and again, in blocks."""

    data: FitData

    def read(self, block: int, rows: int, seed: int) -> RowBlock:
        picked = np.random.default_rng((seed, block)).integers(
            0, len(self.data.y), min(rows, 2_000)
        )
        return RowBlock(self.data.x[picked], self.data.y[picked], None)


@pytest.mark.parametrize("settings", [{}, {SETTING: True}])
def test_it_learns_from_further_rows_in_the_units_of_its_own(settings: Config) -> None:
    true = table("regression", MLP.encoding)
    own = dataclasses.replace(true, y=np.random.default_rng(0).permutation(true.y))
    both = dataclasses.replace(own, further=Further(true))
    config = {"width": 16, "epochs": 40, "patience": 0} | settings

    def fit(data: FitData) -> float:
        model = catalog.fit(MLP, data, config, Surroundings().control()).model
        return float(np.corrcoef(model.predict(data.x_valid), data.y_valid)[0, 1])

    assert fit(own) < 0.6
    assert fit(both) > 0.9
