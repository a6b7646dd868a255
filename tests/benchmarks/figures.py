"""Parts that the benchmarks share: options, pinned processes, the command line, scores, output.

Scores are computed here with plain numpy and not by Torchlight, so that a fault in its metrics
cannot flatter it. Knows nothing about how a run works.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import math
import multiprocessing
import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing.queues import SimpleQueue
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[2]
Job = TypeVar("Job")
Result = TypeVar("Result")


class CommandError(Exception):
    """A command of Torchlight failed; the message is the end of what it said."""


def arguments(description: str, budget: float | None = None) -> argparse.ArgumentParser:
    """A parser with the options that every benchmark has."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--root", type=Path, default=ROOT.parent / "shared" / "datasets")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument("--workers", type=int, default=0, help="0: one a usable core")
    if budget is not None:
        parser.add_argument("--budget", type=float, default=budget, help="seconds")
    return parser


def pinned(parser: argparse.ArgumentParser, cores: int = 0) -> argparse.ArgumentParser:
    """Adds the options of benchmarks that pin each run to cores of its own."""
    parser.add_argument("--cores", type=int, default=cores, help="for each run; 0: not pinned")
    parser.add_argument("--parallel", type=int, default=1, help="runs at once, on other cores")
    return parser


def names_of(options: argparse.Namespace) -> list[str]:
    """The tables that --names asks for; all where it asks for none."""
    known = list(splits(options.root).names(options.root))
    asked = options.names.split(",") if options.names else known
    unknown = [name for name in asked if name not in known]
    if unknown:
        raise SystemExit(f"No table {', '.join(unknown)}; there are {', '.join(known)}.")
    return asked


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


def in_parallel(
    measure: Callable[[Job], Result], jobs: Sequence[Job], options: argparse.Namespace
) -> Iterator[Result]:
    """`measure` of each job as it is done, `--parallel` at a time, each pinned to its cores.

    A job runs in a process of its own with all that it starts, so that everything it measures
    has `--cores` cores and shares none with another job.
    """
    context = multiprocessing.get_context("spawn")
    groups: SimpleQueue[list[int]] = context.SimpleQueue()
    for group in core_groups(options.cores, options.parallel):
        groups.put(group)
    with ProcessPoolExecutor(options.parallel, context, _pin, (groups,)) as pool:
        for done in as_completed([pool.submit(measure, job) for job in jobs]):
            yield done.result()


def core_groups(cores: int, parallel: int) -> list[list[int]]:
    """Disjoint cores for each of the parallel jobs; empty lists where none are asked for."""
    if not cores:
        return [[]] * parallel
    if not hasattr(os, "sched_setaffinity"):
        raise SystemExit("This system cannot pin processes: use --cores 0 --workers N.")
    usable = sorted(os.sched_getaffinity(0))
    if cores * parallel > len(usable):
        raise SystemExit(f"{parallel} x {cores} cores asked for, {len(usable)} are usable.")
    return [usable[i * cores : (i + 1) * cores] for i in range(parallel)]


def _pin(groups: SimpleQueue[list[int]]) -> None:
    cores = groups.get()
    if cores:
        os.sched_setaffinity(0, cores)


def start_torchlight(arguments: Sequence[object], workspace: Path) -> subprocess.Popen[str]:
    """`python -m automl_core ...` as a user would call it; its output is captured."""
    return subprocess.Popen(
        [sys.executable, "-m", "automl_core", *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "TORCHLIGHT_WORKSPACE": str(workspace)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def torchlight(arguments: Sequence[object], workspace: Path) -> str:
    """The command's output, once it is done; CommandError where it failed."""
    with start_torchlight(arguments, workspace) as process:
        out, problem = process.communicate()
    if process.returncode != 0:
        raise CommandError(" ".join(problem[-400:].split()) or f"exit code {process.returncode}")
    return out


def events(run: Path) -> list[dict[str, Any]]:
    """All whole lines of a run's event log but epochs; `t` is seconds on the run's clock."""
    found = []
    for line in (run / "events.jsonl").read_bytes().splitlines():
        if line.endswith(b"}") and b'"kind":"epochs"' not in line:
            found.append(json.loads(line))
    return found


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


def better(metric: str, a: float, b: float) -> bool:
    """Whether score a beats score b; a score that is not a number beats nothing."""
    return a > b if metric == "roc_auc" else a < b


def spread(seconds: Sequence[float]) -> str:
    """`median 0.41 s (0.38 to 0.55, n = 12)`."""
    if not seconds:
        return "nothing measured"
    low, high = min(seconds), max(seconds)
    return (
        f"median {statistics.median(seconds):.2f} s ({low:.2f} to {high:.2f}, n = {len(seconds)})"
    )


def number(value: float | None, form: str = ".5g") -> str:
    """The number for people; `-` where there is none."""
    return "-" if value is None or not math.isfinite(value) else format(value, form)


def write_json(path: Path | None, figures: Any) -> None:
    """The figures for machines, where a file was asked for; NaN becomes null."""
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(_plain(figures), indent=1) + "\n", encoding="utf-8")


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
