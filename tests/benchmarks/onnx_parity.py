"""ONNX files of every model of a run against the models: differences, labels, latency, rows/s.

    python -m tests.benchmarks.onnx_parity [--names adult,letter] [--budget 40] [--keep FOLDER]

Each table is trained once, by the command line; then, pinned to one core, every model of the run
and its ensemble is written as ONNX, compared on the test rows and on hostile ones, and timed on
typed columns: rows one by one, and in batches. A ratio above 1 says that ONNX Runtime is faster.
The last one is of batches, too, of which the model gets the words as the file does: as strings,
while its typed columns have them numbered.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import cycle
from statistics import median
from typing import Any, TypeVar

import numpy as np
import onnxruntime
import pyarrow as pa
from numpy.typing import NDArray

from automl_core.errors import ModelError
from automl_core.onnx_export import GraphBuilder, UsualRows, build_onnx
from automl_core.onnx_export.encoders import feeds
from automl_core.onnx_export.predictor_graph import write_predictor
from automl_core.table import Column, TypedColumn, TypedTable
from tests.benchmarks import exported

SINGLE, BATCH = 60, 1_000
LIMIT, LATENCY = 1e-5, 5.0
PROGRAM = "ONNX Runtime"
MOST_CALLS = 200
A = TypeVar("A")
B = TypeVar("B")


def main() -> int:
    """Print a line a model; 1 where one is refused or differs, or an ensemble is slow."""
    parser = exported.arguments(__doc__ or "", budget=40)
    parser.add_argument("--seconds", type=float, default=2.0, help="of each of four timings")
    lines = exported.run_and_print(parser, lambda options: partial(measure, options.seconds))
    bad = [x for x in lines if not x.greatest <= LIMIT or x.problem]
    ensembles = [x for x in lines if x.family == "ensemble" and x.speed]
    slow = [x for x in ensembles if x.speed and x.speed.single_ms > LATENCY]
    print(f"{len(slow)} of {len(ensembles)} ensembles are slow")
    return int(bool(bad or slow))


def measure(seconds: float, job: exported.Job) -> Iterator[exported.Line]:
    """The lines of a table's models."""
    for model in exported.models(job):
        yield _line(job.name, model, seconds)


def _line(table: str, model: exported.Exported, timed: float) -> exported.Line:
    line = exported.Line(table, model.predictor.name, model.family, PROGRAM)
    began = time.perf_counter()
    try:
        written = build_onnx(model.predictor, UsualRows(model.typed, "test rows"))
    except ModelError as error:
        return replace(line, problem=str(error))
    line = line.compared(written.certificate, len(written.data), time.perf_counter() - began)
    return replace(line, speed=_speed(written.data, model, timed))


def _speed(data: bytes, model: exported.Exported, timed: float) -> exported.Speed:
    predictor, typed = model.predictor, model.typed
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(data, options)
    columns = write_predictor(GraphBuilder(), predictor).columns
    rows = [typed.take(np.array([i])) for i in range(min(SINGLE, typed.rows))]
    many = [
        typed.take(np.arange(i, min(i + BATCH, typed.rows))) for i in range(0, typed.rows, BATCH)
    ]
    fed = [feeds(columns, row) for row in rows], [feeds(columns, part) for part in many]
    (own, single), (own_many, batch) = (
        _in_turn((predictor.predict, parts), (lambda feed: session.run(None, feed), feed), timed)
        for parts, feed in zip((rows, many), fed, strict=True)
    )
    from_words = _in_turn(
        (lambda feed: predictor.predict(typed_of(columns, feed)), fed[1]),
        (lambda feed: session.run(None, feed), fed[1]), timed,
    )  # fmt: skip
    return exported.Speed(
        1e3 * single, own / single, min(BATCH, typed.rows) / batch, own_many / batch,
        from_words[0] / from_words[1],
    )  # fmt: skip


def typed_of(columns: Sequence[Column], feed: dict[str, NDArray[Any]]) -> TypedTable:
    """The typed rows that became a feed of these columns."""
    found = {}
    for column in columns:
        cells, signals = feed[f"column:{column.name}"], feed.get(f"signals:{column.name}")
        if cells.dtype != object:
            found[column.name] = TypedColumn(column.name, numbers=cells)
            continue
        coded = pa.array(cells, pa.string()).dictionary_encode()
        codes, words = coded.indices.to_numpy(), tuple(coded.dictionary.to_pylist())
        missing = cells == "" if signals is None else signals[:, 0] == 0
        if signals is not None:
            signals = signals[np.unique(codes, return_index=True)[1]]
        codes = np.where(missing, -1, codes).astype(np.int32)
        found[column.name] = TypedColumn(column.name, codes=codes, words=words, signals=signals)
    return TypedTable(found, len(next(iter(feed.values()))))


def _in_turn(
    one: tuple[Callable[[A], object], list[A]],
    other: tuple[Callable[[B], object], list[B]],
    timed: float,
) -> tuple[float, float]:
    """The median seconds of processor time of a call of each, which take turns.

    Over as many calls as there is time for, of the same parts again where they are few; the first
    does not count.
    """
    one[0](one[1][0])
    other[0](other[1][0])
    taken: tuple[list[float], list[float]] = [], []
    ends = time.perf_counter() + 2 * timed
    for a, b in cycle(zip(one[1], other[1], strict=True)):
        taken[0].append(_seconds(one[0], a))
        taken[1].append(_seconds(other[0], b))
        if time.perf_counter() > ends or len(taken[0]) >= MOST_CALLS:
            break
    return median(taken[0]), median(taken[1])


def _seconds(act: Callable[[A], object], part: A) -> float:
    began = time.process_time()
    act(part)
    return time.process_time() - began


if __name__ == "__main__":
    sys.exit(main())
