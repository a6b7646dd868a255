"""A Ray cluster of two nodes on this machine, a CPU each, against two workers without Ray.

    python -m tests.benchmarks.cluster [--trials 24] [--table FILE --target COLUMN] [--json FILE]

The same run by both, of a number of trials with the same seed: do the leaderboards agree, and how
much longer does the cluster take? Then one fit of a thousand epochs by a warm worker of each: the
seconds from the end of an epoch until the coordinator has it.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from automl_core.runs.executor import Executor, FoldTask, TrainTask, open_executor, pack_rows
from automl_core.runs.executor.results import EpochsReported, FoldFitted, TaskDone
from automl_core.runs.record import Budget, RunFolder, RunReader, build_leaderboard
from automl_core.runs.setup import prepare_run_data
from tests.faults.kills import make_table
from tests.ray_nodes import ray_nodes
from tests.runs.tables import small_run

ROOT = Path(__file__).resolve().parents[2]
EPOCHS = 1000


@dataclass(frozen=True)
class Ran:
    """One run by the command line."""

    seconds: float  # from its start to its exit
    trained: float  # of them, on the run's own clock
    board: list[tuple[str, str, str, float | None]]  # name, family, status, score


def run_once(
    folder: Path, table: tuple[Path, str], trials: int, cluster: str | None, seed: int
) -> Ran:
    """Train a number of trials by two workers."""
    path, target = table
    command = [sys.executable, "-m", "automl_core", "train", str(path), "--target", target]
    command += ["--trials", str(trials), "--seed", str(seed), "--workers", "2"]
    command += ["--out", str(folder)] + (["--cluster", cluster] if cluster else [])
    environment = {**os.environ, "TORCHLIGHT_WORKSPACE": str(folder.parent / "workspace")}
    began = time.monotonic()
    with folder.with_suffix(".out").open("wb") as out:
        subprocess.run(command, cwd=ROOT, env=environment, stdout=out, stderr=out, check=True)
    seconds = time.monotonic() - began
    reader = RunReader(RunFolder(folder))
    state = reader.refresh()
    rows = build_leaderboard(state, reader.spec.metric)
    return Ran(seconds, state.clock, [(r.name, r.family, str(r.status), r.score) for r in rows])


def latencies(executor: Executor, root: Path) -> list[float]:
    """Seconds from the end of each reported epoch of a warm worker's fit to its arrival here."""
    spec, schema = small_run(root, Budget(trials=1))
    link = prepare_run_data(spec, schema, root, 1).link
    every = np.arange(6, 240)
    blobs = {"train.0": pack_rows(every[:150]), "valid.0": pack_rows(every[150:])}
    found: list[float] = []
    for epochs in (20, EPOCHS):  # the first one loads libraries and encodes the fold
        config = {"max_iterations": epochs, "learning_rate": 1e-4, "patience": epochs}
        job = FoldTask(1, 0, "lightgbm", config, 0)
        began = time.monotonic()
        executor.submit(TrainTask(link, (job,), None, "cpu"), blobs)
        arrived, encoding, done = list[tuple[float, float]](), 0.0, False
        while not done:
            for message in executor.poll(0.05):
                if isinstance(message.result, EpochsReported):
                    arrived.append((time.monotonic() - began, message.result.seconds[-1]))
                elif isinstance(message.result, FoldFitted):
                    encoding = message.result.encode_seconds
                done |= isinstance(message.result, TaskDone)
        found = [at - encoding - seconds for at, seconds in arrived]
    return found


def main() -> int:
    """Measure and print; 1 where the leaderboards differ or the cluster takes over 1.2 x."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--trials", type=int, default=24)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--table", type=Path, help="default: one that is made")
    parser.add_argument("--rows", type=int, default=3000, help="of the table that is made")
    parser.add_argument("--target", default="answer")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="torchlight-cluster-") as name:
        folder = Path(name)
        table = (options.table or make_table(folder / "table.csv", options.rows), options.target)
        here = run_once(folder / "here", table, options.trials, None, options.seed)
        with ray_nodes(1, 1) as nodes:
            there = run_once(folder / "there", table, options.trials, nodes.address, options.seed)
            lags = {}
            for title, address in (("here", None), ("there", nodes.address)):
                executor, _ = open_executor(address, 1, folder / "log")
                lags[title] = latencies(executor, folder)
                executor.close()
    same, ratio = here.board == there.board, there.seconds / here.seconds
    print(f"leaderboard of {len(here.board)} rows: {'the same' if same else 'not the same'}")
    for title, ran in (("here", here), ("there", there)):
        print(f"{title:<6} {ran.seconds:7.1f} s in all, {ran.trained:7.1f} s on the run's clock")
    print(f"ratio  {ratio:7.2f} in all, {there.trained / here.trained:7.2f} on the run's clock")
    for title, lag in lags.items():
        median, most = statistics.median(lag), max(lag)
        print(f"{title:<6} epochs arrive after {median:.3f} s (median), {most:.3f} s at most")
    if options.json:
        found = {"here": asdict(here), "there": asdict(there), "lags": lags, "same": same}
        options.json.write_text(json.dumps(found, indent=1))
    return int(not same or ratio > 1.2)


if __name__ == "__main__":
    sys.exit(main())
