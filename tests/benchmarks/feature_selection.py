"""Scores with chosen columns: each table with `--columns auto` and with all columns.

    python -m tests.benchmarks.feature_selection --budget 60 --cores 1 [--names adult] [--json FILE]

Beside the tables of the index there are `noise` (telco_churn and 200 columns of noise, of four
kinds) and `wide` (250 rows of 1,500 columns, 8 of which tell). Scores are on rows that no run saw;
the error is that of the paired difference, bootstrapped over these rows. The exit code is the
number of tables that are worse by more than two errors.
"""

from __future__ import annotations

import json
import sys
import tempfile
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tests.benchmarks import case, figures
from tests.benchmarks.case import Case
from tests.benchmarks.noise_columns import with_noise

GENERATED = ("noise", "wide")
NOISE = 200


@dataclass(frozen=True)
class Job:
    """One table, twice."""

    name: str
    root: Path
    budget: float
    workers: int


@dataclass(frozen=True)
class Line:
    """What came of it."""

    name: str
    metric: str
    columns: int
    kept: int
    noise_left: int  # columns of noise that are kept
    lists: int
    seconds: float  # of choosing
    chosen: float  # scores on rows that no run saw
    whole: float
    error: float  # standard error of the difference
    validated: float  # what the run itself said of its model
    problem: str = ""

    @property
    def worse(self) -> float:
        """How much worse the chosen columns are, in units of the metric."""
        sign = 1 if self.metric == "roc_auc" else -1
        return sign * (self.whole - self.chosen)


def load(name: str, root: Path) -> Case:
    """A table of the index, or one of the generated ones."""
    rng = np.random.default_rng(0)
    if name == "noise":
        known = case.load("telco_churn", root)
        train, test = with_noise(known.train, NOISE, rng), with_noise(known.test, NOISE, rng)
        return replace(known, name=name, train=train, test=test)
    if name == "wide":
        x = rng.normal(size=(1_250, 1_500))
        signal = x[:, 100:108] @ np.linspace(1.5, 0.6, 8)
        frame = pd.DataFrame(x, columns=[f"x{i}" for i in range(1_500)])
        frame["answer"] = np.where(signal + rng.normal(size=len(x)) > 0, "yes", "no")
        return Case(name, frame[:250], frame[250:], "answer", "binary", "roc_auc", ".parquet")
    return case.load(name, root)


def measure(job: Job) -> Line:
    """Both runs of a table, one after the other."""
    table = load(job.name, job.root)
    predicted, validated = {}, 0.0
    event: dict[str, Any] = {}
    for columns in ("auto", "all"):
        with tempfile.TemporaryDirectory() as folder:
            flags = ("--budget", f"{job.budget:g}s", "--columns", columns)
            more = ("--workers", job.workers) if job.workers else ()
            try:
                done = case.train(table, Path(folder), (*flags, *more))
                predicted[columns] = case.values(table, case.predict(done))
                if columns == "auto":
                    event = _event(done.run)
                    validated = float(case.board(done)[0]["score"])
            except figures.CommandError as error:
                nan, words = float("nan"), str(error)[-200:]
                return Line(job.name, table.metric, 0, 0, 0, 0, 0.0, nan, nan, nan, nan, words)
    kept, dropped = event.get("kept", []), event.get("dropped", [])
    return Line(
        name=job.name,
        metric=table.metric,
        columns=len(kept) + len(dropped),
        kept=len(kept),
        noise_left=sum(name.startswith("noise ") for name in kept),
        lists=event.get("lists", 0),
        seconds=event.get("seconds", 0.0),
        chosen=case.score(table, predicted["auto"]),
        whole=case.score(table, predicted["all"]),
        error=case.paired_error(table, predicted["auto"], predicted["all"]),
        validated=validated,
    )


def _event(run: Path) -> dict[str, Any]:
    lines = (run / "events.jsonl").read_text(encoding="utf-8").splitlines()
    events: list[dict[str, Any]] = [
        json.loads(line) for line in lines if '"features_selected"' in line
    ]
    return events[-1] if events else {}


def main() -> int:
    """A line a table, as soon as both of its runs are done."""
    parser = figures.pinned(figures.arguments("Columns chosen against all columns.", 60.0), 1)
    parser.add_argument("--names", default="", help="tables; default: all, and generated ones")
    options = parser.parse_args()
    asked = options.names.split(",") if options.names else []
    names = [n for n in asked if n in GENERATED] or ([] if asked else list(GENERATED))
    options.names = ",".join(n for n in asked if n not in GENERATED)
    names += figures.names_of(options) if options.names or not asked else []
    jobs = [Job(n, options.root, options.budget, options.workers) for n in names]
    lines = []
    print(f"{'table':19}{'metric':>9}{'kept':>6}{'of':>6}{'noise':>6}{'lists':>6}{'s':>6}"
          f"{'auto':>10}{'all':>10}{'worse':>10}{'error':>10}{'valid':>10}")  # fmt: skip
    for line in figures.in_parallel(measure, jobs, options):
        lines.append(line)
        n = figures.number
        print(f"{line.name:19}{line.metric:>9}{line.kept:>6}{line.columns:>6}{line.noise_left:>6}"
              f"{line.lists:>6}{line.seconds:>6.1f}{n(line.chosen):>10}{n(line.whole):>10}"
              f"{n(line.worse):>10}{n(line.error):>10}{n(line.validated):>10} {line.problem}",
              flush=True)  # fmt: skip
        figures.write_json(options.json, [asdict(x) for x in lines])
    return sum(not line.worse <= 2 * line.error for line in lines)


if __name__ == "__main__":
    sys.exit(main())
