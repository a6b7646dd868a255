"""The whole encoder: any table becomes finite numbers, the same in batches, alone and from JSON."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import get_args

import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray

from automl_core.errors import ModelError
from automl_core.features.encode import (
    CONSTANT,
    AnyEncoder,
    Encoder,
    TwoColumns,
    encoder_from_json,
    encoder_to_json,
    fit_encoder,
)
from automl_core.features.feature_layout import Encoding, Pair
from automl_core.features.rank import fit_rank
from automl_core.table.parsing.parse import parse_table
from automl_core.table.typed_table import TypedTable
from tests import fake_sentences
from tests.features.one_column import ENCODINGS, column_of, encode_one, fit_one

TASKS = {"binary": 2, "multiclass": 3, "regression": 0}
N = 120


COLUMNS = [
    column_of(*pair)
    for pair in {
        "plain": "number",
        "holes": "number",
        "infinite": "number",
        "huge": "number",
        "mostly_zero": "number",
        "constant": "number",
        "nothing": "number",
        "flag": "boolean",
        "colour": "string",
        "shop": "string",
        "unique": "string",
        "one_word": "string",
        "no_word": "string",
        "note": "text",
        "remark": "text",
        "no_text": "text",
        "tags": "list",
        "no_list": "list",
        "day": "datetime",
        "later": "datetime",
        "no_day": "datetime",
    }.items()
]


@cache
def _table(seed: int, n: int = N) -> pa.Table:
    r = np.random.default_rng(seed)
    holes = np.where(r.random(n) < 0.3, np.nan, r.normal(size=n))
    words = np.array(["refund", "late", "thanks", "broken", "please", "call", "today"])
    return pa.table(
        {
            "plain": r.normal(size=n),
            "holes": holes,
            "infinite": r.choice([np.inf, -np.inf, np.nan, 1.0, 2.0, 3.0], n),
            "huge": r.choice([1e300, -1e300, 1e-300, 5.0, 1.7e308, -1.7e308], n),
            "mostly_zero": np.where(r.random(n) < 0.95, 0.0, r.random(n)),
            "constant": np.full(n, 0.1),
            "nothing": np.full(n, np.nan),
            "flag": pa.array(r.choice([True, False, None], n).tolist(), pa.bool_()),
            "colour": pa.array(r.choice(["red", "green", None], n).tolist(), pa.string()),
            "shop": pa.array([f"shop {i}" for i in r.integers(0, 30, n)]),
            "unique": pa.array([f"key {i}" for i in range(n)]),
            "one_word": pa.array(["same"] * n),
            "no_word": pa.nulls(n, pa.string()),
            "note": pa.array([" ".join(r.choice(words, r.integers(0, 6))) for _ in range(n)]),
            "remark": pa.array([f"{r.choice(words)} {i} 東京" for i in range(n)]),
            "no_text": pa.nulls(n, pa.string()),
            "tags": pa.array(["; ".join(r.choice(words, r.integers(0, 4))) for _ in range(n)]),
            "no_list": pa.nulls(n, pa.string()),
            "day": pa.array(r.integers(0, 2**31, n), pa.timestamp("s")),
            "later": pa.array(r.choice([*range(0, 10**8, 10**6), None], n), pa.timestamp("s")),
            "no_day": pa.nulls(n, pa.timestamp("s")),
        }
    )


def _target(task: str, seed: int = 0, n: int = N) -> NDArray[np.float64] | NDArray[np.int64]:
    r = np.random.default_rng(seed + 99)
    return r.integers(0, TASKS[task], n) if TASKS[task] else r.normal(size=n)


def _fit(encoding: Encoding, task: str = "binary", seed: int = 0) -> tuple[Encoder, NDArray]:
    typed = parse_table(_table(0), COLUMNS)
    return fit_encoder(typed, COLUMNS, _target(task), task, TASKS[task], encoding, seed)


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("encoding", ENCODINGS, ids=str)
def test_matrix_is_well_formed(encoding: Encoding, task: str) -> None:
    encoder, train = _fit(encoding, task)
    for matrix, rows in ((train, N), (encoder.encode(parse_table(_table(1, 57), COLUMNS)), 57)):
        assert matrix.shape == (rows, len(encoder.features))
        assert matrix.dtype == np.float32 and matrix.flags.c_contiguous
        assert not np.isinf(matrix).any()
        if encoding.missing == "fill":
            assert not np.isnan(matrix).any()
        if encoding.numeric == "robust":
            assert np.nanmax(np.abs(matrix[:, _numbers(encoder)])) < 1e3
    assert (np.nanmax(train, axis=0) - np.nanmin(train, axis=0) > 1e-6).all()
    names = [f.name for f in encoder.features]
    assert len(set(names)) == len(names)
    assert {f.source for f in encoder.features}.isdisjoint(
        {"constant", "nothing", "one_word", "no_word", "no_text", "no_list", "no_day"}
    )


def _numbers(encoder: Encoder) -> list[int]:
    return [i for i, f in enumerate(encoder.features) if f.kind == "number"]


@pytest.mark.parametrize("encoding", ENCODINGS, ids=str)
def test_codes_stay_within_what_features_promise(encoding: Encoding) -> None:
    encoder, _ = _fit(encoding)
    matrix = encoder.encode(parse_table(_table(5), COLUMNS))
    codes = [(i, f) for i, f in enumerate(encoder.features) if f.kind == "code"]
    assert bool(codes) == (encoding.category == "code")
    for i, feature in codes:
        column = matrix[:, i]
        assert (column == np.round(column)).all()
        assert column.min() >= 0 and column.max() < feature.codes


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("encoding", ENCODINGS, ids=str)
def test_json_round_trip_is_exact(encoding: Encoding, task: str) -> None:
    encoder, _ = _fit(encoding, task)
    back = encoder_from_json(encoder_to_json(encoder))
    assert back == encoder
    assert back.features == encoder.features
    typed = parse_table(_table(2), COLUMNS)
    assert back.encode(typed).tobytes() == encoder.encode(typed).tobytes()


@pytest.mark.parametrize("encoding", ENCODINGS, ids=str)
def test_a_row_alone_is_encoded_as_in_its_batch(encoding: Encoding) -> None:
    encoder, _ = _fit(encoding)
    typed = parse_table(_table(3), COLUMNS)
    whole = encoder.encode(typed)
    for row in range(0, N, 7):
        alone = encoder.encode(typed.take(np.array([row])))
        assert alone.tobytes() == whole[row : row + 1].tobytes()
        raw = encoder.encode(parse_table(_table(3).slice(row, 1), COLUMNS))
        assert raw.tobytes() == whole[row : row + 1].tobytes()


@pytest.mark.parametrize("encoding", ENCODINGS, ids=str)
def test_numbers_of_many_rows_are_those_of_blocks(
    encoding: Encoding, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder, _ = _fit(encoding)
    typed = parse_table(_table(3), COLUMNS)
    whole = encoder.encode(typed)
    monkeypatch.setattr("automl_core.features.numeric.BLOCK", 50)
    assert encoder.encode(typed).tobytes() == whole.tobytes()


def _with_pairs_and_meaning(seed: int) -> TypedTable:
    """The table with places, and with vectors of its texts."""
    r = np.random.default_rng(seed)
    table = _table(seed).append_column("lat", pa.array(r.uniform(32, 42, N)))
    table = table.append_column("lon", pa.array(r.uniform(-124, -114, N)))
    typed = parse_table(table, PLACED)
    columns = dict(typed.columns)
    for name in ("note", "remark"):
        vectors = r.normal(size=(len(columns[name].words), 20)).astype(np.float32)
        columns[name] = replace(columns[name], vectors=vectors)
    return TypedTable(columns, N)


PLACED = [*COLUMNS, column_of("lat", "number"), column_of("lon", "number")]
PAIRS = (
    Pair("plain", "holes", "times"),
    Pair("holes", "colour", "within"),
    Pair("colour", "shop", "joined"),
)


def test_columns_written_again_are_those_of_the_whole_to_the_last_bit(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fake_sentences.install(monkeypatch, tmp_path)
    typed, other = _with_pairs_and_meaning(0), _with_pairs_and_meaning(1)
    kinds = set()
    for encoding in ENCODINGS:
        rich = replace(encoding, turned_places=True, pairs=PAIRS, sentences=True)
        encoder, _ = fit_encoder(typed, PLACED, _target("binary"), "binary", 2, rich, 0)
        rank = fit_rank(typed.columns["shop"], fill=True)  # usually of far more rows
        assert rank is not None
        encoder = replace(encoder, columns=(*encoder.columns, rank))
        kinds |= {type(part) for part in encoder.parts}
        base = encoder.encode(typed)
        for names in [*({column.name} for column in PLACED), {"colour", "holes", "day"}]:
            changed = {name: other.columns[name] for name in names}
            whole = TypedTable({**typed.columns, **changed}, N)
            parts, read = encoder.parts_of(names)
            again = base.copy()
            encoder.write(TypedTable({n: whole.columns[n] for n in read}, N), parts, again)
            assert again.tobytes() == encoder.encode(whole).tobytes()
    assert kinds == {*get_args(AnyEncoder), *get_args(TwoColumns)}


@pytest.mark.parametrize("encoding", ENCODINGS, ids=str)
def test_fit_is_deterministic_in_the_seed(encoding: Encoding) -> None:
    first, matrix = _fit(encoding, seed=4)
    second, again = _fit(encoding, seed=4)
    assert first == second and matrix.tobytes() == again.tobytes()


@pytest.mark.parametrize("encoding", ENCODINGS, ids=str)
def test_no_rows_and_one_row(encoding: Encoding) -> None:
    encoder, _ = _fit(encoding)
    assert encoder.encode(parse_table(_table(0, 0), COLUMNS)).shape == (0, len(encoder.features))
    typed = parse_table(_table(0, 1), COLUMNS)
    lonely, matrix = fit_encoder(typed, COLUMNS, np.zeros(1), "regression", 0, encoding, 0)
    assert lonely.features == (CONSTANT,)
    assert matrix.tolist() == [[0.0]]
    assert lonely.encode(parse_table(_table(1), COLUMNS)).shape == (N, 1)


def test_types_that_changed_since_training_give_the_same_features() -> None:
    columns = [column_of("a", "number"), column_of("b", "string"), column_of("c", "datetime")]
    whole, codes = [3, 1, 2, 5, 1, 2], [1, 2, 1, 2, 3, 3]
    days = [f"2024-0{i}-1{i}" for i in range(1, 7)]
    trained = pa.table({"a": whole, "b": codes, "c": pa.array(days).cast(pa.timestamp("s"))})
    for encoding in ENCODINGS:
        typed = parse_table(trained, columns)
        encoder, _ = fit_encoder(typed, columns, np.arange(6) % 2, "binary", 2, encoding, 0)
        expected = encoder.encode(typed)
        for cast in (float, str, lambda v: f" {float(v)} "):
            changed = pa.table(
                {"a": list(map(cast, whole)), "b": list(map(cast, codes)), "c": days}
            )
            assert (encoder.encode(parse_table(changed, columns)) == expected).all()


def test_missing_numbers_are_kept_or_filled_and_flagged() -> None:
    cells = pa.array([1.0, 2.0, 3.0, 4.0, None, np.inf])
    _, kept = fit_one(cells, "number", Encoding("target", "nan", "plain"))
    assert kept.shape == (6, 1) and np.isnan(kept[4:, 0]).all() and np.isfinite(kept[:4]).all()
    encoder, filled = fit_one(cells, "number", Encoding("code", "fill", "robust"))
    assert [f.name for f in encoder.features] == ["x", "x is missing"]
    assert filled[4:].tolist() == [[0, 1], [0, 1]] and (filled[:4, 1] == 0).all()
    complete, _ = fit_one(pa.array([1.0, 2.0, 3.0]), "number", Encoding("code", "fill", "robust"))
    assert len(complete.features) == 1
    assert encode_one(complete, pa.array([None], pa.float64()), "number").tolist() == [[0.0]]


def test_a_family_that_looks_at_no_column_gets_none_encoded() -> None:
    cells = pa.array([1.0, 2.0, 3.0])
    encoder, matrix = fit_one(cells, "number", Encoding("code", "fill", "plain", columns=False))
    assert (encoder.columns, encoder.features) == ((), (CONSTANT,))
    assert matrix.tolist() == [[0.0]] * 3


@pytest.mark.parametrize("encoding", ENCODINGS, ids=str)
def test_a_constant_beside_missing_cells_is_a_flag(encoding: Encoding) -> None:
    numbers = pa.array([7.0, None, 7.0, None])
    encoder, matrix = fit_one(numbers, "number", encoding)
    assert [f.name for f in encoder.features] == ["x is missing"]
    assert matrix[:, 0].tolist() == [0, 1, 0, 1]
    _, words = fit_one(numbers.cast(pa.string()), "string", encoding)
    assert len(np.unique(words)) == 2


def test_rounding_is_no_information() -> None:
    cells = pa.array([0.1 + 0.2, 0.3, 0.3, 0.1 + 0.2])
    encoder, _ = fit_one(cells, "number", ENCODINGS[0])
    assert encoder.features == (CONSTANT,)


def test_text_columns_share_the_words_and_the_memory_they_are_given() -> None:
    columns = [column_of("short", "text"), column_of("long", "text")]
    r = np.random.default_rng(0)
    long = [" ".join(f"w{i}" for i in r.integers(0, 200, 30)) for _ in range(100)]
    typed = parse_table(pa.table({"short": ["yes", "no"] * 50, "long": long}), columns)
    encoding = Encoding("onehot", "fill", "robust", text_words=40)
    encoder, _ = fit_encoder(typed, columns, np.arange(100) % 2, "binary", 2, encoding, 0)
    sources = [f.source for f in encoder.features if f.kind == "term"]
    assert (sources.count("short"), sources.count("long")) == (2, 38)


@pytest.mark.parametrize(
    "data",
    [b"", b"\xff", b"[]", b"{}", b'{"columns": []}', b'{"columns": [], "format_version": 99}',
     b'{"columns": [{"kind": "pickle"}], "format_version": 1}',
     b'{"columns": [], "format_version": 1, "more": 1}', b"[" * 100_000],
)  # fmt: skip
def test_foreign_json_is_refused(data: bytes) -> None:
    with pytest.raises(ModelError):
        encoder_from_json(data)


@pytest.mark.parametrize("encoding", [ENCODINGS[0], ENCODINGS[-1]], ids=str)
def test_damaged_tables_are_refused(encoding: Encoding) -> None:
    plain = json.loads(encoder_to_json(_fit(encoding)[0]))
    for i, column in enumerate(plain["columns"]):
        for key in column:
            damaged = json.loads(json.dumps(plain))
            del damaged["columns"][i][key]
            if key != "kind":
                with pytest.raises(ModelError):
                    encoder_from_json(json.dumps(damaged).encode())
        if "idf" in column or "means" in column:
            damaged = json.loads(json.dumps(plain))
            damaged["columns"][i]["idf" if "idf" in column else "means"].pop()
            with pytest.raises(ModelError):
                encoder_from_json(json.dumps(damaged).encode())
        if column.get("scaling"):
            for value in (0.0, -1.0, float("nan"), float("inf"), "1"):
                damaged = json.loads(json.dumps(plain))
                damaged["columns"][i]["scaling"]["scale"] = value
                with pytest.raises(ModelError):
                    encoder_from_json(json.dumps(damaged).encode())


def test_a_table_without_the_column_or_of_another_kind_is_refused() -> None:
    encoder, _ = fit_one(pa.array([1.0, 2.0, 3.0]), "number", ENCODINGS[0])
    with pytest.raises(ModelError, match="'x'"):
        encoder.encode(parse_table(pa.table({"y": [1]}), [column_of("y", "number")]))
    with pytest.raises(ModelError, match="words"):
        encode_one(encoder, pa.array(["a"]), "string")
