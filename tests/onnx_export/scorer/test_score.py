"""The scorer on files and rows: the same predictions, and plain words for what it cannot score."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from automl_core.export.predictor import Predictor
from automl_core.onnx_export.encoders import TypedInputs, write_encoder
from automl_core.onnx_export.graph_builder import GraphBuilder
from automl_core.onnx_export.scorer import score
from automl_core.onnx_export.scorer.rows_scorer import Scorer
from automl_core.onnx_export.scorer.scoring_error import ScoringError
from automl_core.onnx_export.scorer_rules import SCHEMA, scorer_schema
from automl_core.table.parsing.parse import parse_table
from tests import small

KINDS = "age", "income", "city", "code", "since", "note", "vip"


@pytest.fixture(scope="module")
def predictor() -> Predictor:
    return small.predictor("regression", "lightgbm")


@pytest.fixture(scope="module")
def model(predictor: Predictor, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model whose value is the sum of a row's features."""
    graph = GraphBuilder()
    inputs = TypedInputs(graph, predictor.columns, [predictor.members[0].encoder])
    x = graph.cast(write_encoder(graph, predictor.members[0].encoder, inputs), "double")
    known = graph.add("Where", [graph.add("IsNaN", [x]), graph.constant(0.0), x])
    total = graph.add("ReduceSum", [known, graph.constant([1])], {"keepdims": 0})
    graph.output(total, "value", "double", ["rows"])
    path = tmp_path_factory.mktemp("model") / "model.onnx"
    path.write_bytes(graph.build({SCHEMA: json.dumps(scorer_schema(inputs.columns, predictor))}))
    return path


@pytest.fixture
def scorer(model: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scorer]:
    opened, limit = score.open_model(model), csv.field_size_limit()
    monkeypatch.setattr(score, "_opened", lambda _: opened)
    yield opened
    csv.field_size_limit(limit)


def _rows(rows: int = 30) -> list[dict[str, str]]:
    """Rows of the small table as a CSV file would have them."""
    cells = small.table(rows).select([*KINDS]).to_pylist()
    return [{name: "" if c is None else str(c) for name, c in row.items()} for row in cells]


def _expected(predictor: Predictor, rows: Sequence[dict[str, str]]) -> list[float]:
    table = pa.table({n: pa.array([row[n] for row in rows], pa.string()) for n in rows[0]})
    typed = parse_table(table, predictor.columns)
    sums: list[float] = np.nansum(
        predictor.members[0].encoder.encode(typed), 1, np.float64
    ).tolist()
    return sums


def _written(path: Path, rows: Sequence[dict[str, str]], delimiter: str = ",") -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_rows_are_read_and_scored_as_by_the_model(scorer: Scorer, predictor: Predictor) -> None:
    rows = _rows()
    found = [row["prediction"] for row in scorer.predict(rows)]
    assert found == pytest.approx(_expected(predictor, rows), rel=1e-12)
    one_by_one = [scorer.predict([row])[0]["prediction"] for row in rows[:5]]
    assert one_by_one == found[:5]
    assert scorer.predict([]) == []


def test_cells_may_be_numbers_booleans_and_nothing(scorer: Scorer) -> None:
    texts: dict[str, Any] = dict.fromkeys(KINDS, "") | {"age": "41.0", "vip": "true", "code": "3"}
    values: dict[str, Any] = dict.fromkeys(KINDS) | {"age": 41, "vip": True, "code": 3.0}
    values["income"] = float("nan")
    assert scorer.predict([texts]) == scorer.predict([values])


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_file_is_scored_whatever_the_order_of_its_columns(
    scorer: Scorer, tmp_path: Path, delimiter: str, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = _rows()
    turned = [{name.upper(): row[name] for name in reversed(KINDS)} | {"more": "x"} for row in rows]
    given, out = _written(tmp_path / "in.csv", turned, delimiter), tmp_path / "out.csv"
    assert score.main([str(given), str(out)]) == 0
    assert "Ignored: 'more'." in capsys.readouterr().err
    with out.open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))
    assert [float(row["prediction"]) for row in found] == [
        row["prediction"] for row in scorer.predict(rows)
    ]


def test_a_file_without_rows_gives_a_header(scorer: Scorer, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text(",".join(scorer.columns))
    assert score.main([str(tmp_path / "in.csv"), str(tmp_path / "out.csv")]) == 0
    assert (tmp_path / "out.csv").read_text().strip() == "prediction"


def test_columns_that_a_file_lacks_count_as_empty_where_that_is_allowed(
    scorer: Scorer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [{name: row[name] for name in KINDS if name not in ("vip", "city")} for row in _rows()]
    given, out = _written(tmp_path / "in.csv", rows), tmp_path / "out.csv"
    assert score.main([str(given), str(out)]) == 2
    assert "With --allow-missing it counts as empty in every row." in capsys.readouterr().err
    assert score.main([str(given), str(out), "--allow-missing"]) == 0
    assert "Missing: 'city', 'vip'." in capsys.readouterr().err
    with out.open(encoding="utf-8", newline="") as file:
        found = [float(row["prediction"]) for row in csv.DictReader(file)]
    empty = [row | {"vip": "", "city": ""} for row in rows]
    assert found == [row["prediction"] for row in scorer.predict(empty)]


HEADER = ",".join(KINDS)
BAD_FILES = {
    "is missing: 'vip'. Add it": HEADER.removesuffix(",vip") + "\n1\n",
    "2 columns called 'age'": f"{HEADER},age\n1\n",
    "Line 3 has more cells": f"{HEADER}\n1\n{',' * 20}\n",
    "Line 2: field larger than field limit": f"{HEADER}\n{'x' * 10_000_000}\n",
    "uses are missing: 'age'": "",
}


@pytest.mark.usefixtures("scorer")
@pytest.mark.parametrize("words", BAD_FILES)
def test_a_bad_file_is_refused_in_words(
    words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "in.csv").write_text(BAD_FILES[words])
    assert score.main([str(tmp_path / "in.csv"), str(tmp_path / "out.csv")]) == 2
    assert words in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


def test_other_bad_input_is_refused_in_words(
    scorer: Scorer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        score.main([])
    assert (
        "usage: score.py [-h] [--extras] [--allow-missing] IN.csv OUT.csv"
        in capsys.readouterr().err
    )
    assert score.main([str(tmp_path / "absent.csv"), str(tmp_path / "out.csv")]) == 2
    (tmp_path / "in.csv").write_bytes(b"age\n\xff\xfe\n")
    assert score.main([str(tmp_path / "in.csv"), str(tmp_path / "out.csv")]) == 2
    assert capsys.readouterr().err.count("No predictions: ") == 2
    whole = dict.fromkeys(scorer.columns, "")
    for row, words in (
        ({}, "Row 1 has no column 'age'"),
        (whole | {"age": [1]}, "neither text nor number"),
        (whole | {"note": "x" * 2_000_000}, "more than 1,000,000 characters"),
    ):
        with pytest.raises(ScoringError, match=words):
            scorer.predict([row])


def test_a_damaged_model_is_refused_in_words(model: Path, tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(model.read_bytes()[:-500])
    with pytest.raises(ScoringError, match=r"model\.onnx is no model of Torchlight"):
        score.open_model(tmp_path / "model.onnx")


def test_the_scorer_is_short() -> None:
    assert len(Path(score.__file__).read_text().splitlines()) <= 150
