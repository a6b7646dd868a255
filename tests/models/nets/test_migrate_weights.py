"""Models that earlier versions wrote predict what they did."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from automl_core.features.feature_layout import Feature
from automl_core.models import catalog, forest
from automl_core.models.nets.input_layer import Inputs
from automl_core.models.nets.migrate_weights import AFTER_INPUTS, migrate_weights
from tests.models.tables import ENCODING, Surroundings, table

FEATURES = (
    Feature("a", "a", "number"),
    *(Feature(f"c{codes}", f"c{codes}", "code", codes) for codes in (5, 30, 6)),
)


@pytest.mark.parametrize("family", AFTER_INPUTS)
def test_a_table_a_column_becomes_a_table_a_length(family: str) -> None:
    tables = [torch.randn(codes, length) for codes, length in ((5, 4), (30, 12), (6, 4))]
    after = torch.randn(7, 1 + 4 + 12 + 4)
    weights = {f"net.inputs.tables.{i}.weight": t for i, t in enumerate(tables)}
    weights |= dict.fromkeys(AFTER_INPUTS[family], after)
    found = migrate_weights(weights, family)
    inputs = Inputs(FEATURES)
    inputs.load_state_dict(
        {k.removeprefix("net.inputs."): v for k, v in found.items() if k.startswith("net.inputs.")}
    )
    x = torch.tensor([[0.5, 4.0, 29.0, 0.0], [-1.0, 0.0, 3.0, 5.0]])
    codes = [table[x[:, 1 + i].long()] for i, table in enumerate(tables)]
    before = torch.cat([x[:, :1], *codes], dim=1) @ after.T
    for name in AFTER_INPUTS[family]:
        torch.testing.assert_close(inputs(x) @ found[name].T, before)


def test_weights_of_the_present_order_stay() -> None:
    weights = Inputs(FEATURES).state_dict()
    assert migrate_weights(weights, "tabm") is weights


def test_the_first_forests_had_another_name_and_a_lighter_prior() -> None:
    data = table("binary", ENCODING)
    model = catalog.fit(catalog.model_spec("extra_trees"), data, {}, Surroundings().control()).model
    files = model.files()
    record = json.loads(files.pop(forest.MODEL_FILE))
    del record["prior_trees"]
    old = forest.load(files | {forest.OLD_FILE: json.dumps(record).encode()})
    total = np.zeros((len(data.x_valid), 2))
    old.trees.add_to(total, data.x_valid)
    expected = (total + 0.1 * np.array(record["prior"])) / (len(old.trees.root) + 0.1)
    np.testing.assert_allclose(old.predict(data.x_valid), expected, rtol=1e-12)
