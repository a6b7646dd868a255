"""The download: model.onnx with its scorer, a service, a schema, an example, a card and a test."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from automl_core.export import Predictor, table_of_predictions
from automl_core.onnx_export.example_rows import example_rows
from automl_core.onnx_export.package_readme import README
from automl_core.onnx_export.package_service import dockerfile, service_requirements
from automl_core.onnx_export.programs import programs
from automl_core.onnx_export.scorer_rules import input_schema
from automl_core.onnx_export.training_facts import training_facts
from automl_core.scoring import Scorer
from automl_core.table import Column, TypedTable
from automl_core.types import Files

Predict = Callable[[TypedTable], NDArray[np.float64]]
"""Probabilities (n, classes) or values (n,) of rows."""

TOLERANCE = 1e-5
SUMS = "SHA256SUMS"
PROGRAMS = "automl_core.onnx_export.scorer.score", "automl_core.onnx_export.scorer.service"
"""Modules whose programs are files at the top of the download."""

TEST = "automl_core.onnx_export.scorer.test_model"
"""That of its test, which every download has that scores rows."""


def package_files(model: bytes, certificate: str, scorer: Scorer, says: Predict) -> Files:
    """The files of the download by name; `scorer` has the columns that the graph has inputs for.

    `certificate` tells how the file was compared with the predictor; `says` is what the example
    expects of it.
    """
    texts = {
        "README.md": README,
        "requirements.txt": "numpy>=1.26\nonnxruntime>=1.23\n",
        "requirements-service.txt": service_requirements(),
        "Dockerfile": dockerfile(),
    }
    files = {"model.onnx": model} | {name: text.encode() for name, text in texts.items()}
    return with_scorer(files, PROGRAMS, certificate, scorer, says)


def with_scorer(
    files: Files, top: tuple[str, ...], certificate: str, scorer: Scorer, says: Predict
) -> Files:
    """The files of a download with programs that score rows, what describes and tests it, and
    checksums of all.

    `top` are the modules of its own programs, one of which is `score`; see `package_files`.
    """
    columns, predictor = scorer.used, scorer.predictor
    texts = {
        **programs((*top, TEST)),
        "schema.json": _json(input_schema(columns)),
        "example.json": _json(_example(columns, predictor, says)),
        "model_card.md": _card(certificate, columns, predictor),
        "training.json": _json(training_facts(scorer)),
    }
    found = {**files} | {name: text.encode() for name, text in texts.items()}
    return found | {SUMS: checksums(found)}


def checksums(files: Files) -> bytes:
    """The list that `sha256sum -c` checks."""
    lines = [f"{sha256(data).hexdigest()}  {name}\n" for name, data in sorted(files.items())]
    return "".join(lines).encode()


def _example(columns: Sequence[Column], predictor: Predictor, says: Predict) -> Mapping[str, Any]:
    """Rows and what is to be predicted for them."""
    rows = example_rows(columns, predictor)
    table = pa.table(
        {
            column.name: pa.array([row.get(column.name, "") for row in rows], pa.string())
            for column in predictor.columns
        }
    )
    answers = table_of_predictions(predictor, says(predictor.typed(table))).to_pylist()
    if predictor.task != "regression":  # labels as files have them
        answers = [answer | {"prediction": str(answer["prediction"])} for answer in answers]
    return {"request": rows, "answer": answers, "tolerance": TOLERANCE}


def _json(plain: Any) -> str:
    return json.dumps(plain, ensure_ascii=False, indent=1) + "\n"


def _card(certificate: str, columns: Sequence[Column], predictor: Predictor) -> str:
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
    lines += ["", "## Is it the same model?", "", certificate, "", "## Columns", ""]
    lines += [f"- {_shown(column.name)}: {column.role}" for column in columns]
    return "\n".join([*lines, "", "## Limits", "", _LIMITS, ""])


def _shown(name: str) -> str:
    """A name from a file, as code: Markdown in it has no effect."""
    return "`" + name.replace("`", "'").replace("\n", " ") + "`"


_LIMITS = """The model knows what its training table told. Rows unlike those, such as of another
time or place, get an answer all the same. Values never seen count as unknown, and cells that cannot
be read as missing."""
