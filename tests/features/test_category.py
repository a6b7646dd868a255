"""Categories: one-hot columns, codes, target means and ranks, each where it is asked for."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from automl_core.features.encode import fit_encoder
from automl_core.features.layout import Encoding
from automl_core.table.parse import parse_table
from tests.features.one_column import ENCODINGS, column_of, encode_one, fit_one


@pytest.mark.parametrize("encoding", ENCODINGS, ids=str)
def test_unseen_categories_tell_nothing(encoding: Encoding) -> None:
    cells = ["a"] * 8 + ["b"] * 7 + ["c"] * 5
    cells += [f"w{i}" for i in range(20) for _ in range(3)] if encoding.category == "target" else []
    encoder, _ = fit_one(pa.array(cells), "string", encoding)
    unseen = encode_one(encoder, pa.array(["never", "seen"]), "string")
    assert (unseen[0] == unseen[1]).all()
    assert unseen[0, 0] == (1.0 if encoding.category == "code" else 0.0)


def test_one_hot_and_codes() -> None:
    cells = pa.array(["a", "b", "a", "c", "a", "b", "rare", None])
    encoder, onehot = fit_one(cells, "string", Encoding("onehot", "fill", "robust"))
    assert [f.name for f in encoder.features] == ["x = a", "x = b", "x is missing"]
    assert onehot[[0, 1, 3, 6, 7]].tolist() == [
        [1, 0, 0], [0, 1, 0], [0, 0, 0], [0, 0, 0], [0, 0, 1]
    ]  # fmt: skip
    encoder, codes = fit_one(cells, "string", Encoding("code", "fill", "robust"))
    assert codes[:, 0].tolist() == [2, 3, 2, 1, 2, 3, 1, 0]
    assert encoder.features[0].codes == 4


def test_two_categories_share_a_column_that_leaves_room_for_unseen_ones() -> None:
    cells = pa.array(["yes", "no", "no", "yes", "no"])
    encoder, matrix = fit_one(cells, "string", Encoding("onehot", "fill", "robust"))
    assert [f.name for f in encoder.features] == ["x = yes, not no"]
    assert matrix[:, 0].tolist() == [1, -1, -1, 1, -1]
    assert encode_one(encoder, pa.array(["maybe", None]), "string").tolist() == [[0], [0]]


def test_trees_get_one_hot_for_few_values_and_means_for_many() -> None:
    trees = Encoding("target", "nan", "plain")
    few = pa.array([f"v{i % 10}" for i in range(60)])
    many = pa.array([f"v{i % 11}" for i in range(66)])
    assert fit_one(few, "string", trees)[0].features[0].name == "x = v0"
    names = [f.name for f in fit_one(many, "string", trees)[0].features]
    assert names == ["x: mean of the target", "x: log frequency"]
    typed = parse_table(pa.table({"x": many}), [column_of("x", "string")])
    for classes, expected in (
        (3, [f"x: share of class {c}" for c in (1, 2, 3)] + ["x: log frequency"]),
        (9, ["x: rank by frequency"]),
    ):
        y = np.arange(66) % classes
        column = [column_of("x", "string")]
        encoder, _ = fit_encoder(typed, column, y, "multiclass", classes, trees, 0)
        assert [f.name for f in encoder.features] == expected


def test_ranks_of_many_classes() -> None:
    cells = pa.array([f"v{i}" for i in range(12) for _ in range(i + 1)] + [None])
    typed = parse_table(pa.table({"x": cells}), [column_of("x", "string")])
    y = np.arange(len(cells)) % 9
    for missing in ("nan", "fill"):
        encoding = Encoding("target", missing, "plain")  # type: ignore[arg-type]
        column = [column_of("x", "string")]
        encoder, _ = fit_encoder(typed, column, y, "multiclass", 9, encoding, 0)
        rows = encode_one(encoder, pa.array(["v11", "v1", "v0", "new", None]), "string")
        assert rows[:4, 0] == pytest.approx([0, 10 / 11, 1, 1])  # v0 is there once: rare
        assert rows[4].tolist() == (
            [0, 1] if missing == "fill" else [pytest.approx(np.nan, nan_ok=True)]
        )
