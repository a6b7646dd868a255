"""The worth of lighter models: each table trained once, then made light, scored on unseen rows.

    python -m tests.benchmarks.light_models --budget 60 [--names adult,telco_churn] [--json FILE]

For each table: the score of the run's model, of its best single network, and of the student, on
rows that no run saw; the share of the run's gain over that network that the student keeps, where
the gain is more than two standard errors of the paired difference; the student's size and time, as
Torchlight loads it and as its exact ONNX file, which says the same. The exit code is the number of
tables where the student keeps less than half of such a gain, or its file is too large or too slow.
"""

from __future__ import annotations

import json
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

import pandas as pd

from automl_core.metrics import loss_of
from automl_core.models import model_spec
from tests.benchmarks import case, figures
from tests.benchmarks.case import Trained

ERRORS = 2.0  # standard errors by which a gain exceeds noise
LEAST_KEPT, MOST_MB, MOST_MS = 0.5, 2.0, 0.5


@dataclass(frozen=True)
class Job:
    """One table."""

    name: str
    root: Path
    budget: float
    workers: int


@dataclass(frozen=True)
class Line:
    """What came of it."""

    name: str
    metric: str
    whole: float
    network: float
    student: float
    gain_in_errors: float  # of the run's model over the network
    kept: float  # share of the gain
    row_ms: float
    megabytes: float
    onnx_ms: float  # of the student's ONNX file
    onnx_megabytes: float
    models: int  # points between accuracy and weight
    problem: str = ""

    @property
    def missed(self) -> bool:
        """The student keeps too little of a gain that is one, or is not light."""
        little = self.gain_in_errors > ERRORS and not self.kept >= LEAST_KEPT
        return little or self.onnx_megabytes > MOST_MB or self.onnx_ms > MOST_MS


def measure(job: Job) -> Line:
    """Train, make light, predict with three models."""
    table = case.load(job.name, job.root)
    with tempfile.TemporaryDirectory() as folder:
        more = ("--workers", job.workers) if job.workers else ()
        try:
            done = case.train(table, Path(folder), ("--budget", f"{job.budget:g}s", *more))
            found = json.loads(figures.torchlight(["light", done.run, "--json"], done.workspace))
            made = {model["name"]: model for model in found["models"]}
            network = case.values(table, case.predict(done, _best_network(done)))
            whole = case.values(table, case.predict(done))
            student = case.values(table, _by_student(done, Path(folder) / "student.zip"))
        except figures.CommandError as error:
            nan, words = float("nan"), str(error)[-200:]
            return Line(job.name, table.metric, *[nan] * 9, models=0, problem=words)
    scores = [case.score(table, predicted) for predicted in (whole, network, student)]
    losses = [loss_of(table.metric, value) for value in scores]
    gain = losses[1] - losses[0]
    own, file = (made[name]["costs"] for name in ("student", "student-onnx"))
    return Line(
        name=job.name,
        metric=table.metric,
        whole=scores[0],
        network=scores[1],
        student=scores[2],
        gain_in_errors=gain / max(case.paired_error(table, whole, network), 1e-12),
        kept=(losses[1] - losses[2]) / gain if gain > 0 else float("nan"),
        row_ms=own["row_ms"],
        megabytes=own["size_bytes"] / 1e6,
        onnx_ms=file["row_ms"],
        onnx_megabytes=file["size_bytes"] / 1e6,
        models=len(made),
    )


def _best_network(done: Trained) -> str:
    """The name of the best single network with hidden layers."""
    names = [row["name"] for row in case.board(done) if _is_deep(row["family"])]
    if not names:
        raise figures.CommandError("the run trained no network")
    return str(names[0])


def _is_deep(family: str) -> bool:
    return family != "ensemble" and model_spec(family).is_deep


def _by_student(done: Trained, path: Path) -> pd.DataFrame:
    figures.torchlight(["light", done.run, "--model", "student", "--out", path], done.workspace)
    out = path.with_name("student.csv")
    figures.torchlight(["predict", path, done.unseen, "--out", out], done.workspace)
    return pd.read_csv(out)


def main() -> int:
    """A line a table."""
    parser = figures.pinned(figures.arguments("What lighter models keep.", 60.0), 2)
    parser.add_argument("--names", default="", help="tables; default: all")
    options = parser.parse_args()
    jobs = [
        Job(name, options.root, options.budget, options.workers)
        for name in figures.names_of(options)
    ]
    lines = []
    print(f"{'table':20}{'metric':>9}{'whole':>11}{'network':>11}{'student':>11}"
          f"{'errors':>8}{'kept':>7}{'ms':>7}{'MB':>7}{'onnx ms':>9}{'MB':>7}"
          f"{'models':>7}")  # fmt: skip
    for line in figures.in_parallel(measure, jobs, options):
        lines.append(line)
        n = figures.number
        print(f"{line.name:20}{line.metric:>9}{n(line.whole):>11}{n(line.network):>11}"
              f"{n(line.student):>11}{line.gain_in_errors:>8.1f}{line.kept:>7.2f}"
              f"{line.row_ms:>7.2f}{line.megabytes:>7.2f}{line.onnx_ms:>9.2f}"
              f"{line.onnx_megabytes:>7.2f}{line.models:>7} {line.problem}",
              flush=True)  # fmt: skip
    figures.write_json(options.json, [asdict(line) for line in lines])
    return sum(line.missed for line in lines)


if __name__ == "__main__":
    sys.exit(main())
