"""Two columns as one feature: the numbers, missing and unseen cells, and JSON and back."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pytest

from automl_core.errors import ModelError
from automl_core.features.encode import Encoder, encoder_from_json, encoder_to_json, fit_encoder
from automl_core.features.feature_layout import Encoding, Pair
from automl_core.table.parsing.parse import parse_table
from automl_core.table.typed_table import TypedTable
from tests.features.one_column import column_of

COLUMNS = [
    column_of("length", "number"), column_of("width", "number"), column_of("size", "number"),
    column_of("cut", "string"), column_of("colour", "string"),
]  # fmt: skip
ROWS = 200
RNG = np.random.default_rng(0)
LENGTH, WIDTH = RNG.uniform(1, 9, ROWS), RNG.uniform(1, 9, ROWS)
CUT, COLOUR = RNG.choice(["fair", "good"], ROWS), RNG.choice(["red", "blue"], ROWS)
SIZE = RNG.integers(0, 4, ROWS)
Y = ((CUT == "fair") == (COLOUR == "red")).astype(np.int64)


def typed(cells: dict[str, object]) -> TypedTable:
    return parse_table(pa.table(cells), COLUMNS)


TRAIN = typed({"length": LENGTH, "width": WIDTH, "size": SIZE, "cut": CUT, "colour": COLOUR})


def fitted(pair: Pair, missing: str = "nan", rich: bool = True) -> tuple[Encoder, np.ndarray]:
    encoding = Encoding("target", missing, "plain", pairs=(pair,), rich=rich)  # type: ignore[arg-type]
    return fit_encoder(TRAIN, COLUMNS, Y, "binary", 2, encoding, 0)


def row(**cells: object) -> TypedTable:
    whole = {"length": 1.0, "width": 2.0, "size": 0, "cut": "fair", "colour": "red"} | cells
    return typed({name: pa.array([cell]) for name, cell in whole.items()})


@pytest.mark.parametrize(
    ("how", "values"),
    [("times", LENGTH * WIDTH), ("over", LENGTH / WIDTH), ("minus", LENGTH - WIDTH)],
)
def test_numbers_are_combined_before_they_are_scaled(how: str, values: np.ndarray) -> None:
    encoder, matrix = fitted(Pair("length", "width", how))  # type: ignore[arg-type]
    scaling = encoder.pairs[0].scaling  # type: ignore[union-attr]
    assert np.allclose(matrix[:, -1] * scaling.scale + scaling.centre, values, rtol=1e-5)
    assert encoder.features[-1].name == encoder.features[-1].source


@pytest.mark.parametrize(("missing", "empty"), [("nan", np.nan), ("fill", 0.0)])
@pytest.mark.parametrize(
    "cells", [{"length": None}, {"width": 0.0}, {"length": 1e300, "width": 1e-300}]
)
def test_what_is_no_number_counts_as_missing(
    missing: str, empty: float, cells: dict[str, object]
) -> None:
    encoder, _ = fitted(Pair("length", "width", "over"), missing)
    assert np.array_equal(encoder.encode(row(**cells))[0, -1], empty, equal_nan=True)


def test_joined_categories_tell_what_neither_does() -> None:
    encoder, matrix = fitted(Pair("cut", "colour", "joined"))
    (mean,) = (i for i, f in enumerate(encoder.features) if "mean of the target" in f.name)
    assert np.corrcoef(matrix[:, mean], Y)[0, 1] > 0.95
    assert encoder.features[mean].source == "cut with colour"
    encoded = encoder.encode(TRAIN)
    assert not np.array_equal(encoded[:, mean], matrix[:, mean])  # those of training: out of fold
    assert encoder.encode(row(colour="green"))[0, mean] == 0.0
    assert np.isnan(encoder.encode(row(cut=None))[0, mean])


def test_numbers_of_few_values_are_joined_too() -> None:
    encoder, _ = fitted(Pair("size", "cut", "joined"))
    same = encoder.encode(row(size=3))[0, -2:]
    assert np.array_equal(encoder.encode(row(size=3.0))[0, -2:], same)
    assert encoder.encode(row(size=77))[0, -2] == 0.0


def test_a_number_is_seen_against_the_mean_of_its_category() -> None:
    encoder, matrix = fitted(Pair("length", "cut", "within"))
    means = {cut: float(matrix[cut == CUT, -1].mean()) for cut in ("fair", "good")}
    assert abs(means["fair"] - means["good"]) < 0.05
    unseen, known = (encoder.encode(row(cut=cut))[0, -1] for cut in ("rare", "good"))
    assert np.isfinite(unseen) and unseen != known
    assert np.isnan(encoder.encode(row(cut=None))[0, -1])


@pytest.mark.parametrize(
    "pair",
    [Pair("length", "width", "over"), Pair("cut", "colour", "joined"),
     Pair("length", "cut", "within")],
)  # fmt: skip
def test_json_gives_the_same_matrix_back_and_damage_is_refused(pair: Pair) -> None:
    encoder, _ = fitted(pair)
    again = encoder_from_json(encoder_to_json(encoder))
    assert again == encoder
    assert np.array_equal(again.encode(TRAIN), encoder.encode(TRAIN), equal_nan=True)
    with pytest.raises(ModelError):
        encoder_from_json(encoder_to_json(encoder).replace(f'"{pair.how}"'.encode(), b'"folded"'))


def test_an_encoder_of_before_there_were_pairs_loads() -> None:
    encoder, _ = fitted(Pair("length", "gone", "over"))
    plain = json.loads(encoder_to_json(encoder))
    assert plain.pop("pairs") == []
    assert encoder_from_json(json.dumps(plain).encode()) == encoder


def test_plain_features_have_none() -> None:
    assert fitted(Pair("length", "width", "over"), rich=False)[0].pairs == ()
