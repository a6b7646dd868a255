"""Wrong labels that are planted: how many of them are among the first rows shown.

    python -m tests.benchmarks.label_doubts [--names adult,letter] [--flip 0.05] [--json FILE]

A share of the labels is replaced by another class at random; LightGBM predicts each row from the
others in 5 folds, knowing the wrong labels only. `found` is the share of the planted rows among as
many of the first rows shown, `clean` the same measure of a table without a planted one: how often
its own labels are doubted. `counted` is the interval that is said of the share of wrong labels.
The exit code is the number of tables below their target.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import lightgbm
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from automl_core.evaluation.label_doubts import LabelDoubts, class_doubts
from tests.benchmarks import figures

TARGETS = {"adult": 0.5, "letter": 0.85}
FOLDS = 5
ROUNDS = 80
SETTINGS = {
    "learning_rate": 0.1,
    "num_leaves": 31,
    "min_sum_hessian_in_leaf": 1.0,
    "verbosity": -1,
    "num_threads": 1,
}


@dataclass(frozen=True)
class Line:
    """What was found in one table."""

    name: str
    rows: int
    planted: int
    shown: int  # rows that are doubted at all
    confident: int  # of them, as confident learning counts
    found: float  # share of the planted ones among the first `planted` shown
    precise: float  # share of planted ones among the first `confident` shown
    counted_low: float | None
    counted_high: float | None
    clean_confident: int  # rows doubted so where nothing is planted
    clean_high: float | None


def out_of_fold(x: pd.DataFrame, y: NDArray[np.int64]) -> NDArray[np.float64]:
    """(n, classes) what LightGBM says of rows that it did not see."""
    classes = int(y.max()) + 1
    part = np.random.default_rng(1).permutation(len(y)) % FOLDS
    found = np.zeros((len(y), classes))
    for fold in range(FOLDS):
        seen = part != fold
        data = lightgbm.Dataset(x[seen], y[seen])
        task = {"objective": "multiclass", "num_class": classes} if classes > 2 else {}
        settings = SETTINGS | (task or {"objective": "binary"})
        raw = np.asarray(lightgbm.train(settings, data, ROUNDS).predict(x[~seen]))
        found[~seen] = raw if classes > 2 else np.stack([1 - raw, raw], axis=1)
    return found


def measure(name: str, root: Path, flip: float) -> Line:
    """A table with planted labels, and the same table without."""
    splits = figures.splits(root)
    train, test, target, *_ = splits.load(name, root)
    frame = pd.concat([train, test])
    y = frame[target].astype("category").cat.codes.to_numpy(np.int64)
    x = frame.drop(columns=target)
    for column in x.columns:
        if not pd.api.types.is_numeric_dtype(x[column]):
            x[column] = x[column].astype("category")
    rng = np.random.default_rng(0)
    planted = rng.random(len(y)) < flip
    classes = int(y.max()) + 1
    noisy = np.where(planted, (y + rng.integers(1, classes, len(y))) % classes, y)
    doubts = class_doubts(noisy, out_of_fold(x, noisy))
    clean = class_doubts(y, out_of_fold(x, y))
    return _line(name, planted, doubts, clean)


def _line(name: str, planted: NDArray[np.bool_], doubts: LabelDoubts, clean: LabelDoubts) -> Line:
    many = int(planted.sum())
    hits = planted[doubts.places]
    return Line(
        name,
        len(planted),
        many,
        len(hits),
        doubts.confident,
        float(hits[:many].sum() / many),
        float(hits[: doubts.confident].mean()) if doubts.confident else 0.0,
        doubts.low,
        doubts.high,
        clean.confident,
        clean.high,
    )


def main() -> int:
    """Measure the tables that were asked for."""
    parser = figures.arguments(__doc__ or "")
    parser.add_argument("--names", default="adult,letter")
    parser.add_argument("--flip", type=float, default=0.05)
    options = parser.parse_args()
    lines = []
    for name in options.names.split(","):
        line = measure(name, options.root, options.flip)
        lines.append(line)
        print(
            f"{line.name}: {line.found:.1%} of {line.planted} planted labels among the first "
            f"{line.planted} shown; {line.confident} confidently doubted, of these "
            f"{line.precise:.1%} planted; counted {line.counted_low} to {line.counted_high}; "
            f"without: {line.clean_confident} confidently, at most {line.clean_high}",
            flush=True,
        )
    if options.json:
        options.json.write_text(json.dumps([asdict(line) for line in lines], indent=1) + "\n")
    return sum(line.found < TARGETS.get(line.name, 0.0) for line in lines)


if __name__ == "__main__":
    sys.exit(main())
