"""Runs that train networks as one from the start, against the same runs that never do.

    python -m tests.benchmarks.populations [--names telco_churn,wine_quality,california_housing]
        [--budget 60] [--seeds 2] [--families mlp] [--workers 1] [--json FILE]

On a processor a run does so only where much of its time is left (`limits.STACK_FROM_CPU`); here
this is 0 or endless, for the command that trains alone. A line a run: its model's score on the
split's test rows, how many configurations of networks were tried, how many of them in stacks, and
what the run measured that this gains. The exit code is the number of tables on which runs with
stacks are worse by more than the runs of one way differ over seeds.
"""

from __future__ import annotations

import contextlib
import io
import math
import multiprocessing
import os
import re
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from statistics import fmean

import numpy as np

from automl_core.cli.main import run_cli
from automl_core.runs.schedule import limits
from tests.benchmarks import case, figures
from tests.benchmarks.quality import NETWORKS

NAMES = "telco_churn,wine_quality,california_housing"
WAYS = {"with": 0.0, "without": math.inf}  # STACK_FROM_CPU
STACKED = re.compile(r"(\d+) configurations of .* are trained as one network: ([\d.]+) times")


@dataclass(frozen=True)
class Line:
    """One run."""

    name: str
    metric: str
    way: str
    seed: int
    score: float  # of the run's own model, on the test rows
    trials: int
    networks: int  # configurations of networks that were tried
    stacked: int  # of them, that were trained as one with others
    gain: float  # times as fast as one after the other, as measured; 0: nothing was stacked


def train(stack_from: float, words: Sequence[object], workspace: Path) -> None:
    """The command `words` in a process of its own, with this limit."""
    process = multiprocessing.get_context("spawn").Process(
        target=_run, args=(stack_from, [*map(str, words)], workspace)
    )
    process.start()
    process.join()
    if process.exitcode:
        raise figures.CommandError(f"The training ended with exit code {process.exitcode}.")


def _run(stack_from: float, words: list[str], workspace: Path) -> None:
    os.environ["TORCHLIGHT_WORKSPACE"] = str(workspace)
    limits.STACK_FROM_CPU = stack_from
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        status = run_cli(words)
    sys.exit(status)


def measure(name: str, root: Path, way: str, seed: int, flags: Sequence[object]) -> Line:
    """One run, scored."""
    table = case.load(name, root)
    with tempfile.TemporaryDirectory(prefix="torchlight-populations-") as folder:
        flags = [*flags, "--seed", seed]
        done = case.train(table, Path(folder), flags, partial(train, WAYS[way]))
        events, score = figures.events(done.run), case.score_of(table, done)
    tried = [e["family"] for e in events if e["kind"] == "trial_started"]
    said = [STACKED.search(e["message"]) for e in events if e["kind"] == "note"]
    stacks = [found for found in said if found]
    return Line(
        name, table.metric, way, seed, score, len(tried), sum(f in NETWORKS for f in tried),
        sum(int(found[1]) for found in stacks), max((float(f[2]) for f in stacks), default=0.0),
    )  # fmt: skip


def is_worse(lines: Sequence[Line]) -> bool:
    """True where runs of a table with stacks are worse, beyond what seeds do."""
    scores = {way: [line.score for line in lines if line.way == way] for way in WAYS}
    spread = max(float(np.ptp(found)) for found in scores.values())
    one, other = (fmean(scores[way]) for way in WAYS)
    return figures.better(lines[0].metric, other, one) and abs(one - other) > spread


def main() -> int:
    """Measures the tables asked for; both ways in turn."""
    parser = figures.arguments("Networks trained as one from the start, or never.", budget=60)
    parser.add_argument("--names", default=NAMES)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--families", default="", help="of train: only these")
    options = parser.parse_args()
    flags: list[object] = ["--budget", f"{options.budget:g}s"]
    flags += ["--families", options.families] if options.families else []
    flags += ["--workers", options.workers] if options.workers else []
    lines: list[Line] = []
    print(
        f"{'table':20}{'metric':>9} {'stacks':8}{'seed':>5}{'score':>12}{'trials':>7}"
        f"{'networks':>9}{'in stacks':>10}{'gain':>6}"
    )
    for name in figures.names_of(options):
        for seed in range(options.seeds):
            for way in WAYS:
                line = measure(name, options.root, way, seed, flags)
                lines.append(line)
                print(
                    f"{line.name:20}{line.metric:>9} {line.way:8}{line.seed:5}{line.score:12.5g}"
                    f"{line.trials:7}{line.networks:9}{line.stacked:10}{line.gain:6.1f}",
                    flush=True,
                )
                figures.write_json(options.json, [*map(asdict, lines)])
    tables = [[line for line in lines if line.name == name] for name in figures.names_of(options)]
    return sum(map(is_worse, tables))


if __name__ == "__main__":
    sys.exit(main())
