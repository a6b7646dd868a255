"""One split table through the command line: train, leaderboard, predict, score by hand.

The table gets no help beyond naming the target; the index's `drop` columns are not in it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tests.benchmarks import figures


@dataclass(frozen=True, eq=False)
class Case:
    """A table, split into rows to train on and rows to score."""

    name: str
    train: pd.DataFrame
    test: pd.DataFrame
    target: str
    task: str
    metric: str
    suffix: str  # of the table's file

    @property
    def y_train(self) -> pd.Series:
        """The target of the rows to train on."""
        return self.train[self.target]

    @property
    def y_test(self) -> pd.Series:
        """The target of the rows to score."""
        return self.test[self.target]


@dataclass(frozen=True)
class Trained:
    """A finished run, and where the rows to predict lie."""

    run: Path
    unseen: Path
    workspace: Path
    seconds: float  # of the whole train command, Python's start included


def load(name: str, root: Path) -> Case:
    """The table called `name`, split as splits.py says."""
    splits = figures.splits(root)
    suffix = Path(splits.entry(name, root)["file"]).suffix
    return Case(name, *splits.load(name, root), suffix)


def train(
    case: Case,
    at: Path,
    flags: Sequence[object],
    call: Callable[[Sequence[object], Path], object] = figures.torchlight,
) -> Trained:
    """A run in the folder `at`; CommandError where it failed. `call` makes the command.

    The split's test rows are the run's own untouched part, unless the flags ask for a share of
    the others: so all rows to train on do train, as with the systems it is held against.
    """
    table = figures.write_table(case.train, at / f"train{case.suffix}")
    unseen = case.test.drop(columns=case.target)
    unseen_at = figures.write_table(unseen, at / f"test{case.suffix}")
    if "--test-fraction" not in flags:
        tested = figures.write_table(case.test, at / f"tested{case.suffix}")
        flags = [*flags, "--test", tested]
    run, workspace = at / "run", at / "workspace"
    started = time.monotonic()
    call(["train", table, "--target", case.target, "--out", run, *flags], workspace)
    return Trained(run, unseen_at, workspace, time.monotonic() - started)


def board(trained: Trained) -> list[dict[str, Any]]:
    """The leaderboard, best first; see `leaderboard --json`."""
    text = figures.torchlight(["leaderboard", trained.run, "--json"], trained.workspace)
    rows: list[dict[str, Any]] = json.loads(text)
    return rows


def predict(trained: Trained, model: str | None = None) -> pd.DataFrame:
    """PREDICTIONS.csv of the rows to score; `model` is the run's own choice where not named."""
    out = trained.unseen.with_name("predictions.csv")
    flags = ["--model", model] if model else []
    command = ["predict", trained.run, trained.unseen, "--out", out, *flags]
    figures.torchlight(command, trained.workspace)
    return pd.read_csv(out)


def label_text(values: pd.Series) -> np.ndarray:
    """Labels as the columns of PREDICTIONS.csv name them: 1.0 and 1 are both `1`."""
    if pd.api.types.is_float_dtype(values) and (values == values.round()).all():
        values = values.astype("int64")
    return values.astype(str).str.strip().to_numpy()


def classes(case: Case) -> list[str]:
    """The labels in sorted order; the last is a binary table's positive one."""
    return [str(label) for label in np.unique(label_text(case.y_train))]


def values(case: Case, predictions: pd.DataFrame) -> np.ndarray:
    """What is scored of PREDICTIONS.csv: values (n,), or probabilities (n, classes)."""
    if len(predictions) != len(case.test):
        raise ValueError(f"{len(predictions)} predictions for {len(case.test)} rows")
    if case.task == "regression":
        return predictions["prediction"].to_numpy(float)
    return predictions[[f"probability_{c}" for c in classes(case)]].to_numpy(float)


def score(case: Case, predicted: np.ndarray, rows: np.ndarray | None = None) -> float:
    """The table's metric on the test rows, or on some of them, by number."""
    rows = np.arange(len(case.test)) if rows is None else rows
    y, predicted = case.y_test.iloc[rows], predicted[rows]
    if case.metric == "rmse":
        return figures.rmse(y.to_numpy(float), predicted)
    if case.metric == "roc_auc":
        return figures.roc_auc(label_text(y) == classes(case)[-1], predicted[:, -1])
    return figures.log_loss(label_text(y), classes(case), predicted)


def paired_error(case: Case, a: np.ndarray, b: np.ndarray, samples: int = 200) -> float:
    """Standard error of the difference of two predictions' scores, bootstrapped over test rows."""
    rng = np.random.default_rng(0)
    differences = []
    for _ in range(samples):
        rows = rng.integers(0, len(case.test), len(case.test))
        differences.append(score(case, a, rows) - score(case, b, rows))
    return float(np.std(differences))


def score_of(case: Case, trained: Trained, model: str | None = None) -> float:
    """The test score of the run's own choice, or of the model named."""
    return score(case, values(case, predict(trained, model)))


def covered(case: Case, predictions: pd.DataFrame) -> float:
    """Share of the test values that lie in their intervals; NaN where there are no intervals."""
    if "low_90" not in predictions:
        return float("nan")
    actual = case.y_test.to_numpy(float)
    low, high = (predictions[name].to_numpy(float) for name in ("low_90", "high_90"))
    return float(((low <= actual) & (actual <= high)).mean())


def constant_score(case: Case) -> float:
    """What the best constant prediction, learned on the train rows, scores on the test rows."""
    n = len(case.test)
    if case.task == "regression":
        return score(case, np.full(n, case.y_train.mean()))
    counts = np.unique(label_text(case.y_train), return_counts=True)[1]
    return score(case, np.tile(counts / counts.sum(), (n, 1)))
