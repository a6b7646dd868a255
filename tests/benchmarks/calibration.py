"""Probabilities before and after temperature scaling, on the test rows of the tables with classes.

    python -m tests.benchmarks.calibration --workspace FOLDER [--names adult] [--json FILE]

A line a table: the temperature of the run's own model, and the calibration error and log loss of
its probabilities with and without it. The error is the mean absolute difference of predicted and
actual share over bins with equally many rows, 15 at most and 20 rows at least: of the last class
where there are two, of the most probable one of each row where there are more. `±` is the standard
error of its change, over bootstrap resamples of the test rows. The exit code is the number of
tables whose error is higher after scaling by more than 0.005 and by more than two standard errors,
plus one where the mean is not lower.
"""

from __future__ import annotations

import sys
from dataclasses import asdict, dataclass

import numpy as np

from tests.benchmarks import case as cases
from tests.benchmarks import figures, kept_runs

BINS, BIN_ROWS = 15, 20
MUCH, ERRORS = 0.005, 2.0
RESAMPLES = 100


@dataclass(frozen=True)
class Line:
    """One table."""

    name: str
    rows: int
    temperature: float
    error_before: float
    error: float
    spread: float  # standard error of the change of the error
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


@dataclass(frozen=True, eq=False)
class Judged:
    """For each test row what is judged: whether it came true, and the probability that it would."""

    hit: np.ndarray
    probability: np.ndarray

    @classmethod
    def of(cls, case: cases.Case, probabilities: np.ndarray) -> Judged:
        """See the top of the file."""
        names, actual = np.array(cases.classes(case)), cases.label_text(case.y_test)
        if len(names) == 2:
            return cls(actual == names[1], probabilities[:, 1])
        return cls(actual == names[probabilities.argmax(axis=1)], probabilities.max(axis=1))

    def error(self, rows: np.ndarray | slice = slice(None)) -> float:
        """The calibration error of some of the rows."""
        return calibration_error(self.hit[rows], self.probability[rows])


def measure(name: str, case: cases.Case, trained: cases.Trained) -> Line:
    """Predict the test rows with the run's own model, and take its temperature back."""
    after = cases.values(case, cases.predict(trained))
    solved = [e for e in figures.events(trained.run) if e["kind"] == "ensemble"]
    temperature = float(solved[-1]["temperature"]) if solved else 1.0
    before = np.clip(after, 1e-15, 1.0) ** temperature
    before /= before.sum(axis=1, keepdims=True)
    actual, names = cases.label_text(case.y_test), cases.classes(case)
    first, second = Judged.of(case, before), Judged.of(case, after)
    rng = np.random.default_rng(0)
    drawn = [rng.integers(0, len(actual), len(actual)) for _ in range(RESAMPLES)]
    return Line(
        name,
        len(actual),
        temperature,
        first.error(),
        second.error(),
        float(np.std([second.error(rows) - first.error(rows) for rows in drawn])),
        figures.log_loss(actual, names, before),
        figures.log_loss(actual, names, after),
    )


def main() -> int:
    """Measures the tables asked for and prints as it goes."""
    options = kept_runs.parser("Calibration error before and after temperature scaling.")
    asked = options.parse_args()
    lines = []
    head = f"{'table':19}{'test rows':>10}{'temperature':>13}"
    print(f"{head}{'error before':>14}{'after':>9}{'±':>8}{'loss before':>13}{'after':>9}")
    for name in kept_runs.tables(asked, ("binary", "multiclass")):
        line = measure(name, *kept_runs.kept(name, asked))
        lines.append(line)
        errors = f"{line.error_before:14.4f}{line.error:9.4f}{line.spread:8.4f}"
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
    worse = sum(line.error - line.error_before > max(MUCH, ERRORS * line.spread) for line in lines)
    return worse + (not after < before)


if __name__ == "__main__":
    sys.exit(main())
