"""Names of inputs are such as TensorFlow takes, and no two are alike there."""

from __future__ import annotations

import re

from automl_core.keras_export.column_inputs import model_inputs
from automl_core.onnx_export.encoders import Vocabularies
from tests.features.one_column import column_of


def test_names_of_columns_become_names_of_inputs() -> None:
    names = ["capital-gain", "a b", "a_b", "x/y", "é", "_", ""]
    found = model_inputs([column_of(n, "number") for n in names], Vocabularies({}, {}, {}), ())
    assert [one.column for one in found] == names
    assert [one.name for one in found][:4] == ["capital-gain", "a_b", "a_b_", "x_y"]
    assert len({re.sub("[^a-zA-Z0-9]", "_", one.name) for one in found}) == len(names)
    assert all(re.fullmatch("[a-zA-Z0-9.][a-zA-Z0-9_.-]*", one.name) for one in found)
