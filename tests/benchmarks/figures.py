"""What the benchmarks share: the split tables, test scores by hand, the command line, output.

Scores are computed here with plain numpy and not by Torchlight, so that a fault in its metrics
cannot flatter it. Knows nothing about how a run works.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[2]


def arguments(description: str, budget: float | None = None) -> argparse.ArgumentParser:
    """A parser with the options that every benchmark has."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--root", type=Path, default=ROOT.parent / "shared" / "datasets")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument("--workers", type=int, default=0, help="0: one a usable core")
    if budget is not None:
        parser.add_argument("--budget", type=float, default=budget, help="seconds")
    return parser


def splits(root: Path) -> ModuleType:
    """The module splits.py that lies beside the tables."""
    spec = importlib.util.spec_from_file_location("splits", root / "splits.py")
    if spec is None or spec.loader is None or not (root / "splits.py").is_file():
        raise SystemExit(f"There is no splits.py in {root}; name the folder with --root.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def write_table(frame: pd.DataFrame, path: Path) -> Path:
    """The frame as the kind of file that `path` ends with."""
    if path.suffix == ".parquet":
        frame.to_parquet(path, index=False)
    else:
        frame.to_csv(path, index=False)
    return path


def torchlight(arguments: Sequence[object], workspace: Path) -> subprocess.CompletedProcess[str]:
    """`python -m automl_core ...` as a user would call it; its output is captured."""
    return subprocess.run(
        [sys.executable, "-m", "automl_core", *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "TORCHLIGHT_WORKSPACE": str(workspace)},
        capture_output=True,
        text=True,
        check=False,
    )


def last_line_of_log(run: Path) -> dict[str, Any]:
    """The last whole line of a run's event log; `t` in it is seconds on the run's clock."""
    for line in reversed((run / "events.jsonl").read_bytes().splitlines()):
        start, end = line.find(b"{"), line.rfind(b"}")
        if start >= 0 and end > start:
            found: dict[str, Any] = json.loads(line[start : end + 1])
            return found
    raise SystemExit(f"{run} has no event in its log.")


def roc_auc(positive: np.ndarray, probability: np.ndarray) -> float:
    """Area under the ROC curve by ranks; ties share their mean rank."""
    ranks = pd.Series(probability).rank().to_numpy()
    n = int(positive.sum())
    return float((ranks[positive].sum() - n * (n + 1) / 2) / (n * (len(positive) - n)))


def log_loss(labels: np.ndarray, classes: Sequence[str], probability: np.ndarray) -> float:
    """Mean negative log of the probability of the true class; (n, classes) rows sum to 1."""
    column = {label: number for number, label in enumerate(classes)}
    p = np.clip(probability, 1e-15, 1.0)
    p /= p.sum(axis=1, keepdims=True)
    return float(-np.log(p[np.arange(len(labels)), [column[x] for x in labels]]).mean())


def rmse(y: np.ndarray, prediction: np.ndarray) -> float:
    """Root of the mean squared error."""
    return float(np.sqrt(np.mean((y - prediction) ** 2)))


def spread(seconds: Sequence[float]) -> str:
    """`median 0.41 s (0.38 to 0.55, n = 12)`."""
    if not seconds:
        return "nothing measured"
    low, high = min(seconds), max(seconds)
    return (
        f"median {statistics.median(seconds):.2f} s ({low:.2f} to {high:.2f}, n = {len(seconds)})"
    )


def write_json(path: Path | None, figures: Any) -> None:
    """The figures for machines, where a file was asked for."""
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
