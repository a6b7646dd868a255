"""Pairs of latitude and longitude: who is one, what becomes of it, and stays so."""

from __future__ import annotations

import numpy as np
import pytest

from automl_core.errors import ModelError
from automl_core.features.encode import encoder_from_json, encoder_to_json, fit_encoder
from automl_core.features.feature_layout import Encoding
from automl_core.features.geography import ANGLES, fit_geography
from automl_core.table.schema import Column, ParseRule
from automl_core.table.typed_table import TypedColumn, TypedTable

TURNED = Encoding(category="target", missing="nan", numeric="plain", turned_places=True)
FILLED = Encoding(category="code", missing="fill", numeric="robust", turned_places=True)


def table(values: dict[str, np.ndarray]) -> tuple[TypedTable, tuple[Column, ...]]:
    columns = tuple(
        Column(name, "numeric", "numbers", ParseRule("number"), 0, 9) for name in values
    )
    rows = len(next(iter(values.values())))
    return TypedTable({n: TypedColumn(n, numbers=v) for n, v in values.items()}, rows), columns


def places(rows: int = 100) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    return {"lat": rng.uniform(32, 42, rows), "lon": rng.uniform(-124, -114, rows)}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("latitude", "longitude"), ("Lat", "Lng"), ("pickup_lat", "pickup_lon"),
        ("start latitude", "start longitude"), ("homeLat", "homeLong"),
    ],
)  # fmt: skip
def test_pairs_are_found_by_name(first: str, second: str) -> None:
    a, b = places().values()
    found = fit_geography(*table({first: a, second: b}), TURNED)
    assert [(p.latitude, p.longitude) for p in found] == [(first, second)]


@pytest.mark.parametrize(
    ("first", "second"),
    [("flat", "along"), ("pickup_lat", "dropoff_lon"), ("lat", "price"), ("x", "y")],
)
def test_other_columns_are_not(first: str, second: str) -> None:
    a, b = places().values()
    assert fit_geography(*table({first: a, second: b}), TURNED) == ()


def test_values_must_be_degrees_and_differ() -> None:
    pair = places()
    assert fit_geography(*table(pair | {"lat": pair["lat"] * 10}), TURNED) == ()
    assert fit_geography(*table(pair | {"lon": np.full(100, 3.0)}), TURNED) == ()
    few, columns = table(pair)
    assert fit_geography(few, columns, Encoding("target", "nan", "plain")) == ()


def test_each_angle_is_a_feature_and_json_gives_the_same_matrix_back() -> None:
    typed, columns = table(places())
    y = np.arange(100) % 2
    encoder, matrix = fit_encoder(typed, columns, y, "binary", 2, TURNED, seed=0)
    assert matrix.shape == (100, 2 + len(ANGLES)) == (100, len(encoder.features))
    again = encoder_from_json(encoder_to_json(encoder))
    assert again == encoder
    assert np.array_equal(again.encode(typed), matrix)


def test_a_border_that_runs_askew_becomes_one_cut() -> None:
    rng = np.random.default_rng(1)
    lat, lon = rng.uniform(0, 10, 400), rng.uniform(0, 10, 400)
    typed, columns = table({"lat": lat, "lon": lon})
    beyond = lat + lon > 10
    _, matrix = fit_encoder(typed, columns, beyond.astype(np.int64), "binary", 2, TURNED, seed=0)
    hits = [np.abs(np.corrcoef(matrix[:, i], beyond)[0, 1]) for i in range(matrix.shape[1])]
    assert max(hits[2:]) > 1.2 * max(hits[:2])


@pytest.mark.parametrize(("encoding", "empty"), [(TURNED, np.nan), (FILLED, 0.0)])
def test_half_a_place_is_none(encoding: Encoding, empty: float) -> None:
    pair = places()
    pair["lat"][0] = np.nan
    pair["lon"][1] = np.inf
    typed, columns = table(pair)
    encoder, _ = fit_encoder(typed, columns, np.arange(100) % 2, "binary", 2, encoding, seed=0)
    turned = encoder.encode(typed)[:2, -len(ANGLES) :]
    assert np.array_equal(turned, np.full((2, len(ANGLES)), empty), equal_nan=True)


def test_a_damaged_pair_is_refused() -> None:
    typed, columns = table(places())
    encoder, _ = fit_encoder(typed, columns, np.arange(100) % 2, "binary", 2, TURNED, seed=0)
    text = encoder_to_json(encoder).decode()
    assert '"geography"' in text
    with pytest.raises(ModelError):
        encoder_from_json(text.replace('"geography"', '"elsewhere"').encode())
