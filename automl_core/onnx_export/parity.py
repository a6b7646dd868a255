"""Compares a file, as a program runs it, with the model that it was written from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from automl_core.errors import ModelError
from automl_core.export import Predictor, classes_of
from automl_core.onnx_export.certificate import Certificate
from automl_core.onnx_export.encoders import TypedInputs
from automl_core.onnx_export.hostile_rows import hostile_rows
from automl_core.onnx_export.onnx_session import OnnxSession
from automl_core.onnx_export.predictor_graph import HIGH, LABEL, LOW, PROBABILITIES, VALUE
from automl_core.table import TypedTable

Floats = NDArray[np.float64]

LIMIT = 1e-5
"""Of a difference: of a probability; of a value, relative to it or to the typical value."""

BATCHES = (1, 2, 7, 1_000)
"""Rows that are given at once."""

FEW = 14
"""Rows that are given in each of the small batches."""


@dataclass(frozen=True, eq=False)
class UsualRows:
    """Rows like those that the model will see."""

    typed: TypedTable
    rows_of: str  # "test rows", "training rows", "typical rows"


@dataclass(frozen=True)
class Program:
    """What runs a file, and how near to the model it has to come."""

    file: str  # "ONNX"
    name: str  # "ONNX Runtime"
    version: str
    limit: float = LIMIT
    batches: tuple[int, ...] = BATCHES
    few: int = FEW


Outputs = dict[str, NDArray[Any]]
Run = Callable[[TypedTable], Outputs]
"""The outputs of a file by name, for some rows: those of predictor_graph.py."""


def certify(
    file: bytes, inputs: TypedInputs, predictor: Predictor, usual: UsualRows
) -> Certificate:
    """Run the file on usual and on hostile rows, in batches of all sizes.

    Raises ModelError, which says what differs, where it does not say what the predictor says.
    """
    program = Program("ONNX", "ONNX Runtime", onnxruntime.__version__)
    return proven(OnnxSession(file, inputs.columns).run, program, predictor, usual)


def proven(run: Run, program: Program, predictor: Predictor, usual: UsualRows) -> Certificate:
    """`certify` for any program."""
    hostile, limit = hostile_rows(predictor, usual.typed), program.limit
    compared = [
        _compare(predictor, part, run(part), limit)
        for rows in (usual.typed, hostile)
        for part in _batches(rows, program)
    ]
    greatest = max((c.greatest for c in compared), default=0.0)
    wrong = sum(c.wrong for c in compared)
    if not greatest <= limit or wrong:
        what = f"a difference of {greatest:.1e}, more than {limit:g}"
        if wrong:
            what = f"{wrong:,} labels differ"
        raise ModelError(
            f"The {program.file} file does not say what the model says ({what}), so it is not "
            "given out.",
            "Take the bundle, which is the model itself, or export another model of the run.",
        )
    return Certificate(
        usual.rows_of, usual.typed.rows, hostile.rows, greatest, limit,
        sum(c.ties for c in compared), predictor.task == "regression", program.version,
        program.name,
    )  # fmt: skip


@dataclass(frozen=True)
class _Difference:
    """Of one batch."""

    greatest: float
    wrong: int  # rows of another label that are no ties
    ties: int


def _batches(typed: TypedTable, program: Program) -> Iterator[TypedTable]:
    """No row, some rows in each of the small batches, then all in large ones."""
    sizes: list[Sequence[int]] = [()]
    for size in program.batches[:-1]:
        last = min(program.few, typed.rows)
        sizes += [range(start, min(start + size, last)) for start in range(0, last, size)]
    large = program.batches[-1]
    sizes += [range(i, min(i + large, typed.rows)) for i in range(0, typed.rows, large)]
    for rows in sizes:
        yield typed.take(np.array(rows, dtype=np.int64))


def _compare(predictor: Predictor, typed: TypedTable, found: Outputs, limit: float) -> _Difference:
    expected = predictor.predict(typed)
    if predictor.task == "regression":
        return _Difference(_of_values(predictor, expected, found), 0, 0)
    probabilities = found[PROBABILITIES]
    if probabilities.shape != expected.shape:
        return _Difference(float("inf"), 0, 0)
    names = np.array(predictor.target.names, dtype=object)
    differs = names[classes_of(predictor, expected)] != found[LABEL]
    tied = _margin(predictor, expected) <= limit
    greatest = float(np.abs(expected - probabilities).max(initial=0.0))
    return _Difference(_number(greatest), int((differs & ~tied).sum()), int((differs & tied).sum()))


def _margin(predictor: Predictor, probabilities: Floats) -> Floats:
    """How far each row (n,) is from another label."""
    threshold = predictor.answer.threshold
    if threshold is not None:
        named = predictor.target.names.index(threshold.label)
        return np.abs(probabilities[:, named] - threshold.above)
    two = np.sort(probabilities, axis=1)[:, -2:]
    return np.asarray(two[:, 1] - two[:, 0])


def _of_values(predictor: Predictor, expected: Floats, found: Outputs) -> float:
    wanted = {VALUE: expected}
    if (intervals := predictor.answer.intervals) is not None:
        wanted |= dict(zip((LOW, HIGH), intervals.around(expected), strict=True))
    if any(found[name].shape != expected.shape for name in wanted):
        return float("inf")
    size = np.maximum(np.abs(expected), np.abs(expected).mean() if len(expected) else 1.0)
    worst = [np.abs(found[n] - w) / np.maximum(size, 1e-300) for n, w in wanted.items()]
    return _number(max(float(part.max(initial=0.0)) for part in worst))


def _number(difference: float) -> float:
    """What is no number is an endless difference."""
    return difference if np.isfinite(difference) else float("inf")
