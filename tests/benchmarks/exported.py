"""Models of trained tables, for benchmarks that write them for other programs and compare.

Each table is trained once, by the command line.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

from automl_core.export import Predictor, load_predictor
from automl_core.runs import delivered_files, find_run
from automl_core.runs.record import RunReader
from automl_core.table import TypedTable
from automl_core.table.reading import read_file
from automl_core.types import Files
from tests.benchmarks import case, figures

Line = TypeVar("Line")
WHICH = "all", "families", "ensemble"
"""Models of a run: each, one of each family and the ensemble, or the ensemble alone."""


@dataclass(frozen=True)
class Job:
    """A trained table."""

    name: str
    run: Path
    unseen: Path
    workspace: Path
    rows: int  # of the test rows that are compared
    which: str  # one of WHICH


@dataclass(frozen=True, eq=False)
class Exported:
    """A model as it leaves the run, and the test rows."""

    family: str
    files: Files
    predictor: Predictor
    typed: TypedTable


def arguments(description: str, budget: float) -> argparse.ArgumentParser:
    """The options of such a benchmark."""
    parser = figures.arguments(description, budget=budget)
    parser.add_argument("--names", default="", help="tables, separated by commas; default: all")
    parser.add_argument("--keep", type=Path, help="train into this folder, or use what is there")
    parser.add_argument("--rows", type=int, default=20_000, help="test rows to compare, at most")
    parser.add_argument("--families", help="train these alone, separated by commas")
    words = "each model, one of each family and the ensemble, or that alone"
    parser.add_argument("--of", choices=WHICH, default="all", help=words)
    return figures.pinned(parser, cores=1)


def measured(measure: Callable[[Job], list[Line]], options: argparse.Namespace) -> list[Line]:
    """The lines of all tables, which `measure` prints as it finds them."""
    with tempfile.TemporaryDirectory() as folder:
        at = options.keep or Path(folder)
        jobs = [_trained(name, at / name, options) for name in figures.names_of(options)]
        lines = [line for part in figures.in_parallel(measure, jobs, options) for line in part]
    if options.json:
        plain: Any = [asdict(line) for line in lines]  # type: ignore[call-overload]
        options.json.write_text(json.dumps(plain, indent=1))
    return lines


def models(job: Job) -> Iterator[Exported]:
    """The models of a run, its ensemble among them."""
    folder = find_run(str(job.run), job.workspace)
    table = read_file(job.unseen, job.unseen.name)[0].slice(0, job.rows)
    seen: set[str] = set()
    for trial in RunReader(folder).refresh().models.values():
        repeated = job.which == "families" and trial.family in seen
        if repeated or (job.which == "ensemble" and trial.family != "ensemble"):
            continue
        seen.add(trial.family)
        files = delivered_files(folder, trial.number)
        predictor = load_predictor(files)
        yield Exported(trial.family, files, predictor, predictor.typed(table))


def _trained(name: str, at: Path, options: argparse.Namespace) -> Job:
    run, workspace = at / "run", at / "workspace"
    table = case.load(name, options.root)
    if not (run / "events.jsonl").is_file():
        at.mkdir(parents=True, exist_ok=True)
        families = ["--families", options.families] if options.families else []
        case.train(table, at, ["--budget", f"{options.budget:g}s", *families])
    unseen = at / f"test{table.suffix}"
    return Job(name, run, unseen, workspace, options.rows, options.of)
