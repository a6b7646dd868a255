"""A network's record: columns as numbers and back."""

from __future__ import annotations

from automl_core.features.feature_layout import Feature
from automl_core.models.network_record import column_feature, column_numbers


def test_columns_as_numbers_and_back() -> None:
    features = (
        Feature("a", "a", "number"), Feature("c", "c", "code", 7),
        Feature("n: x", "n", "term"), Feature("m: x", "m", "term"), Feature("n: y", "n", "term"),
    )  # fmt: skip
    assert column_numbers(features) == (0, 7, -1, -2, -1)
    back = tuple(map(column_feature, column_numbers(features)))
    assert column_numbers(back) == column_numbers(features)
    assert [(f.kind, f.codes) for f in back] == [(f.kind, f.codes) for f in features]
