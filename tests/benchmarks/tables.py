"""All benchmark tables through `train` and `predict`, as a user would: one line a table.

    python -m tests.benchmarks.tables --budget 20 [--names adult,letter] [--json FILE]

The tables get no help beyond naming the target and dropping the index's `drop` columns. A table
is ok when both commands succeed and its test score beats a constant prediction. The exit code
is the number of tables that are not ok.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd

from tests.benchmarks import figures


@dataclass(frozen=True)
class Line:
    """One table's figures. NaN where it did not get that far."""

    name: str
    rows: int
    over: float  # seconds: the run's clock at its end, minus the budget
    trials: int
    best: str  # the model that leads the leaderboard
    metric: str
    score: float  # on the split's test rows
    constant: float  # what a constant prediction scores there
    ok: bool
    wall: float  # seconds of the whole train command, Python's start included
    problem: str = ""


def label_text(values: pd.Series) -> np.ndarray:
    """Labels as the columns of PREDICTIONS.csv name them: 1.0 and 1 are both `1`."""
    if pd.api.types.is_float_dtype(values) and (values == values.round()).all():
        values = values.astype("int64")
    return values.astype(str).str.strip().to_numpy()


def constant_score(train: pd.Series, test: pd.Series, metric: str) -> float:
    """What the best constant prediction, learned on train, scores on test."""
    if metric == "roc_auc":
        return 0.5
    if metric == "rmse":
        return figures.rmse(test.to_numpy(float), np.full(len(test), train.mean()))
    classes, counts = np.unique(label_text(train), return_counts=True)
    shares = np.tile(counts / counts.sum(), (len(test), 1))
    return figures.log_loss(label_text(test), list(classes), shares)


def test_score(predictions: pd.DataFrame, train: pd.Series, test: pd.Series, metric: str) -> float:
    """The split's metric on PREDICTIONS.csv, whose rows are in the test table's order."""
    if len(predictions) != len(test):
        raise ValueError(f"{len(predictions)} predictions for {len(test)} rows")
    if metric == "rmse":
        return figures.rmse(test.to_numpy(float), predictions["prediction"].to_numpy(float))
    classes = [str(c) for c in np.unique(label_text(train))]
    columns = predictions[[f"probability_{c}" for c in classes]].to_numpy(float)
    if metric == "roc_auc":
        return figures.roc_auc(label_text(test) == classes[-1], columns[:, -1])
    return figures.log_loss(label_text(test), classes, columns)


def measure(name: str, splits: ModuleType, root: Path, budget: float, workers: int) -> Line:
    """Train on the train part, predict the test part, score; a bad run is a line that says so."""
    train, test, target, _, metric = splits.load(name, root)
    suffix = Path(splits.entry(name, root)["file"]).suffix
    constant = constant_score(train[target], test[target], metric)
    line = Line(name, len(train), np.nan, 0, "", metric, np.nan, constant, False, 0.0)
    with tempfile.TemporaryDirectory(prefix="torchlight-tables-") as folder:
        at, run = Path(folder), Path(folder) / "run"
        table = figures.write_table(train, at / f"train{suffix}")
        unseen = figures.write_table(test.drop(columns=target), at / f"test{suffix}")
        flags = ["--target", target, "--budget", f"{budget:g}s", "--out", run]
        flags += ["--workers", workers] if workers else []
        started = time.monotonic()
        done = figures.torchlight(["train", table, *flags], at / "workspace")
        line = replace(line, wall=time.monotonic() - started)
        if done.returncode != 0:
            return replace(line, problem=done.stderr[-400:])
        done = figures.torchlight(["leaderboard", run, "--json"], at / "workspace")
        board = json.loads(done.stdout)
        over = figures.last_line_of_log(run)["t"] - budget
        line = replace(line, over=over, trials=len(board), best=board[0]["name"])
        out = at / "predictions.csv"
        done = figures.torchlight(["predict", run, unseen, "--out", out], at / "workspace")
        if done.returncode != 0:
            return replace(line, problem=done.stderr[-400:])
        score = test_score(pd.read_csv(out), train[target], test[target], metric)
    ok = score > constant if metric == "roc_auc" else score < constant
    return replace(line, score=score, ok=ok)


def main() -> int:
    """Measures the tables asked for and prints as it goes."""
    parser = figures.arguments("All benchmark tables through train and predict.", budget=20)
    parser.add_argument("--names", default="", help="tables, separated by commas; default all")
    options = parser.parse_args()
    splits = figures.splits(options.root)
    names = options.names.split(",") if options.names else splits.names(options.root)
    print(
        f"{'table':20}{'rows':>8}{'over s':>8}{'trials':>7}  {'best':18}"
        f"{'metric':10}{'score':>12}{'constant':>12}  ok"
    )
    lines = []
    for name in names:
        line = measure(name, splits, options.root, options.budget, options.workers)
        lines.append(line)
        print(
            f"{line.name:20}{line.rows:8,}{line.over:+8.2f}{line.trials:7}  {line.best:18}"
            f"{line.metric:10}{line.score:12.5g}{line.constant:12.5g}  {'ok' if line.ok else 'NO'}"
            + (f"  {line.problem}" if line.problem else ""),
            flush=True,
        )
        figures.write_json(options.json, [asdict(x) for x in lines])
    good = sum(line.ok for line in lines)
    print(
        f"{good} of {len(lines)} tables ok, worst {max(x.over for x in lines):+.2f} s over budget"
    )
    return len(lines) - good


if __name__ == "__main__":
    sys.exit(main())
