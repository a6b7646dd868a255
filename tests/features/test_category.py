"""Categories: one-hot columns, codes, target means and ranks, each where it is asked for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from automl_core.features.encode import fit_encoder
from automl_core.features.feature_layout import Encoding
from automl_core.table.parsing.parse import parse_table
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
        (9, [f"x: mix {m} of the classes' shares" for m in range(1, 9)] + ["x: log frequency"]),
    ):
        y = np.arange(66) % classes
        column = [column_of("x", "string")]
        encoder, _ = fit_encoder(typed, column, y, "multiclass", classes, trees, 0)
        assert [f.name for f in encoder.features] == expected


def test_ranks_where_there_are_no_means() -> None:
    cells = pa.array([f"v{i}" for i in range(12) for _ in range(i + 1)] + [None])
    typed = parse_table(pa.table({"x": cells}), [column_of("x", "string")])
    y = np.arange(len(cells)) % 9
    for missing in ("nan", "fill"):
        encoding = Encoding("target", missing, "plain", rich=False)  # type: ignore[arg-type]
        column = [column_of("x", "string")]
        encoder, _ = fit_encoder(typed, column, y, "multiclass", 9, encoding, 0)
        rows = encode_one(encoder, pa.array(["v11", "v1", "v0", "new", None]), "string")
        assert rows[:4, 0] == pytest.approx([0, 10 / 11, 1, 1])  # v0 is there once: rare
        assert rows[4].tolist() == (
            [0, 1] if missing == "fill" else [pytest.approx(np.nan, nan_ok=True)]
        )


def test_many_values_get_target_means_in_every_family() -> None:
    r = np.random.default_rng(0)
    shops = r.integers(0, 40, 2_000)
    y = (r.random(2_000) < shops / 40).astype(np.int64)
    cells = pa.array([f"shop {i}" for i in shops])
    for category, first in (("code", "x"), ("onehot", "x = shop")):
        encoding = Encoding(category, "fill", "robust")  # type: ignore[arg-type]
        encoder, matrix = fit_one(cells, "string", encoding, y)
        names = [f.name for f in encoder.features]
        assert names[0].startswith(first)
        assert names[-2:] == ["x: mean of the target", "x: log frequency"]
        assert np.corrcoef(matrix[:, -2], shops)[0, 1] > 0.9
        assert matrix[:, -1].min() > 0 and matrix[:, -1].max() == 1
        unseen = encode_one(encoder, pa.array(["new", None]), "string")
        assert unseen[:, -2:].tolist() == [[0, 0], [0, 0]]
        plain, _ = fit_one(cells, "string", replace(encoding, rich=False), y)
        assert len(plain.columns) == 1


def test_texts_that_come_again_are_categories_too() -> None:
    names = [f"The App {i % 60}" for i in range(300)]
    y = np.arange(300) % 60 % 2
    for encoding, there in (
        (Encoding("code", "fill", "robust"), True),
        (Encoding("target", "nan", "plain"), False),
    ):
        encoder, _ = fit_one(pa.array(names), "text", encoding, y)
        assert ("x: mean of the target" in [f.name for f in encoder.features]) == there
    once, _ = fit_one(pa.array([f"text {i}" for i in range(300)]), "text", encoding, y)
    assert "x: mean of the target" not in [f.name for f in once.features]


def test_mixes_of_many_classes_tell_words_apart() -> None:
    r = np.random.default_rng(0)
    words = r.integers(0, 20, 3_000)
    y = np.where(r.random(3_000) < 0.8, words % 12, r.integers(0, 12, 3_000))
    column = [column_of("x", "string")]
    typed = parse_table(pa.table({"x": [f"w{i}" for i in words]}), column)
    encoder, matrix = fit_encoder(
        typed, column, y, "multiclass", 12, Encoding("target", "nan", "plain"), 0
    )
    assert len(encoder.features) == 9
    centres = np.stack([matrix[words == w, :8].mean(axis=0) for w in range(12)])
    gaps = np.linalg.norm(centres[:, None] - centres[None], axis=2) + 9 * np.eye(12)
    assert gaps.min() > 0.5  # words of another main class lie apart
    assert np.linalg.norm(centres[0] - matrix[words == 12, :8].mean(axis=0)) < gaps.min()


def test_where_every_word_is_common_trees_get_its_rank_and_nothing_that_blurs_it() -> None:
    trees = Encoding("target", "nan", "plain")
    for rows, names in ((299, 2), (300, 1)):
        cells = pa.array([f"v{i}" for i in range(12)] * rows)
        encoder, _ = fit_one(cells, "string", trees)
        assert len(encoder.features) == names
    assert [f.name for f in encoder.features] == ["x: rank by frequency"]
