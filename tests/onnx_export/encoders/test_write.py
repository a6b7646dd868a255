"""Encoders as graphs: equal to what they write themselves, on training rows and hostile ones."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from automl_core.errors import ModelError
from automl_core.features.encode import Encoder, fit_encoder
from automl_core.features.feature_layout import Encoding, Pair
from automl_core.features.sentence_model import SentenceModel
from automl_core.features.sentences import SentenceEncoder
from automl_core.features.text_components import pack_themes
from automl_core.table.parsing.parse import parse_table
from automl_core.table.schema import Column
from automl_core.table.typed_table import TypedColumn, TypedTable
from tests.features.one_column import ENCODINGS, column_of
from tests.onnx_export.encoders.generated import CELLS, HOSTILE, KINDS, ROWS, arrow, run_encoders

Y = (np.arange(ROWS) % 3 == 0).astype(np.int64)
COLUMNS = {name: column_of(name, kind) for name, kind in KINDS.items()}
COLUMNS |= {name: column_of(name, "number") for name in ("other", "whole")}
ROUNDED = 2e-7
"""Of numbers about 1, the last bit of float32: sums may be added up in another order."""


def typed_table(cells: dict[str, list[object]]) -> TypedTable:
    """Cells of columns among COLUMNS, typed."""
    table = pa.table({name: arrow(name, own) for name, own in cells.items()})
    return parse_table(table, [COLUMNS[name] for name in cells])


def hostile_table(names: list[str]) -> TypedTable:
    """Hostile cells of these columns, beside each other in every shift."""
    most = max(len(HOSTILE[name]) for name in names)
    shifted = {
        name: [HOSTILE[name][(i + i // most * k) % len(HOSTILE[name])] for i in range(3 * most)]
        for k, name in enumerate(names)
    }
    table = typed_table(shifted)
    for name, own in table.columns.items():  # as no file can hold them
        if own.numbers is not None and len(own) > 2 and KINDS[name] != "boolean":
            numbers = own.numbers.copy()
            numbers[:2] = [np.inf, -np.inf]
            table.columns[name] = TypedColumn(name, numbers=numbers)
    return table


def _check(encoders: list[Encoder], typed: list[TypedTable], exact: bool) -> None:
    columns = [COLUMNS[name] for name in typed[0].columns]
    for table, found in zip(typed, run_encoders(encoders, columns, *typed), strict=True):
        for encoder, matrix in zip(encoders, found, strict=True):
            expected = encoder.encode(table)
            assert matrix.shape == expected.shape and matrix.dtype == np.float32
            if exact:
                np.testing.assert_array_equal(matrix, expected)
            else:
                np.testing.assert_allclose(matrix, expected, rtol=ROUNDED, atol=ROUNDED)


@pytest.mark.parametrize("name", CELLS)
def test_a_column_is_encoded_as_it_is_without_a_graph(name: str) -> None:
    train, hostile = typed_table({name: CELLS[name]}), hostile_table([name])
    encoders = [
        fit_encoder(train, [COLUMNS[name]], Y, "binary", 2, encoding, 0)[0]
        for encoding in ENCODINGS
    ]
    tables = [train, hostile, hostile.take(np.arange(0)), hostile.take(np.arange(1)), _empty(train)]
    _check(encoders, tables, exact=name not in ("text", "datetime"))


def _empty(typed: TypedTable) -> TypedTable:
    """Rows without any value."""
    nothing: dict[str, list[object]] = {name: [None] * 3 for name in typed.columns}
    return typed_table(nothing)


PAIRS = [
    Pair("number", "other", "times"), Pair("number", "other", "over"),
    Pair("number", "other", "minus"), Pair("few", "two", "joined"), Pair("few", "whole", "joined"),
    Pair("number", "few", "within"), Pair("other", "whole", "within"),
]  # fmt: skip


@pytest.mark.parametrize("missing", ["nan", "fill"])
def test_pairs_of_columns_are_encoded_as_without_a_graph(missing: str) -> None:
    random = np.random.default_rng(1)
    names = ["number", "few", "two", "text"]
    typed = typed_table({name: CELLS[name] for name in names})
    hostile = hostile_table(names)
    for table in (typed, hostile):
        numbers = table.columns["number"].numbers
        assert numbers is not None
        table.columns["other"] = TypedColumn("other", numbers=random.permutation(numbers))
        whole = random.choice([0.0, -0.0, 1.0, 2.5, np.nan, np.inf], table.rows)
        table.columns["whole"] = TypedColumn("whole", numbers=whole)
    columns = [COLUMNS[name] for name in typed.columns]
    encoding = Encoding("onehot", missing, "robust", pairs=tuple(PAIRS))  # type: ignore[arg-type]
    encoder, _ = fit_encoder(typed, columns, Y, "binary", 2, encoding, 0)
    assert len(encoder.pairs) == len(PAIRS)
    _check([replace(encoder, columns=())], [typed, hostile, typed.take(np.arange(0))], exact=True)


def test_a_joined_word_is_found_however_its_halves_are_cut() -> None:
    columns = [column_of("p", "string"), column_of("q", "string")]
    cells = {"p": ["a\x1fb", "a"] * 10, "q": ["c", "d", "d", "c"] * 5}
    typed = parse_table(pa.table(cells), columns)
    encoding = Encoding("onehot", "nan", "plain", pairs=(Pair("p", "q", "joined"),))
    y = np.arange(20) % 2
    encoder, _ = fit_encoder(typed, columns, y, "binary", 2, encoding, 0)
    rows = {"p": ["a\x1fb", "a", "a", "b"], "q": ["c", "b\x1fc", "x", "c"]}
    other = parse_table(pa.table(rows), columns)
    for table in (typed, other):
        [[found]] = run_encoders([encoder], columns, table)
        np.testing.assert_array_equal(found, encoder.encode(table))
    assert found[0, -2] == found[1, -2] != found[2, -2]


@pytest.mark.parametrize("missing", ["nan", "fill"])
def test_places_and_gaps_between_dates_are_encoded_as_without_a_graph(missing: str) -> None:
    random = np.random.default_rng(2)
    lat, lon = random.uniform(-80, 80, ROWS), random.uniform(-170, 170, ROWS)
    start = random.uniform(1e9, 1.1e9, ROWS).round()
    cells = {"lat": lat, "lon": lon, "start": start, "end": start + random.uniform(0, 1e7, ROWS)}
    for i, own in enumerate(cells.values()):
        own[i * 3 : i * 3 + 5] = [np.nan, np.inf, -np.inf, 4e11, 1e308]
    typed = TypedTable({n: TypedColumn(n, numbers=own) for n, own in cells.items()}, ROWS)
    kinds = {"lat": "number", "lon": "number", "start": "datetime", "end": "datetime"}
    columns: list[Column] = [column_of(name, kind) for name, kind in kinds.items()]
    known = typed.take(np.arange(30, ROWS))
    encoding = Encoding("target", missing, "plain", turned_places=True)  # type: ignore[arg-type]
    encoder, _ = fit_encoder(known, columns, Y[30:], "binary", 2, encoding, 0)
    assert encoder.places and encoder.gaps
    for table in (typed, typed.take(np.arange(0))):
        [[found]] = run_encoders([encoder], columns, table)
        np.testing.assert_array_equal(found, encoder.encode(table))


def test_all_columns_of_members_that_know_other_words() -> None:
    names = [*CELLS]
    typed, hostile = typed_table({name: CELLS[name] for name in names}), hostile_table(names)
    columns = [COLUMNS[name] for name in names]
    encoders = []
    for fold in range(3):
        rows = np.flatnonzero(np.arange(ROWS) % 3 != fold)
        part = typed.take(rows)
        encoders.append(fit_encoder(part, columns, Y[rows], "binary", 2, ENCODINGS[4 * fold], 0)[0])
    shuffled = hostile.take(np.random.default_rng(3).permutation(hostile.rows))
    _check(encoders, [typed, hostile, shuffled, hostile.take(np.arange(1))], exact=False)


def test_a_model_that_reads_no_column_still_has_rows() -> None:
    typed = typed_table({"number": CELLS["number"]})
    for table in (typed, typed.take(np.arange(0))):
        [[found]] = run_encoders([Encoder(())], [COLUMNS["number"]], table)
        np.testing.assert_array_equal(found, np.zeros((table.rows, 1), np.float32))


def test_a_sentence_model_is_refused_by_name() -> None:
    axes = pack_themes(np.ones((2, 1)), np.zeros(2))
    encoder = Encoder((SentenceEncoder("text", SentenceModel("tiny", "", ""), axes),))
    with pytest.raises(ModelError, match=r"'text' with a sentence model \(tiny\)"):
        run_encoders([encoder], [COLUMNS["text"]])
