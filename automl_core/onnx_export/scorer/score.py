"""Predictions of the model.onnx beside this file: `python score.py IN.csv OUT.csv`.

In Python: `Scorer("model.onnx").predict(rows)`, or `predict(rows)` for the one beside this file.
Needs Python 3.11, numpy and onnxruntime. How cells are read stands in the model's metadata.
"""

from __future__ import annotations

import argparse
import csv
import os
import sys
from collections.abc import Sequence
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

from automl_core.errors import AutoMLError
from automl_core.onnx_export.scorer.csv_rows import CsvFile, Row
from automl_core.onnx_export.scorer.file_extras import FileExtras
from automl_core.onnx_export.scorer.onnx_scorer import BATCH, Scorer
from automl_core.onnx_export.scorer.training import read_training
from automl_core.onnx_export.scorer.typed_rows import LONGEST

__all__ = ["Scorer", "main", "predict", "score_file"]

HERE = Path(__file__).parent


def predict(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """`Scorer.predict` of the model beside this file."""
    return _opened(HERE).predict(rows)


@cache
def _opened(folder: Path) -> Scorer:
    return Scorer(folder / "model.onnx")


def score_file(given: str, out: Path, extras: bool) -> tuple[str, ...]:
    """Score a CSV file into another one, a batch at a time; what there is to say of the file."""
    scorer = _opened(HERE)
    training = read_training(HERE) if extras else None
    file = CsvFile(given, scorer.columns, [training.schema["target"]] if training else [])
    if file.ignored:
        print(f"Ignored: {', '.join(map(repr, file.ignored))}.", file=sys.stderr)
    found = FileExtras(file, scorer, training) if training else None
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
