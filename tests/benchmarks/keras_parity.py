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
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from automl_core.errors import ModelError
from automl_core.keras_export import keras_package
from automl_core.keras_export.keras_file import BATCHES, FEW
from automl_core.onnx_export import Certificate, Program, UsualRows, proven
from tests.benchmarks import exported
from tests.benchmarks.keras_elsewhere import Elsewhere, Opened
from tests.onnx_export.unpacked import write_files

LIMIT = 1e-4
HERE = 20  # rows that are compared in this process, as the download is written
TORCH, TENSORFLOW, SAVED = "Keras on torch", "Keras on tensorflow", "SavedModel"


def main() -> int:
    """Print a line a model and program; 1 where one is refused or differs on PyTorch."""
    parser = exported.arguments(__doc__ or "", budget=40)
    parser.add_argument("--tensorflow", metavar="PYTHON", help="the one that has TensorFlow")
    lines = exported.run_and_print(parser, lambda options: partial(measure, options.tensorflow))
    return int(any(line.problem for line in lines if line.program == TORCH))


def measure(tensorflow: str | None, job: exported.Job) -> Iterator[exported.Line]:
    """The lines of a table's models."""
    with contextlib.ExitStack() as stack:
        processes = {TORCH: stack.enter_context(Elsewhere(sys.executable, "keras", "torch"))}
        if tensorflow:
            for program, library in ((TENSORFLOW, "keras"), (SAVED, "tensorflow")):
                started = Elsewhere(tensorflow, library, "tensorflow")
                processes[program] = stack.enter_context(started)
        for model in exported.models(job):
            yield from _lines(job.name, model, processes)


def _lines(
    table: str, model: exported.Exported, processes: dict[str, Elsewhere]
) -> Iterator[exported.Line]:
    line = exported.Line(table, model.predictor.name, model.family, TORCH)
    few = UsualRows(model.typed.take(np.arange(min(HERE, model.typed.rows))), "test rows")
    try:
        written = keras_package(model.predictor, few)
    except ModelError as error:
        yield replace(line, problem=str(error))
        return
    with tempfile.TemporaryDirectory() as folder:
        write_files(written.package, Path(folder))
        for program, process in processes.items():
            line, began = replace(line, program=program), time.perf_counter()
            try:
                found = _compared(program, process, folder, model)
            except ModelError as error:
                yield replace(line, problem=str(error))
                continue
            yield line.compared(found, len(written.data), time.perf_counter() - began)


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


if __name__ == "__main__":
    sys.exit(main())
