"""A Ray cluster of two nodes on this machine, a CPU each, against two workers without Ray.

    python -m tests.benchmarks.cluster [--trials 24] [--table FILE --target COLUMN] [--json FILE]

The same run by both, of a number of trials with the same seed: do the leaderboards agree, and how
much longer does the cluster take? With `--trials 0` that is left out. Beside it a small run by one
worker of each: the seconds from the end of an epoch until the run's log has it (`streaming.py`).
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

from automl_core.runs.record import RunFolder, RunReader, build_leaderboard
from tests.benchmarks.streaming import delays
from tests.faults.kills import make_table
from tests.ray_nodes import ray_nodes

ROOT = Path(__file__).resolve().parents[2]
MOST_RATIO, MOST_DELAY = 1.2, 1.5  # of seconds; seconds, the median


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


def main() -> int:
    """Measure and print; 1 where the leaderboards differ, the cluster takes over MOST_RATIO or
    epochs arrive after more than MOST_DELAY."""
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
        ran: dict[str, Ran] = {}
        lags = {"here": delays(None, folder)}
        if options.trials:
            ran["here"] = run_once(folder / "here", table, options.trials, None, options.seed)
        with ray_nodes(1, 1) as nodes:
            lags["there"] = delays(nodes.address, folder)
            if options.trials:
                ran["there"] = run_once(
                    folder / "there", table, options.trials, nodes.address, options.seed
                )
    failed = print_boards(ran) if ran else False
    for title, lag in lags.items():
        median, late = statistics.median(lag), statistics.quantiles(lag, n=20)[-1]
        print(
            f"{title:<6} {len(lag)} epochs are in the log after {median:.3f} s (median), "
            f"{late:.3f} s (95 %), {max(lag):.3f} s at most"
        )
    if options.json:
        found = {title: asdict(one) for title, one in ran.items()}
        options.json.write_text(json.dumps(found | {"lags": lags}, indent=1))
    return int(failed or statistics.median(lags["there"]) > MOST_DELAY)


def print_boards(ran: dict[str, Ran]) -> bool:
    """The two runs beside each other; True where they differ, or the cluster takes too long."""
    here, there = ran["here"], ran["there"]
    same, ratio = here.board == there.board, there.seconds / here.seconds
    print(f"leaderboard of {len(here.board)} rows: {'the same' if same else 'not the same'}")
    for title, one in ran.items():
        print(f"{title:<6} {one.seconds:7.1f} s in all, {one.trained:7.1f} s on the run's clock")
    print(f"ratio  {ratio:7.2f} in all, {there.trained / here.trained:7.2f} on the run's clock")
    return not same or ratio > MOST_RATIO


if __name__ == "__main__":
    sys.exit(main())
