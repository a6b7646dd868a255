"""Runs on generated tables whose truth is known: what the final model gives away, and its claims.

    python -m tests.benchmarks.generated --kind faint --tables 10 --budget 60 [--json FILE]

Kinds:
- faint: 50,000 rows of little signal, area 0.55 to 0.65: regret of the final model, against the
  best model of the board on 200,000 fresh rows
- sparse: 5,000 rows of 1,500 columns, most cells 0: how much of the budget is used
- small: 300 to 2,000 rows of 8 to 20 columns: what the run says of its model on held-out rows,
  against 50,000 fresh ones

`--board` is the number of models of the board that are predicted, the best by their own scores.
The exit code is the number of runs that failed.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from tests.benchmarks import case, figures
from tests.benchmarks.case import Case
from tests.benchmarks.quality import final_model

FRESH = {"faint": 200_000, "sparse": 20_000, "small": 50_000}
HIDDEN = 12  # units of the random network that some truths come from


@dataclass(frozen=True)
class Job:
    """One table to measure."""

    kind: str
    seed: int
    budget: float
    board: int


@dataclass(frozen=True)
class Line:
    """One run; scores are on fresh rows, `claim` is the run's own on held-out rows."""

    name: str
    metric: str
    rows: int
    models: int
    score: float
    best: float  # of the models of the board that were looked at, the final one among them
    claim: float
    used: float  # of the budget, when the run ended
    reason: str
    problem: str = ""

    @property
    def regret(self) -> float:
        """What the best model of the board would have given more, 0 or more."""
        return abs(self.best - self.score)

    @property
    def flattery(self) -> float:
        """The claim minus the score on fresh rows, > 0: too good, in units of the metric."""
        return (self.claim - self.score) * (1 if self.metric == "roc_auc" else -1)


def _frame(x: np.ndarray, y: np.ndarray) -> pd.DataFrame:
    frame = pd.DataFrame(x, columns=[f"x{i}" for i in range(x.shape[1])])
    frame["answer"] = y
    return frame


def _case(name: str, frame: pd.DataFrame, rows: int, metric: str) -> Case:
    task = {"rmse": "regression", "roc_auc": "binary"}.get(metric, "multiclass")
    return Case(name, frame[:rows], frame[rows:], "answer", task, metric, ".parquet")


def _wiggly(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A smooth function of several columns with products, standardised."""
    weights = rng.normal(size=(x.shape[1], HIDDEN)) / np.sqrt(x.shape[1])
    value = np.tanh(2.0 * x @ weights + rng.normal(size=HIDDEN)) @ rng.normal(size=HIDDEN)
    value = value + x[:, 0] * (x[:, 1] > 0) + np.abs(x[:, 2])
    return (value - value.mean()) / value.std()


def faint(seed: int) -> Case:
    """Many rows, hardly any signal."""
    rng = np.random.default_rng(seed)
    rows = 50_000
    x = rng.normal(size=(rows + FRESH["faint"], 12))
    strength = np.linspace(0.2, 0.6, 10)[seed % 10]
    odds = strength * _wiggly(x, rng) - 0.5
    y = np.where(rng.random(len(x)) < 1 / (1 + np.exp(-odds)), "yes", "no")
    return _case(f"faint-{seed}", _frame(x, y), rows, "roc_auc")


def sparse(seed: int) -> Case:
    """Wide, with most cells 0, as counts of words are; two classes told by many weak columns."""
    rng = np.random.default_rng(seed)
    rows, columns = 5_000, 1_500
    often = rng.uniform(0.003, 0.08, columns)
    x = rng.poisson(often, size=(rows + FRESH["sparse"], columns)).astype(np.int8)
    telling = rng.choice(columns, 150, replace=False)
    odds = x[:, telling] @ rng.normal(scale=1.2, size=len(telling))
    pair = x[:, telling[:40]].sum(axis=1) * x[:, telling[40:80]].sum(axis=1)
    odds = odds + 0.4 * (pair - pair.mean())
    y = np.where(odds - odds.mean() + rng.logistic(size=len(x)) > 0, "yes", "no")
    return _case(f"sparse-{seed}", _frame(x, y), rows, "roc_auc")


def small(seed: int) -> Case:
    """Few rows; every third table has two, five classes, or a number to predict."""
    rng = np.random.default_rng(seed)
    rows, columns = int(rng.integers(300, 2_001)), int(rng.integers(8, 21))
    x = rng.normal(size=(rows + FRESH["small"], columns))
    value = _wiggly(x, rng) + rng.normal(scale=rng.uniform(0.5, 1.5), size=len(x))
    metric = ("roc_auc", "log_loss", "rmse")[seed % 3]
    if metric == "rmse":
        return _case(f"small-{seed}", _frame(x, value), rows, metric)
    cuts = np.quantile(value, [0.5] if metric == "roc_auc" else [0.2, 0.4, 0.6, 0.8])
    y = np.array(list("abcde"))[np.searchsorted(cuts, value)]
    return _case(f"small-{seed}", _frame(x, y), rows, metric)


KINDS: dict[str, Callable[[int], Case]] = {"faint": faint, "sparse": sparse, "small": small}


def measure(job: Job) -> Line:
    """Train once, predict fresh rows by the final model and by the best of the board."""
    table, nan = KINDS[job.kind](job.seed), float("nan")
    with tempfile.TemporaryDirectory(prefix="torchlight-generated-") as folder:
        flags = ("--budget", f"{job.budget:g}s", "--test-fraction", "0")
        try:
            done = case.train(table, Path(folder), flags)
            rows = [row for row in case.board(done) if row["score"] is not None]
            final = case.score_of(table, done)
            names = [row["name"] for row in rows if row["family"] != "constant"][: job.board]
            scores = [final, *(case.score_of(table, done, name) for name in names)]
        except figures.CommandError as error:
            words = str(error)[-200:]
            return Line(
                table.name, table.metric, len(table.train), 0, nan, nan, nan, nan, "", words
            )
        events = figures.events(done.run)
    last, name = events[-1], final_model(events)
    claims = [row["score"] for row in rows if row["name"] == name]
    best = max(scores) if table.metric == "roc_auc" else min(scores)
    return Line(
        table.name, table.metric, len(table.train), len(rows), final, best,
        claims[0] if claims else nan, last["t"] / job.budget, last["reason"],
    )  # fmt: skip


def text(line: Line) -> str:
    """The line for people."""
    return (
        f"{line.name:12}{line.rows:8,}{line.models:5}  {line.metric:9}{line.score:9.5f}"
        f"{line.best:9.5f}  regret {line.regret:.5f}  claim {line.claim:.5f} "
        f"({line.flattery:+.5f})  used {line.used:.0%}  {line.problem or line.reason[:60]}"
    )


def summary(lines: list[Line]) -> str:
    """The means, with the standard error of what is claimed, as a share of the loss."""
    good = [line for line in lines if not line.problem]
    shares = np.array([line.flattery / _loss(line) for line in good])
    error = shares.std(ddof=1) / np.sqrt(len(shares)) if len(shares) > 1 else float("nan")
    return (
        f"mean regret {np.mean([line.regret for line in good]):.5f}; claims too good by "
        f"{shares.mean():+.2%} of the loss (standard error {error:.2%}); budget used "
        f"{np.mean([line.used for line in good]):.1%}, least {min(x.used for x in good):.1%}"
    )


def _loss(line: Line) -> float:
    return 1.0 - line.score if line.metric == "roc_auc" else line.score


def main() -> int:
    """Measures the tables asked for and prints as it goes."""
    accepted = figures.pinned(figures.arguments(__doc__ or "", budget=60), cores=2)
    accepted.add_argument("--kind", choices=sorted(KINDS), default="small")
    accepted.add_argument("--tables", type=int, default=10)
    accepted.add_argument("--board", type=int, default=0)
    options = accepted.parse_args()
    seeds = range(options.tables)
    jobs = [Job(options.kind, seed, options.budget, options.board) for seed in seeds]
    lines = []
    for line in figures.in_parallel(measure, jobs, options):
        lines.append(line)
        print(text(line), flush=True)
    print(summary(lines))
    figures.write_json(options.json, {"lines": [asdict(line) for line in lines]})
    return sum(bool(line.problem) for line in lines)


if __name__ == "__main__":
    sys.exit(main())
