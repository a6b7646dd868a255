"""Workers with little memory: a run of each table ends on time, with a model.

    python -m tests.faults.out_of_memory [--budget 20] [--room 300] [--tables tall,wide]

Each worker may take `--room` MB beyond what it holds once it is ready (RLIMIT_DATA, set from
outside; Linux only). Then libraries fail as they do where a machine is full. Printed for each
table: seconds over the budget, models that are there, and failures of the family that failed most.
The exit code is the number of tables without a model, over time, or with a family that failed more
than twice a worker.
"""

from __future__ import annotations

import argparse
import contextlib
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import psutil

from automl_core.runs.record import RunFolder, RunReader
from automl_core.types import FailReason, TrialStatus

WORKERS = 2
FAILURES = 2 * WORKERS  # of one family: those that were out together, and one more each
LATE = 5.0  # seconds; a worker that ends for want of memory is started anew

TABLES = {
    "tall": (40_000, 10, "binary"),
    "wide": (2_000, 400, "binary"),
    "classes": (10_000, 15, "multiclass"),
    "values": (30_000, 12, "regression"),
    "small": (800, 8, "regression"),
}
"""Rows, columns, task."""


@dataclass(frozen=True)
class Line:
    """What became of one run."""

    table: str
    over: float  # seconds after the budget, the command's start apart
    models: int  # usable, the baseline apart
    baseline: bool  # it is there
    memory: int  # trials that failed for want of memory
    most: int  # failures of the family that failed most
    family: str

    @property
    def good(self) -> bool:
        """It ended on time, with a model, and learned from failures."""
        return self.over <= LATE and self.models + self.baseline > 0 and self.most <= FAILURES


def make_table(name: str) -> pd.DataFrame:
    """The generated table of this name; the target is `y`."""
    rows, columns, task = TABLES[name]
    random = np.random.default_rng(0)
    x = random.normal(size=(rows, columns))
    value = x[:, 0] + x[:, 1] * x[:, 2] + random.normal(scale=0.5, size=rows)
    frame = pd.DataFrame(x, columns=[f"c{i}" for i in range(columns)])
    frame["kind"] = random.choice(list("abcdefgh"), rows)
    if task == "regression":
        return frame.assign(y=value)
    edges = [0.0] if task == "binary" else [-1.0, 0.0, 1.0]
    return frame.assign(y=np.char.add("k", np.digitize(value, edges).astype(str)))


def measure(table: pd.DataFrame, name: str, budget: float, room: int, at: Path) -> Line:
    """Train on the table with workers of `room` bytes beyond what they hold when ready."""
    file, run = at / "table.csv", at / "run"
    table.to_csv(file, index=False)
    command = [
        sys.executable, "-m", "automl_core", "train", str(file), "--target", "y", "--out",
        str(run), "--budget", f"{budget:g}s", "--workers", str(WORKERS),
    ]  # fmt: skip
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    limiting = threading.Thread(target=_limit, args=(process, room), daemon=True)
    limiting.start()
    process.wait(timeout=20 * budget + 120)
    limiting.join()
    state = RunReader(RunFolder(run)).refresh()
    failed = Counter(t.family for t in state.trials.values() if t.status == TrialStatus.FAILED)
    family, most = failed.most_common(1)[0] if failed else ("", 0)
    usable = [t.family for t in state.trials.values() if t.usable]
    return Line(
        name,
        state.clock - budget,
        sum(f != "constant" for f in usable),
        "constant" in usable,
        sum(t.fail_reason == FailReason.MEMORY for t in state.trials.values()),
        most,
        family,
    )


def _limit(process: subprocess.Popen[bytes], room: int) -> None:
    """Limit each worker once, as soon as it computes: its libraries are loaded then."""
    limited: set[int] = set()
    parent = psutil.Process(process.pid)
    while process.poll() is None:
        with contextlib.suppress(psutil.Error):
            for child in parent.children():
                if child.pid not in limited and child.cpu_times().user > 1.0:
                    held = child.memory_full_info().data
                    child.rlimit(psutil.RLIMIT_DATA, (held + room, held + room))
                    limited.add(child.pid)
        time.sleep(0.1)


def main() -> int:
    """Print a line a table; the number of bad ones."""
    parser = argparse.ArgumentParser(description="Workers with little memory.")
    parser.add_argument("--budget", type=float, default=20.0, help="seconds")
    parser.add_argument("--room", type=float, default=300.0, help="MB")
    parser.add_argument("--tables", default=",".join(TABLES))
    options = parser.parse_args()
    bad = 0
    print(f"{'table':10} {'over, s':>8} {'models':>7} {'memory':>7} {'most':>5} family")
    for name in options.tables.split(","):
        with tempfile.TemporaryDirectory() as at:
            room = round(options.room * 1e6)
            line = measure(make_table(name), name, options.budget, room, Path(at))
        bad += not line.good
        print(
            f"{name:10} {line.over:8.2f} {line.models:7} {line.memory:7} {line.most:5} "
            f"{line.family}{'' if line.good else '  BAD'}",
            flush=True,
        )
    return bad


if __name__ == "__main__":
    sys.exit(main())
