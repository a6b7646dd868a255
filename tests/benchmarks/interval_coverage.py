"""Whether 90 % prediction intervals hold 90 % of the test values of the regression tables.

    python -m tests.benchmarks.interval_coverage --workspace FOLDER [--names diamonds] [--json FILE]

A line a table: the share of the test values between `low_90` and `high_90` of the predictions, the
same in the tenth of the rows, by prediction, where it is least and greatest, and the intervals'
mean width as a share of that of the constant prediction's (the 5 % to the 95 % quantile of the
training rows' target). The exit code is the number of tables outside 82 to 97 %, plus one where
the mean is outside 87 to 93 %.
"""

from __future__ import annotations

import sys
from dataclasses import asdict, dataclass

import numpy as np

from tests.benchmarks import case as cases
from tests.benchmarks import figures, kept_runs

EVERY, MEAN = (0.82, 0.97), (0.87, 0.93)
TENTHS = 10


@dataclass(frozen=True)
class Line:
    """One table."""

    name: str
    rows: int
    covered: float  # NaN: the model gives no intervals
    least: float  # covered, in a tenth of the rows by prediction
    most: float
    width: float  # of the constant prediction's interval


def measure(name: str, case: cases.Case, trained: cases.Trained) -> Line:
    """Predict the test rows with the run's own model, and count."""
    found = cases.predict(trained)
    covered = cases.covered(case, found)
    if "low_90" not in found:
        return Line(name, len(case.test), covered, covered, covered, covered)
    actual = case.y_test.to_numpy(float)
    low, high = (found[end].to_numpy(float) for end in ("low_90", "high_90"))
    inside = (low <= actual) & (actual <= high)
    order = np.argsort(found["prediction"].to_numpy(float), kind="stable")
    tenths = [float(inside[part].mean()) for part in np.array_split(order, TENTHS)]
    ends = np.quantile(case.y_train.to_numpy(float), [0.05, 0.95])
    width = float((high - low).mean() / (ends[1] - ends[0]))
    return Line(name, len(actual), covered, min(tenths), max(tenths), width)


def main() -> int:
    """Measures the tables asked for and prints as it goes."""
    options = kept_runs.parser("Coverage of prediction intervals on test rows.").parse_args()
    lines = []
    print(f"{'table':19}{'test rows':>10}{'covered':>9}{'least':>7}{'most':>7}{'width':>7}")
    for name in kept_runs.tables(options, ("regression",)):
        line = measure(name, *kept_runs.kept(name, options))
        lines.append(line)
        shares = f"{line.covered:9.1%}{line.least:7.0%}{line.most:7.0%}{line.width:7.0%}"
        print(f"{name:19}{line.rows:10,}{shares}", flush=True)
        figures.write_json(options.json, {"tables": [asdict(x) for x in lines]})
    if not lines:
        raise SystemExit("None of these tables has numbers to predict.")
    mean = float(np.mean([line.covered for line in lines]))
    print(f"mean {mean:.1%}")
    outside = sum(not EVERY[0] <= line.covered <= EVERY[1] for line in lines)
    return outside + (not MEAN[0] <= mean <= MEAN[1])


if __name__ == "__main__":
    sys.exit(main())
