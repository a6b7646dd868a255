"""The memory that a worker holds while it trains a family, against the estimate before Start.

    python -m tests.benchmarks.family_memory [--families lightgbm,mlp] [--budget 15]

Sizes that the estimates were not fitted to. For each: the greatest private memory of the worker of
a run of that family alone, the estimate, and their ratio. The exit code is the number of ratios
beyond 2 either way.
"""

from __future__ import annotations

import argparse
import contextlib
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
import psutil

from automl_core.models import CATALOG, model_spec

SIZES = ((5_000, 40), (100_000, 10), (60_000, 100), (5_000, 500))
"""Rows and columns."""
MOST = 2.0  # times as much, or as little, as estimated


def peak(family: str, rows: int, columns: int, budget: float) -> int:
    """Bytes that the worker held at most, of its own, while a run went on."""
    random = np.random.default_rng(0)
    x = random.normal(size=(rows, columns))
    frame = pd.DataFrame(x, columns=[f"c{i}" for i in range(columns)])
    frame["kind"] = random.integers(0, 20, rows).astype(str)
    frame["y"] = np.where(x[:, 0] + x[:, 1] * x[:, 2] > 0, "a", "b")
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "table.parquet"
        frame.to_parquet(table)
        command = [
            sys.executable, "-m", "automl_core", "train", str(table), "--target", "y",
            "--budget", f"{budget:g}s", "--families", family, "--workers", "1",
            "--columns", "all", "--out", f"{folder}/run",
        ]  # fmt: skip
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return _watch(process)


def _watch(process: subprocess.Popen[bytes]) -> int:
    most, parent = 0, psutil.Process(process.pid)
    while process.poll() is None:
        with contextlib.suppress(psutil.Error):
            for child in parent.children(recursive=True):
                held = child.memory_full_info()
                most = max(most, held.rss - held.shared)
        time.sleep(0.2)
    return most


def main() -> int:
    """Print a line for each family and size; the number of bad ratios."""
    parser = argparse.ArgumentParser(description="Memory of the families.")
    searched = [entry.name for entry in CATALOG if entry.kind != "baseline"]
    parser.add_argument("--families", default=",".join(searched))
    parser.add_argument("--budget", type=float, default=15.0, help="seconds")
    options = parser.parse_args()
    bad = 0
    print(f"{'family':15} {'rows':>8} {'columns':>8} {'MB':>7} {'estimate':>9} {'ratio':>6}")
    for family in options.families.split(","):
        for rows, columns in SIZES:
            measured = peak(family, rows, columns, options.budget)
            estimate = model_spec(family).memory.bytes_for(rows, columns + 1)
            ratio = measured / estimate
            bad += not 1 / MOST <= ratio <= MOST
            print(
                f"{family:15} {rows:8,} {columns:8,} {measured / 1e6:7.0f} {estimate / 1e6:9.0f} "
                f"{ratio:6.2f}",
                flush=True,
            )
    return bad


if __name__ == "__main__":
    sys.exit(main())
