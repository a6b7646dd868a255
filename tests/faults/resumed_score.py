"""A run that is killed half-way and resumed, beside the same one that is not: scores, seconds lost.

    python -m tests.faults.resumed_score --table adult.csv --target income [--seeds 5]

Lost is the time of which the log says nothing, that of trainings which began again, over the
workers, and that from the resumed clock's start to its first training.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, stdev

from automl_core.runs.executor import default_workers
from automl_core.runs.record import LogReader, RunFolder, RunReader
from automl_core.runs.record import events as e
from automl_core.runs.record.unfinished import FOLDER, Unfinished
from automl_core.runs.worker.checkpoints import Checkpoint
from automl_core.types import TrialStatus
from tests.faults.killed_run import Job, KilledRun


@dataclass(frozen=True)
class Pair:
    """One seed."""

    whole: float  # test score of the run that nothing interrupts
    resumed: float
    spent: float  # seconds of the resumed one, in all
    lost: float  # of them


def not_kept(run: Path) -> float:
    """Seconds of training that a run which was killed just now does again, over its workers."""
    folder, kept = RunFolder(run), Unfinished(run)
    state, seconds = RunReader(folder).refresh(), 0.0
    ended: dict[tuple[int, int], float] = {}
    for entry in LogReader(folder.log_path).read():
        if isinstance(entry.event, e.FoldFinished):
            ended[entry.event.trial, entry.event.fold] = entry.t
    for trial in state.trials.values():
        if trial.status != TrialStatus.RUNNING:
            continue
        fits = kept.fitted(trial.number)
        began = max([trial.started, *(ended.get((trial.number, f), 0.0) for f in fits)])
        reached = sum(
            Checkpoint.from_bytes(kept.state(trial.number, (int(path.stem.split("-")[1]),)))
            .reached.seconds
            for path in (run / FOLDER).glob(f"{trial.number}-*.state")
        )  # fmt: skip
        seconds += max(0.0, state.clock - began - reached)
    return seconds / default_workers()


def until_first_training(run: Path) -> float:
    """Seconds from the moment that a run went on until the first sign of a training."""
    resumed = None
    for entry in LogReader(RunFolder(run).log_path).read():
        if isinstance(entry.event, e.RunResumed):
            resumed = entry.t
        elif resumed is not None and _is_training(entry.event):
            return entry.t - resumed
    return 0.0


def _is_training(event: e.Event) -> bool:
    if isinstance(event, e.Workers):
        return event.busy > 0
    return isinstance(event, e.Epochs | e.FoldFinished | e.TrialFinished)


def score_of(run: Path) -> float:
    """The score on test rows that the run ended with."""
    finished = RunReader(RunFolder(run)).refresh().finished
    if finished is None or finished.test_score is None:
        raise SystemExit(f"The run in {run} has no test score.")
    return finished.test_score


def compare(options: argparse.Namespace, seed: int, root: Path) -> Pair:
    """Both runs of one seed."""
    names = ("whole", "resumed")
    jobs = [
        Job(root / f"{name}-{seed}", root / "workspace", options.table, options.target,
            options.seconds, "command line", ("--seed", str(seed)))
        for name in names
    ]  # fmt: skip
    whole, resumed = KilledRun(jobs[0]), KilledRun(jobs[1])
    whole.begin()
    whole.end()
    resumed.begin()
    resumed.kill(options.seconds / 2)
    lost = not_kept(jobs[1].folder) + resumed.unlogged
    resumed.begin(resume=True)
    resumed.end()
    lost += until_first_training(jobs[1].folder)
    scores = [score_of(job.folder) for job in jobs]
    return Pair(scores[0], scores[1], resumed.found.spent, lost)


def main() -> int:
    """All seeds, and the difference with its error."""
    parser = argparse.ArgumentParser(description="Killed half-way and resumed, or not.")
    parser.add_argument("--table", type=Path, required=True)
    parser.add_argument("--target", required=True)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    options = parser.parse_args()
    options.table = options.table.resolve()
    pairs = []
    print(f"{'seed':<6}{'whole':>9}{'resumed':>9}{'spent s':>9}{'lost s':>8}")
    with tempfile.TemporaryDirectory(prefix="torchlight-resumed-") as folder:
        for seed in range(options.first, options.first + options.seeds):
            pair = compare(options, seed, Path(folder))
            pairs.append(pair)
            print(
                f"{seed:<6}{pair.whole:>9.4f}{pair.resumed:>9.4f}{pair.spent:>9.1f}"
                f"{pair.lost:>8.1f}", flush=True,
            )  # fmt: skip
    gains = [pair.resumed - pair.whole for pair in pairs]
    error = stdev(gains) / len(gains) ** 0.5 if len(gains) > 1 else float("nan")
    print(f"resumed - whole: {mean(gains):+.4f}, standard error {error:.4f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
