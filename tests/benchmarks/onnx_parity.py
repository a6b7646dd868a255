"""ONNX files of every model of a run against the models: differences, labels, latency, rows/s.

    python -m tests.benchmarks.onnx_parity [--names adult,letter] [--budget 40] [--keep FOLDER]

Each table is trained once, by the command line; then, pinned to one core, every model of the run
and its ensemble is written as ONNX, compared on the test rows and on hostile ones, and timed on
typed columns: rows one by one, and in batches. A ratio above 1 says that ONNX Runtime is faster.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import cycle
from statistics import median
from typing import TypeVar

import numpy as np
import onnxruntime

from automl_core.errors import ModelError
from automl_core.onnx_export import GraphBuilder, UsualRows, build_onnx
from automl_core.onnx_export.encoders import feeds
from automl_core.onnx_export.predictor_graph import write_predictor
from tests.benchmarks import exported

SINGLE, BATCH = 60, 1_000
LIMIT, LATENCY = 1e-5, 5.0
MOST_CALLS = 200
A = TypeVar("A")
B = TypeVar("B")


@dataclass(frozen=True)
class Line:
    """One model's figures; `problem` says why there are none."""

    table: str
    model: str
    family: str
    problem: str = ""
    greatest: float = 0.0
    rows: int = 0
    ties: int = 0
    megabytes: float = 0.0
    build_seconds: float = 0.0
    single_ms: float = 0.0  # in ONNX Runtime
    single_ratio: float = 0.0  # of the model's milliseconds to these
    rows_per_second: float = 0.0  # in ONNX Runtime
    batch_ratio: float = 0.0  # of these to the model's


def main() -> int:
    """Print a line a model; 1 where one is refused or differs."""
    parser = exported.arguments(__doc__ or "", budget=40)
    parser.add_argument("--seconds", type=float, default=2.0, help="of each of four timings")
    options = parser.parse_args()
    lines = exported.measured(partial(measure, options.seconds), options)
    bad = [x for x in lines if x.problem or not x.greatest <= LIMIT]
    slow = [x for x in lines if x.family == "ensemble" and x.single_ms > LATENCY]
    print(f"{len(lines)} files, {len(bad)} refused or different, {len(slow)} slow ensembles")
    return int(bool(bad or slow))


def measure(seconds: float, job: exported.Job) -> list[Line]:
    """The lines of a table's models, printed as they are found."""
    lines = []
    for model in exported.models(job):
        lines.append(_line(job.name, model, seconds))
        print(_text(lines[-1]), flush=True)
    return lines


def _line(table: str, model: exported.Exported, timed: float) -> Line:
    family, predictor, typed = model.family, model.predictor, model.typed
    began = time.perf_counter()
    try:
        written = build_onnx(predictor, UsualRows(typed, "test rows"))
    except ModelError as error:
        return Line(table, predictor.name, family, problem=str(error))
    seconds = time.perf_counter() - began
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(written.data, options)
    columns = write_predictor(GraphBuilder(), predictor).columns
    rows = [typed.take(np.array([i])) for i in range(min(SINGLE, typed.rows))]
    many = [
        typed.take(np.arange(i, min(i + BATCH, typed.rows))) for i in range(0, typed.rows, BATCH)
    ]
    fed = [feeds(columns, row) for row in rows], [feeds(columns, part) for part in many]
    pairs = [
        _in_turn((predictor.predict, parts), (lambda feed: session.run(None, feed), feed), timed)
        for parts, feed in zip((rows, many), fed, strict=True)
    ]
    own, theirs = zip(*pairs, strict=True)
    return Line(
        table, predictor.name, family, "", written.certificate.greatest,
        written.certificate.rows, written.certificate.ties, len(written.data) / 1e6, seconds,
        1e3 * theirs[0], own[0] / theirs[0],
        min(BATCH, typed.rows) / theirs[1], own[1] / theirs[1],
    )  # fmt: skip


def _in_turn(
    one: tuple[Callable[[A], object], list[A]],
    other: tuple[Callable[[B], object], list[B]],
    timed: float,
) -> tuple[float, float]:
    """The median seconds of a call of each, which take turns: so both meet the same machine.

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
    began = time.perf_counter()
    act(part)
    return time.perf_counter() - began


def _text(x: Line) -> str:
    start = f"{x.table:20} {x.model:20}"
    if x.problem:
        return f"{start} {x.problem}"
    return (
        f"{start} diff {x.greatest:.1e} of {x.rows} rows, {x.ties} ties, {x.megabytes:6.1f} MB, "
        f"{x.build_seconds:5.1f} s, row {x.single_ms:7.2f} ms ({x.single_ratio:5.1f} x), "
        f"{x.rows_per_second:9,.0f} rows/s ({x.batch_ratio:5.2f} x)"
    )


if __name__ == "__main__":
    sys.exit(main())
