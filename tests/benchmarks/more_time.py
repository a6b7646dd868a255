"""The worth of more seconds: test scores of runs on the same table with ever larger budgets.

    python -m tests.benchmarks.more_time [--names adult,wine_quality] [--budgets 5,10,30,60,120]
        [--cores 2 --parallel 2] [--json FILE]

A budget is worse than an earlier one beyond noise where it loses to it in 97.5 % of resamples of
the test rows (the same rows for both). The exit code is the number of such budgets, and of runs
that failed.
"""

from __future__ import annotations

import math
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests.benchmarks import case as cases
from tests.benchmarks import figures, quality
from tests.benchmarks.case import Case

RESAMPLES = 400
SURE = 0.975


@dataclass(frozen=True)
class Job:
    """One run to measure."""

    name: str
    root: Path
    budget: float
    flags: tuple[object, ...]


@dataclass(frozen=True, eq=False)
class Run:
    """What it predicted of the test rows; None where it failed."""

    job: Job
    predicted: np.ndarray | None
    problem: str = ""


def measure(job: Job) -> Run:
    """One run from the command line."""
    case = cases.load(job.name, job.root)
    with tempfile.TemporaryDirectory(prefix="torchlight-time-") as folder:
        try:
            flags = ["--budget", f"{job.budget:g}s", *job.flags]
            trained = cases.train(case, Path(folder), flags)
            return Run(job, cases.values(case, cases.predict(trained)))
        except figures.CommandError as error:
            return Run(job, None, str(error))


def loses(case: Case, later: np.ndarray, earlier: np.ndarray) -> float:
    """Share of the resamples of the test rows in which the later predictions score worse."""
    rng = np.random.default_rng(0)
    n = len(case.test)
    worse = 0
    for _ in range(RESAMPLES):
        rows = rng.integers(0, n, n)
        scores = (cases.score(case, predicted, rows) for predicted in (earlier, later))
        worse += figures.better(case.metric, *scores)
    return worse / RESAMPLES


def judge(case: Case, runs: list[Run]) -> list[dict[str, float]]:
    """Score of each budget, ascending, and how surely it is worse than the best before it."""
    best, found = None, []
    for run in runs:
        if run.predicted is None:
            found.append({"budget": run.job.budget, "score": math.nan, "worse": 1.0})
            continue
        score = cases.score(case, run.predicted)
        worse = 0.0 if best is None else loses(case, run.predicted, best)
        found.append({"budget": run.job.budget, "score": score, "worse": worse})
        if best is None or figures.better(case.metric, score, cases.score(case, best)):
            best = run.predicted
    return found


def main() -> int:
    """A line a table, once all of its runs are done."""
    parser = quality.parser("What more seconds buy.")
    parser.set_defaults(names="adult,california_housing,wine_quality")
    parser.add_argument("--budgets", default="5,10,30,60,120", help="seconds, by commas")
    options = parser.parse_args()
    budgets = sorted(map(float, options.budgets.split(",")))
    names, flags = figures.names_of(options), quality.flags_of(options)
    jobs = [Job(name, options.root, budget, flags) for name in names for budget in budgets]
    runs: dict[str, list[Run]] = {name: [] for name in names}
    judged: dict[str, list[dict[str, float]]] = {}
    print(f"{'table':19}{'metric':>9}" + "".join(f"{f'{b:g} s':>11}" for b in budgets))
    for run in figures.in_parallel(measure, jobs, options):
        name = run.job.name
        runs[name] = sorted([*runs[name], run], key=lambda r: r.job.budget)
        if run.problem:
            print(f"{name}, {run.job.budget:g} s: {run.problem}")
        if len(runs[name]) == len(budgets):
            case = cases.load(name, options.root)
            judged[name] = judge(case, runs[name])
            marks = [
                f"{figures.number(x['score'])}{'!' * (x['worse'] >= SURE)}" for x in judged[name]
            ]
            print(
                f"{name:19}{case.metric:>9}" + "".join(f"{mark:>11}" for mark in marks), flush=True
            )
            figures.write_json(options.json, judged)
    bad = sum(x["worse"] >= SURE for found in judged.values() for x in found)
    print(f"! worse than an earlier one beyond noise, or failed: {bad}")
    return bad


if __name__ == "__main__":
    sys.exit(main())
