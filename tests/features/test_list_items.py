"""Lists in a cell: a column an item, how many there are, unknown items and missing lists."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from automl_core.features.feature_layout import Encoding
from tests.features.one_column import encode_one, fit_one

NETWORK = Encoding("code", "fill", "robust")
TAGS = pa.array(["red; big", "red", "big;red", None, "once; red", "big"])


def test_items_that_two_rows_have_are_columns() -> None:
    encoder, matrix = fit_one(TAGS, "list", NETWORK)
    assert [f.name for f in encoder.features] == [
        "x has red", "x has big", "x: number of items", "x is missing",
    ]  # fmt: skip
    assert matrix[:, :2].tolist() == [[1, 1], [1, 0], [1, 1], [0, 0], [1, 0], [0, 1]]
    assert matrix[:, 3].tolist() == [0, 0, 0, 1, 0, 0]
    assert matrix[3, 2] == 0 and matrix[0, 2] == matrix[4, 2] > matrix[1, 2]


def test_unknown_items_only_count() -> None:
    encoder, matrix = fit_one(TAGS, "list", NETWORK)
    row = encode_one(encoder, pa.array(["new; newer"]), "list")[0]
    assert row[:2].tolist() == [0, 0] and row[2] == matrix[0, 2]


def test_plain_features_have_no_lists() -> None:
    encoder, _ = fit_one(TAGS, "list", Encoding("code", "fill", "robust", rich=False))
    assert encoder.columns == ()


def test_lists_that_say_nothing() -> None:
    encoder, matrix = fit_one(pa.array(["a;b", "a;b", "a;b"]), "list", NETWORK)
    assert encoder.columns == () and np.ptp(matrix) == 0
