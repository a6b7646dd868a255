"""Runs of the tables that are trained once and kept, for benchmarks that read what models say.

A run lies in `--workspace`, in a folder named after its table and its budget. The next benchmark
takes it from there; delete the folder to train again.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from tests.benchmarks import case as cases
from tests.benchmarks import figures
from tests.benchmarks.case import Case, Trained


def parser(description: str) -> argparse.ArgumentParser:
    """The options of benchmarks that read kept runs."""
    found = figures.arguments(description, budget=20)
    found.add_argument("--names", default="", help="tables, separated by commas; default all")
    found.add_argument(
        "--workspace", type=Path, required=True, help="folder in which the runs are kept"
    )
    return found


def tables(options: argparse.Namespace, tasks: tuple[str, ...]) -> list[str]:
    """The names asked for that are of one of the tasks."""
    splits = figures.splits(options.root)
    asked = figures.names_of(options)
    return [name for name in asked if splits.entry(name, options.root)["task"] in tasks]


def kept(name: str, options: argparse.Namespace) -> tuple[Case, Trained]:
    """The table and its run, which is trained where it is not there yet or was cut short."""
    case = cases.load(name, options.root)
    at = options.workspace.resolve() / f"{name}-{options.budget:g}s"
    run, unseen = at / "run", at / f"test{case.suffix}"
    if (run / "final" / "final.json").is_file():
        return case, Trained(run, unseen, at / "workspace", 0.0)
    if at.exists():
        shutil.rmtree(at)
    at.mkdir(parents=True)
    flags: list[object] = ["--budget", f"{options.budget:g}s"]
    flags += ["--workers", options.workers] if options.workers else []
    return case, cases.train(case, at, flags)
