"""Predictions of the model.onnx beside this file: `python score.py IN.csv OUT.csv`.

In Python: `Scorer("model.onnx").predict(rows)`, or `predict(rows)` for the one beside this file.
Needs Python 3.11, numpy and onnxruntime. How cells are read stands in the model's metadata.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import sys
from collections.abc import Sequence
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from automl_core.errors import AutoMLError
from automl_core.onnx_export.scorer.checksums import read_checked
from automl_core.onnx_export.scorer.csv_rows import CsvFile, Row
from automl_core.onnx_export.scorer.file_extras import FileExtras
from automl_core.onnx_export.scorer.row_extras import RowExtras
from automl_core.onnx_export.scorer.scoring_error import ScoringError
from automl_core.onnx_export.scorer.training import read_training
from automl_core.onnx_export.scorer.typed_rows import LONGEST, RowReader
from automl_core.table import TypedTable

BATCH = 1_000  # rows at a time
HERE = Path(__file__).parent
Answers = dict[str, NDArray[Any]]


class Scorer:
    """An opened model; `columns` are those that rows must have, `titles` those of the answers."""

    def __init__(self, path: str | Path) -> None:
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        data = read_checked(Path(path))
        try:
            self._session = onnxruntime.InferenceSession(data, options)
            metadata = self._session.get_modelmeta().custom_metadata_map
            schema = json.loads(metadata["torchlight.schema"])
        except Exception as error:
            raise ScoringError(f"{path} is no model of Torchlight: {str(error)[:200]}") from error
        self._outputs = schema["outputs"]
        self.reader = RowReader(schema)
        self.columns, self.titles = (
            tuple(self.reader.kinds),
            [title for title, _, _ in self._outputs],
        )

    def predict(self, rows: Sequence[Row]) -> list[dict[str, Any]]:
        """A dictionary of predictions for each row; a row is a dictionary of cells by column.

        Cells are texts, numbers, booleans or None; what a row has beside them is ignored.
        """
        for i, row in enumerate(rows, 1):
            if missing := [name for name in self.columns if name not in row]:
                raise ScoringError(f"Row {i} has no column {missing[0]!r}.")
        answers = self.answers(self.reader.read(rows))
        columns = (column.tolist() for column in answers.values())
        return [dict(zip(answers, answer, strict=True)) for answer in zip(*columns, strict=True)]

    def answers(self, typed: TypedTable) -> Answers:
        """The columns of the answers of typed rows, each (n,), by title."""
        begins = range(0, max(1, typed.rows), BATCH)
        ends = [min(begin + BATCH, typed.rows) for begin in begins]
        parts = [self._run(typed.take(np.arange(b, e))) for b, e in zip(begins, ends, strict=True)]
        return {title: np.concatenate([part[title] for part in parts]) for title in self.titles}

    def chances(self, answers: Answers) -> NDArray[Any]:
        """(n, labels) the probabilities among the answers, none of a regression."""
        names = [title for title, output, _ in self._outputs if output == "probabilities"]
        return np.stack([answers[name] for name in names], 1) if names else np.zeros((0, 0))

    def _run(self, typed: TypedTable) -> Answers:
        names = [output.name for output in self._session.get_outputs()]
        found = self._session.run(names, self.reader.feed(typed))
        values = dict(zip(names, found, strict=True))
        return {t: values[n] if at is None else values[n][:, at] for t, n, at in self._outputs}


def predict(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """`Scorer.predict` of the model beside this file."""
    return _opened(HERE).predict(rows)


@cache
def _opened(folder: Path) -> Scorer:
    return Scorer(folder / "model.onnx")


def score_file(given: str, out: Path, extras: bool) -> tuple[str, ...]:
    """Score a CSV file into another one, a batch at a time; what there is to say of the file."""
    scorer = _opened(HERE)
    file = CsvFile(given, scorer.columns)
    if file.ignored:
        print(f"Ignored: {', '.join(map(repr, file.ignored))}.", file=sys.stderr)
    found = FileExtras(file, RowExtras(read_training(HERE), scorer.reader)) if extras else None
    rows = file.rows()
    with out.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow([*scorer.titles, *(found.titles if found else ())])
        while batch := list(islice(rows, BATCH)):
            typed = scorer.reader.read(batch)
            answers = scorer.answers(typed)
            columns = [column.tolist() for column in answers.values()]
            if found:
                columns += found.of(batch, typed, scorer.chances(answers)).values()
            writer.writerows(zip(*columns, strict=True))
    return found.lines() if found else ()


def main(arguments: Sequence[str]) -> int:
    """Score the file that is named first into the one named second; 0, or 2 with a message."""
    parser = argparse.ArgumentParser(prog="score.py", description="Score a CSV file.")
    parser.add_argument("given", metavar="IN.csv")
    parser.add_argument("out", metavar="OUT.csv")
    words = "also what is unusual in each row, and how the file differs from the training rows"
    parser.add_argument("--extras", action="store_true", help=words)
    asked = parser.parse_args(arguments)
    csv.field_size_limit(LONGEST)
    unfinished = Path(f"{asked.out}.unfinished")
    try:
        said = score_file(asked.given, unfinished, asked.extras)
        os.replace(unfinished, asked.out)
    except (OSError, ValueError, AutoMLError) as error:
        print(f"No predictions: {error}", file=sys.stderr)
        unfinished.unlink(missing_ok=True)
        return 2
    print(*said, sep="\n", end="\n" if said else "")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
