"""What score.py does with its arguments: a CSV file in, one with predictions out."""

from __future__ import annotations

import argparse
import csv
import os
import sys
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path

from automl_core.errors import AutoMLError
from automl_core.onnx_export.scorer.csv_rows import CsvFile
from automl_core.onnx_export.scorer.file_extras import FileExtras
from automl_core.onnx_export.scorer.rows_scorer import Scorer
from automl_core.onnx_export.scorer.training import Training, read_training
from automl_core.onnx_export.scorer.typed_rows import LONGEST

ROWS = 1_000  # that are read at a time


def score_command(arguments: Sequence[str], opened: Callable[[], Scorer], folder: Path) -> int:
    """Score the file that is named first into the one named second; 0, or 2 with a message.

    `opened` gives the model, whose download lies unpacked in `folder`.
    """
    asked = _parser().parse_args(arguments)
    csv.field_size_limit(LONGEST)
    unfinished = Path(f"{asked.out}.unfinished")
    try:
        training = read_training(folder) if asked.extras else None
        scorer = opened()
        wished = [training.schema["target"]] if training else []
        file = CsvFile(asked.given, scorer.columns, wished, asked.allow_missing)
        for what, names in (("Ignored", file.ignored), ("Missing", file.lacking)):
            if names:
                print(f"{what}: {', '.join(map(repr, names))}.", file=sys.stderr)
        said = _score(file, scorer, training, unfinished)
        os.replace(unfinished, asked.out)
    except (OSError, ValueError, AutoMLError) as error:
        print(f"No predictions: {error}", file=sys.stderr)
        unfinished.unlink(missing_ok=True)
        return 2
    print(*said, sep="\n", end="\n" if said else "")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="score.py", description="Score a CSV file.")
    parser.add_argument("given", metavar="IN.csv")
    parser.add_argument("out", metavar="OUT.csv")
    words = "also what is unusual in each row, and how the file differs from the training rows"
    parser.add_argument("--extras", action="store_true", help=words)
    words = "columns that the file lacks count as empty instead of being an error"
    parser.add_argument("--allow-missing", action="store_true", help=words)
    return parser


def _score(file: CsvFile, scorer: Scorer, training: Training | None, out: Path) -> tuple[str, ...]:
    """Score the file's rows into `out`, some at a time; what there is to say of the file."""
    extras = FileExtras(file, scorer, training) if training else None
    rows = file.rows()
    with out.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow([*scorer.titles, *(extras.titles if extras else ())])
        while batch := list(islice(rows, ROWS)):
            typed = scorer.reader.read(batch)
            answers = scorer.answers(typed)
            columns = [column.tolist() for column in answers.values()]
            if extras:
                columns += extras.of(batch, typed, scorer.chances(answers)).values()
            writer.writerows(zip(*columns, strict=True))
    return extras.lines() if extras else ()
