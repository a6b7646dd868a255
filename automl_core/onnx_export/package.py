"""The download: model.onnx with its scorer, a schema, an example, a card and a test."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from automl_core.export import Predictor, predictions_table
from automl_core.onnx_export.certificate import Certificate
from automl_core.onnx_export.example_rows import example_rows
from automl_core.onnx_export.scorer_rules import input_schema
from automl_core.table import Column
from automl_core.types import Files

SCORER = Path(__file__).with_name("scorer")
PROGRAMS = ("score.py", "csv_rows.py", "cells.py", "dates.py", "test_model.py")
PLACE = "automl_core.onnx_export.scorer."
"""Where the programs stand in this project; in the download they lie side by side."""

TOLERANCE = 1e-5


def package_files(
    model: bytes, certificate: Certificate, columns: Sequence[Column], predictor: Predictor
) -> Files:
    """The files of the download by name."""
    programs = {
        name: (SCORER / name).read_text(encoding="utf-8").replace(f"from {PLACE}", "from ")
        for name in PROGRAMS
    }
    texts = programs | {
        "schema.json": _json(input_schema(columns)),
        "example.json": _json(_example(columns, predictor)),
        "model_card.md": _card(certificate, columns, predictor),
        "README.md": _README,
        "requirements.txt": "numpy>=1.26\nonnxruntime>=1.23\n",
    }
    return {"model.onnx": model} | {name: text.encode() for name, text in texts.items()}


def _example(columns: Sequence[Column], predictor: Predictor) -> Mapping[str, Any]:
    """Rows and what the model itself predicts for them."""
    rows = example_rows(columns, predictor)
    table = pa.table(
        {
            column.name: pa.array([row.get(column.name, "") for row in rows], pa.string())
            for column in predictor.columns
        }
    )
    answers = predictions_table(predictor, table).to_pylist()
    if predictor.task != "regression":  # labels as files have them
        answers = [answer | {"prediction": str(answer["prediction"])} for answer in answers]
    return {"request": rows, "answer": answers, "tolerance": TOLERANCE}


def _json(plain: Any) -> str:
    return json.dumps(plain, ensure_ascii=False, indent=1) + "\n"


def _card(certificate: Certificate, columns: Sequence[Column], predictor: Predictor) -> str:
    threshold, intervals = predictor.answer.threshold, predictor.answer.intervals
    lines = [
        f"# {predictor.name}",
        "",
        f"- Predicts: {_shown(predictor.target_name)} ({predictor.task}).",
        f"- Model: {predictor.family}, trained with Torchlight for {predictor.metric}.",
    ]
    if predictor.target.classes:
        lines.append(f"- Labels: {', '.join(map(_shown, predictor.target.names))}.")
    if threshold is not None:
        lines.append(f"- {threshold.words}")
    if intervals is not None:
        percent = f"{100 * intervals.level:g}"
        lines.append(f"- Intervals: {percent} of 100 actual values should lie inside.")
    lines += ["", "## Is it the same model?", "", certificate.words, "", "## Columns", ""]
    lines += [f"- {_shown(column.name)}: {column.role}" for column in columns]
    return "\n".join([*lines, "", "## Limits", "", _LIMITS, ""])


def _shown(name: str) -> str:
    """A name from a file, as code: Markdown in it has no effect."""
    return "`" + name.replace("`", "'").replace("\n", " ") + "`"


_LIMITS = """The model knows what its training table told. Rows unlike those, such as of another
time or place, get an answer all the same. Values never seen count as unknown, and cells that cannot
be read as missing."""

_README = """# A model that runs anywhere

    pip install -r requirements.txt
    python score.py IN.csv OUT.csv
    python test_model.py

`OUT.csv` has the rows of `IN.csv` in their order: `prediction`, and for classes
`probability_<label>` for each, for numbers the ends of the interval, if the model has one. The file
is UTF-8 with a header; the order of the columns does not matter, others are ignored, and one that
is missing is named. In Python:

    from score import predict
    predict([{"column": "cell", ...}])

| file | what it is |
|---|---|
| `model.onnx` | the whole model: encoding, all members, the answer; runs in every ONNX Runtime |
| `score.py` | reads cells as the model's training table was read, and runs the model |
| `csv_rows.py`, `cells.py`, `dates.py` | parts of `score.py`: how a file and its cells are read |
| `schema.json` | JSON Schema of a request |
| `example.json` | a request and its answer |
| `test_model.py` | checks that the answers are the same here |
| `model_card.md` | what the model predicts, from what, and how it was compared with the original |

Other languages run `model.onnx` itself. Each column is an input `column:NAME`: numbers, yes or no
(1 and 0) and dates (seconds since 1970, UTC) as float64 with NaN where missing; words as strings
with "" where missing. A text also has an input `signals:NAME`. How cells become these values is
told by `torchlight.schema` in the file's metadata, which `cells.py` and `dates.py` follow.
"""
