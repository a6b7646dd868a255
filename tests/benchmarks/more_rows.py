"""Whether the learning curve over rows holds: forecast from half of the rows, checked with all.

    python -m tests.benchmarks.more_rows [--names adult,letter] [--json FILE]

Each table is measured as "Would more rows help?" measures it, up to 40,000 rows that train. The
largest size is kept back: `inside` says whether its score lies in the 80 % band that the smaller
ones forecast for twice the rows. The exit code is the number of tables by which fewer than 14 of
17 lie inside.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from automl_core.evaluation import RowScores, forecast
from automl_core.runs.executor import RowCurveTask, pack_rows
from automl_core.runs.record import Budget, RunOptions, TrainRequest
from automl_core.runs.setup import build_from_table, prepare_run_data
from automl_core.runs.worker.row_curve import measure_rows
from automl_core.table import TableInfo, plain_table, put_table
from tests.benchmarks import figures

SHARE = 14 / 17
FOLDS, SECONDS = 3, 600.0


@dataclass(frozen=True)
class Line:
    """What came of one table."""

    name: str
    metric: str
    rows: int  # that the forecast is from
    now: float  # fitted score there
    truth: float  # score at twice the rows
    forecast: float
    low: float
    high: float
    inside: bool
    seconds: float


class _Pipe:
    """Takes what a worker sends."""

    def __init__(self) -> None:
        self.sent: list[Any] = []

    def cancelled(self) -> None:
        return None

    def send(self, result: Any) -> None:
        self.sent.append(result)


def measure(name: str, root: Path) -> Line | None:
    """One table; None where its sizes are too few to forecast."""
    train, test, target, *_ = figures.splits(root).load(name, root)
    table = plain_table(pa.Table.from_pandas(pd.concat([train, test]), preserve_index=False))
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        at = Path(folder)
        info = TableInfo(put_table(table, at), name, table.num_rows, table.num_columns, {})
        options = RunOptions(Budget(trials=1), folds=FOLDS, test_fraction=0.0)
        spec, schema = build_from_table(info, TrainRequest(target, options), at)
        data, pipe = prepare_run_data(spec, schema, at), _Pipe()
        blobs = {}
        for fold in range(FOLDS):
            blobs[f"train.{fold}"] = pack_rows(data.folds.train[fold])
            blobs[f"valid.{fold}"] = pack_rows(data.folds.valid[fold])
        task: Any = pipe
        measure_rows(RowCurveTask(data.link, FOLDS, SECONDS), blobs, task)
    found = pipe.sent[-1]
    known = RowScores(found.metric, found.rows[:-1], found.scores[:-1], found.rows[-2])
    law = forecast(known)
    if law is None:
        return None
    truth = float(np.mean(found.scores[-1]))
    low, high = law.low[-1], law.high[-1]
    return Line(
        name,
        found.metric,
        known.every,
        law.now,
        truth,
        law.middle[-1],
        low,
        high,
        low <= truth <= high,
        time.monotonic() - began,
    )


def main() -> int:
    """Measure the tables that were asked for."""
    parser = figures.arguments(__doc__ or "")
    parser.add_argument("--names", default="", help="tables, separated by commas; empty: all")
    options = parser.parse_args()
    lines = []
    for name in figures.names_of(options):
        line = measure(name, options.root)
        if line is None:
            print(f"{name}: too few sizes", flush=True)
            continue
        lines.append(line)
        print(
            f"{name}: {line.metric} {line.now:.4g} with {line.rows:,} rows; at twice as many "
            f"{line.truth:.4g}, forecast {line.forecast:.4g} ({line.low:.4g} to {line.high:.4g}): "
            f"{'inside' if line.inside else 'OUTSIDE'}, {line.seconds:.0f} s",
            flush=True,
        )
    inside = sum(line.inside for line in lines)
    print(f"{inside} of {len(lines)} inside")
    if options.json:
        options.json.write_text(json.dumps([asdict(line) for line in lines], indent=1) + "\n")
    return max(0, round(SHARE * len(lines)) - inside)


if __name__ == "__main__":
    sys.exit(main())
