"""Keras files of the models of a run against the models, where only Keras or TensorFlow is.

    python -m tests.benchmarks.keras_parity [--names adult,letter] [--budget 40] [--keep FOLDER]
                                            [--of ensemble] [--tensorflow PYTHON]

Each table is trained once, by the command line. Then every model and the ensemble is written as a
download for Keras, opened in a process that has Keras on PyTorch and nothing of Torchlight, and
compared on the test rows and on hostile ones. PYTHON is that of an environment with TensorFlow:
there the same file is opened with Keras on TensorFlow and saved as a SavedModel, which is run by a
process that imports TensorFlow alone.
"""

from __future__ import annotations

import contextlib
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from automl_core.errors import ModelError
from automl_core.keras_export import keras_package
from automl_core.onnx_export import Certificate, Program, UsualRows, proven
from tests.benchmarks import exported
from tests.benchmarks.keras_elsewhere import Elsewhere, Opened
from tests.onnx_export.unpacked import write_files

LIMIT = 1e-4
BATCHES, FEW = (1, 500), 3  # rows at once
TORCH, TENSORFLOW, SAVED = "Keras on torch", "Keras on tensorflow", "SavedModel"


@dataclass(frozen=True)
class Line:
    """One model in one program; `problem` says why there are no figures."""

    table: str
    model: str
    family: str
    program: str
    problem: str = ""
    greatest: float = 0.0
    rows: int = 0  # that were compared, and hostile ones beside them
    hostile_rows: int = 0
    ties: int = 0
    megabytes: float = 0.0
    seconds: float = 0.0  # that the comparison took


def main() -> int:
    """Print a line a model and program; 1 where one is refused or differs on PyTorch."""
    parser = exported.arguments(__doc__ or "", budget=40)
    parser.add_argument("--tensorflow", metavar="PYTHON", help="the one that has TensorFlow")
    options = parser.parse_args()
    lines = exported.measured(partial(measure, options.tensorflow), options)
    for program in dict.fromkeys(line.program for line in lines):
        print(summary(program, [line for line in lines if line.program == program]))
    return int(any(line.problem for line in lines if line.program == TORCH))


def summary(program: str, lines: list[Line]) -> str:
    """What a program did, in one line."""
    good = [line for line in lines if not line.problem]
    greatest = max((line.greatest for line in good), default=float("nan"))
    return (
        f"{program}: {len(lines)} files, {len(lines) - len(good)} refused or different; of the "
        f"others {greatest:.1e} at most, {sum(line.ties for line in good)} ties"
    )


def measure(tensorflow: str | None, job: exported.Job) -> list[Line]:
    """The lines of a table's models, printed as they are found."""
    lines = []
    with contextlib.ExitStack() as stack:
        processes = {TORCH: stack.enter_context(Elsewhere(sys.executable, "keras", "torch"))}
        if tensorflow:
            for program, library in ((TENSORFLOW, "keras"), (SAVED, "tensorflow")):
                started = Elsewhere(tensorflow, library, "tensorflow")
                processes[program] = stack.enter_context(started)
        for model in exported.models(job):
            for line in _lines(job.name, model, processes):
                lines.append(line)
                print(_text(line), flush=True)
    return lines


def _lines(table: str, model: exported.Exported, processes: dict[str, Elsewhere]) -> Iterator[Line]:
    name = model.predictor.name
    try:
        files = keras_package(model.files)
    except ModelError as error:
        yield Line(table, name, model.family, TORCH, problem=str(error))
        return
    with tempfile.TemporaryDirectory() as folder:
        write_files(files, Path(folder))
        for program, process in processes.items():
            began = time.perf_counter()
            try:
                found = _compared(program, process, folder, model)
            except ModelError as error:
                yield Line(table, name, model.family, program, problem=str(error))
                continue
            yield Line(
                table, name, model.family, program, "", found.greatest, found.rows,
                found.hostile_rows, found.ties, len(files["model.keras"]) / 1e6,
                time.perf_counter() - began,
            )  # fmt: skip


def _compared(
    program: str, process: Elsewhere, folder: str, model: exported.Exported
) -> Certificate:
    """Open the download in a program and compare; ModelError where it fails or differs."""
    saved = f"{folder}/saved"
    process.ask({"open": folder} | ({"saved": saved} if program == SAVED else {}))
    if program == TENSORFLOW:
        process.ask({"save": saved})
    described = json.loads(Path(folder, "model.json").read_text(encoding="utf-8"))
    read = {one["column"] for one in described["inputs"]}
    columns = [column for column in model.predictor.columns if column.name in read]
    opened = Opened(process, columns, described["classes"])
    usual = UsualRows(model.typed, "test rows")
    said = Program("Keras", program, "", LIMIT, BATCHES, FEW)
    return proven(opened.run, said, model.predictor, usual)


def _text(line: Line) -> str:
    start = f"{line.table:20} {line.model:20} {line.program:20}"
    if line.problem:
        return f"{start} {line.problem}"
    return (
        f"{start} diff {line.greatest:.1e} of {line.rows:,} + {line.hostile_rows} rows, "
        f"{line.ties} ties, {line.megabytes:.1f} MB, {line.seconds:.0f} s"
    )


if __name__ == "__main__":
    sys.exit(main())
