"""Contributions of columns to predictions: whether they add up, how exact they are, what they take.

    python -m tests.benchmarks.contributions [--rows 3] [--run FOLDER]

Every family and the ensemble of them, on the small table of the tests: the error of the sum, as a
share of the range of the predictions; the error of sampled values against the enumerated ones, in
standard errors that they state. With a run: its final model, seconds to a first estimate and to the
last one.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from automl_core.explain import (
    Contributions,
    HybridRows,
    contributions,
    estimate_contributions,
    single_players,
)
from automl_core.export import Predictor, load_predictor, used_columns
from automl_core.runs.record import RunFolder
from automl_core.runs.record.events import ENSEMBLE
from automl_core.table import TypedTable, open_table, sample_rows
from automl_core.table.parsing import parse_table
from automl_core.types import Task
from tests import small
from tests.benchmarks import figures

TASKS: tuple[Task, ...] = ("binary", "multiclass", "regression")
MOST_ERROR = 1e-6  # of a sum, as a share of the range
BACKGROUND, PLAYERS = 100, 24

Values = NDArray[np.float64]


def measure_of(predictor: Predictor) -> Callable[[TypedTable], Values]:
    """The value, or the probability of the last class."""

    def measure(table: TypedTable) -> Values:
        predicted = predictor.predict(table)
        return predicted if predicted.ndim == 1 else predicted[:, -1]

    return measure


def last(rows: HybridRows, exact_players: int) -> tuple[Contributions, float, float]:
    """The last estimate, and the seconds until the first and until this one."""
    contributions.EXACT_PLAYERS = exact_players
    began, first, known = time.perf_counter(), 0.0, None
    for found in estimate_contributions(rows, seed=0):
        known = found or known
        if known is not None and not first:
            first = time.perf_counter() - began
    assert known is not None
    return known, first, time.perf_counter() - began


def of_family(families: tuple[str, ...], explained: int) -> float:
    """Print a line; the largest error of a sum."""
    worst, errors, seconds = 0.0, [], []
    for task in TASKS:
        predictor = small.predictor(task, *families)
        measure = measure_of(predictor)
        typed = parse_table(small.table(), predictor.columns)
        every = measure(typed)
        spread = float(np.ptp(every)) or 1.0
        players = single_players([c.name for c in predictor.columns], PLAYERS)
        for place in range(explained):
            row, background = typed.take(np.array([place])), typed.take(np.arange(100, 150))
            rows = HybridRows(measure, row, background, players)
            truth, _, _ = last(rows, len(players))
            sampled, _, taken = last(rows, 0)
            base = float(measure(background).mean())
            for found in (truth, sampled):
                worst = max(worst, abs(found.total - (every[place] - base)) / spread)
            gap = np.abs(np.subtract(sampled.values, truth.values))
            stated = np.array(sampled.errors)
            some = stated > 1e-9 * spread
            errors += (gap[some] / stated[some]).tolist()
            seconds.append(taken)
    inside = np.mean(np.array(errors) < 1.96) if errors else 1.0
    name = families[0] if len(families) == 1 else "ensemble"
    print(
        f"{name:<12} error of the sum {worst:.1e}   within 1.96 stated errors {inside:.0%} of "
        f"{len(errors)}   {np.median(seconds):.2f} s"
    )
    return worst


def of_run(path: Path, explained: int) -> float:
    """Print a line a row of the run's table; the largest error of a sum."""
    folder = RunFolder(path)
    files = folder.model_files(ENSEMBLE)
    predictor = load_predictor(files)
    measure = measure_of(predictor)
    table = open_table(folder.spec().table.hash, path.parents[1])
    typed = parse_table(sample_rows(table, BACKGROUND + explained), predictor.columns)
    players = single_players([c.name for c in used_columns(files)], PLAYERS)
    background = typed.take(np.arange(explained, typed.rows))
    spread, worst = float(np.ptp(measure(background))) or 1.0, 0.0
    for place in range(explained):
        began = time.perf_counter()
        rows = HybridRows(measure, typed.take(np.array([place])), background, players)
        start = time.perf_counter() - began
        found, first, taken = last(rows, contributions.EXACT_PLAYERS)
        error = abs(found.total - (found.prediction - found.base)) / spread
        worst = max(worst, error)
        print(
            f"row {place}: first {start + first:.2f} s, all {start + taken:.2f} s, "
            f"{found.rounds} rounds, sum {error:.1e}, largest error "
            f"{max(found.errors) / spread:.2%} of the range"
        )
    return worst


def main() -> int:
    """Every family, then the run that was named."""
    parser = figures.arguments(__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--rows", type=int, default=3, help="explained of each task, or of the run")
    parser.add_argument("--run", type=Path, help="folder of a run in a workspace")
    options = parser.parse_args()
    if options.run is not None:
        return int(of_run(options.run, options.rows) > MOST_ERROR)
    names = (*small.QUICK, *small.OTHERS)
    families = [*((name,) for name in names), names]
    worst = [of_family(some, options.rows) for some in families]
    return int(max(worst) > MOST_ERROR)


if __name__ == "__main__":
    sys.exit(main())
