"""Probabilities before and after temperature scaling, on the test rows of the tables with classes.

    python -m tests.benchmarks.calibration --workspace FOLDER [--names adult] [--json FILE]

A line a table: the temperature of the run's own model, and the calibration error and log loss of
its probabilities with and without it. The error is the mean absolute difference of predicted and
actual share over bins with equally many rows, 15 at most and 20 rows at least: of the last class
where there are two, of the most probable one of each row where there are more. The exit code is
the number of tables whose error is higher by more than 0.005 after scaling, plus one where the
mean is not lower.
"""

from __future__ import annotations

import sys
from dataclasses import asdict, dataclass

import numpy as np

from tests.benchmarks import case as cases
from tests.benchmarks import figures, kept_runs

BINS, BIN_ROWS = 15, 20
MUCH = 0.005


@dataclass(frozen=True)
class Line:
    """One table."""

    name: str
    rows: int
    temperature: float
    error_before: float
    error: float
    loss_before: float
    loss: float


def calibration_error(hit: np.ndarray, probability: np.ndarray) -> float:
    """Of a probability (n,) that `hit` (n,) is true, over bins with equally many rows."""
    order = np.argsort(probability, kind="stable")
    count = min(BINS, max(1, len(order) // BIN_ROWS))
    off = [
        len(part) * abs(float(hit[part].mean() - probability[part].mean()))
        for part in np.array_split(order, count)
    ]
    return sum(off) / len(order)


def error_of(case: cases.Case, probabilities: np.ndarray) -> float:
    """The calibration error on the test rows; see the top of the file."""
    names = np.array(cases.classes(case))
    actual = cases.label_text(case.y_test)
    if len(names) == 2:
        return calibration_error(actual == names[1], probabilities[:, 1])
    most = probabilities.argmax(axis=1)
    return calibration_error(actual == names[most], probabilities.max(axis=1))


def measure(name: str, case: cases.Case, trained: cases.Trained) -> Line:
    """Predict the test rows with the run's own model, and take its temperature back."""
    after = cases.values(case, cases.predict(trained))
    solved = [e for e in figures.events(trained.run) if e["kind"] == "ensemble"]
    temperature = float(solved[-1]["temperature"]) if solved else 1.0
    before = np.clip(after, 1e-15, 1.0) ** temperature
    before /= before.sum(axis=1, keepdims=True)
    actual, names = cases.label_text(case.y_test), cases.classes(case)
    return Line(
        name,
        len(actual),
        temperature,
        error_of(case, before),
        error_of(case, after),
        figures.log_loss(actual, names, before),
        figures.log_loss(actual, names, after),
    )


def main() -> int:
    """Measures the tables asked for and prints as it goes."""
    options = kept_runs.parser("Calibration error before and after temperature scaling.")
    asked = options.parse_args()
    lines = []
    head = f"{'table':19}{'test rows':>10}{'temperature':>13}"
    print(f"{head}{'error before':>14}{'after':>9}{'loss before':>13}{'after':>9}")
    for name in kept_runs.tables(asked, ("binary", "multiclass")):
        line = measure(name, *kept_runs.kept(name, asked))
        lines.append(line)
        errors = f"{line.error_before:14.4f}{line.error:9.4f}"
        losses = f"{line.loss_before:13.5f}{line.loss:9.5f}"
        print(f"{name:19}{line.rows:10,}{line.temperature:13.3f}{errors}{losses}", flush=True)
        figures.write_json(asked.json, {"tables": [asdict(x) for x in lines]})
    if not lines:
        raise SystemExit("None of these tables has classes to predict.")
    before, after = (
        float(np.mean([getattr(line, name) for line in lines]))
        for name in ("error_before", "error")
    )
    print(f"mean error {before:.4f} before, {after:.4f} after")
    worse = sum(line.error > line.error_before + MUCH for line in lines)
    return worse + (not after < before)


if __name__ == "__main__":
    sys.exit(main())
