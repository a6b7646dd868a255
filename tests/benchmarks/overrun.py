"""The punctuality of runs: the run's clock at its end, minus the budget.

    python -m tests.benchmarks.overrun [--names adult,letter] [--budgets 10,30,120,600]
        [--cores 2 --parallel 2]

A run may be over by the larger of 1 s and 2 % of its budget, and early by more only where it says
why. Also says whether there is a usable model, how long the table was read (the run's clock begins
when it has been), by how much reading and training together are over, and how long the whole
command took, which includes starting Python.
The exit code is the number of runs that are without a model, late, or early without a reason.
"""

from __future__ import annotations

import itertools
import json
import math
import re
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.benchmarks import figures

USED_UP = "The budget is used up."  # what a run says that was not early
READING = re.compile(r"Reading ([\d.]+) s, training")  # what `train` prints
EDGES = (-100.0, -10.0, -5.0, -2.0, -1.0, -0.5, -0.2, 0.0, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 100.0)


@dataclass(frozen=True)
class Job:
    """One run to measure."""

    name: str
    table: Path
    target: str
    budget: float
    workers: int


@dataclass(frozen=True)
class Kept:
    """How one run kept its budget."""

    name: str
    budget: float
    over: float = math.nan  # seconds; below 0: early
    reading: float = math.nan  # seconds of reading, before the budget begins
    command: float = math.nan  # seconds of the whole command
    model: str = ""
    trials: int = 0
    reason: str = ""  # why it ended, in its own words
    problem: str = ""

    @property
    def over_with_reading(self) -> float:
        """Seconds by which reading and training together are over the budget."""
        return self.over + self.reading

    @property
    def fault(self) -> str:
        """What is wrong with this run; an empty text where nothing is."""
        allowed = max(1.0, 0.02 * self.budget)
        if self.problem or not self.model:
            return "no model"
        if self.over > allowed:
            return "late"
        unexplained = self.reason in ("", USED_UP)
        return "early without a reason" if self.over < -allowed and unexplained else ""


def measure(job: Job) -> Kept:
    """One run from the command line."""
    with tempfile.TemporaryDirectory(prefix="torchlight-overrun-") as folder:
        run, workspace = Path(folder) / "run", Path(folder) / "workspace"
        flags = ["--target", job.target, "--budget", f"{job.budget:g}s", "--out", run]
        flags += ["--workers", job.workers] if job.workers else []
        started = time.monotonic()
        try:
            said = figures.torchlight(["train", job.table, *flags], workspace)
        except figures.CommandError as error:
            return Kept(job.name, job.budget, problem=str(error))
        command = time.monotonic() - started
        board = json.loads(figures.torchlight(["leaderboard", run, "--json"], workspace))
        last = figures.events(run)[-1]
    model = board[0]["name"] if board[0]["score"] is not None else ""
    over, reason, read = last["t"] - job.budget, last.get("reason", ""), READING.search(said)
    reading = float(read[1]) if read else math.nan
    return Kept(job.name, job.budget, over, reading, command, model, len(board), reason)


def histogram(over: Sequence[float]) -> str:
    """A line for each interval of seconds from the first to the last that has a run."""
    counts = [sum(low < x <= high for x in over) for low, high in itertools.pairwise(EDGES)]
    used = [number for number, count in enumerate(counts) if count]
    lines = [
        f"{EDGES[i]:+7.1f} to {EDGES[i + 1]:+6.1f} s {counts[i]:5}  {'#' * counts[i]}"
        for i in range(min(used, default=0), max(used, default=-1) + 1)
    ]
    return "\n".join(lines)


def text(kept: Kept) -> str:
    """The line for people."""
    early = kept.over < 0 and kept.reason != USED_UP
    words = kept.problem or (kept.reason if early else "")
    return (
        f"{kept.name:20}{kept.budget:9g}{figures.number(kept.over, '+.2f'):>8}"
        f"{figures.number(kept.reading, '.1f'):>11}"
        f"{figures.number(kept.over_with_reading, '+.2f'):>14}"
        f"{figures.number(kept.command, '.1f'):>11}{kept.trials:8}  {kept.model:18}"
        f"{kept.fault.upper() or 'ok'}  {words}"
    )


def main() -> int:
    """A line a run, then the histogram."""
    parser = figures.pinned(figures.arguments("How well a run keeps its budget."))
    parser.add_argument("--names", default="adult,california_housing,letter")
    parser.add_argument("--budgets", default="10,30,120,600", help="seconds, separated by commas")
    options = parser.parse_args()
    splits = figures.splits(options.root)
    jobs = []
    for budget in map(float, options.budgets.split(",")):
        for name in figures.names_of(options):
            entry = splits.entry(name, options.root)
            table = options.root / entry["file"]
            jobs.append(Job(name, table, entry["target"], budget, options.workers))
    found: list[Kept] = []
    print(
        f"{'table':20}{'budget s':>9}{'over s':>8}{'reading s':>11}{'with reading':>14}"
        f"{'command s':>11}{'trials':>8}  model"
    )
    for kept in figures.in_parallel(measure, jobs, options):
        found.append(kept)
        print(text(kept), flush=True)
        figures.write_json(options.json, [asdict(x) | {"fault": x.fault} for x in found])
    over = sorted(x.over for x in found if math.isfinite(x.over))
    print(f"\nend minus budget, {len(over)} runs:\n{histogram(over)}")
    both = sorted(x.over_with_reading for x in found if math.isfinite(x.over_with_reading))
    print(f"\nthe same with reading, {len(both)} runs:\n{histogram(both)}")
    faults = [x for x in found if x.fault]
    print(f"worst {figures.number(max(over, default=math.nan), '+.2f')} s, {len(faults)} faults")
    return len(faults)


if __name__ == "__main__":
    sys.exit(main())
